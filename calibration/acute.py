"""Numbers of the acute layer from the rows of its studies, on the project's own kinetics.

    python calibration/acute.py [--write] [--people 300] [group ...]

Each group of numbers is fitted to its rows with `ketasim.fitting.calibrate`, in order, because later groups stand on
earlier ones. Without --write nothing is changed. The seed is fixed: the same tables give the same numbers again.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from ketasim.fitting.calibrate import calibrate

SEED = 20240607
ACUTE = "outcomes/acute/"


@dataclass(frozen=True)
class Group:
    """Numbers (without the folder of the layer) and the rows that set them."""

    studies: tuple[str, ...]
    numbers: tuple[str, ...]
    rows: tuple[str, ...]


LABEL = ("spravatolabelsafety",)
GROUPS = {
    "experience": Group(
        ("jnjdissociation", "diazgranados2010acute"),
        ("tolerance.A50", "tolerance.half_time", "dissociation.C50", "dissociation.n", "dissociation.base"),
        ("DIS01a", "DIS01b", "DIS02", "DIS02.placebo", "DGR02"),
    ),
    "sedation": Group(LABEL, ("sedation.L50",), ("SED02",)),
    "cognition": Group(
        ("spravatolabelcognition",),
        ("psychomotor.n", "sleepiness.n"),
        ("COG01a", "COG01b", "COG01c"),
    ),
    "unreality": Group(("motov2017",), ("unreality.C50",), ("DIS04a", "DIS04b")),
    "interactions": Group(("gitlin2020",), ("interactions.d_B",), ("GIT01",)),
    "pain": Group(
        ("motov2015",), ("pain.C50", "site_morphine.C50"), ("PAI01", "PAI01.15min", "PAI01.morphine")
    ),
    "nausea": Group(
        (*LABEL, "green2009"),
        ("nausea.h", "nausea.v", "nausea.N0", "nausea.V0", "nausea.children"),
        ("AE01", "AE01.placebo", "AE02", "AE02.placebo", "AE05a"),
    ),
    "dizziness": Group(LABEL, ("dizziness.h", "dizziness.L0"), ("AE03a", "AE03a.placebo")),
    "vertigo": Group(LABEL, ("vertigo.h", "vertigo.L0"), ("AE03b", "AE03b.placebo")),
    "headache": Group(LABEL, ("headache.h", "headache.L0"), ("AE03c", "AE03c.placebo")),
    "confusion": Group(("daly2019acute",), ("confusion.h",), ("DAL01",)),
    "anaesthesia": Group(("ketalarlabel",), ("consciousness.a",), ("ANE01",)),
    "emergence": Group(
        ("ketalarlabel", "green2009"),
        ("emergence.h", "emergence.children", "emergence.s"),
        ("AE06", "AE05b", "AE05c"),
    ),
}


def fit(group: Group, people: int):
    """The calibration of one group."""
    return calibrate(
        group.studies,
        [ACUTE + name for name in group.numbers],
        rows=group.rows,
        people=people,
        seed=SEED,
        discrepancy=0.05,
        step=0.1,
    )


def main() -> None:
    """Fit the groups asked for (all of them by default)."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("groups", nargs="*", choices=[[], *GROUPS], default=[])
    reader.add_argument("--write", action="store_true", help="put the values into the tables")
    reader.add_argument("--left-out", action="store_true", help="also predict each study from the others")
    reader.add_argument("--people", type=int, default=300)
    asked = reader.parse_args()
    for name in asked.groups or GROUPS:
        found = fit(GROUPS[name], asked.people)
        if asked.left_out and len(GROUPS[name].studies) > 1:
            found = found.leave_one_study_out()
        print(f"== {name}\n{found.table()}\n", flush=True)
        if asked.write:
            found.write(script="calibration/acute.py", even_if_not_converged=True)


if __name__ == "__main__":
    main()
