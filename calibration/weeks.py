"""Calibrates the weeks layer on the project's own kinetics: control arms first, then the drug, then the other scales.

    python calibration/weeks.py [--write] [--into FOLDER] [--report FOLDER]   mood; --write puts it into the tables
    python calibration/weeks.py --others                                      relapse instead
    python calibration/weeks.py --left-out                                    with each study predicted by the others
    python calibration/weeks.py --held [--write]                              its width about the values of the tables

Every fit is one of `ketasim.fitting.calibrate`: maximum of the posterior, its width by Laplace, correlations within a
table, spreads between people with a record of their own. Arms of mood come from `weeks_bench`, which simulates the
drug's part once for each setting of it and computes the scales from curves. The drug is fitted with the control course
held; the posterior of the control course, with its correlations, and what each trial is off by (as the doubt of
outcomes/weeks/trial says) are part of the error of the rows. Seeded; nothing depends on the order of rows.

What stands in the tables was written with `--held`: values of the fit by half the tolerances of the rows that came
before this script, doubt and correlations by it about those values (docs/explanation/weeks.md says why).
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import weeks_bench

from ketasim.core.parameters import Parameter
from ketasim.core.spread import Floats
from ketasim.fitting.calibrate import calibrate
from ketasim.fitting.calibrate.arms import Bench, Typical, _moved
from ketasim.fitting.calibrate.fit import finished, problem_of, solve
from ketasim.fitting.calibrate.left_out import LeftOut, _row
from ketasim.fitting.calibrate.noise import noise
from ketasim.fitting.calibrate.prior import entry_of, prior_of
from ketasim.fitting.calibrate.problem import Summit, climb
from ketasim.fitting.calibrate.result import Calibration
from ketasim.fitting.calibrate.selection import Target, gather, select
from ketasim.studies.run import ArmRun
from ketasim.studies.study import Arm, Observation, Study

STUDIES = (
    "stone2022", "murrough2013", "han2016", "singh2016b", "daly2018", "popova2019", "murrough2013b",
    "diazgranados2010", "lii2023",
)  # fmt: skip
BETWEEN_TRIALS = {"f": 0.35, "control": 0.3}  # as the doubt of outcomes/weeks/trial
POOLED = {"stone2022": 232, "han2016": 9}  # trials behind a pooled number: what one is off by averages out
WEEKS, PLASTICITY, SCRIPT = "outcomes/weeks", "plasticity", "calibration/weeks.py"
OPTIONS = {"seed": weeks_bench.SEED, "discrepancy": 0.05, "together": 0.5, "nuisance": True, "step": 0.05, "starts": 1}


def about(value: float, cv: float, **limits: float) -> dict[str, Any]:
    """A log-normal belief."""
    return {"dist": "lognormal", "value": value, "cv": cv, **limits}


CONTROL: dict[str, dict[str, Any]] = {
    f"{WEEKS}/course.a": about(0.12, 0.53),
    f"{WEEKS}/course.a.between.cv": about(0.9, 0.42),
    f"{WEEKS}/course.tau_a": about(4.0, 0.8),
    f"{WEEKS}/course.b": about(0.08, 0.8),
    f"{WEEKS}/course.b.between.cv": about(1.2, 0.42),
    f"{WEEKS}/course.P": about(0.35, 0.53),
    f"{WEEKS}/course.P.between.cv": about(0.9, 0.42),
    f"{WEEKS}/course.A": about(0.12, 0.53),
    f"{WEEKS}/course.g": about(0.15, 0.8),
    f"{WEEKS}/course.e": about(0.14, 0.53),
    f"{WEEKS}/course.ritual": about(4.0, 0.53),
    f"{WEEKS}/course.d_f.between.sd": about(0.15, 0.42),
    f"{WEEKS}/course.d_s.between.sd": about(0.15, 0.42),
}
DRUG: dict[str, dict[str, Any]] = {
    f"{WEEKS}/mood.s": about(1.75, 0.53),
    f"{WEEKS}/mood.s.between.weights.0": {"dist": "logitnormal", "value": 0.6, "sd": 0.7},
    f"{WEEKS}/mood.s.between.factors.1": about(0.25, 0.42, high=0.95),
    f"{WEEKS}/mood.s.between.cv": about(0.4, 0.42),
    f"{WEEKS}/mood.m": {"dist": "truncnormal", "value": 1.5, "sd": 0.3, "low": 1.0, "high": 4.0},
    f"{WEEKS}/trial.multicentre": about(0.55, 0.2),
    f"{WEEKS}/course.open_label": about(1.6, 0.31),
    f"{PLASTICITY}/benefit.c": {"dist": "logitnormal", "value": 0.5, "sd": 0.4},
    f"{PLASTICITY}/cascade.k_w": about(0.5, 0.53),
    f"{PLASTICITY}/cascade.tau_w": about(40.0, 0.42),
    f"{PLASTICITY}/cascade.p50": about(0.06, 0.42),
    f"{PLASTICITY}/cascade.k_n": about(0.05, 0.53),
    f"{PLASTICITY}/cascade.half_life": about(7.0, 0.31),
    f"{PLASTICITY}/cascade.half_life.between.cv": about(0.7, 0.42),
}
Scale = tuple[str, tuple[str, ...], tuple[str, ...], dict[str, dict[str, Any]]]
OTHERS: tuple[Scale, ...] = (
    ("relapse", ("murrough2013b", "daly2019"), ("relapse_hazard",), {
        f"{WEEKS}/relapse.lambda0": about(0.08, 0.53),
        f"{WEEKS}/relapse.gamma": about(3.0, 0.31),
        f"{WEEKS}/relapse.a": about(1.2, 0.53),
        f"{WEEKS}/relapse.sigma": about(6.0, 0.66),
    }),
)  # fmt: skip
SAYS_MOST = {"A": "stone2022", "P": "stone2022", "g": "daly2018", "ritual": "lii2023"}  # else the study of all the rest
ARMS: dict[tuple[str, str], weeks_bench.Bench] = {}


def arm_of(study: Study, arm: Arm) -> weeks_bench.Bench:
    """The arm with its people and curves, shared by all fits."""
    if not ARMS:
        ARMS.update({(b.study.id, b.arm.id): b for b in weeks_bench.benches(STUDIES)})
    return ARMS[study.id, arm.id]


@dataclass(frozen=True)
class MoodBench(Bench):
    """Arms of mood for any setting of the calibrated numbers, from curves.

    held : numbers fitted before, at the summit of their posterior. first : that calibration, None for the control arms.
    kind : what a trial is off by, "f" or "control".
    """

    first: Calibration | None = None
    kind: str = "control"

    @cached_property
    def held(self) -> dict[str, float]:
        return self.first.values if self.first else {}

    @cached_property
    def root(self) -> Floats:
        assert self.first is not None
        return np.asarray(np.linalg.cholesky(self.first.covariance))

    def predict_settings(self, settings: Sequence[Typical], people: int | None = None) -> Floats:
        return super().predict_settings(settings, self.people)

    def _run(
        self, study: Study, arm: Arm, rows: Sequence[Observation], settings: Sequence[Typical], people: int
    ) -> ArmRun:
        bench = arm_of(study, arm)
        scores = [self._scores(bench, s) for s in settings]
        one = weeks_bench.as_run(bench, scores[0])
        shape = (len(settings), len(bench.cohort))
        return replace(
            one, values={k: np.stack([s[k] for s in scores]) for k in scores[0]},
            dose_mg=np.ones(shape), weight_kg=np.full(shape, 70.0),
        )  # fmt: skip

    def _scores(self, bench: weeks_bench.Bench, setting: Typical) -> dict[str, np.ndarray]:
        typical, trial = self._values(setting)
        cascade = {}
        for label, value in typical.items():
            table, _, name = label.partition(".")
            if table.startswith(PLASTICITY):
                entry, _, spread = name.partition(".between.")
                factor = 24.0 if entry == "half_life" and not spread else 1.0
                cascade[f"{table.split('/')[-1]}.{entry}" + (f"|{spread}" if spread else "")] = value * factor
        moved = {n: level(_moved(p, typical)) for n, p in weeks_bench.SCALES.parameters.items()}
        return bench.scores(moved, bench.drug(cascade), trial)

    def _values(self, setting: Typical) -> tuple[dict[str, float], dict[str, float]]:
        """Numbers by label, and what trials are off by."""
        typical, trial = dict(self.held), {}
        for label, value in setting.items():
            if label.startswith(("f/", "control/")):
                trial[label] = value
            elif label.startswith("first "):
                assert self.first is not None
                z = self.first.point.z + value * self.root[:, int(label.split()[1])]
                typical |= self.first.bench.typical(z)
            else:
                typical[label] = value
        return typical, trial

    def doubtful(self) -> list[tuple[str, float, float]]:
        """What each trial is off by, and the axes of the posterior fitted before."""
        out = []
        for study in dict.fromkeys(t.study.id for t in self.targets):
            for kind in ("control",) if self.kind == "control" else ("control", "f"):
                s = BETWEEN_TRIALS[kind] / POOLED.get(study, 1) ** 0.5
                out.append((f"{kind}/{study}", float(np.exp(-s)), float(np.exp(s))))
        if self.first is not None:
            out += [(f"first {i}", -1.0, 1.0) for i in range(len(self.first.bench.priors))]
        return out

    def unread(self) -> list[str]:
        return []


def level(p: Parameter) -> Parameter:
    """Two classes of responders with a mean factor of one, so that the value stays that of the average person."""
    spread = p.between or {}
    if spread.get("dist") != "mixture" or len(spread["factors"]) != 2:
        return p
    w, second = spread["weights"][0], spread["factors"][1]
    return replace(p, between={**spread, "factors": [(1.0 - (1.0 - w) * second) / w, second]})


def targets() -> list[Target]:
    """Every calibrate row of mood, but ranks."""
    return [t for t in select(gather(list(STUDIES))) if t.row.output in weeks_bench.MOOD and not t.soft]


def is_control(t: Target) -> bool:
    return t.arm.control and (t.comparator is None or t.comparator.control)


def bench_of(rows: Sequence[Target], beliefs: Mapping[str, Mapping[str, Any]], first: Calibration | None) -> MoodBench:
    priors = tuple(prior_of(label, belief) for label, belief in beliefs.items())
    return MoodBench(tuple(rows), priors, people=weeks_bench.PEOPLE, seed=weeks_bench.SEED, first=first,
                     kind="f" if first else "control")  # fmt: skip


def control(rows: Sequence[Target], held: bool = False) -> Calibration:
    """Arms without the drug, and differences between two of them."""
    return (about_tables if held else climbed)(bench_of([t for t in rows if is_control(t)], CONTROL, None))


def drug(rows: Sequence[Target], first: Calibration, held: bool = False) -> Calibration:
    """Drug arms, with what the control arms said held."""
    return (about_tables if held else climbed)(bench_of([t for t in rows if not t.arm.control], DRUG, first))


def climbed(bench: MoodBench) -> Calibration:
    """The maximum of the posterior."""
    return solve(bench, OPTIONS)


def about_tables(bench: MoodBench) -> Calibration:
    """The posterior's width and correlations about the values that stand in the tables, without a climb."""
    z = np.array([float(p.latent(entry_of(p.label).value)) for p in bench.priors])
    around = noise(bench, z, *(OPTIONS[k] for k in ("discrepancy", "together", "nuisance")))  # type: ignore[arg-type]
    problem = problem_of(bench, around, float(OPTIONS["step"]))
    point = problem.at(z)
    decrement = float(point.gradient @ np.linalg.solve(point.hessian, point.gradient))
    return finished(bench, problem, around, Summit(point, decrement < 1e-3, decrement, 0, 1), OPTIONS, 0, 1)


