"""The table of outputs: the system each belongs to, its grade, and what it is (data/outputs.toml)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache

from ketasim.core.note import GRADES, Note


@cache
def _rows() -> tuple[tuple[tuple[str, ...], Note], ...]:
    import tomllib
    from importlib import resources

    text = (resources.files("ketasim") / "data" / "outputs.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["output"]
    return tuple((tuple(row["ids"]), Note(row["system"], row["grade"], row["what"])) for row in rows)


@cache
def note(output: str) -> Note | None:
    """The row of an output id; None for what is no output of ours (a user's own model)."""
    return next((n for ids, n in _rows() if any(fnmatchcase(output, i) for i in ids)), None)


def notes() -> tuple[tuple[tuple[str, ...], Note], ...]:
    """Every row: (patterns of ids, Note). Grades are letters of `GRADES`."""
    assert all(n.grade in GRADES for _, n in _rows())
    return _rows()
