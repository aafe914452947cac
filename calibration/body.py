"""Numbers of the body layer from the rows of its studies, on the project's own kinetics.

    python calibration/body.py [--write] [--left-out] [--people 200] [group ...]

Each group of numbers is fitted to its rows with `ketasim.fitting.calibrate`. Without --write nothing is changed. The
seed is fixed: the same tables give the same numbers again.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from ketasim.fitting.calibrate import calibrate

SEED = 20240607
ORGANS = "organs/"


@dataclass(frozen=True)
class Group:
    """Numbers (without the folder of the layer) and the rows that set them."""

    studies: tuple[str, ...]
    numbers: tuple[str, ...]
    rows: tuple[str, ...]


GROUPS = {
    "pressure": Group(("vankawala2021", "langsjo2005"), ("command.E_P",), ("CV01a", "CV01b", "CV04b")),
    "rate": Group(("vankawala2021", "langsjo2005"), ("command.E_H",), ("CV01c", "CV04a")),
    "flow": Group(("sigtermans2009co",), ("command.E_Q",), ("CV05",)),
    "traffic": Group(("kienbaum2001",), ("command.E_S", "circulation.k_NA"), ("CV06a", "CV06b")),
    "brain": Group(("langsjo2005",), ("brain_flow.E",), ("CV04a.cbf159", "CV04a.cbf1959")),
    "breathing": Group(("hamza1989",), ("respiratory_effect.C50",), ("RES01",)),
    "airway": Group(("green2009", "feifel2020"), ("airway_events.k",), ("RES06",)),
    "bladder": Group(
        ("winstock2012", "mak2011"),
        ("bladder.k_inj", "bladder.b_L", "bladder.v_U"),
        ("URO01", "URO03a", "URO03b"),
    ),
    "liver": Group(("noppers2011liver",), ("liver_injury.k",), ("LIV01",)),
    "bile": Group(("seto2018",), ("bile_ducts.k_B",), ("LIV03",)),
}


def fit(group: Group, people: int):
    """The calibration of one group."""
    return calibrate(
        group.studies,
        [ORGANS + name for name in group.numbers],
        rows=group.rows,
        people=people,
        seed=SEED,
        discrepancy=0.05,
        step=0.1,
        nuisance=False,
    )


def main() -> None:
    """Fit the groups asked for (all of them by default)."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("groups", nargs="*", choices=[[], *GROUPS], default=[])
    reader.add_argument("--write", action="store_true", help="put the values into the tables")
    reader.add_argument("--left-out", action="store_true", help="also predict each study from the others")
    reader.add_argument("--people", type=int, default=200)
    asked = reader.parse_args()
    for name in asked.groups or GROUPS:
        group = GROUPS[name]
        found = fit(group, asked.people)
        print(f"== {name}\n{found.table()}\n", flush=True)
        if asked.left_out and len(group.studies) > 1:
            print(found.leave_one_study_out().table(), flush=True)
        if asked.write:
            found.write(script="calibration/body.py", even_if_not_converged=True)


if __name__ == "__main__":
    main()
