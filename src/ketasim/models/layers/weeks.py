"""Weeks: what the latent benefit becomes on the scales of depression; other disorders stand in the next layer."""

from ketasim.core.system import Part
from ketasim.models.model import Layer, Need
from ketasim.outcomes.course import Course, FeltByLevel
from ketasim.outcomes.mood import Mood
from ketasim.outcomes.relapse import Relapse
from ketasim.outcomes.suicidality import SuicidalIdeation
from ketasim.outcomes.trial import Trial

FITTED = "fitted to arm means of few trials; sizes differ between trials more than within them"
SMALL = "grade D: one or two small trials; carried by the same benefit as mood"
SHARED: dict[str, str | float | tuple[str, ...]] = {
    "benefit": "benefit",
    "f": "trial.f",
    "v": "course.v",
    "expectancy": "unblinding",
    "drift": "course.drift",
}


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
    out += [
        Part(Mood(), "mood", SHARED, {"madrs": "madrs", "hdrs": "hdrs", "qids": "qids"}),
        Part(
            Relapse(), "relapse", {"benefit": "benefit", "improvement": "mood.improvement"},
            {"relapse_hazard": "relapse_hazard"},
        ),
        Part(SuicidalIdeation(), "suicidality", SHARED, {"p_suicidal_ideation": "p_suicidal_ideation"}),
    ]  # fmt: skip
    return out


FLAGS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("madrs", "hdrs", "qids"), (FITTED,)),
    "unblinding": ("improvement by having felt something; size from control arms",),
    "relapse_hazard": (FITTED, "for a person who responded"),
    "p_suicidal_ideation": (SMALL, "not a risk of acts"),
}

WEEKS = Layer("weeks", tuple(FLAGS), parts, requires=("acute", "plasticity"), flags=FLAGS)