def without(study: str, full: Calibration, rows: Sequence[Target], first: Calibration | None) -> Calibration:
    """A fit without a study, started where the full one ended."""
    bench = replace(full.bench, targets=tuple(t for t in full.bench.targets if t.study.id != study))
    if isinstance(bench, MoodBench) and first is not None:
        bench = replace(bench, first=first)
    around = noise(bench, full.point.z, *(OPTIONS[k] for k in ("discrepancy", "together", "nuisance")))  # type: ignore[arg-type]
    problem = problem_of(bench, around, float(OPTIONS["step"]))
    summit = climb(problem, full.point.z, most=6)
    return finished(bench, problem, around, summit, OPTIONS, summit.steps, summit.evaluations)


def left_out(first: Calibration, second: Calibration, rows: Sequence[Target]) -> list[LeftOut]:
    """Every calibrate row predicted by a fit of both stages without its study."""
    out: list[LeftOut] = []
    for study in STUDIES:
        mine = {t.row.id for t in rows if t.study.id == study}
        fewer = without(study, first, rows, None) if mine & set(first.rows) else first
        for stage, full in (("control", first), ("drug", second)):
            here = tuple(t for t in full.bench.targets if t.study.id == study)
            if not here:
                continue
            fit = fewer if stage == "control" else without(study, second, rows, fewer)
            bench = replace(fit.bench, targets=here)
            around = noise(bench, fit.point.z, *(OPTIONS[k] for k in ("discrepancy", "together", "nuisance")))  # type: ignore[arg-type]
            point = problem_of(bench, around, float(OPTIONS["step"])).at(fit.point.z)
            spread = point.jacobian @ fit.covariance @ point.jacobian.T + around.covariance
            values = tuple(fit.values.values())
            for k, t in enumerate(here):
                sd = float(np.sqrt(spread[k, k]))
                r = _row(t, point.rows[k] + around.shift[k], sd, len(fit.bench.targets), values)
                out.append(r)
                print(f"  left out {r.study + '/' + r.row:34s} {r.predicted:7.1f} ({r.low:.1f} to {r.high:.1f}) "
                      f"printed {r.observed:7.1f} {'inside' if r.inside else 'outside'}", flush=True)  # fmt: skip
    print(f"left out: {sum(bool(r.inside) for r in out)} of {len(out)} inside their tolerance, "
          f"{sum(bool(r.covered) for r in out)} inside the 90 % interval")  # fmt: skip
    return out


