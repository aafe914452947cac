"""Predicting the rows for many settings of the calibrated numbers at once: one engine call for each arm.

Each arm has a fixed pool of people (the same random draws for every setting: common random numbers). The settings are
laid side by side, people within settings, so that a gradient costs one call: parameters are data to the compiled code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ketasim.core import units, variability
from ketasim.core.errors import InputError, KetasimError
from ketasim.core.gaussian import ndtr
from ketasim.core.parameters import Parameter
from ketasim.core.spread import Floats
from ketasim.fitting.calibrate.prior import Prior, entry_of
from ketasim.fitting.calibrate.selection import Target
from ketasim.fitting.calibrate.spreads import base_of, with_spread
from ketasim.fitting.calibrate.statistic import predicted
from ketasim.models.model import Built, Model, Need
from ketasim.studies import draw, grid
from ketasim.studies.amounts import hours
from ketasim.studies.catalogue import STATISTICS
from ketasim.studies.run import ArmRun
from ketasim.studies.simulator import Request
from ketasim.studies.study import Arm, Observation, Study

MOST_LANES = 40_000
Typical = Mapping[str, float]  # "table.entry" → value in the table's unit
Predictor = Callable[[Typical], float]


@dataclass(frozen=True)
class Bench:
    """The arms of a calibration, ready to be simulated for any setting of its numbers.

    targets : rows in order. priors : calibrated numbers in order. people : size of the pool of each arm (1: one typical
    person without variability). predictors : rows that are no arm of people, id → function of the typical values.
    """

    targets: tuple[Target, ...]
    priors: tuple[Prior, ...]
    model: Any = "ketamine"
    people: int = 200
    seed: int = 0
    engine: str = "native"
    predictors: Mapping[str, Predictor] | None = None

    # ---- what is simulated
    def arms(self) -> list[tuple[Study, Arm, tuple[Observation, ...]]]:
        """Every arm some row needs, with those rows, in order of first use."""
        out: dict[tuple[str, str], tuple[Study, Arm, list[Observation]]] = {}
        for t in self.targets:
            if STATISTICS[t.row.statistic].family == "parameter" or t.row.id in (self.predictors or {}):
                continue
            for name in dict.fromkeys((t.row.arm, *((t.row.comparator,) if t.row.comparator else ()), *t.row.order)):
                out.setdefault((t.study.id, name), (t.study, t.study.arm(name), []))[2].append(t.row)
        return [(s, a, tuple(rows)) for s, a, rows in out.values()]

    def runs(self, settings: Sequence[Typical], people: int | None = None) -> dict[tuple[str, str], ArmRun]:
        """(study, arm) → curves with one replicate a setting."""
        return {
            (s.id, a.id): self._run(s, a, rows, settings, self.people if people is None else people)
            for s, a, rows in self.arms()
        }

    def predict(self, z: np.ndarray, people: int | None = None) -> Floats:
        """Rows in their own units for latents z (settings, numbers) → (settings, rows)."""
        return self.predict_settings([self.typical(one) for one in np.atleast_2d(z)], people)

    def typical(self, z: np.ndarray) -> dict[str, float]:
        """Values of the calibrated numbers at a latent point, by label."""
        return {p.label: float(p.natural(x)) for p, x in zip(self.priors, z, strict=True)}

    def predict_settings(self, settings: Sequence[Typical], people: int | None = None) -> Floats:
        """Rows for settings that may name any entry of the tables, (settings, rows)."""
        runs = self.runs(settings, people)
        columns = [self._row(t, runs, settings) for t in self.targets]
        return np.stack(columns, axis=1) if columns else np.zeros((len(settings), 0))

    def _row(self, t: Target, runs: Mapping[tuple[str, str], ArmRun], settings: Sequence[Typical]) -> Floats:
        if predictor := (self.predictors or {}).get(t.row.id):
            return np.array([float(predictor(s)) for s in settings])
        if STATISTICS[t.row.statistic].family == "parameter":
            return np.array([_parameter(t.row, s) for s in settings])
        return predicted(t, {name: run for (study, name), run in runs.items() if study == t.study.id})

    # ---- one arm
    def request(self, study: Study, arm: Arm, rows: Sequence[Observation], people: int) -> Request:
        """The arm's pool as a request of the study simulator, nothing drawn yet."""
        simulator = self._simulator()
        doses = simulator.doses(arm.regimen)
        spans = [(d[0], d[1]) for d in doses]
        last, over = max((s for s, _ in spans), default=0.0), max((s + d for s, d in spans), default=0.0)
        end = grid.horizon(arm, rows, last, over)
        ids = np.arange(people)
        selecting = {"madrs"} if any(row.among for row in rows) else set()
        return Request(
            model=self._model(arm),
            regimen=arm.regimen,
            ids=ids,
            replicate=np.zeros(people, np.int64),
            covariates=draw.covariates(study.people(arm), ids, self.seed, study.id, typical=people == 1),
            times_h=grid.times(arm, rows, spans, end),
            outputs=tuple(sorted({name for row in rows for name in (row.output, row.denominator) if name} | selecting)),
            seed=self.seed,
            typical=people == 1,
            population=study.people(arm).named,
            settings={**arm.settings, "background": arm.background, "masking": arm.masking, "blinding": arm.blinding},
        )

    def parameters(self, study: Study, arm: Arm, rows: Sequence[Observation]) -> dict[str, Parameter]:
        """Parameters of the system this arm runs on."""
        return dict(self._simulator().parameters(self.request(study, arm, rows, 1)))

    def _run(
        self, study: Study, arm: Arm, rows: Sequence[Observation], settings: Sequence[Typical], people: int
    ) -> ArmRun:
        simulator, base = self._simulator(), self.request(study, arm, rows, people)
        parameters = simulator.parameters(base)
        most = max(1, MOST_LANES // people)
        blocks = [
            simulator.run(self._spread(base, parameters, settings[i : i + most])) for i in range(0, len(settings), most)
        ]
        shape = (len(settings), people)
        bad = np.concatenate([b.failed for b in blocks]).reshape(shape)
        if bad.all():
            raise KetasimError(f"arm {arm.id} of {study.id}: no run could be finished")
        values = {}
        for name in base.outputs:
            curve = np.concatenate([b.values[name] for b in blocks]).reshape(*shape, -1)
            curve[bad] = np.nan
            values[name] = curve
        doses = simulator.doses(arm.regimen)
        spans = [(d[0], d[1]) for d in doses]
        weight = np.concatenate([np.asarray(b.weight_kg, float) for b in blocks]).reshape(shape)
        mg = blocks[0].each_mg or (np.nan,) * len(doses)
        return ArmRun(
            times_h=base.times_h,
            values=values,
            units=dict(blocks[0].units),
            dose_mg=np.concatenate([b.dose_mg for b in blocks]).reshape(shape),
            weight_kg=weight,
            last_dose_h=max((s for s, _ in spans), default=0.0),
            end_h=max((s + d for s, d in spans), default=0.0),
            infusion_h=spans[0][1] if spans else 0.0,
            samples_h=tuple(hours(text) for text in arm.samples),
            failed=int(bad.sum()),
            doses=tuple((*d, m) for d, m in zip(doses, mg, strict=True)),
            notes=tuple(blocks[0].notes),
        )

    def _spread(self, base: Request, parameters: Mapping[str, Parameter], settings: Sequence[Typical]) -> Request:
        """The request repeated once a setting, everybody with their own values under that setting."""
        people, lanes = len(base.ids), len(settings)
        typical_only = people == 1
        common = {} if typical_only else variability.draw(parameters, self.seed, base.ids, layers=("between",))
        moved = {base_of(label) for s in settings for label in s}
        names = {n for n, p in parameters.items() if f"{p.table}.{p.name}" in moved}
        tables = {parameters[n].table for n in names}
        mates = {n: p for n, p in parameters.items() if p.table in tables}
        columns: dict[str, list[np.ndarray]] = {n: [] for n in {*common, *names}}
        for setting in settings:
            here = {n: _moved(p, setting) for n, p in mates.items()}
            own = {} if typical_only else variability.draw(here, self.seed, base.ids, layers=("between",))
            for n, column in columns.items():
                if n in own:
                    column.append(own[n])
                elif n in names:
                    column.append(np.full(people, here[n].value))
                else:
                    column.append(common[n])
        return replace(
            base,
            ids=np.tile(base.ids, lanes),
            replicate=np.repeat(np.arange(lanes), people),
            covariates={k: np.tile(v, lanes) for k, v in base.covariates.items()},
            values={n: np.concatenate(v) for n, v in columns.items()} or _unmoved(parameters, people * lanes),
        )

    def _model(self, arm: Arm) -> Any:
        """The model of an arm, which remembers what it has built: one trace for a whole calibration."""
        from ketasim import models

        chosen = self.model if arm.model == "ketamine" else arm.model
        if isinstance(chosen, str):
            chosen = models.get(chosen)
        if not isinstance(chosen, Model):
            return chosen
        if chosen.name not in self._remembered:
            self._remembered[chosen.name] = _remembering(chosen)
        return self._remembered[chosen.name]

    @cached_property
    def _remembered(self) -> dict[str, Model]:
        return {}

    def _simulator(self) -> Any:
        from ketasim.studies.native import KetasimSimulator

        return KetasimSimulator(self.engine)

    # ---- what else moves the rows
    def doubtful(self) -> list[tuple[str, float, float]]:
        """Every other number of these arms with a doubt: (label, value one standard deviation below, above)."""
        mine = {p.label for p in self.priors}
        entries = {
            f"{p.table}.{p.name}": p
            for s, a, rows in self.arms()
            for p in self.parameters(s, a, rows).values()
            if p.doubt and p.doubt.get("dist") not in ("bernoulli", "mixture")
        }
        out = []
        for label in sorted(set(entries) - mine):
            entry = entry_of(label)
            low, high = variability.quantile(entry, "doubt", ndtr(np.array([-1.0, 1.0])))
            out.append((label, float(low), float(high)))
        return out

    def unread(self) -> list[str]:
        """Labels of calibrated numbers that no part of any arm (and no row) reads."""
        read = {f"{p.table}.{p.name}" for s, a, rows in self.arms() for p in self.parameters(s, a, rows).values()}
        for t in self.targets:
            if STATISTICS[t.row.statistic].family == "parameter":
                read |= {f"{t.row.table}.{n}" for n in _names(t.row)}
            if t.row.id in (self.predictors or {}):
                return []
        return [p.label for p in self.priors if base_of(p.label) not in read]


def _remembering(model: Model) -> Model:
    """The same model; a need it has seen is not built again."""
    seen: dict[Any, Built] = {}

    def build(need: Need) -> Built:
        key = (need.given, need.outputs, need.fast, repr(sorted(need.options.items(), key=str)))
        if key not in seen:
            seen[key] = model.build(need)
        return seen[key]

    return replace(model, build=build)


def _unmoved(parameters: Mapping[str, Parameter], n: int) -> dict[str, np.ndarray]:
    """One number at its typical value: a request with values draws nothing else."""
    return {name: np.full(n, p.value) for name, p in list(parameters.items())[:1]}


def _moved(p: Parameter, setting: Typical) -> Parameter:
    """The parameter with the typical value of a setting, which is in the unit the table prints."""
    label = f"{p.table}.{p.name}"
    if label in setting:
        p = replace(p, value=setting[label] * units.factor(p.printed[1] or p.unit, p.unit))
    for name, value in setting.items():
        if name.startswith(f"{label}.between."):
            p = with_spread(p, name.removeprefix(f"{label}."), value)
    return p


def _names(row: Observation) -> list[str]:
    return [part.strip() for part in row.parameter.replace("/", "+").split("+")]


def _parameter(row: Observation, setting: Typical) -> float:
    """A row that is a number of a table (a+b sums, a/b divides), under a setting, in the row's unit."""
    from ketasim.studies.units import factor

    names = _names(row)
    entries = [entry_of(f"{row.table}.{n}") for n in names]
    values = [setting.get(f"{row.table}.{n}", e.value) for n, e in zip(names, entries)]
    if "/" in row.parameter:
        if len(values) != 2:
            raise InputError(f"parameter of {row.id}", row.parameter, "one division")
        return float(values[0] / (values[1] * units.factor(entries[1].unit, entries[0].unit)))
    return float(sum(v * (factor(e.unit, row.unit) if row.unit else 1.0) for v, e in zip(values, entries)))
