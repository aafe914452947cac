"""What stands on the kinetics, in order. Adding a layer: one import, one entry."""

from ketasim.models.layers.acute import ACUTE
from ketasim.models.layers.arousal import AROUSAL
from ketasim.models.layers.excretory import EXCRETORY
from ketasim.models.layers.receptors import RECEPTORS
from ketasim.models.model import Layer

LAYERS: tuple[Layer, ...] = (RECEPTORS, AROUSAL, ACUTE, EXCRETORY)
