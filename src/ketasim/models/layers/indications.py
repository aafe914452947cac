"""Indications: what benefit and exposure become beside depression, and harm that accumulates."""

from ketasim.core.system import Part
from ketasim.models.layers.weeks import SHARED
from ketasim.models.model import Layer, Need
from ketasim.outcomes.chronic_cognition import ChronicCognition
from ketasim.outcomes.chronic_pain import ChronicPain
from ketasim.outcomes.craving import Lapse
from ketasim.outcomes.dependence import Dependence, Liking
from ketasim.outcomes.fear import FearCircuit
from ketasim.outcomes.generalised_anxiety import GeneralisedAnxiety
from ketasim.outcomes.hyperalgesia import Hyperalgesia
from ketasim.outcomes.migraine import Migraine
from ketasim.outcomes.ocd import OCD
from ketasim.outcomes.ptsd import PTSD
from ketasim.outcomes.social_anxiety import SocialAnxiety

LEVELS = {"S": "S_ketamine.venous", "R": "R_ketamine.venous"}
ARTERIAL = {"S": "S_ketamine.arterial", "R": "R_ketamine.arterial"}
ONE = "grade D: one or two small trials; carried by the same benefit as mood"
OPEN = "grade D: size from open series; controlled trials gave a direction at most"
SURVEY = "assumed: from surveys and small groups of heavy users; no dose was measured"


def _same(*names: str) -> dict[str, str]:
    return {n: n for n in names}


def parts(need: Need, signals: frozenset[str]) -> list[Part]:
    """One part a scale; what nobody asks for is pruned."""
    use = _same("lapse_hazard", "craving", "abstinence")
    out = [
        Part(PTSD(), "ptsd", SHARED, _same("caps5")),
        Part(OCD(), "ocd", SHARED, _same("ybocs")),
        Part(SocialAnxiety(), "social_anxiety", SHARED, _same("lsas")),
        Part(GeneralisedAnxiety(), "generalised_anxiety", {**SHARED, **LEVELS}, _same("hama", "fear")),
        Part(FearCircuit(), "fear_circuit", LEVELS, _same("fear_circuit")),
        Part(Lapse(), "lapse", {"formation": "spine_formation"}, use),
        Part(ChronicPain(), "chronic_pain", LEVELS, _same("pain_chronic")),
        Part(Migraine(), "migraine", LEVELS, _same("migraine_pain", "migraine_aura")),
    ]
    opioid = {"opioid": "acute_interactions.opioid"} if "acute_interactions.opioid" in signals else {}
    out.append(Part(Hyperalgesia(), "hyperalgesia", {**ARTERIAL, **opioid}, _same("hyperalgesia")))
    exposure = {"X": "weekly_exposure"}
    out += [
        Part(Liking(), "liking", {"level": "drug_effects.level", "C": "ketamine.arterial"}, _same(*Liking.outputs)),
        Part(Dependence(), "dependence", exposure, _same(*Dependence.outputs)),
        Part(ChronicCognition(), "chronic_cognition", exposure, _same(*ChronicCognition.outputs)),
    ]
    return out


FLAGS: dict[str, tuple[str, ...]] = {
    "caps5": (ONE, "civilians gained, 158 veterans did not (circumstance veteran)"),
    **dict.fromkeys(("ybocs", "lsas"), (ONE,)),
    **dict.fromkeys(("hama", "fear"), (OPEN,)),
    "fear_circuit": ("assumed: direction from two imaging studies of healthy people, size from words",),
    **dict.fromkeys(("craving", "lapse_hazard", "abstinence"), (ONE, "for people treated for substance use")),
    "pain_chronic": ("grade C: one model of sixty patients with long infusions; other pain by extrapolation",),
    "migraine_pain": (OPEN, "the controlled trial of an acute dose found nothing"),
    "migraine_aura": (OPEN, "weaker, not shorter, in one trial of eighteen"),
    "hyperalgesia": ("assumed: area of hyperalgesia after opioids; ratings of pain did not follow it",),
    "liking": ("grade D: size assumed; recreational users, not patients",),
    **dict.fromkeys(("p_use_disorder", "liking_tolerance", "ketamine_craving"), (SURVEY,)),
    **dict.fromkeys(("spatial_memory_z", "cortical_thickness"), (SURVEY, "an association, not shown to be a cause")),
}  # fmt: skip

INDICATIONS = Layer("indications", tuple(FLAGS), parts, requires=("weeks", "excretory"), flags=FLAGS)
