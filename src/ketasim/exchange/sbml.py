"""SBML Level 3 Version 2 of any system, with its doses as events.

States are parameters under rate rules (their units are theirs: amounts, concentrations, fractions), outputs and shared
sub-expressions are assignment rules, choices are piecewise, infusions are rates that events switch. min and max are
those of SBML L3V2: simulators look for the roots of a piecewise, and stop at a floor just above zero.
Time is hours. Written by hand as text, so that exporting needs no extra package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

import numpy as np

from ketasim import __version__
from ketasim.core import units
from ketasim.core.component import Component
from ketasim.core.errors import InputError
from ketasim.core.program import Program
from ketasim.core.schedule import BOLUS, JUMP, PARAMETER, RATE, RESET, SET, Edges
from ketasim.core.system import Part, System
from ketasim.core.whole import write_whole
from ketasim.exchange.mathml import Writer, apply, constant, identifier, math_element, shared_nodes

_TIME = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'
_KINDS = (("second", 3600.0), ("metre", 0.1), ("gram", 1e-3), ("mole", 1e-6), ("ampere", 1.0))


def sbml(
    system: System | Component, parameters: np.ndarray | None = None, edges: Edges | None = None, subject: int = 0
) -> str:
    """SBML text of a system for one person.

    parameters : (parameters,) or (subjects, parameters) in solver order; typical values by default. edges : doses as
    the solver takes them. subject : which row of both. InputError names the parts that cannot be written as equations.
    """
    return _Document(_system(system), parameters, edges, subject).text()


def write(
    system: System | Component, path: str | Path, parameters: np.ndarray | None = None, edges: Edges | None = None,
    subject: int = 0,
) -> Path:  # fmt: skip
    """Write SBML to a file; arguments as in `sbml`."""
    return write_whole(path, sbml(system, parameters, edges, subject), "SBML file", folders=False)


def identifier_of(name: str) -> str:
    """The SBML id of a state, parameter or output name: dots become two underscores."""
    text = re.sub(r"[^A-Za-z0-9_]", "_", name.replace(".", "__"))
    return text if re.match(r"[A-Za-z_]", text) else f"_{text}"


def output_identifier(name: str) -> str:
    """The SBML id of an output (outputs and states may share a name, so outputs say what they are)."""
    return f"out__{identifier_of(name)}"


def _system(given: System | Component) -> System:
    if isinstance(given, System):
        return given
    wire = {port: 0.0 for port in given.inputs if port != "t"}
    return System(type(given).__name__, (Part(given, "model", wire),))


def refuse_what_cannot_be_written(program: Program, name: str, form: str) -> None:
    """Raise a sentence that names the parts without equations."""
    if not program.exportable:
        parts = ", ".join(program.not_exportable)
        raise InputError(
            f"{form} export of {name}", parts, "parts that are written as equations", "Leave these parts out."
        )


class _Document:
    def __init__(self, system: System, parameters: np.ndarray | None, edges: Edges | None, subject: int) -> None:
        self.system = system
        self.program = p = system.program
        refuse_what_cannot_be_written(p, system.name, "SBML")
        values = system.typical if parameters is None else np.asarray(parameters, float)
        self.values = values if values.ndim == 1 else values[subject]
        if self.values.shape != (len(p.parameter_names),):
            raise InputError("parameters", f"{self.values.shape[0]} values", f"{len(p.parameter_names)} values")
        self.edges = [] if edges is None else edges.of(subject)
        self.units: dict[str, str] = {}
        roots = [*p.rhs, *(n for n, _ in p.outputs.values())]
        self.shared = {n: f"v{n}" for n in shared_nodes(p.graph, roots)}
        self.writer = Writer(p.graph, lambda _, name: identifier_of(name), self.shared)
        self.plain = Writer(p.graph, lambda _, name: identifier_of(name), {})

    def text(self) -> str:
        """The document."""
        body = [
            _list("listOfParameters", self._parameters()),
            _list("listOfInitialAssignments", self._initial()),
            _list("listOfRules", self._rules()),
            _list("listOfEvents", self._events()),
        ]
        name = identifier_of(self.system.name)
        words = f"Written by ketasim {__version__}. Time is in hours. Outputs have ids that begin with out__."
        head = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">\n'
            f'<model id="{name}" name="{_attribute(self.system.name)}" timeUnits="{self._unit("h")}">\n'
            f"<notes>{_paragraph(words)}</notes>\n"
        )
        return head + _list("listOfUnitDefinitions", self.units.values()) + "".join(body) + "</model>\n</sbml>\n"

    def _unit(self, unit: str) -> str:
        """Id of the definition of a unit, made when first asked for."""
        key = "u_" + re.sub(r"\W", "_", unit.replace("/", "_per_").replace("%", "percent") or "one")
        if key not in self.units:
            factor, dimension = units.parse(unit)
            kinds = [
                f'<unit kind="{kind}" exponent="{e}" scale="0" multiplier="{scale!r}"/>'
                for (kind, scale), e in zip(_KINDS, dimension, strict=True)
                if e
            ]
            if factor != 1.0 or not kinds:
                kinds.insert(0, f'<unit kind="dimensionless" exponent="1" scale="0" multiplier="{factor!r}"/>')
            head = f'<unitDefinition id="{key}" name="{_attribute(unit or "1")}">'
            self.units[key] = f"{head}{_list('listOfUnits', kinds)}</unitDefinition>"
        return key

    def _parameters(self) -> list[str]:
        p, out = self.program, []
        changed = {target for _, kind, target, _ in self.edges if kind == PARAMETER}
        described = list(self.system.parameters.values())
        for i, (name, unit, value) in enumerate(
            zip(p.parameter_names, p.parameter_units, self.values.tolist(), strict=True)
        ):
            d = described[i]
            words = (
                f"{d.kind}, {d.status}; {d.source}{', ' + d.where if d.where else ''}{'. ' + d.note if d.note else ''}"
            )
            out.append(self._parameter(identifier_of(name), name, unit, value, i not in changed, words))
        for name, unit in zip(p.state_names, p.state_units, strict=True):
            out.append(self._parameter(identifier_of(name), name, unit, 0.0, False))
        for channel in p.rate_channels:
            name = p.state_names[channel]
            out.append(self._parameter(_rate(name), f"rate into {name}", f"{p.state_units[channel]}/h", 0.0, False))
        out += [f'<parameter id="{name}" constant="false"/>' for name in self.shared.values()]
        out += [self._parameter(output_identifier(n), n, unit, None, False) for n, (_, unit) in p.outputs.items()]
        return out

    def _parameter(self, key: str, name: str, unit: str, value: float | None, constant_: bool, words: str = "") -> str:
        given = "" if value is None else f' value="{value!r}"'
        notes = f"<notes>{_paragraph(words)}</notes>" if words else ""
        fixed = str(constant_).lower()
        attributes = f'id="{key}" name="{_attribute(name)}"{given} units="{self._unit(unit)}" constant="{fixed}"'
        return f"<parameter {attributes}>{notes}</parameter>" if notes else f"<parameter {attributes}/>"

    def _initial(self) -> list[str]:
        p = self.program
        return [
            f'<initialAssignment symbol="{identifier_of(name)}">'
            f"{math_element(self.plain.definition(node))}</initialAssignment>"
            for name, node in zip(p.state_names, p.initial, strict=True)
            if not p.graph.is_const(node, 0.0)
        ]

    def _rules(self) -> list[str]:
        p, out = self.program, []
        for node, name in self.shared.items():
            out.append(_assignment(name, self.writer.definition(node)))
        for name, (node, _) in p.outputs.items():
            out.append(_assignment(output_identifier(name), self.writer.reference(node)))
        for i, (name, node) in enumerate(zip(p.state_names, p.rhs, strict=True)):
            text = self.writer.reference(node)
            if i in p.rate_channels:
                text = apply("plus", text, identifier(_rate(name)))
            out.append(f'<rateRule variable="{identifier_of(name)}">{math_element(text)}</rateRule>')
        return out

    def _events(self) -> list[str]:
        """Edges as events: those of one moment run in stages (priorities), each stage changing a quantity once."""
        p = self.program
        out: list[str] = []
        rates = dict.fromkeys(range(len(p.rate_channels)), 0.0)
        moments: dict[float, list[tuple[int, int, float]]] = {}
        for time, kind, target, value in self.edges:
            moments.setdefault(max(time, 0.0), []).append((kind, target, value))
        for time, events in sorted(moments.items()):
            stages: list[dict[str, str]] = [{}]
            for kind, target, value in events:
                for change in self._changes(kind, target, value, rates):
                    if change.keys() & stages[-1].keys() - {_rate(n) for n in p.state_names} or kind in (JUMP, RESET):
                        stages.append({})
                    stages[-1].update(change)
            stages = [s for s in stages if s]
            for k, stage in enumerate(stages):
                out.append(_event(f"e{len(out)}", time, stage, len(stages) - k if len(stages) > 1 else None))
        return out

    def _changes(self, kind: int, target: int, value: float, rates: dict[int, float]) -> Iterable[dict[str, str]]:
        p = self.program
        if kind == RATE:
            rates[target] += value
            if abs(rates[target]) < 1e-12 * abs(value):
                rates[target] = 0.0
            return [{_rate(p.state_names[p.rate_channels[target]]): constant(rates[target])}]
        if kind == PARAMETER:
            return [{identifier_of(p.parameter_names[target]): constant(value)}]
        if kind == JUMP:
            nodes = list(p.jumps.values())[target]
            pairs = zip(p.state_names, nodes, strict=True)
            return [
                {
                    identifier_of(n): self.plain.definition(node)
                    for n, node in pairs
                    if node != p.graph.symbol("state", n)
                }
            ]
        if kind == RESET:
            rates.update(dict.fromkeys(rates, 0.0))
            reset = {
                identifier_of(n): self.plain.definition(node) for n, node in zip(p.state_names, p.initial, strict=True)
            }
            return [reset | {_rate(p.state_names[c]): constant(0.0) for c in p.rate_channels}]
        name = identifier_of(p.state_names[target])
        if kind == SET:
            return [{name: constant(value)}]
        if kind == BOLUS:
            return [{name: apply("plus", identifier(name), constant(value))}]
        raise InputError("edge", kind, "a known kind of event")


def _rate(state: str) -> str:
    return f"rate__{identifier_of(state)}"


def _event(key: str, time: float, changes: dict[str, str], priority: int | None) -> str:
    trigger = math_element(apply("geq", _TIME, constant(time)))
    order = f"<priority>{math_element(constant(float(priority)))}</priority>" if priority is not None else ""
    inside = [f'<eventAssignment variable="{v}">{math_element(m)}</eventAssignment>' for v, m in changes.items()]
    return (
        f'<event id="{key}" useValuesFromTriggerTime="false">'
        f'<trigger initialValue="false" persistent="true">{trigger}</trigger>'
        f"{order}{_list('listOfEventAssignments', inside)}</event>"
    )


def _assignment(name: str, inside: str) -> str:
    return f'<assignmentRule variable="{name}">{math_element(inside)}</assignmentRule>'


def _list(tag: str, items: Iterable[str]) -> str:
    inside = "\n".join(items)
    return f"<{tag}>\n{inside}\n</{tag}>\n" if inside else ""


def _attribute(text: str) -> str:
    return escape(text, quote=True)


def _paragraph(text: str) -> str:
    return f'<p xmlns="http://www.w3.org/1999/xhtml">{escape(text)}</p>'
