"""Keeps the chatter of compiled libraries away from the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Send the file descriptors of stdout and stderr to nowhere for a while."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        kept = [os.dup(1), os.dup(2)]
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        yield
    finally:
        sys.stdout.flush()
        for target, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, target)
            os.close(copy)
        os.close(nowhere)
