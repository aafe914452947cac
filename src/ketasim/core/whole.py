"""Files that are there whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ketasim.core.errors import InputError


def write_whole(
    path: str | Path, content: str | bytes | Callable[[Path], object], field: str, *, folders: bool = True
) -> Path:
    """Write beside the target and rename; nothing half-written is ever left.

    content : text (UTF-8, line ends as they are), bytes, or a function that writes to the path it is handed.
    folders : make those that are needed, instead of refusing a path whose folder is not there.
    Raises InputError naming `field` where the path cannot be written.
    """
    target = Path(path)
    part = target.with_name(f".{target.name}.part")
    try:
        if folders:
            target.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(part)
        else:
            part.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        part.replace(target)
    except OSError as error:
        raise InputError(field, str(path), "a path that can be written", f"{error.strerror or error}.") from None
    finally:
        with suppress(OSError):
            part.unlink()
    return target
