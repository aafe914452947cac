"""reproduce: run a result again from its manifest and compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    result: Annotated[Path, typer.Argument(help="A file of simulate (.parquet, .json) or a folder of a run.")],
    tolerance: Annotated[float, typer.Option(min=0, help="Largest relative difference that is let pass.")] = 0.0,
    json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> int:
    """Run a result again from its manifest and compare number by number.

    Exit status 0 when every number has the same bits (or lies within --tolerance), 1 otherwise.
    """
    from ketasim.studies.reproduce import reproduce

    found = reproduce(result)
    worst = max((d[2] for d in found.differences.values()), default=0.0)
    fine = not found.notes and (found.identical or worst <= tolerance)
    if json:
        import json as writer

        print(writer.dumps({**found.__dict__, "identical": found.identical, "passed": fine}))
        return 0 if fine else 1
    for name, (then, now) in found.versions.items():
        print(f"{name} was {then}, is {now}")
    print(f"{found.what}: {found.numbers} numbers, {'all the same' if found.identical else 'not all the same'}")
    for name, (count, gap, share) in found.differences.items():
        print(f"    {name}: {count} differ, by at most {gap:.3g} ({share:.2g} of the number)")
    for note in found.notes:
        print(f"    {note}")
    return 0 if fine else 1
