"""Acute: what a person feels, shows and risks during a session."""

from ketasim.core.component import Component
from ketasim.core.system import Part
from ketasim.models.model import Layer, Need
from ketasim.outcomes.adverse import Event, Nausea
from ketasim.outcomes.anxiety import Anxiety
from ketasim.outcomes.clock import EndpointClock
from ketasim.outcomes.cognition import Performance
from ketasim.outcomes.consciousness import Amnesia, Consciousness
from ketasim.outcomes.dissociation import Dissociation
from ketasim.outcomes.drug_effects import DrugHigh, Felt, Unreality
from ketasim.outcomes.emergence import Emergence
from ketasim.outcomes.interactions import CoDrugSite, Interactions
from ketasim.outcomes.pain_acute import AcutePain, OpioidNeed
from ketasim.outcomes.pain_experimental import PressurePain
from ketasim.outcomes.sedation import Sedation, Sleepiness
from ketasim.outcomes.surge import SurgeWarning
from ketasim.outcomes.tolerance import AcuteTolerance, Sessions

DOMAINS = ("memory", "attention", "executive", "psychomotor")
EVENTS = ("dizziness", "vertigo", "headache", "confusion")
CODRUGS = {
    "benzodiazepine": ("midazolam",),
    "hypnotic": ("propofol",),
    "alpha2": ("dexmedetomidine",),
    "opioid": ("morphine", "remifentanil", "fentanyl"),
}
FAST = {"S": "acute_fast.S", "R": "acute_fast.R"}
SLOW = {"S": "acute_slow.S", "R": "acute_slow.R"}
LOSS = {name: f"acute_tolerance.{name}" for name in ("tolerance", "antagonism", "sensitivity")}
MEMORY = {"habituation": "acute_sessions.habituation"}
OTHERS = {name: f"acute_interactions.{name}" for name in ("benzodiazepine", "opioid", "alpha2")}


def _sites(signals: frozenset[str]) -> tuple[list[Part], dict[str, float | tuple[str, ...]]]:
    """A site for each other drug that has a level here, and where each class is read."""
    found: list[Part] = []
    classes: dict[str, float | tuple[str, ...]] = {}
    for group, drugs in CODRUGS.items():
        units = []
        for drug in drugs:
            level = next((s for s in (f"{drug}.arterial", f"{drug}.venous") if s in signals), None)
            if level is not None:
                found.append(Part(CoDrugSite(table=f"outcomes/acute/site_{drug}"), f"acute_{drug}", {"C": level}))
                units.append(f"acute_{drug}.units")
        classes[group] = tuple(units) if units else 0.0
    return found, classes


def _take(component: Component, name: str, publish: dict[str, str], *wires: dict[str, str], **own: str) -> Part:
    """A part wired to those of the given signals that it has a port for."""
    known = {port: signal for wire in (*wires, own) for port, signal in wire.items() if port in component.inputs}
    return Part(component, name, known, publish)


