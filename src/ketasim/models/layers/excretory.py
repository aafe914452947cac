"""Bladder, liver and bile ducts: slow harm from cumulative exposure."""

from ketasim.core.system import Part
from ketasim.models.model import Layer, Need
from ketasim.organs.exposure import WeeklyExposure
from ketasim.organs.liver import BileDucts, LiverInjury
from ketasim.organs.urinary import Bladder

NAMES = {
    "injury": "urothelial_injury",
    "fibrosis": "fibrosis",
    "p_luts": "p_luts",
    "p_cystitis": "p_cystitis",
    "capacity": "bladder_capacity",
}
RARE = "rests on six people re-exposed within weeks; not to be read beyond such courses"
SURVEY = "assumed: fitted to surveys and clinic attenders; no dose was measured"


def parts(need: Need, signals: frozenset[str]) -> list[Part]:
    """Weekly exposure, then what it harms."""
    wire = {"ketamine": "ketamine.arterial", "norketamine": "norketamine.arterial"}
    return [
        Part(WeeklyExposure(), "exposure", wire, {"X": "weekly_exposure"}),
        Part(Bladder(), "bladder", {"X": "weekly_exposure"}, NAMES),
        Part(LiverInjury(), "liver_injury", {"C": "ketamine.arterial"}, {"p_liver_injury": "p_liver_injury"}),
        Part(BileDucts(), "bile_ducts", {"X": "weekly_exposure"}, {n: n for n in BileDucts.outputs}),
    ]


EXCRETORY = Layer(
    "excretory",
    ("weekly_exposure", *NAMES.values(), "p_liver_injury", "biliary", "p_abdominal_pain"),
    parts,
    flags={
        **dict.fromkeys((*NAMES.values(), "biliary", "p_abdominal_pain"), (SURVEY,)),
        "p_liver_injury": (RARE,),
    },
)
