"""The molecule: structures, masses, stereochemistry, drawing, properties, history."""

from ketasim.kinetics.molecule.history import Event, history
from ketasim.kinetics.molecule.substance import Substance, base_of_hydrochloride, properties, substance, substances

__all__ = ["Event", "Substance", "base_of_hydrochloride", "history", "properties", "substance", "substances"]
