"""Files a command is asked to read or write: refused before the work starts, not after it."""

from __future__ import annotations

import os
from pathlib import Path

from ketasim.core.errors import InputError


def check_target(option: str, path: Path | None, endings: tuple[str, ...]) -> None:
    """InputError where `path` has another ending or could not be written; None is fine."""
    if path is None:
        return
    if path.suffix.lower() not in endings:
        raise InputError(option, str(path), f"a file name that ends in {' or '.join(endings)}")
    if path.is_dir():
        raise InputError(option, str(path), "a file, not a folder")
    folder = path.absolute().parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InputError(option, str(path), "a path that can be written")
    if path.exists() and not os.access(path, os.W_OK):
        raise InputError(option, str(path), "a path that can be written")


def write(path: Path, text: str) -> None:
    """Write a text whole or not at all, with the folders it needs. InputError where that cannot be."""
    from ketasim.core.whole import write_whole

    write_whole(path, text, "file")


def check_source(option: str, path: Path | None) -> None:
    """InputError where `path` cannot be read; None is fine."""
    if path is not None and not (path.is_file() and os.access(path, os.R_OK)):
        raise InputError(option, str(path), "a file that can be read")
