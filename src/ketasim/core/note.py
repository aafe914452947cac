"""What an output is and how well it is supported, and which parts and papers stand behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ketasim.core.system import Part, System

GRADES = {
    "A": "several good studies agree",
    "B": "one good source",
    "C": "weak",
    "D": "assumed, disputed or an order of magnitude",
}


@dataclass(frozen=True)
class Note:
    """system : floor the output belongs to (kinetics … organs). grade : a letter of `GRADES`. what : a few words."""

    system: str
    grade: str
    what: str


def upstream(system: System, outputs: Iterable[str]) -> list[Part]:
    """The parts whose states or numbers the equations of some outputs really use, in the order of the system."""
    program = system.program
    rates = dict(zip(program.state_names, program.rhs, strict=True))
    waiting = [program.outputs[o][0] for o in outputs if o in program.outputs]
    states, numbers = set[str](), set[str]()
    while waiting:
        node = waiting.pop()
        numbers |= program.graph.symbols(node, "par")
        new = program.graph.symbols(node, "state") - states
        states |= new
        waiting += [rates[state] for state in sorted(new)]
    used = {name.rpartition(".")[0] for name in states | numbers}
    return [part for part in system.parts if part.name in used]
