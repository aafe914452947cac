"""Heart and vessels: pressure, rate, flow, resistance, catecholamines, and the risks that follow from them."""

from ketasim.core.system import Part
from ketasim.models.layers import others
from ketasim.models.model import Layer, Need
from ketasim.organs.baroreflex import COMMANDS, VITALS, Baroreflex, DirectEffect
from ketasim.organs.command import CirculatoryCommand

NAMES = {**{n: n for n in VITALS}, "noradrenaline": "noradrenaline.plasma"}
ASSUMED = "fitted to trial means and four volunteer studies; the effectors behind them are assumed"


def parts(need: Need, signals: frozenset[str]) -> list[Part]:
    """Sites of other drugs, then the circulation. Option cardiovascular: "baroreflex" (default) or "direct"."""
    found, wire = others.sites("cardiovascular", signals)
    asked = {"arousal": "arousal", "N": "S_norketamine.arterial", "alpha2": wire.pop("alpha2")}
    wired = {**{port: f"command.{port}" for port in COMMANDS}, "C": "ketamine.arterial", **wire}
    component = DirectEffect() if need.option("cardiovascular", "baroreflex") == "direct" else Baroreflex()
    ports = {port: source for port, source in wired.items() if port in component.inputs}
    return [*found, Part(CirculatoryCommand(), "command", asked), Part(component, "circulation", ports, NAMES)]


CARDIOVASCULAR = Layer(
    "cardiovascular",
    tuple(NAMES.values()),
    parts,
    requires=("arousal",),
    flags={
        **dict.fromkeys(NAMES.values(), (ASSUMED,)),
        "msna": (ASSUMED, "fitted to six men"),
        "noradrenaline.plasma": (ASSUMED, "fitted to six men"),
    },
)
