"""Weeks: what the latent benefit and the exposure become on the scales that trials use."""

from ketasim.core.system import Part
from ketasim.models.model import Layer, Need
from ketasim.outcomes.chronic_cognition import ChronicCognition
from ketasim.outcomes.chronic_pain import ChronicPain
from ketasim.outcomes.course import Course, FeltByLevel
from ketasim.outcomes.craving import Lapse
from ketasim.outcomes.dependence import Dependence
from ketasim.outcomes.mood import Mood
from ketasim.outcomes.ocd import OCD
from ketasim.outcomes.ptsd import PTSD
from ketasim.outcomes.relapse import Relapse
from ketasim.outcomes.social_anxiety import SocialAnxiety
from ketasim.outcomes.suicidality import SuicidalIdeation
from ketasim.outcomes.trial import Trial

FITTED = "fitted to arm means of few trials; sizes differ between trials more than within them"
SMALL = "grade D: one or two small trials; carried by the same benefit as mood"
SURVEY = "assumed: from surveys and small groups of heavy users; no dose was measured"


def parts(need: Need, signals: frozenset[str]) -> list[Part]:
    """What control arms show, then one part a scale."""
    out = [Part(Trial(), "trial")]
    felt = "felt"
    if felt not in signals:
        levels: dict[str, str | float] = {"S": "S_ketamine.venous", "R": "R_ketamine.venous"}
        levels |= {"midazolam": "midazolam.venous"} if "midazolam.venous" in signals else {"midazolam": 0.0}
        out.append(Part(FeltByLevel(), "felt_by_level", levels))
        felt = "felt_by_level.felt"
    out.append(Part(Course(), "course", {"felt": felt, "control": "trial.control"}, {"expectancy": "unblinding"}))
    shared = {
        "benefit": "benefit",
        "f": "trial.f",
        "v": "course.v",
        "expectancy": "unblinding",
        "drift": "course.drift",
    }
    out += [
        Part(Mood(), "mood", shared, {"madrs": "madrs", "hdrs": "hdrs", "qids": "qids"}),
        Part(
            Relapse(), "relapse", {"benefit": "benefit", "improvement": "mood.improvement"},
            {"relapse_hazard": "relapse_hazard"},
        ),
        Part(SuicidalIdeation(), "suicidality", shared, {"p_suicidal_ideation": "p_suicidal_ideation"}),
        Part(PTSD(), "ptsd", shared, {"caps5": "caps5"}),
        Part(OCD(), "ocd", shared, {"ybocs": "ybocs"}),
        Part(SocialAnxiety(), "social_anxiety", shared, {"lsas": "lsas"}),
        Part(Lapse(), "lapse", {"drive": "bdnf_drive"}, {"lapse_hazard": "lapse_hazard", "craving": "craving"}),
        Part(
            ChronicPain(), "chronic_pain", {"S": "S_ketamine.venous", "R": "R_ketamine.venous"},
            {"pain_chronic": "pain_chronic"},
        ),
        Part(
            Dependence(), "dependence", {"X": "weekly_exposure", "C": "ketamine.arterial"},
            {n: n for n in Dependence.outputs},
        ),
        Part(
            ChronicCognition(), "chronic_cognition", {"X": "weekly_exposure"},
            {n: n for n in ChronicCognition.outputs},
        ),
    ]  # fmt: skip
    return out


FLAGS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("madrs", "hdrs", "qids"), (FITTED,)),
    "unblinding": ("improvement by having felt something; size from control arms",),
    "relapse_hazard": (FITTED, "for a person who responded"),
    "p_suicidal_ideation": (SMALL, "not a risk of acts"),
    **dict.fromkeys(("caps5", "ybocs", "lsas", "craving", "lapse_hazard"), (SMALL,)),
    "pain_chronic": ("grade C: one model of sixty patients with long infusions; other pain by extrapolation",),
    **dict.fromkeys(("p_use_disorder", "liking_tolerance", "ketamine_craving"), (SURVEY,)),
    **dict.fromkeys(("spatial_memory_z", "cortical_thickness"), (SURVEY, "an association, not shown to be a cause")),
}

WEEKS = Layer("weeks", tuple(FLAGS), parts, requires=("acute", "excretory", "plasticity"), flags=FLAGS)
