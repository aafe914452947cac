"""population: very many people, in chunks that can be done anywhere, to Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def command(
    folder: Annotated[Path, typer.Argument(help="Folder of the run; a run begun there goes on.")],
    dose: Annotated[str | None, typer.Option(help='What is given, such as "0.5 mg/kg iv over 40 min".')] = None,
    subjects: Annotated[int | None, typer.Option(help="How many people.")] = None,
    population: Annotated[str, typer.Option(help="Whom to draw: adult, elderly, paediatric, trd_adult …")] = "adult",
    until: Annotated[str | None, typer.Option(help="End of the run, such as 12h or 35d.")] = None,
    model: Annotated[str, typer.Option(help="Name of the model.")] = "ketamine",
    output: Annotated[list[str] | None, typer.Option(help="Output to keep; may be repeated.")] = None,
    vary: Annotated[
        str, typer.Option(help="What is drawn: between, occasion, doubt; several with commas.")
    ] = "between",
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
    curves: Annotated[
        bool, typer.Option("--curves", help="Keep every time point as well as one row a subject.")
    ] = False,
    chunk_size: Annotated[int, typer.Option(help="People a chunk.")] = 4096,
    chunk: Annotated[str, typer.Option(help="Do one chunk only, as i/N (for array jobs), then stop.")] = "",
    scheduler: Annotated[str, typer.Option(help="Dask scheduler, such as tcp://host:8786.")] = "",
    workers: Annotated[int, typer.Option(min=1, help="Processes on this machine.")] = 1,
    gather: Annotated[bool, typer.Option("--gather", help="Only read what is there; say what is missing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    progress: Annotated[bool, typer.Option("--progress", help="Show how far the run is, on standard error.")] = False,
) -> int:
    """Simulate very many people in chunks that can be done anywhere, in any order, more than once.

    The folder holds one Parquet file a chunk (read it with DuckDB or polars) and the plan; an interrupted run goes on.
    """
    from ketasim.cli import chunks
    from ketasim.cli.simulate import words
    from ketasim.core.errors import InputError
    from ketasim.studies import population as runs
    from ketasim.timeline import hours

    way = chunks.Way(chunk, scheduler, workers, gather)
    if dose is None and subjects is None:
        plan = runs.Plan.read(folder)
    elif dose is None or subjects is None:
        raise InputError("--dose" if dose is None else "--subjects", "absent", "both, or neither to go on with a run")
    else:
        fields: dict[str, Any] = {"outputs": tuple(words(output))} if output else {}
        plan = runs.Plan.of(
            regimen=dose, subjects=subjects, population=population, model=model, seed=seed, chunk_size=chunk_size,
            until_h=None if until is None else hours(until, "--until"), vary=tuple(words([vary])) if vary else (),
            keep="curves" if curves else "summary", **fields,
        )  # fmt: skip
        plan.write(folder)
    return chunks.carry_out(plan, folder, way, json=json, progress=progress)
