"""Arms of the mood trials, simulated once for each setting of the cascade; everything later is computed from curves.

The scales are algebraic in the latent benefit, so that a fit of the scales needs no new simulation: drawn people, the
benefit and the felt signal are kept, and `Mood`, `Course` and `Trial` are evaluated on arrays by their own code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ketasim.analysis.hypotheses.arms import SCALES
from ketasim.core.parameters import Parameter
from ketasim.core.variability import draw
from ketasim.studies import grid
from ketasim.studies.draw import covariates
from ketasim.studies.measuring import measure
from ketasim.studies.native import KetasimSimulator, circumstances, cohort_of
from ketasim.studies.read import read_folder
from ketasim.studies.run import ArmRun
from ketasim.studies.simulator import Request
from ketasim.studies.study import Arm, Observation, Study

SEED, PEOPLE = 20_261, 256
KEPT = 64  # settings of the cascade whose curves stay
MOOD = ("madrs", "hdrs")
NEEDED = ("benefit", "course.confirmed", "course.attention", "course.contact", "unblinding")  # the last builds its part
Curves = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass
class Bench:
    """One arm: its people and circumstances, its times, and the curves that do not depend on the scales."""

    study: Study
    arm: Arm
    rows: list[Observation]
    times_h: np.ndarray
    cohort: Any
    cov: Mapping[str, np.ndarray]
    hypothesis: str = "disinhibition"
    people: int = PEOPLE
    curves: dict[tuple[Any, ...], Curves] = field(default_factory=dict)

    def drug(self, cascade: Mapping[str, float], hypothesis: str = "disinhibition") -> Curves:
        """(benefit, confirmation x, attention y, contact c), each (people, times), for typical values."""
        from ketasim.simulate import simulate

        key = (("h", hash(hypothesis)), *sorted(cascade.items()))
        if key not in self.curves:
            values = {}
            built = KetasimSimulator().parameters(self._request(hypothesis))
            for name, value in cascade.items():
                name, _, what = name.partition("|")
                if name in built and what:
                    built[name] = replace(built[name], between={**(built[name].between or {}), what: float(value)})
                elif name in built:
                    built[name] = replace(built[name], value=float(value))
                    values[name] = float(value)
            values |= draw(built, SEED, self.cohort.ids, layers=("between",), method="sobol")
            run = simulate(
                patient=self.cohort, regimen=self.arm.regimen, times_h=self.times_h, vary=(), values=values,
                outputs=NEEDED, options={"hypothesis": hypothesis},
                settings=circumstances(self._request(hypothesis)),
            )  # fmt: skip
            if len(self.curves) > KEPT:
                self.curves.clear()
            benefit, x, y, c = (np.asarray(run[n], np.float32) for n in NEEDED[:4])
            self.curves[key] = (benefit, x, y, c)
        return self.curves[key]

    def _request(self, hypothesis: str) -> Request:
        settings = {**self.arm.settings, "background": self.arm.background, "masking": self.arm.masking,
                    "blinding": self.arm.blinding, "hypothesis": hypothesis}  # fmt: skip
        ids = self.cohort.ids
        return Request(
            self.arm.model, self.arm.regimen, ids, ids * 0, {}, self.times_h, NEEDED,
            settings=settings,
        )  # fmt: skip

    def scores(
        self, parameters: Mapping[str, Parameter], curves: Curves, trial: Mapping[str, float]
    ) -> dict[str, np.ndarray]:
        """MADRS and HDRS (people, times) for parameters of the scales, balanced people; `trial` holds what this trial
        is off by ("f/<study>", "control/<study>")."""
        benefit, x, y, c = curves
        drawn = draw(parameters, SEED + 1, self.cohort.ids, layers=("between",), method="sobol")
        local = {n: drawn.get(n, np.full(len(self.cohort), p.value)) for n, p in parameters.items()}
        out: dict[str, Any] = {"benefit": benefit, "t": self.times_h[None, :], "felt": 0.0}
        for part in SCALES.parts:
            component = part.component
            own = {k: local[f"{part.name}.{k}"] for k in component.parameters()}
            if part.name == "trial":
                own["F"] = own["F"] * trial.get(f"f/{self.study.id}", 1.0)
                own["G"] = own["G"] * trial.get(f"control/{self.study.id}", 1.0)
            own |= {
                k: np.broadcast_to(v, (len(self.cohort),))
                for k, v in component.with_values(own).derive(self.cov).items()
            }
            bound = component.with_values({k: np.asarray(v)[:, None] for k, v in own.items()})
            out |= bound.read({"x": x, "q": 0.0, "y": y, "c": c}, out)
        return {name: np.broadcast_to(out[name], benefit.shape) for name in MOOD}


def benches(ids: Sequence[str], outputs: Sequence[str] = MOOD, people: int = PEOPLE) -> list[Bench]:
    """The arms of these studies with rows of these outputs."""
    out = []
    for study in read_folder(None):
        if study.id not in ids:
            continue
        for arm in study.arms:
            rows = [r for r in study.observations if r.output in outputs and r.use in ("calibrate", "check")
                    and (r.arm == arm.id or r.comparator == arm.id or arm.id in r.order)]  # fmt: skip
            if rows and not arm.not_runnable:
                out.append(_bench(study, arm, rows, people))
    return out


def _bench(study: Study, arm: Arm, rows: list[Observation], people: int) -> Bench:
    doses = KetasimSimulator().doses(arm.regimen)
    spans = [(d[0], d[1]) for d in doses]
    last, end = max((s for s, _ in spans), default=0.0), max((s + d for s, d in spans), default=0.0)
    every = grid.times(arm, rows, spans, grid.horizon(arm, rows, last, end))
    keep = np.unique(np.concatenate([[0.0], every[:: max(1, len(every) // 90)], _named_times(rows, end, last)]))
    ids = np.arange(people)
    columns = covariates(study.people(arm), ids, SEED, f"{study.id}/{arm.id}")
    cohort = cohort_of(columns, ids, study.people(arm).named, SEED)
    bench = Bench(study, arm, rows, keep, cohort, {})
    settings = circumstances(bench._request("disinhibition"))
    bench.cov = {**cohort.covariates, **{f"setting_{k}": np.full(people, v) for k, v in settings.items()}}
    return bench


def _named_times(rows: Sequence[Observation], end: float, last: float) -> np.ndarray:
    from ketasim.studies.amounts import hours

    origin = {"start": 0.0, "last_dose": last, "end": end}
    found = [origin[r.time_from] + hours(t) for r in rows for t in (r.time, r.start, r.until, r.baseline) if t]
    found += [hours(r.among_time) for r in rows if r.among_time]
    return np.array([f for f in found if np.isfinite(f)])


def as_run(bench: Bench, scores: Mapping[str, np.ndarray]) -> ArmRun:
    """The curves in the form that the statistics of studies read."""
    n = len(bench.cohort)
    doses = KetasimSimulator().doses(bench.arm.regimen)
    return ArmRun(
        times_h=bench.times_h, values={k: v[None] for k, v in scores.items()}, units=dict.fromkeys(scores, "points"),
        dose_mg=np.ones((1, n)), weight_kg=np.full((1, n), 70.0), last_dose_h=max(d[0] for d in doses),
        end_h=max(d[0] + d[1] for d in doses),
    )  # fmt: skip


def predict(
    all_benches: Sequence[Bench], scales: Mapping[str, Parameter], cascade: Mapping[str, float],
    trial: Mapping[str, float], hypothesis: str = "disinhibition",
) -> dict[str, float]:  # fmt: skip
    """Row id → predicted value, "study/row"."""
    runs = {
        (b.study.id, b.arm.id): as_run(b, b.scores(scales, b.drug(cascade, hypothesis), trial)) for b in all_benches
    }
    out = {}
    for bench in all_benches:
        for row in bench.rows:
            if row.arm != bench.arm.id or row.statistic == "rank":
                continue
            other = runs.get((bench.study.id, row.comparator)) if row.comparator else None
            out[f"{bench.study.id}/{row.id}"] = float(measure(row, runs[(bench.study.id, row.arm)], other)[0])
    return out


def direct(all_benches: Sequence[Bench], output: str, overrides: Mapping[str, float]) -> dict[str, float]:
    """Row id → predicted value of any output, every arm simulated anew with these typical values."""
    from ketasim.simulate import simulate

    runs = {}
    for b in all_benches:
        names = tuple({output, *(("madrs",) if any(r.among for r in b.rows) else ())})
        request = replace(b._request("disinhibition"), outputs=names)
        built = KetasimSimulator().parameters(request)
        values: dict[str, Any] = {k: v for k, v in overrides.items() if k in built}
        for name, value in values.items():
            built[name] = replace(built[name], value=float(value))
        values |= draw(built, SEED, b.cohort.ids, layers=("between",), method="sobol")
        r = simulate(patient=b.cohort, regimen=b.arm.regimen, times_h=b.times_h, vary=(), values=values,
                     outputs=names, settings=circumstances(request))  # fmt: skip
        n = len(b.cohort)
        doses = KetasimSimulator().doses(b.arm.regimen)
        runs[(b.study.id, b.arm.id)] = ArmRun(
            times_h=b.times_h, values={k: r[k][None] for k in names}, units=dict(r.units), dose_mg=np.ones((1, n)),
            weight_kg=np.full((1, n), 70.0), last_dose_h=max(d[0] for d in doses),
            end_h=max(d[0] + d[1] for d in doses),
        )  # fmt: skip
    out = {}
    for b in all_benches:
        for row in b.rows:
            if row.arm == b.arm.id and row.statistic != "rank":
                other = runs.get((b.study.id, row.comparator)) if row.comparator else None
                out[f"{b.study.id}/{row.id}"] = float(measure(row, runs[(b.study.id, b.arm.id)], other)[0])
    return out
