"""Breathing: ventilation, its response to CO2, the gases a monitor shows, and airway events."""

from ketasim.core.system import Part
from ketasim.models.layers import others
from ketasim.models.model import Layer, Need
from ketasim.organs.respiration import AirwayEvents, Breathing, RespiratoryEffect

EFFECT = ("slope", "stimulus", "pause", "rush")
NAMES = {**{n: n for n in Breathing.outputs}, "ventilation_co2_55": "ventilation.co2_55"}
FEW = "fitted to nine children and a handful of volunteers; gas stores from textbooks"


def parts(need: Need, signals: frozenset[str]) -> list[Part]:
    """Sites of other drugs, the effect of ketamine, the breath, its events."""
    found, wire = others.sites("respiration", signals)
    plasma = {"S": "S_ketamine.arterial", "R": "R_ketamine.arterial"}
    effect = {port: f"respiratory_effect.{port}" for port in EFFECT}
    events = {
        "rush": effect.pop("rush"),
        "pause": effect["pause"],
        "ventilation": "ventilation",
        "benzodiazepine": wire["benzodiazepine"],
    }
    return [
        *found,
        Part(RespiratoryEffect(), "respiratory_effect", plasma),
        Part(Breathing(), "breathing", {**effect, "S": plasma["S"], **wire}, NAMES),
        Part(AirwayEvents(), "airway_events", events, {"p": "p_apnoea"}),
    ]


RESPIRATION = Layer(
    "respiration",
    (*NAMES.values(), "p_apnoea"),
    parts,
    flags={
        **dict.fromkeys(NAMES.values(), (FEW,)),
        "p_apnoea": ("airway and breathing events of sedated children; adults assumed alike",),
    },
)
