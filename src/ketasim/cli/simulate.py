"""simulate: one person or many, one regimen, every output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

FORMATS = (".parquet", ".csv", ".json")


def command(
    scenario: Annotated[Path | None, typer.Argument(help="A scenario file (TOML); flags replace what it says.")] = None,
    dose: Annotated[
        str | None, typer.Option(help='What is given, such as "0.5 mg/kg iv over 40 min, 2/week for 4 weeks".')
    ] = None,
    weight: Annotated[float | None, typer.Option(help="Weight, kg.")] = None,
    height: Annotated[float | None, typer.Option(help="Height, cm.")] = None,
    age: Annotated[float | None, typer.Option(help="Age, years.")] = None,
    sex: Annotated[str | None, typer.Option(help="female or male.")] = None,
    patient: Annotated[
        list[str] | None, typer.Option(help="Anything else about the patient, as name=value; may be repeated.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="End of the run, such as 12h or 60d.")] = None,
    every: Annotated[str | None, typer.Option(help="Step between output times (default: fine at every dose).")] = None,
    model: Annotated[str | None, typer.Option(help="Name of the model (default: ketamine).")] = None,
    subjects: Annotated[int | None, typer.Option(help="How many people to draw around the patient.")] = None,
    population: Annotated[str | None, typer.Option(help="Draw the people from this population instead.")] = None,
    vary: Annotated[
        str | None, typer.Option(help="What is drawn: between, occasion, doubt; several with commas.")
    ] = None,
    output: Annotated[list[str] | None, typer.Option(help="Output to keep (default: all); may be repeated.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the draws (default: 0).")] = None,
    option: Annotated[
        list[str] | None, typer.Option(help="A switch of the model, name=value; may be repeated.")
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", help="Give a parameter another value, part.name=value; may be repeated."),
    ] = None,
    engine: Annotated[str, typer.Option(help="native, vectorised, exact or reference.")] = "native",
    threads: Annotated[int, typer.Option(min=1, help="Threads of the native engine.")] = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="Write every value to .parquet, .csv or .json; a folder: do the run in chunks, kept there."),
    ] = None,
    chunk: Annotated[str, typer.Option(help="Do one of N chunks only, as i/N (for array jobs); with --out.")] = "",
    scheduler: Annotated[str, typer.Option(help="Dask scheduler, such as tcp://host:8786; with --out.")] = "",
    workers: Annotated[int, typer.Option(min=1, help="Processes on this machine; with --out FOLDER.")] = 1,
    gather: Annotated[
        bool, typer.Option("--gather", help="Only read the chunks in the folder; say which are missing.")
    ] = False,
    curves: Annotated[
        bool, typer.Option("--curves", help="In chunks, keep every time point as well as one row a subject.")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="Write the report, one HTML file.")] = None,
    figures: Annotated[Path | None, typer.Option(help="Write every figure of the report as SVG into a folder.")] = None,
    png: Annotated[bool, typer.Option("--png", help="Also write the figures as PNG (needs the extra plot).")] = False,
    observed: Annotated[
        Path | None, typer.Option(help="Your own observations (CSV: time_h, output, value), drawn into the figures.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print every value and the manifest as JSON.")] = False,
    progress: Annotated[bool, typer.Option("--progress", help="Show how far the run is, on standard error.")] = False,
) -> int:
    """Simulate a regimen in one person or many.

    Prints a table of peaks and exposures, or everything with --json; --out and --report write files.
    """
    from ketasim.cli import chunks, files
    from ketasim.cli.chunks import Way
    from ketasim.cli.exposure import print_exposure
    from ketasim.cli.run import read
    from ketasim.core.errors import InputError
    from ketasim.simulate import simulate

    way = Way(chunk, scheduler, workers, gather, threads)
    in_chunks = way.asked or curves or (out is not None and not out.suffix)
    if in_chunks and (out is None or out.suffix):
        asked = "--chunk, --scheduler, --workers, --gather and --curves"
        raise InputError("--out", "absent" if out is None else str(out), f"a folder, as {asked} work in chunks")
    if not in_chunks:
        files.check_target("--out", out, FORMATS)
    files.check_target("--report", report, (".html",))
    files.check_source("--observed", observed)
    if png and figures is None:
        raise InputError("--png", "given", "together with --figures FOLDER")
    if observed is not None and report is None and figures is None:
        raise InputError("--observed", str(observed), "a file of observations together with --report or --figures")
    flags = {
        "regimen": dose,
        "until": until,
        "every": every,
        "model": model,
        "seed": seed,
        "subjects": subjects,
        "population": population,
        "outputs": words(output) if output else None,
    }
    body = {**pairs("--patient", patient), "weight_kg": weight, "height_cm": height, "age_y": age, "sex": sex}
    if in_chunks:
        assert out is not None
        for name, given in (("--report", report), ("--figures", figures)):
            if given is not None:
                raise InputError(name, str(given), "a run that is not in chunks")
        if gather and scenario is None and dose is None:
            from ketasim.studies.population import Plan

            return chunks.carry_out(Plan.read(out), out, way, json=json, progress=progress)
        plan = chunks.plan_of(
            read(scenario, flags, body), pairs("--option", option), numbers("--set", values),
            words([vary]) if vary else None, engine=engine, keep="curves" if curves else "summary",
            parts=chunks.number(chunk)[1] if chunk else None,
        )  # fmt: skip
        return chunks.carry_out(plan if chunk else chunks.held_or(plan, out), out, way, json=json, progress=progress)
    run = read(scenario, flags, body)
    with bar(progress) as moved:
        result = simulate(
            run.model,
            run.who,
            run.regimen,
            run.times_h,
            seed=run.seed,
            subjects=run.subjects,
            vary=words([vary]) if vary else None,
            outputs=run.outputs,
            until=run.until_h,
            engine=engine,
            options=pairs("--option", option),
            values=numbers("--set", values),
            threads=threads,
            progress=moved,
        )
    for sentence in (*result.warnings, *result.failures):
        print(f"ketasim: {sentence}", file=sys.stderr)
    if out is not None:
        write: Callable[[Path], object] = getattr(result, f"to_{out.suffix.lower()[1:]}")
        write(out)
        print(f"ketasim: values in {out}", file=sys.stderr)
    if report is not None:
        from ketasim.report import write_report

        write_report(result, report, observed=observed, title=run.title)
        print(f"ketasim: report in {report}", file=sys.stderr)
    if figures is not None:
        from ketasim.report import write_figures

        write_figures(result, figures, observed=observed, title=run.title, formats=("svg", "png") if png else ("svg",))
        print(f"ketasim: figures in {figures}", file=sys.stderr)
    if json:
        print(result.to_json())
    elif out is None and report is None and figures is None:
        print_exposure(result)
    return 1 if result.failures else 0


def words(texts: list[str]) -> list[str]:
    """Names given one by one or with commas."""
    return [word.strip() for text in texts for word in text.split(",") if word.strip()]


def pairs(option: str, texts: list[str] | None) -> dict[str, Any]:
    """name=value texts as a mapping; numbers and true or false are read as such."""
    from ketasim.core.errors import InputError

    out: dict[str, Any] = {}
    for text in texts or []:
        name, equals, said = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise InputError(option, text, "name=value, such as child_pugh=B")
        value: Any = {"true": True, "false": False}.get(said.lower(), said)
        if isinstance(value, str):
            try:
                value = float(said)
            except ValueError:
                value = said
        out[name] = value
    return out


def numbers(option: str, texts: list[str] | None) -> dict[str, float]:
    """name=value texts whose values must be numbers."""
    from math import isfinite

    from ketasim.core.errors import InputError

    out = pairs(option, texts)
    for name, value in out.items():
        if not isinstance(value, float) or not isfinite(value):
            raise InputError(f"{option} {name}", value, "a number")
    return out


@contextmanager
def bar(shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on standard error, or None where it is not wanted."""
    if not shown:
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as display:
        task = display.add_task("simulating", total=None)
        yield lambda done, total: display.update(task, completed=done, total=total)
