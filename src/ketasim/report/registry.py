"""Sections of the report. To add one: write sections/<name>.py with SECTION (or SECTIONS) and add its name below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import import_module

from ketasim.core.errors import InputError
from ketasim.core.result import Result
from ketasim.report.context import Context

BUILT_IN = (
    "summary",
    "concentration",
    "sites",
    "ensemble",
    "enantiomers",
    "metabolites",
    "brain",
    "exposure",
    "observed",
    "receptors",
    "regions",
    "rhythms",
    "acute",
    "body",
    "weeks",
    "themes",
    "others",
    "sources",
    "repeat",
    "references",
)


@dataclass(frozen=True)
class Section:
    """One part of the page.

    needs : patterns of output ids (as in ``*.arterial``); the section appears when the result has any of them
    (always, when empty). render : (result, context) → HTML, or "" to leave the section out.
    claims : patterns of outputs this section shows, which `others` then leaves alone (default: `needs`).
    kinds : kinds of report it belongs to (all, when empty). nav : short title for the list of contents.
    """

    id: str
    title: str
    render: Callable[[Result, Context], str]
    needs: tuple[str, ...] = ()
    claims: tuple[str, ...] | None = None
    kinds: tuple[str, ...] = ()
    nav: str = ""

    def wanted(self, result: Result, kind: str) -> bool:
        """Whether this result, in this kind of report, calls for the section."""
        fits = not self.needs or any(fnmatchcase(o, p) for o in result for p in self.needs)
        return fits and (not self.kinds or kind in self.kinds)

    def claimed(self, result: Result) -> set[str]:
        """Outputs shown here."""
        patterns = self.needs if self.claims is None else self.claims
        return {o for o in result for p in patterns if fnmatchcase(o, p)}


_ADDED: dict[str, tuple[Section, str]] = {}


def register(section: Section, before: str = "exposure") -> Section:
    """Add a section of one's own, before a section that is there; a second one of the same id takes its place."""
    if before not in BUILT_IN:
        raise InputError("before", before, ", ".join(BUILT_IN))
    _ADDED[section.id] = (section, before)
    return section


def sections() -> list[Section]:
    """All sections in the order of the page."""
    out: list[Section] = []
    for name in BUILT_IN:
        out += [s for s, before in _ADDED.values() if before == name]
        module = import_module(f"ketasim.report.sections.{name}")
        out += getattr(module, "SECTIONS", ()) or (module.SECTION,)
    return out
