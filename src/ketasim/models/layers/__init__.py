"""What stands on the kinetics, in order. Adding a layer: one import, one entry."""

from ketasim.models.layers.acute import ACUTE
from ketasim.models.layers.anaesthesia import ANAESTHESIA
from ketasim.models.layers.arousal import AROUSAL
from ketasim.models.layers.cardiovascular import CARDIOVASCULAR
from ketasim.models.layers.circuits import CIRCUITS
from ketasim.models.layers.excretory import EXCRETORY
from ketasim.models.layers.indications import INDICATIONS
from ketasim.models.layers.networks import NETWORKS
from ketasim.models.layers.plasticity import PLASTICITY
from ketasim.models.layers.receptors import RECEPTORS
from ketasim.models.layers.respiration import RESPIRATION
from ketasim.models.layers.weeks import WEEKS
from ketasim.models.model import Layer

LAYERS: tuple[Layer, ...] = (
    RECEPTORS,
    AROUSAL,
    CIRCUITS,
    NETWORKS,
    ACUTE,
    EXCRETORY,
    PLASTICITY,
    WEEKS,
    INDICATIONS,
    RESPIRATION,
    CARDIOVASCULAR,
    ANAESTHESIA,
)
