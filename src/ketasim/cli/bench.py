"""bench: the native engine beside whatever other solvers are installed, at equal achieved error."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def command(
    full: Annotated[bool, typer.Option("--full", help="The long form (minutes); by default a short one.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> int:
    """Time the native engine and its peers on the same work, alternated in one run, and print ratios.

    Exit status 1 where a ratio falls below half of what is required.
    """
    from ketasim.analysis.bench import run, shortfalls

    found = run(short=not full)
    missed = shortfalls(found, 0.5)
    for sentence in missed:
        print(f"ketasim: {sentence}", file=sys.stderr)
    if json:
        import json as encoder

        print(encoder.dumps(found, default=str))
    else:
        print(f"lanes: {found['lanes']}")
        for name, ratio in found["ratios"].items():
            print(f"{name:44s} {ratio:8.1f} ×")
    return 1 if missed else 0