def parts(need: Need, signals: frozenset[str]) -> list[Part]:
    """Clocks, tolerance and other drugs first, then one part an outcome."""
    plasma = {"S": "S_ketamine.arterial", "R": "R_ketamine.arterial", "N": "S_norketamine.arterial"}
    sites, classes = _sites(signals)
    wired = {port: classes[port] for port in ("benzodiazepine", "alpha2", "opioid")}
    hypnotic = {"hypnotic": "acute_interactions.hypnotic"}
    other = {**OTHERS, **hypnotic, "damp": "acute_interactions.damp", "calm": "acute_interactions.calm"}
    other["antiemetic"] = "acute_interactions.antiemetic"
    fast, slow = (FAST, LOSS, other), (SLOW, LOSS, other, MEMORY)
    out = [
        Part(EndpointClock(table="outcomes/acute/clock_fast"), "acute_fast", plasma),
        Part(EndpointClock(), "acute_slow", plasma),
        Part(AcuteTolerance(), "acute_tolerance", {**SLOW, "N": "acute_slow.N"}),
        Part(Sessions(), "acute_sessions"),
        *sites,
        Part(Interactions(), "acute_interactions", {**wired, "hypnotic": classes["hypnotic"]}),
        _take(Dissociation(), "dissociation", {"cadss": "cadss"}, *slow),
        _take(DrugHigh(), "drug_effects", {"drug_high": "drug_high"}, *slow),
        _take(Unreality(), "unreality", {"unreality": "unreality"}, *fast),
        _take(Felt(), "felt", {"felt": "felt"}, other, high="drug_effects.level"),
        _take(Sedation(), "sedation", {"sedation": "sedation"}, *fast),
        _take(Sleepiness(), "sleepiness", {"sleepiness": "sleepiness"}, *fast, N="acute_fast.N"),
        _take(Consciousness(), "consciousness", {n: n for n in Consciousness.outputs}, *fast),
        _take(Amnesia(), "amnesia", {"p_amnesia": "p_amnesia"}, *fast),
    ]
    for domain in DOMAINS:
        component = Performance(table=f"outcomes/acute/{domain}")
        out.append(_take(component, domain, {"performance": domain}, *slow))
    out += [
        _take(Anxiety(), "anxiety", {n: n for n in Anxiety.outputs}, *slow),
        _take(OpioidNeed(), "opioid_need", {"need": "opioid_need"}, *fast),
        _take(
            AcutePain(), "pain", {"pain_nrs": "pain_nrs"}, *fast,
            need="opioid_need", window="acute_sessions.window",
        ),
        _take(PressurePain(), "pressure_pain", {"pressure_pain": "pressure_pain"}, *slow),
    ]  # fmt: skip
    rate = {"rate": "acute_sessions.rate"}
    out.append(_take(Nausea(), "nausea", {n: n for n in Nausea.outputs}, *slow, rate))
    for event in EVENTS:
        out.append(_take(Event(table=f"outcomes/acute/{event}"), event, {"p": f"p_{event}"}, *slow, rate))
    awake = {"unresponsive": "p_unresponsive", "level": "dissociation.level"}
    out.append(_take(Emergence(), "emergence", {n: n for n in Emergence.outputs}, awake, other))
    surge = {"glutamate": "glutamate"} if "glutamate" in signals else {}
    out.append(_take(SurgeWarning(), "surge", {"surge_warning": "surge_warning"}, surge, level="dissociation.level"))
    return out


B, C, D = "grade B: one good source", "grade C: weak; size fitted to few rows", "grade D: size assumed"
NOW = "probability of the state at this moment, not of ever having had it"
SOON = "probability that it has begun by now in this session; proneness differs widely between people"
FLAGS: dict[str, tuple[str, ...]] = {
    "cadss": ("grade B: timing and share above 4 from trials; size of the peak recalled",),
    "drug_high": (B,),
    "unreality": ("grade C: one small trial, and it disagrees with the CADSS about the same levels",),
    "felt": (D,),
    "sedation": ("grade B: deep sedation from children, light sedation fitted to nasal trials",),
    "sleepiness": (D, "lasting fitted to a test time, not to a curve"),
    "p_unresponsive": (B, NOW),
    "p_anaesthesia": (B, NOW),
    "p_amnesia": (C, NOW),
    **dict.fromkeys(DOMAINS, (D, "largest loss is a placeholder; order of the domains is evidence")),
    "anxiety": (D,),
    "valence": (D, "sign of the difference between S and R from small studies"),
    "pain_nrs": (C,),
    "pressure_pain": ("grade B: one good source; another study found a third of the potency",),
    "opioid_need": (D,),
    "p_nausea": (B, SOON),
    "p_vomiting": (B, SOON),
    "p_dizziness": (B, SOON),
    "p_vertigo": (B, SOON),
    "p_headache": (C, SOON),
    "p_confusion": (C, SOON),
    "p_emergence": (C, SOON),
    "p_delirium": (C, SOON),
    "surge_warning": ("assumed: a band above what was published, not a risk that was measured",),
}

ACUTE = Layer("acute", tuple(FLAGS), parts, flags=FLAGS)
