"""System: parts in order, joined by named signals, traced into one Program.

A part reads only what earlier parts publish, so data flows one way. A port may be wired to several signals; they are
summed (routes add).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ketasim.core import units
from ketasim.core.component import Component, DoseInput, Input
from ketasim.core.errors import InputError, ModelError
from ketasim.core.expression import Expr
from ketasim.core.graph import Graph
from ketasim.core.parameters import Parameter
from ketasim.core.program import Program

Wire = str | float | Sequence[str]


@dataclass(frozen=True)
class Part:
    """A component in its place.

    name : prefix of its states and parameters. wire : input port → signal, several signals (summed) or a number.
    publish : output → signal name (default ``<name>.<output>``).
    """

    component: Component
    name: str
    wire: Mapping[str, Wire] = field(default_factory=dict)
    publish: Mapping[str, str] = field(default_factory=dict)

    def signal(self, output: str) -> str:
        """Global name under which an output is published."""
        return self.publish.get(output, f"{self.name}.{output}")


@dataclass(frozen=True, eq=False)
class System:
    """A named, ordered list of parts."""

    name: str
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        names = [p.name for p in self.parts]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ModelError(f"system {self.name}: part {twice[0]} appears twice")

    def part(self, name: str) -> Part:
        """The part of that name."""
        for p in self.parts:
            if p.name == name:
                return p
        raise InputError(f"part of {self.name}", name, ", ".join(p.name for p in self.parts))

    @cached_property
    def program(self) -> Program:
        """The traced equations (computed once)."""
        return trace(self)

    def trace(self) -> Program:
        """The traced equations."""
        return self.program

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """``<part>.<parameter>`` → Parameter, in solver order."""
        return {f"{p.name}.{key}": value for p in self.parts for key, value in p.component.parameters().items()}

    @cached_property
    def typical(self) -> np.ndarray:
        """Typical values in solver order, (parameters,)."""
        return np.array([p.value for p in self.parameters.values()])

    @cached_property
    def index(self) -> dict[str, int]:
        """``<part>.<parameter>`` → column."""
        return {name: i for i, name in enumerate(self.parameters)}

    @cached_property
    def _columns(self) -> dict[str, dict[str, int]]:
        """Part → parameter → column."""
        out: dict[str, dict[str, int]] = {p.name: {} for p in self.parts}
        for name, i in self.index.items():
            part, _, key = name.rpartition(".")
            out[part][key] = i
        return out

    @cached_property
    def _bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Declared limits, (parameters,) each, infinite where there are none."""
        low, high = np.full(len(self.index), -np.inf), np.full(len(self.index), np.inf)
        for p in self.parts:
            for key, (a, b) in p.component.bounds().items():
                i = self._columns[p.name][key]
                low[i], high[i] = (-np.inf if a is None else a), (np.inf if b is None else b)
        return low, high

    def individual(self, values: Mapping[str, np.ndarray], cov: Mapping[str, np.ndarray], n: int) -> np.ndarray:
        """Parameters of n people, (n, parameters): drawn values where given, typical elsewhere, then each part's
        `derive` with the covariates. Raises InputError where a person falls outside a declared bound."""
        table = np.empty((len(self.index), n))
        table[:] = self.typical[:, None]
        for name, value in values.items():
            if name in self.index:
                table[self.index[name]] = value
        for p in self.parts:
            if type(p.component).derive is Component.derive:
                continue
            at = self._columns[p.name]
            derived = p.component.with_values({key: table[i] for key, i in at.items()}).derive(cov)
            unknown = set(derived) - set(at)
            if unknown:
                raise ModelError(
                    f"{p.name}.derive returns {sorted(unknown)[0]}, which is not a parameter of {p.component}"
                )
            for key, value in {k: np.array(v, float) for k, v in derived.items()}.items():
                table[at[key]] = value
        low, high = self._bounds
        outside = (table < low[:, None]) | (table > high[:, None])
        if outside.any():
            k, i = (int(v) for v in np.argwhere(outside)[0])
            name = list(self.index)[k]
            raise InputError(f"{name} of subject {i}", float(table[k, i]), f"from {low[k]:g} to {high[k]:g}")
        return np.ascontiguousarray(table.T)

    def dose_inputs(self, part: str, port: str, dose: DoseInput, parameters: np.ndarray) -> list[Input]:
        """What one dose puts into the states, with global state names, for individual parameters (n, parameters)."""
        p = self.part(part)
        if port not in p.component.ports:
            raise InputError(
                f"dose port of {part}", port, ", ".join(p.component.ports) or "none: this part takes no dose"
            )
        local = {key: parameters[:, i] for key, i in self._columns[part].items()}
        inputs = p.component.with_values(local).dose(port, dose)
        return [Input(f"{part}.{i.state}", i.amount, i.start_h, i.duration_h) for i in inputs]


