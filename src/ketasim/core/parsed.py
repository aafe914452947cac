"""Our TOML tables as they were parsed before: reading TOML is slow where a person waits for a first result.

One file in the user's own cache folder holds what the tables under data/ say, each with the digest of the text it was
read from. A table whose text has changed, or a file that is absent, torn or not the user's own, is parsed anew.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from ketasim import __version__
from ketasim.core import disk

ELSEWHERE = ("studies", "protocols")
"""Folders of data/ that no simulation reads."""
STALE = 8
"""With so many tables that were not as kept, all are read and kept again."""
_missed: set[str] = set()


def load(path: str) -> dict[str, Any]:
    """What data/<path> says. Raises FileNotFoundError and tomllib.TOMLDecodeError. Nobody may change the answer."""
    text = _data().joinpath(*path.split("/")).read_bytes()
    digest = hashlib.sha256(text).hexdigest()
    held = _held().get(path)
    if held is None or held[0] != digest:
        said = tomllib.loads(text.decode("utf-8"))
        _missed.add(path)
        if len(_missed) == STALE:
            _held.cache_clear()
            _keep()
        return said
    return dict(held[1])


@cache
def _data() -> Traversable:
    return resources.files("ketasim").joinpath("data")


def _key() -> str:
    return hashlib.sha256(f"tables of {__version__} in {_data()}".encode()).hexdigest()[:48]


@cache
def _held() -> dict[str, Any]:
    """Path → (digest, what the table says)."""
    found = disk.read(_key())
    try:
        return dict(json.loads(found[1])) if found is not None else {}
    except (ValueError, TypeError):
        return {}


def _keep() -> None:
    """Read all tables and keep what they say, unless JSON would say it otherwise."""
    if disk.cache_folder() is None:
        return
    out: dict[str, Any] = {}
    folders = [("", _data())]
    for before, folder in folders:
        for entry in folder.iterdir():
            if entry.is_dir() and entry.name not in ELSEWHERE:
                folders.append((f"{before}{entry.name}/", entry))
            elif entry.name.endswith(".toml"):
                text = entry.read_bytes()
                try:
                    said = tomllib.loads(text.decode("utf-8"))
                    if json.loads(json.dumps(said)) == said:
                        out[before + entry.name] = (hashlib.sha256(text).hexdigest(), said)
                except (ValueError, TypeError):
                    continue
    disk.write(_key(), {}, json.dumps(out).encode())