def others(scales: Sequence[Scale]) -> list[tuple[str, Calibration]]:
    """Other scales, each on the rows of its own output, by the engine."""
    out = []
    for name, studies, outputs, beliefs in scales:
        rows = [t.row.id for t in select(gather(list(studies))) if t.row.output in outputs and not t.soft]
        done = calibrate(list(studies), list(beliefs), rows=rows, priors=beliefs, people=200, seed=weeks_bench.SEED,
                         nuisance=False)  # fmt: skip
        print(done.table(), flush=True)
        out.append((name, done))
    return out


def texts_of(done: Calibration, source: str) -> dict[str, dict[str, str]]:
    """Source and status of what was fitted."""
    return {name: {"source": SAYS_MOST.get(name.split(".")[1], source), "status": "verified"}
            for name in done.values if ".between." not in name}  # fmt: skip


def levelled(folder: Path) -> None:
    """Factor of the first class in the written table, so that the mean is one."""
    path = folder / "outcomes" / "weeks" / "mood.toml"
    text = path.read_text(encoding="utf-8")
    block = re.search(r"^\[s\]\n(?:(?!^\[).*\n?)*", text, re.M)
    assert block is not None
    found = {k: [float(x) for x in re.search(rf"{k} = \[([^\]]*)\]", block[0])[1].split(",")]  # type: ignore[index]
             for k in ("weights", "factors")}  # fmt: skip
    w, second = found["weights"][0], found["factors"][1]
    line = f"factors = [{(1.0 - (1.0 - w) * second) / w:.4g}, {second:.4g}]"
    path.write_text(text.replace(block[0], re.sub(r"factors = \[[^\]]*\]", line, block[0])), encoding="utf-8")


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put values, doubt and rows into the parameter tables")
    parser.add_argument("--into", type=Path, default=None, help="root of the tables (default: the package's own)")
    parser.add_argument("--report", type=Path, default=None, help="folder for one page a fit")
    parser.add_argument("--others", action="store_true", help="relapse and the other scales instead of mood")
    parser.add_argument("--left-out", action="store_true", help="predict each study of mood by the others as well")
    parser.add_argument("--held", action="store_true", help="doubt about the values of the tables, which stay")
    chosen = parser.parse_args()
    fits = others(OTHERS) if chosen.others else mood(chosen.left_out, chosen.held)
    root = chosen.into or Path(__file__).parents[1] / "src" / "ketasim" / "data" / "parameters"
    for name, done in fits:
        if chosen.report is not None:
            chosen.report.mkdir(parents=True, exist_ok=True)
            done.report(chosen.report / f"{name}.html")
        if chosen.write:
            source = "murrough2013" if name in ("control", "drug") else done.bench.targets[-1].study.id
            done.write(root, texts=texts_of(done, source), script=SCRIPT, even_if_not_converged=chosen.held)
            if name == "drug":
                levelled(root)
    return int(not all(done.converged for _, done in fits))


def mood(with_left_out: bool, held: bool) -> list[tuple[str, Calibration]]:
    """Control arms, then the drug."""
    rows = targets()
    first = control(rows, held)
    print(first.table(), flush=True)
    second = drug(rows, first, held)
    print(second.table(), flush=True)
    if with_left_out:
        left_out(first, second, rows)
    return [("control", first), ("drug", second)]


if __name__ == "__main__":
    raise SystemExit(main())