def trace(system: System) -> Program:
    """Trace every part once, in order, into one graph."""
    graph = Graph()
    signals: dict[str, tuple[int, str]] = {}
    state_names: list[str] = []
    state_units: list[str] = []
    rhs: list[int] = []
    initial: list[int] = []
    parameter_units = [p.unit for p in system.parameters.values()]
    jump_parts: list[tuple[Part, Any, dict[str, Any], dict[str, Any]]] = []
    time = Expr(graph, graph.symbol("time", "t"))

    def node(value: Any) -> int:
        return value.node if isinstance(value, Expr) else graph.const(float(value))

    for p in system.parts:
        c = p.component
        bound = c.with_values({k: Expr(graph, graph.symbol("par", f"{p.name}.{k}")) for k in c.parameters()})
        x = {s: Expr(graph, graph.symbol("state", f"{p.name}.{s}")) for s in c.states}
        u = {port: _connect(system, p, port, unit, signals, graph, time) for port, unit in c.inputs.items()}
        rates, start, out = bound.rates(x, u), bound.initial(), bound.read(x, u)
        _same_names(p, "rates", rates, c.states)
        _same_names(p, "read", out, c.outputs)
        for s, unit in c.states.items():
            state_names.append(f"{p.name}.{s}")
            state_units.append(unit)
            rhs.append(node(rates[s]))
            initial.append(node(start.get(s, 0.0)))
        for name, unit in c.outputs.items():
            signal = p.signal(name)
            if signal in signals:
                raise ModelError(f"system {system.name}: signal {signal} is published twice (again by {p.name})")
            signals[signal] = (node(out[name]), unit)
        jump_parts.append((p, bound, x, u))
    index = {s: i for i, s in enumerate(state_names)}
    jumps = _jumps(graph, state_names, index, jump_parts, node)
    dosed = {index[f"{p.name}.{s}"] for p in system.parts for s in _dosed_states(p.component)}
    blocked = tuple(p.name for p in system.parts if not p.component.exportable)
    return Program(
        graph=graph,
        state_names=tuple(state_names),
        state_units=tuple(state_units),
        parameter_names=tuple(system.parameters),
        parameter_units=tuple(parameter_units),
        rhs=tuple(rhs),
        outputs=signals,
        initial=tuple(initial),
        jumps=jumps,
        rate_channels=tuple(sorted(dosed)),
        cuts=tuple(sorted({n for n, _ in signals.values()})),
        exportable=not blocked,
        not_exportable=blocked,
    )


def _dosed_states(component: Component) -> list[str]:
    """States that doses may enter: the targets of ports, and any named in `infusable`."""
    return [*dict.fromkeys([*component.ports.values(), *getattr(component, "infusable", ())])]


def _connect(
    system: System, p: Part, port: str, unit: str, signals: Mapping[str, tuple[int, str]], graph: Graph, time: Expr
) -> Any:
    wired = p.wire.get(port, port)
    if port == "t" and port not in p.wire:
        return time
    if isinstance(wired, (int, float)):
        return Expr(graph, graph.const(float(wired)))
    total: Any = None
    for name in (wired,) if isinstance(wired, str) else tuple(wired):
        if name not in signals:
            if port in p.component.optional and port not in p.wire:
                return Expr(graph, graph.const(p.component.optional[port]))
            known = ", ".join(sorted(signals)) or "none yet"
            raise ModelError(
                f"system {system.name}: {p.name}.{port} reads {name}, which no earlier part publishes ({known})"
            )
        found, source_unit = signals[name]
        try:
            value = Expr(graph, found) * units.factor(source_unit, unit)
        except InputError:
            raise ModelError(
                f"system {system.name}: {p.name}.{port} wants {unit}, {name} is in {source_unit}"
            ) from None
        total = value if total is None else total + value
    return Expr(graph, graph.const(0.0)) if total is None else total


def _same_names(p: Part, method: str, given: Mapping[str, Any], declared: Mapping[str, str]) -> None:
    if set(given) != set(declared):
        odd = sorted(set(given) ^ set(declared))
        raise ModelError(
            f"{p.name} ({type(p.component).__name__}).{method}: {', '.join(odd)} declared or returned, not both"
        )


def _jumps(
    graph: Graph, state_names: list[str], index: dict[str, int], parts: Any, node: Any
) -> dict[str, tuple[int, ...]]:
    same = [graph.symbol("state", s) for s in state_names]
    jumps: dict[str, list[int]] = {}
    for p, bound, x, u in parts:
        for event in p.component.jump_events:
            row = jumps.setdefault(event, list(same))
            for s, value in bound.jump(event, x, u).items():
                row[index[f"{p.name}.{s}"]] = node(value)
    return {event: tuple(row) for event, row in sorted(jumps.items())}
