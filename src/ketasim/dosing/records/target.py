"""What records act on: a traced system, its compartments by number and name, and individual values per record.

Compartment k is the k-th state in the order of the system (NONMEM's numbering); `compartments` may say otherwise and
may name where bioavailability, lag, modelled rate and modelled duration come from. Without that, parameters or
columns called Fk, ALAGk (or LAGk), Rk and Dk are used, and a component that overrides `dose` is asked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ketasim.core.component import Component
from ketasim.core.errors import InputError
from ketasim.core.program import Program
from ketasim.core.system import Part, System
from ketasim.dosing.records.dataset import RecordSet
from ketasim.dosing.records.errors import Problem, refuse

USER = "model"
Source = str | float | None


@dataclass(frozen=True)
class Compartment:
    """Where doses of one CMT go. f, lag, rate and duration are a number or the name of a parameter or column."""

    state: str
    f: Source = None
    lag: Source = None
    rate: Source = None
    duration: Source = None


def as_system(model: Any) -> System:
    """The System of a component, a system or anything that holds one; an InputError says what is accepted."""
    if isinstance(model, Component):
        return System("user", (Part(model, name=USER),))
    if isinstance(model, type) and issubclass(model, Component):
        return System("user", (Part(model(), name=USER),))
    found = model if isinstance(model, System) else getattr(model, "system", None)
    if not isinstance(found, System):
        raise InputError("model", type(model).__name__, "a Component, a System or an object with a system")
    return found


_PREPARED: WeakKeyDictionary[Program, Program] = WeakKeyDictionary()


def _readable(base: Program) -> Program:
    """The same equations with every state an output and a rate channel; prepared once for each traced system, so that
    compiled code and derivatives are found again."""
    if base not in _PREPARED:
        signals = dict(base.outputs)
        for name, unit in zip(base.state_names, base.state_units, strict=True):
            signals[f"state:{name}"] = (base.graph.symbol("state", name), unit)
        _PREPARED[base] = dataclasses.replace(base, outputs=signals, rate_channels=tuple(range(len(base.state_names))))
    return _PREPARED[base]


@dataclass(frozen=True, eq=False)
class Target:
    """A system as records see it."""

    system: System
    given: Mapping[int | str, Compartment | str] = dataclasses.field(default_factory=dict)
    routes: Mapping[tuple[str, str], Any] = dataclasses.field(default_factory=dict)

    @cached_property
    def program(self) -> Program:
        """The traced equations with every state readable and infusable."""
        return _readable(self.system.program)

    @property
    def states(self) -> tuple[str, ...]:
        return self.system.program.state_names

    @property
    def outputs(self) -> tuple[str, ...]:
        """Signals the system publishes."""
        return tuple(self.system.program.outputs)

    def short(self, name: str) -> str:
        """A name without the part, where the part is the only one."""
        return name.partition(".")[2] if len(self.system.parts) == 1 and "." in name else name

    def full(self, name: str, known: tuple[str, ...], what: str) -> str:
        """The global name meant by `name`: itself, or the only one that ends in it (case-insensitive)."""
        if name in known:
            return name
        hits = [k for k in known if k.lower() == name.lower()] or [
            k for k in known if k.partition(".")[2].lower() == name.lower()
        ]
        if len(hits) != 1:
            raise InputError(what, name, ", ".join(self.short(k) for k in known) or "none: this system has no " + what)
        return hits[0]

    def check(self) -> None:
        """Raise where `compartments` names something that is not there."""
        _ = self._declared

    # ---- compartments
    @cached_property
    def _declared(self) -> dict[int | str, Compartment]:
        table: dict[int | str, Compartment | str] = {}
        if len(self.system.parts) == 1:
            table.update(getattr(self.system.parts[0].component, "compartments", {}))
        table.update(self.given)
        out: dict[int | str, Compartment] = {}
        for key, value in table.items():
            entry = Compartment(value) if isinstance(value, str) else value
            if not isinstance(entry, Compartment):
                raise InputError(f"compartments[{key!r}]", entry, "a state name or a Compartment")
            out[key.lower() if isinstance(key, str) else int(key)] = dataclasses.replace(
                entry, state=self.full(entry.state, self.states, "state")
            )
        return out

    @cached_property
    def ports(self) -> dict[str, tuple[str, str]]:
        """Port name, alone and as part.port → (part, port)."""
        out: dict[str, tuple[str, str]] = {}
        for p in self.system.parts:
            for port in p.component.ports:
                out[f"{p.name}.{port}".lower()] = (p.name, port)
                if port.lower() in out:
                    out[port.lower()] = ("", "")
                else:
                    out[port.lower()] = (p.name, port)
        return out

    def compartment(self, number: int, label: str = "") -> Compartment:
        """The compartment a record's CMT means; number 0 without a label is the first one."""
        if label:
            key = label.lower()
            if key in self._declared:
                return self._declared[key]
            if key in self.ports:
                part, port = self.ports[key]
                if not part:
                    raise InputError("CMT", label, "part.port: several parts have this port")
                return Compartment(f"{part}.{self.system.part(part).component.ports[port]}")
            return Compartment(self.full(label, self.states, "CMT"))
        if number in self._declared:
            return self._declared[number]
        k = number or 1
        if not 1 <= k <= len(self.states):
            raise InputError("CMT", number, f"1 to {len(self.states)}: " + ", ".join(
                f"{i + 1} {self.short(s)}" for i, s in enumerate(self.states)))  # fmt: skip
        return Compartment(self.states[k - 1])

    def port_of(self, state: str, label: str = "") -> tuple[str, str] | None:
        """(part, port) whose component has its own `dose` and that leads to this state, if there is one."""
        part, _, local = state.partition(".")
        component = self.system.part(part).component
        if type(component).dose is Component.dose:
            return None
        if label and label.lower() in self.ports and self.ports[label.lower()][0] == part:
            return self.ports[label.lower()]
        for port, target in component.ports.items():
            if target == local:
                return part, port
        return None

    def shares(self, label: str) -> list[tuple[str, str, float]]:
        """(part, port, µmol per mg of AMT) of a CMT that names a route, or a drug and a route, of a built model."""
        words = label.lower().split()
        if not words or not self.routes:
            return []
        hits = [k for k in self.routes if [*k] == words] or [k for k in self.routes if words == [k[1]]]
        if len(hits) > 1:
            hits = [k for k in hits if k[0] == "ketamine"]
        return [(t.part, t.port, 1000.0 * t.fraction / t.molar_mass) for k in hits[:1] for t in self.routes[k]]

    # ---- individual values
    def parameters(
        self, records: RecordSet, values: Mapping[str, Any] | None = None, columns: Mapping[str, str] | str = "auto",
        covariates: Mapping[str, Any] | None = None,
    ) -> tuple[np.ndarray, dict[str, str]]:  # fmt: skip
        """Parameters of every record, (records, parameters), and which columns they came from.

        values : name → a number, one per subject or one per record. columns : "auto" takes every numeric column named
        like a parameter; or parameter → column. Every column reaches the components' `derive` as a covariate;
        covariates : further ones, name → a column, a number, or one value per subject or record.
        """
        n, names = len(records), self.system.program.parameter_names
        table: dict[str, np.ndarray] = {}
        used: dict[str, str] = {}
        for column in records.covariates if columns == "auto" else ():
            hits = [k for k in names if column.lower() in (k.lower(), k.partition(".")[2].lower())]
            if len(hits) == 1:
                used[hits[0]] = column
        if not isinstance(columns, str):
            used = {self.full(k, names, "parameter"): v for k, v in columns.items()}
        for name, column in used.items():
            table[name] = records.column(column)
        for name, value in (values or {}).items():
            key = self.full(name, names, "parameter")
            table[key] = _per_record(f"values[{name!r}]", value, records)
            used.pop(key, None)
        cov: dict[str, Any] = dict(records.covariates) | {k: np.array(v) for k, v in records.text.items()}
        cov |= {k.lower(): v for k, v in cov.items() if k.lower() not in cov}
        cov |= {"OCC": records.occ, "TIME": records.time}
        for name, value in (covariates or {}).items():
            found = records.column(value) if isinstance(value, str) else value
            cov[name] = _per_record(f"covariates[{name!r}]", found, records)
        try:
            out = self.system.individual(table, cov, n)
        except KeyError as error:
            raise InputError("covariate", str(error.args[0]), "a column of the data set: " +
                             (", ".join(records.covariates) or "it has none")) from None  # fmt: skip
        bad = np.argwhere(~np.isfinite(out))
        refuse([
            Problem(int(records.row[i]), self.short(names[k]), float(out[i, k]), "a finite value", "not finite",
                    _why_not_finite(records, int(i)))
            for i, k in bad[:50]
        ])  # fmt: skip
        return out, used

    def lookup(self, source: Source, records: RecordSet, parameters: np.ndarray) -> np.ndarray:
        """A dose attribute per record: a number, a parameter or a column."""
        if isinstance(source, str):
            names = self.system.program.parameter_names
            for k, name in enumerate(names):
                if source.lower() in (name.lower(), name.partition(".")[2].lower()):
                    return parameters[:, k]
            return records.column(source)
        return np.full(len(records), float(source or 0.0))

    def conventional(self, prefixes: tuple[str, ...], number: int, records: RecordSet) -> str | None:
        """The parameter or column called like F2, or None."""
        have = [n.partition(".")[2].lower() for n in self.system.program.parameter_names]
        have += [c.lower() for c in records.covariates]
        for prefix in prefixes:
            if f"{prefix}{number}".lower() in have:
                return f"{prefix}{number}"
        return None


def _per_record(field: str, value: Any, records: RecordSet) -> np.ndarray:
    """A number, one per subject or one per record, as one per record."""
    n, array = len(records), np.asarray(value, dtype=float)
    if array.ndim == 1 and array.size == records.subjects != n:
        array = array[records.subject]
    if array.ndim and array.shape != (n,):
        allowed = f"a number, {records.subjects} (subjects) or {n} (records) values"
        raise InputError(field, f"shape {array.shape}", allowed)
    return np.broadcast_to(array, (n,))


def _why_not_finite(records: RecordSet, record: int) -> str:
    """What the record lacks, or else that its values were out of range for the model's equations."""
    absent = [name for name, values in records.covariates.items() if np.isnan(values[record])]
    if absent:
        verb = "is" if len(absent) == 1 else "are"
        return f"{', '.join(absent)} {verb} missing for subject {records.ids[int(records.subject[record])]} here."
    return "A covariate of this record may be one that the model's equations cannot take."
