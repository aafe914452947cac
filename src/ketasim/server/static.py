"""The built page, held in memory and compressed once. Only files of the bundle can be asked for."""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

KINDS = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
}


class Held(NamedTuple):
    """One file of the bundle."""

    kind: str
    plain: bytes
    packed: bytes
    lasting: bool


@lru_cache(maxsize=1)
def bundle() -> dict[str, Held]:
    """Path below the root → file."""
    out: dict[str, Held] = {}

    def walk(place: resources.abc.Traversable, prefix: str) -> None:
        for entry in place.iterdir():
            if entry.is_dir():
                walk(entry, f"{prefix}{entry.name}/")
            elif (kind := KINDS.get(entry.name.rpartition(".")[2])) is not None:
                plain = entry.read_bytes()
                out[prefix + entry.name] = Held(kind, plain, gzip.compress(plain, 9, mtime=0), prefix == "assets/")

    folder = resources.files("ketasim.server") / "static"
    if folder.is_dir():
        walk(folder, "")
    return out
