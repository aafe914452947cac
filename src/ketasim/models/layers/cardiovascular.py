"""Heart and vessels: pressure, rate, flow, resistance, catecholamines, and the risks that follow from them."""

from ketasim.core.system import Part
from ketasim.models.layers import others
from ketasim.models.model import Layer, Need
from ketasim.organs.baroreflex import COMMANDS, VITALS, Baroreflex, DirectEffect
from ketasim.organs.brain_flow import BrainFlow, CardiacRisk
from ketasim.organs.command import CirculatoryCommand

NAMES = {**{n: n for n in VITALS}, "noradrenaline": "noradrenaline.plasma"}
HEAD = {n: n for n in BrainFlow.outputs}
RISK = {n: n for n in CardiacRisk.outputs}
ORDER = "order of magnitude: no trial took such patients"
ASSUMED = "fitted to trial means and four volunteer studies; the effectors behind them are assumed"


def parts(need: Need, signals: frozenset[str]) -> list[Part]:
    """Sites of other drugs, then the circulation. Option cardiovascular: "baroreflex" (default) or "direct"."""
    found, wire = others.sites("cardiovascular", signals)
    asked = {"arousal": "arousal", "N": "S_norketamine.arterial", "alpha2": wire.pop("alpha2")}
    wired = {**{port: f"command.{port}" for port in COMMANDS}, "C": "ketamine.arterial", **wire}
    component = DirectEffect() if need.option("cardiovascular", "baroreflex") == "direct" else Baroreflex()
    ports = {port: source for port, source in wired.items() if port in component.inputs}
    head = {"arousal": "arousal", "etco2": "etco2", "map": "map"}
    return [
        *found,
        Part(CirculatoryCommand(), "command", asked),
        Part(component, "circulation", ports, NAMES),
        Part(BrainFlow(), "brain_flow", head, HEAD),
        Part(CardiacRisk(), "cardiac_risk", {port: port for port in CardiacRisk.inputs}, RISK),
    ]


CARDIOVASCULAR = Layer(
    "cardiovascular",
    (*NAMES.values(), *HEAD, *RISK),
    parts,
    requires=("arousal", "respiration"),
    flags={
        **dict.fromkeys(NAMES.values(), (ASSUMED,)),
        "cbf": ("fitted to eight men at two levels",),
        **dict.fromkeys((*(n for n in HEAD if n != "cbf"), *RISK), (ORDER,)),
        "msna": (ASSUMED, "fitted to six men"),
        "noradrenaline.plasma": (ASSUMED, "fitted to six men"),
    },
)
