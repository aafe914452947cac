"""Compiled objects and parsed tables on disk, kept in a folder that belongs to the user alone.

A file is a magic line, the SHA-256 of what follows, a JSON header and the object code. Anything that does not fit
(foreign owner, writable by others, wrong digest, cut short) is ignored as if it were absent. Files appear by an atomic
rename, so readers never see half of one. Where no safe folder can be had, compiled code lives in memory only.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

MAGIC = b"ketasim-object-1\n"
KEEP_FILES = 400
"""Oldest files beyond this number are removed."""


def cache_folder() -> Path | None:
    """`$KETASIM_CACHE`, else `$XDG_CACHE_HOME/ketasim`, else `~/.cache/ketasim`; None when it cannot be trusted."""
    chosen = os.environ.get("KETASIM_CACHE")
    if chosen == "":
        return None
    if chosen:
        folder = Path(chosen)
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or ""
        try:
            folder = (Path(base) if base else Path.home() / ".cache") / "ketasim"
        except RuntimeError:
            return None
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder if _private(folder.lstat(), directory=True) else None
    except OSError:
        return None


def _private(status: os.stat_result, directory: bool = False) -> bool:
    """Owned by this user, not writable by anyone else, and no symbolic link."""
    right_kind = stat.S_ISDIR(status.st_mode) if directory else stat.S_ISREG(status.st_mode)
    if not hasattr(os, "getuid"):
        return right_kind
    return right_kind and status.st_uid == os.getuid() and not status.st_mode & 0o022


def read(key: str) -> tuple[dict[str, Any], bytes] | None:
    """Header and object stored under `key`, or None."""
    folder = cache_folder()
    if folder is None:
        return None
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(folder / f"{key}.ko", flags)
        with os.fdopen(handle, "rb") as file:
            if not _private(os.fstat(file.fileno())):
                return None
            content = file.read()
    except OSError:
        return None
    return _parse(content, key)


def _parse(content: bytes, key: str) -> tuple[dict[str, Any], bytes] | None:
    start = len(MAGIC)
    digest, rest = content[start : start + 32], content[start + 32 :]
    if content[:start] != MAGIC or hashlib.sha256(key.encode() + rest).digest() != digest:
        return None
    size = int.from_bytes(rest[:8], "little")
    return json.loads(rest[8 : 8 + size]), rest[8 + size :]


def write(key: str, header: dict[str, Any], code: bytes) -> bool:
    """Store; False when there is nowhere to store it."""
    folder = cache_folder()
    if folder is None:
        return False
    head = json.dumps(header).encode()
    rest = len(head).to_bytes(8, "little") + head + code
    content = MAGIC + hashlib.sha256(key.encode() + rest).digest() + rest
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(name, folder / f"{key}.ko")
        except OSError:
            os.unlink(name)
            raise
    except OSError:
        return False
    _forget_oldest(folder)
    return True


def _forget_oldest(folder: Path) -> None:
    try:
        files = [(e.stat().st_mtime, e.path) for e in os.scandir(folder) if e.name.endswith(".ko")]
        for _, path in sorted(files)[: max(0, len(files) - KEEP_FILES)]:
            os.unlink(path)
    except OSError:
        return
