"""Changing a few fields of a TOML table in its own text: comments, order and everything else stay as they were."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ketasim.core.errors import InputError, KetasimError

_BARE = re.compile(r"^[A-Za-z0-9_-]+$")


def edited(text: str, changes: Mapping[str, Mapping[str, Any]], what: str = "table") -> str:
    """The text with some fields of some ``[entry]`` tables replaced or added.

    changes : entry → {field: value}; numbers, strings, booleans, lists and (inline) tables. A comment behind a replaced
    value stays. New fields go after the last field of their entry. InputError where an entry has no table of its own;
    KetasimError if the result would not say exactly what was asked.
    """
    for entry, fields in changes.items():
        text = _entry(text, entry, fields, what)
    before, after = tomllib.loads(text), {k: dict(v) for k, v in changes.items()}
    for entry, fields in after.items():
        for name, value in fields.items():
            if not _same(before[entry].get(name), value):
                raise KetasimError(f"{what}: {entry}.{name} could not be written")
    return text


def with_correlations(text: str, pairs: Sequence[tuple[str, str, float]]) -> str:
    """The text with these pairs as `[doubt] correlations`; a section that is there is replaced, or removed."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    spans = _spans(lines)
    start = next((i for i, _, name in spans if name == "doubt"), None)
    ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    if start is not None:
        end = next((a for a, _, _ in spans if a > start), len(lines))
        last = max(i for i in range(start, end) if lines[i].strip() and not lines[i].lstrip().startswith("#"))
        del lines[start : last + 1]
    kept = "".join(lines).rstrip("\r\n") + ending if start is not None or pairs else text
    if not pairs:
        return kept
    body = f",{ending}".join(f"  {written(list(pair))}" for pair in pairs)
    return f"{kept}{ending}[doubt]{ending}correlations = [{ending}{body},{ending}]{ending}"


def write_files(files: Mapping[Path, str]) -> None:
    """Write all files whole: each is prepared beside its target, and only when all are ready are they moved."""
    parts: list[tuple[Path, Path]] = []
    try:
        for path, text in files.items():
            part = path.with_name(f".{path.name}.{os.getpid()}.part")
            parts.append((part, path))
            with part.open("w", encoding="utf-8", newline="") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
        for part, path in parts:
            part.replace(path)
    except OSError as error:
        name = str(error.filename or next(iter(files)))
        raise InputError("parameter table", name, f"a file that can be written ({error.strerror})") from None
    finally:
        for part, _ in parts:
            part.unlink(missing_ok=True)


def written(value: Any) -> str:
    """A value as TOML on one line. Floats keep the digits they have."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return ("inf" if value > 0 else "-inf") if math.isinf(value) else repr(value)
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {written(v)}" for k, v in value.items()) + " }" if value else "{}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(written(v) for v in value) + "]"
    raise KetasimError(f"a {type(value).__name__} cannot be written as TOML")


def rounded(x: float, digits: int = 4) -> float:
    """A number to some significant digits."""
    return float(f"{x:.{digits}g}")


def _key(name: str) -> str:
    return name if _BARE.match(name) else written(name)


def _same(a: Any, b: Any) -> bool:
    if isinstance(b, Mapping):
        return isinstance(a, Mapping) and set(a) == set(b) and all(_same(a[k], b[k]) for k in b)
    if isinstance(b, Sequence) and not isinstance(b, str):
        return isinstance(a, list) and len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b))
    return bool(a == b)


def _entry(text: str, entry: str, fields: Mapping[str, Any], what: str) -> str:
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    spans = _spans(lines)
    start = next((i for i, j, name in spans if name == entry), None)
    if start is None:
        raise InputError(f"entry of {what}", entry, "an entry with a [table] of its own")
    found: dict[str, tuple[int, int]] = {}
    i = last = start + 1
    end = next((a for a, _, _ in spans if a > start), len(lines))
    while i < end:
        match = re.match(r"\s*([A-Za-z0-9_-]+)\s*=", lines[i])
        if match is None:
            i += 1
            continue
        j = _value_end(lines, i, end)
        found[match.group(1)] = (i, j)
        i = last = j
    ending = "\r\n" if lines[start].endswith("\r\n") else "\n"
    new: list[str] = []
    for name, value in fields.items():
        if name not in found:
            new.append(f"{name} = {written(value)}{ending}")
    if new and not lines[last - 1].endswith("\n"):
        lines[last - 1] += ending
    lines[last:last] = new
    for name, (i, j) in sorted(found.items(), key=lambda item: -item[1][0]):
        if name in fields:
            lines[i:j] = [_replaced(lines[i:j], fields[name], ending)]
    return "".join(lines)


def _spans(lines: Sequence[str]) -> list[tuple[int, int, str]]:
    """(line, line after, name) of every table header, those inside strings and lists left out."""
    out, i = [], 0
    while i < len(lines):
        if re.match(r"\s*[^\s#\[=][^=]*=", lines[i]):
            i = _value_end(lines, i, len(lines))
            continue
        match = re.match(r"""\s*\[+\s*["']?([^\]"']+?)["']?\s*\]+\s*(?:#.*)?$""", lines[i])
        if match:
            out.append((i, i + 1, match.group(1)))
        i += 1
    return out


def _value_end(lines: Sequence[str], i: int, end: int) -> int:
    """The line after a ``key = value`` that starts at line i."""
    for j in range(i + 1, end + 1):
        try:
            tomllib.loads("".join(lines[i:j]))
        except tomllib.TOMLDecodeError:
            continue
        return j
    return i + 1


def _replaced(lines: Sequence[str], value: Any, ending: str) -> str:
    """One assignment with another value; its indent and the comment behind it are kept."""
    text = "".join(lines)
    head = re.match(r"\s*[A-Za-z0-9_-]+\s*=\s*", text)
    assert head is not None
    return head.group(0) + written(value) + _comment(text[head.end() :]) + (ending if text.endswith("\n") else "")


def _comment(text: str) -> str:
    """The comment at the end of an assignment with the space before it, or ""."""
    for found in re.finditer(r"[ \t]*#[^\n]*$", text.rstrip("\r\n")):
        start = found.start()
        for mark in [m.start() for m in re.finditer("#", text[start:])]:
            try:
                tomllib.loads("x = " + text[: start + mark])
            except tomllib.TOMLDecodeError:
                continue
            blank = len(text[: start + mark]) - len(text[: start + mark].rstrip(" \t"))
            return text[start + mark - blank :].rstrip("\r\n")
    return ""
