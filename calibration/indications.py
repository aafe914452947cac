"""Calibrates the other indications on the project's own kinetics: each disorder on the rows of its own trials.

    python calibration/indications.py [--write] [--left-out] [--report FOLDER] [disorder ...]

Control arms set the control course of a scale, drug arms its gain. Depression comes first (calibration/weeks.py): run
this again whenever the benefit moves. A disorder with one study cannot be predicted without it; `--left-out` predicts
each study of the others and says for which there is none. Seeded; nothing is written without --write.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ketasim.fitting.calibrate import Calibration, calibrate

SEED, PEOPLE = 20_262, 200
WEEKS, MORE = "outcomes/weeks", "outcomes/indications"
SCRIPT = "calibration/indications.py"


@dataclass(frozen=True)
class Disorder:
    """Studies, the rows that are used, and each number with the belief from before them."""

    studies: tuple[str, ...]
    rows: tuple[str, ...]
    numbers: dict[str, dict[str, Any]]


def about(value: float, cv: float, **limits: float) -> dict[str, Any]:
    """A log-normal belief about a value."""
    return {"dist": "lognormal", "value": value, "cv": cv, **limits}


DISORDERS = {
    "ptsd": Disorder(
        ("feder2021",), ("PSY01", "PSY01.midazolam"),
        {f"{WEEKS}/ptsd.s": about(0.8, 0.42), f"{WEEKS}/ptsd.placebo": about(0.8, 0.4)},
    ),
    "ocd": Disorder(
        ("rodriguez2013",), ("PSY04", "PSY04.placebo"),
        {f"{WEEKS}/ocd.s": about(1.0, 0.42), f"{WEEKS}/ocd.placebo": about(0.6, 0.4)},
    ),
    "anxiety": Disorder(
        ("glue2017", "glue2018"), ("GAD01", "GAD02", "GAD02.fear"),
        {f"{MORE}/generalised_anxiety.s": about(1.2, 0.42), f"{MORE}/generalised_anxiety.a": about(0.8, 0.42)},
    ),
    "cocaine": Disorder(
        ("dakwar2019",), ("PSY06", "PSY06.placebo", "PSY06.HR"),
        {f"{WEEKS}/craving.hazard": about(0.3, 0.6), f"{WEEKS}/craving.g": about(1.8, 0.42)},
    ),
    "alcohol": Disorder(("grabski2022",), ("AUD01.level",), {f"{WEEKS}/craving.r": about(0.08, 0.5)}),
    "heroin": Disorder(("krupitsky2007",), ("OUD01",), {f"{WEEKS}/craving.opioid": about(0.02, 0.5)}),
    "migraine": Disorder(
        ("etchison2018", "pomeroy2017"), ("MIG01.saline", "MIG02"),
        {f"{MORE}/migraine.z_p": about(0.3, 0.4, high=0.9), f"{MORE}/migraine.C50": about(50.0, 0.5)},
    ),
}  # fmt: skip


def fit(name: str) -> Calibration:
    """One disorder."""
    d = DISORDERS[name]
    return calibrate(list(d.studies), list(d.numbers), rows=list(d.rows), priors=d.numbers, people=PEOPLE, seed=SEED,
                     nuisance=False)  # fmt: skip


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("disorder", nargs="*", help=f"{', '.join(DISORDERS)}; all by default")
    parser.add_argument("--write", action="store_true", help="put values, doubt and rows into the parameter tables")
    parser.add_argument("--left-out", action="store_true", help="predict each study by the others as well")
    parser.add_argument("--report", type=Path, default=None, help="folder for one page a disorder")
    chosen = parser.parse_args()
    root = Path(__file__).parents[1] / "src" / "ketasim" / "data" / "parameters"
    good = True
    for name in chosen.disorder or DISORDERS:
        done = fit(name)
        if chosen.left_out and len(DISORDERS[name].studies) > 1:
            done = done.leave_one_study_out()
        elif chosen.left_out:
            print(f"{name}: one study; without it there is the belief from before alone")
        print(done.table(), flush=True)
        good = good and done.converged
        if chosen.report is not None:
            chosen.report.mkdir(parents=True, exist_ok=True)
            done.report(chosen.report / f"{name}.html")
        if chosen.write:
            texts = {n: {"source": DISORDERS[name].studies[0], "status": "verified"} for n in DISORDERS[name].numbers}
            done.write(root, texts=texts, script=SCRIPT)
    return int(not good)


if __name__ == "__main__":
    raise SystemExit(main())
