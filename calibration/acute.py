"""Numbers of the acute layer from the rows of its studies, on the project's own kinetics.

    python calibration/acute.py [--write] [--people 200] [group ...]
    python calibration/acute.py centre --write

Each group of numbers is fitted to its rows with `ketasim.fitting.calibrate`, in order, because later groups stand on
earlier ones. `centre` then moves one number a row until the middle of the validation runs, with people and doubt drawn
and shares counted with a hard edge, lies on the row: the fit reads shares with a soft edge at the other numbers'
typical values, which is biased where the curves of people are skewed. Without --write nothing is changed. The seed is
fixed: the same tables give the same numbers again.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from ketasim.core.parameters import ParameterTable
from ketasim.fitting.calibrate import calibrate
from ketasim.fitting.calibrate.writing import edited, rounded, write_files
from ketasim.studies import Settings, validate

SEED = 20240607
ACUTE = "outcomes/acute/"


@dataclass(frozen=True)
class Group:
    """Numbers (without the folder of the layer) and the rows that set them.

    nuisance : whether the doubt about all other numbers makes the rows vaguer. Without it the fit follows the rows, and
    the doubt about the rest is drawn when the model is used.
    """

    studies: tuple[str, ...]
    numbers: tuple[str, ...]
    rows: tuple[str, ...]
    nuisance: bool = False


LABEL = ("spravatolabelsafety",)
GROUPS = {
    "experience": Group(
        ("jnjdissociation", "diazgranados2010acute"),
        ("tolerance.A50", "dissociation.C50", "dissociation.base"),
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
    "pain": Group(("motov2015",), ("pain.C50", "site_morphine.C50"), ("PAI01", "PAI01.15min", "PAI01.morphine")),
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

# number, its part in the model, the row it alone is centred on, and how the row answers (d scale(row) / d ln number)
CENTRED = (
    ("tolerance.A50", "acute_tolerance.A50", "DIS01b", 0.35),
    ("dissociation.C50", "dissociation.C50", "DIS02", -1.2),
    ("sedation.L50", "sedation.L50", "SED02", -1.2),
    ("sleepiness.n", "sleepiness.n", "COG01c", -0.4),
    ("nausea.h", "nausea.h", "AE01", 0.8),
    ("nausea.v", "nausea.v", "AE02", 0.8),
    ("nausea.children", "nausea.children", "AE05a", 0.8),
    ("dizziness.h", "dizziness.h", "AE03a", 0.8),
    ("vertigo.h", "vertigo.h", "AE03b", 0.8),
    ("headache.h", "headache.h", "AE03c", 0.2),
    ("confusion.h", "confusion.h", "DAL01", 0.8),
)
STUDIES = ("jnjdissociation", "spravatolabelsafety", "spravatolabelcognition", "green2009", "daly2019acute")
# a row that is met well enough short of its value: dissociation over within half of the row's tolerance, because a
# tolerance strong enough for the value itself makes everything else too short
ENOUGH = {"DIS01b": 105.0}
ROUNDS = 5


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
        nuisance=group.nuisance,
    )


def scale(value: float, unit: str) -> float:
    """Shares as logits, times as logarithms."""
    return math.log(value / (100.0 - value)) if unit == "%" else math.log(value)


def centre(replicates: int, write: bool) -> None:
    """Move each number of CENTRED until its row is met in the middle of the validation runs."""
    root = Path(str(resources.files("ketasim"))) / "data"
    start = {part: ParameterTable.load(f"{ACUTE}{n.split('.')[0]}")[n.split(".")[1]].value for n, part, _, _ in CENTRED}
    values, slopes = dict(start), {part: slope for _, part, _, slope in CENTRED}
    before: dict[str, tuple[float, float]] = {}
    for turn in range(ROUNDS):
        settings = replace(Settings(), replicates=replicates, overrides=values)
        rows = {r["id"]: r for s in STUDIES for r in validate(root / "studies" / s, systems="acute", settings=settings)}
        moved = dict(values)
        for _, part, row, _ in CENTRED:
            found = rows[row]
            if found["predicted"] is None or found["observed"] is None:
                raise SystemExit(f"{row}: {found['reason']}")
            here = (math.log(values[part]), scale(found["predicted"], found["unit"]))
            if part in before and abs(here[0] - before[part][0]) > 1e-3:
                seen = (here[1] - before[part][1]) / (here[0] - before[part][0])
                if 0.3 < seen / slopes[part] < 3.0:
                    slopes[part] = seen
            before[part] = here
            miss = scale(ENOUGH.get(row, found["observed"]), found["unit"]) - here[1]
            moved[part] = values[part] * math.exp(max(-0.5, min(0.5, miss / slopes[part])))
            print(f"{turn} {part:18s} {values[part]:.4g} {row:7s} {found['observed']:.4g} {found['predicted']:.4g}")
        if turn < ROUNDS - 1:
            values = moved
    if write:
        files = {}
        for name, part, _, _ in CENTRED:
            table, entry = name.split(".")
            path = root / "parameters" / ACUTE / f"{table}.toml"
            text = files.get(path) or path.read_text("utf-8")
            files[path] = edited(text, {entry: {"value": rounded(values[part])}}, table)
        write_files(files)


def main() -> None:
    """Fit the groups asked for (all of them by default)."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("groups", nargs="*", choices=[[], *GROUPS, "centre"], default=[])
    reader.add_argument("--write", action="store_true", help="put the values into the tables")
    reader.add_argument("--left-out", action="store_true", help="also predict each study from the others")
    reader.add_argument("--people", type=int, default=200)
    reader.add_argument("--replicates", type=int, default=40)
    asked = reader.parse_args()
    for name in [g for g in asked.groups if g != "centre"] or ([] if asked.groups else GROUPS):
        found = fit(GROUPS[name], asked.people)
        if asked.left_out:
            found = found.leave_one_study_out()
        print(f"== {name}\n{found.table()}\n", flush=True)
        if asked.write:
            found.write(script="calibration/acute.py", even_if_not_converged=True)
    if "centre" in asked.groups or not asked.groups:
        centre(asked.replicates, asked.write)


if __name__ == "__main__":
    main()
