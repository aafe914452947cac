"""Leave out parts that no wanted output depends on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ketasim.core.system import Part
from ketasim.models.model import Target

Targets = dict[tuple[str, str], tuple[Target, ...]]


def reads(part: Part) -> tuple[str, ...]:
    """Names of the signals a part is wired to."""
    names: list[str] = []
    for port in part.component.inputs:
        wired = part.wire.get(port, port)
        if isinstance(wired, str):
            names.append(wired)
        elif not isinstance(wired, (int, float)):
            names += wired
    return tuple(names)


def prune(parts: Sequence[Part], wanted: Iterable[str], targets: Targets) -> tuple[tuple[Part, ...], Targets]:
    """The parts, in order, that publish a wanted signal or feed one that does; dose targets elsewhere are dropped."""
    needed = set(wanted)
    kept: list[Part] = []
    for part in reversed(parts):
        if any(part.signal(output) in needed for output in part.component.outputs):
            kept.append(part)
            needed.update(reads(part))
    names = {p.name for p in kept}
    left = {pair: tuple(t for t in there if t.part in names) for pair, there in targets.items()}
    return tuple(reversed(kept)), left
