"""Where predictions come from: a component or system on records, or a closed form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ketasim.core.errors import InputError, SolverError
from ketasim.dosing.records.dataset import RecordSet
from ketasim.dosing.records.errors import Problem, RecordError, refuse
from ketasim.dosing.records.predict import RecordPlan, plan
from ketasim.fitting.population.lanes import Lanes
from ketasim.fitting.population.modal import Modal
from ketasim.fitting.population.specification import Individual, Values


class _OnRecords:
    """Observed records of each subject, in padded rows."""

    def __init__(self, records: RecordSet, negative: str = "refuse") -> None:
        if not isinstance(records, RecordSet):
            raise InputError("records", type(records).__name__, "a RecordSet, as records.read returns it")
        if negative not in ("refuse", "keep"):
            raise InputError("negative", negative, "refuse, keep")
        records.require_observations()
        below = np.flatnonzero(records.observed & ~records.blq & (records.dv < 0))
        if negative == "refuse" and len(below):
            raise RecordError([
                Problem(int(records.row[i]), "DV", float(records.dv[i]), "a concentration of 0 or more",
                        "negative DV", 'Mark it BLQ with its LLOQ, or say negative="keep" where DV may be negative.')
                for i in below
            ])  # fmt: skip
        self.records = records
        self.subjects = records.subjects
        at = [np.flatnonzero(records.observed & (records.subject == i)) for i in range(records.subjects)]
        width = max(len(rows) for rows in at)
        self.mask = np.zeros((self.subjects, width), bool)
        self.rows = np.zeros((self.subjects, width), int)
        for i, rows in enumerate(at):
            self.rows[i, : len(rows)], self.mask[i, : len(rows)] = rows, True
        self.y = np.where(self.mask, records.dv[self.rows], 0.0)
        self.blq = np.where(self.mask, records.blq[self.rows].astype(bool), False)
        limit = np.where(np.isfinite(records.limit), records.limit, records.lloq)
        self.limit = np.where(self.blq, limit[self.rows], np.nan)
        refuse([
            Problem(int(records.row[self.rows[i, j]]), "LLOQ", "absent", "a limit for every record that is below it",
                    "no limit", "Give a column LLOQ, or write the value as <limit.")
            for i, j in np.argwhere(self.blq & ~np.isfinite(self.limit))
        ])  # fmt: skip
        self.time = np.where(self.mask, records.time[self.rows], 0.0)
        self.names = tuple(records.ids)
        self.occasions = np.unique(records.occ)
        self._occasion = np.searchsorted(self.occasions, records.occ)

    def spread(self, lanes: np.ndarray, values: Values) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """(index of every record of every lane, values repeated for these records). A value is one a lane, or
        (lanes, occasions)."""
        counts = np.diff(self.records.ptr)[lanes]
        starts = np.concatenate(([0], np.cumsum(counts)))
        index = np.repeat(self.records.ptr[:-1][lanes] - starts[:-1], counts) + np.arange(starts[-1])
        owner = np.repeat(np.arange(len(lanes)), counts)
        out = {}
        for k, v in values.items():
            array = np.asarray(v, float)
            each = array if array.ndim == 2 else np.broadcast_to(array, lanes.shape)
            out[k] = each[owner, self._occasion[index]] if array.ndim == 2 else each[owner]
        return index, out

    def padded(self, lanes: np.ndarray, flat: np.ndarray) -> np.ndarray:
        """(lanes, width) predictions at observations, from one value per record of every lane."""
        counts = np.diff(self.records.ptr)[lanes]
        starts = np.concatenate(([0], np.cumsum(counts)))[:-1]
        offset = self.rows[lanes] - self.records.ptr[:-1][lanes][:, None] + starts[:, None]
        return np.where(self.mask[lanes], flat[np.where(self.mask[lanes], offset, 0)], 1.0)


class ClosedForm(_OnRecords):
    """Predictions from a formula: function(parameters, columns) → one value a record, on arrays."""

    def __init__(
        self, function: Callable[[Mapping[str, Any], Mapping[str, Any]], Any], records: RecordSet,
        *, negative: str = "refuse",
    ) -> None:  # fmt: skip
        super().__init__(records, negative)
        self.function = function
        self._columns = {"TIME": records.time, "AMT": records.amt, "OCC": records.occ, **records.covariates}

    def predict(self, lanes: np.ndarray, individual: Individual, theta: Values, eta: Values) -> np.ndarray:
        """(lanes, width) predictions."""
        index, both = self.spread(
            lanes, {**{f"t:{k}": v for k, v in theta.items()}, **{f"e:{k}": v for k, v in eta.items()}}
        )
        columns = {k: v[index] for k, v in self._columns.items()}
        values = individual(
            {k: both[f"t:{k}"] for k in theta}, {k: both[f"e:{k}"] for k in eta}, columns
        )  # fmt: skip
        return self.padded(lanes, np.asarray(self.function(values, columns), float))


class ModelOnRecords(_OnRecords):
    """Predictions of one output of a component or system on NONMEM-style records.

    unit : of DV, turned into the output's own; without it, a text column AVALU, DVU or UNIT is believed, and where
    there is none DV is taken to be in the output's unit. negative : "refuse" or "keep" values of DV below 0.
    """

    def __init__(
        self, model: Any, records: RecordSet, output: str | None = None, *, compartments: Any = None,
        engine: str = "auto", unit: str | None = None, negative: str = "refuse",
    ) -> None:  # fmt: skip
        super().__init__(records, negative)
        self.model, self.compartments, self.engine = model, compartments, engine
        base = plan(model, records, compartments=compartments, engine=engine)
        self.output = base.outputs([output] if output else None)[:1]
        self._columns = {"TIME": records.time, "AMT": records.amt, "OCC": records.occ, **records.covariates}
        self.unit = _unit_of(base, self.output[0])
        self.factor = self._converted(unit, self.unit)
        self._typical = base.target.parameters(records, {}, {})[0][:1]
        self._names = base.target.program.parameter_names
        self._plan = lru_cache(maxsize=16)(self._make)
        self._fast = self._quick(base)
        first = records.ptr[:-1]
        steady = {k: bool((v == v[first][records.subject]).all()) for k, v in self._columns.items()}
        self._steady = frozenset(k for k, v in steady.items() if v)
        self._first = {k: v[first] for k, v in self._columns.items()}

    def _converted(self, unit: str | None, own: str) -> float:
        """Turn observations into the model's unit; the factor is returned."""
        records = self.records
        if unit is None:
            column = next((k for k in records.text if k.upper() in ("AVALU", "DVU", "UNIT")), None)
            seen = np.flatnonzero(records.observed)[::-1] if column is not None else ()
            said = {records.text[str(column)][i]: i for i in seen}
            if len(said) > 1:
                first, other = sorted(said, key=said.__getitem__)[:2]
                where = f"row {int(records.row[said[other]])}: {column}"
                raise InputError(where, other, f"one unit, as above: {first}")
            unit = next(iter(said), None)
        if unit is None or unit == own:
            return 1.0
        from ketasim.core.units import convert

        try:
            factor = float(convert(1.0, unit, own))
        except InputError:
            allowed = f"a unit that can be turned into {own}, the unit of {self.output[0]}"
            raise InputError("unit", unit, allowed) from None
        self.y, self.limit = self.y * factor, self.limit * factor
        return factor

    def _quick(self, base: RecordPlan) -> Modal | Lanes | None:
        """The way of predicting that lays the events out once, where there is one."""
        if base.exact:
            modal = Modal(base, self.output[0], self._typical, self.rows) if ":" not in self.output[0] else None
            return modal if modal is not None and modal.usable else None
        lanes = Lanes(base, self.output[0], self._typical, self.rows, self.mask)
        return lanes if lanes.usable else None

    def _make(self, lanes: tuple[int, ...]) -> RecordPlan:
        return plan(self.model, self.records.take(np.array(lanes)), compartments=self.compartments, engine=self.engine)

    def predict(self, lanes: np.ndarray, individual: Individual, theta: Values, eta: Values) -> np.ndarray:
        """(lanes, width) predictions."""
        occasional = any(np.ndim(v) == 2 for v in eta.values())
        if self._fast is None or occasional:
            return self._general(lanes, individual, theta, eta)
        columns = _Seen({k: v[lanes] for k, v in self._first.items()})
        values = individual(theta, eta, columns)
        if not columns.asked <= self._steady:  # a covariate that changes within a subject
            return self._general(lanes, individual, theta, eta)
        parameters = np.repeat(self._typical, len(lanes), axis=0)
        for name, value in values.items():
            parameters[:, self._at(name)] = value
        out = self._fast.predict(lanes, parameters)
        out[~self.mask[lanes]] = 1.0
        again = np.flatnonzero(np.isnan(out).any(axis=1) & np.isfinite(parameters).all(axis=1))
        if len(again) and isinstance(self._fast, Modal):

            def some(v: Any) -> np.ndarray:
                return np.broadcast_to(np.asarray(v, float), lanes.shape)[again]

            out[again] = self._general(
                lanes[again], individual, {k: some(v) for k, v in theta.items()}, {k: some(v) for k, v in eta.items()}
            )
        return out

    def _general(self, lanes: np.ndarray, individual: Individual, theta: Values, eta: Values) -> np.ndarray:
        index, both = self.spread(
            lanes, {**{f"t:{k}": v for k, v in theta.items()}, **{f"e:{k}": v for k, v in eta.items()}}
        )
        columns = {k: v[index] for k, v in self._columns.items()}
        values = individual({k: both[f"t:{k}"] for k in theta}, {k: both[f"e:{k}"] for k in eta}, columns)
        parameters = np.repeat(self._typical, len(index), axis=0)
        for name, value in values.items():
            parameters[:, self._at(name)] = value
        fine = np.isfinite(parameters).all(axis=1)
        flat = self._flat(lanes, np.where(fine[:, None], parameters, self._typical))
        return self.padded(lanes, np.where(fine, flat, np.nan))

    def _flat(self, lanes: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        """One value a record of every lane; NaN for a lane that the engine cannot solve."""
        try:
            return np.asarray(self._plan(tuple(int(i) for i in lanes)).predict(parameters, self.output)[:, 0])
        except SolverError:
            counts = np.diff(self.records.ptr)[lanes]
            if len(lanes) == 1:
                return np.full(counts[0], np.nan)
            half = len(lanes) // 2
            cut = int(counts[:half].sum())
            return np.concatenate(
                [self._flat(lanes[:half], parameters[:cut]), self._flat(lanes[half:], parameters[cut:])]
            )

    def _at(self, name: str) -> int:
        hits = [i for i, n in enumerate(self._names) if n == name or n.partition(".")[2] == name]
        if len(hits) != 1:
            raise InputError("individual parameter", name, ", ".join(n.partition(".")[2] for n in self._names))
        return hits[0]


def _unit_of(base: RecordPlan, output: str) -> str:
    program = base.target.program
    if output in program.outputs:
        return str(program.outputs[output][1])
    return str(program.state_units[program.state_names.index(output.partition(":")[2])])


class _Seen(Mapping[str, np.ndarray]):
    """Columns that remember which of them were asked for."""

    def __init__(self, columns: Mapping[str, np.ndarray]) -> None:
        self._columns, self.asked = columns, set[str]()

    def __getitem__(self, name: str) -> np.ndarray:
        value = self._columns[name]
        self.asked.add(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)
