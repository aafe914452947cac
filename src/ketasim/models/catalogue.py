"""The table of outputs: the system each belongs to, its grade, and what it is (data/outputs.toml)."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache

from ketasim.core import parsed
from ketasim.core.note import GRADES, Note


@cache
def _rows() -> tuple[tuple[tuple[str, ...], Note], ...]:
    rows = parsed.load("outputs.toml")["output"]
    return tuple((tuple(row["ids"]), Note(row["system"], row["grade"], row["what"])) for row in rows)


@cache
def note(output: str) -> Note | None:
    """The row of an output id; None for what is no output of ours (a user's own model)."""
    exact, patterns = _index()
    first = exact.get(output, len(_rows()))
    for row, start, pattern in patterns:
        if row < first and output.startswith(start) and fnmatchcase(output, pattern):
            first = row
    return _rows()[first][1] if first < len(_rows()) else None


@cache
def _index() -> tuple[dict[str, int], list[tuple[int, str, str]]]:
    """Plain ids → first row; patterns with their row and how what they match must begin."""
    exact: dict[str, int] = {}
    patterns = []
    for row, (ids, _) in enumerate(_rows()):
        for i in ids:
            start = re.split(r"[*?[]", i, maxsplit=1)[0]
            if start == i:
                exact.setdefault(i, row)
            else:
                patterns.append((row, start, i))
    return exact, patterns


def notes() -> tuple[tuple[tuple[str, ...], Note], ...]:
    """Every row: (patterns of ids, Note). Grades are letters of `GRADES`."""
    assert all(n.grade in GRADES for _, n in _rows())
    return _rows()
