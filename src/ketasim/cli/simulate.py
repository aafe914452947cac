"""simulate: one person or many, one regimen, every output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

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
    model: Annotated[str | None, typer.Option(help="Name of the model (default: ketamine).")] = None,
    subjects: Annotated[int | None, typer.Option(help="How many people to draw around the patient.")] = None,
    vary: Annotated[
        str | None, typer.Option(help="What is drawn: between, occasion, doubt; several with commas.")
    ] = None,
    output: Annotated[list[str] | None, typer.Option(help="Output to keep (default: all); may be repeated.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the draws (default: 0).")] = None,
    engine: Annotated[str, typer.Option(help="native, vectorised, exact or reference.")] = "native",
    threads: Annotated[int, typer.Option(min=1, help="Threads of the native engine.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write every value to .parquet, .csv or .json.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report, one HTML file.")] = None,
    observed: Annotated[
        Path | None, typer.Option(help="Your own observations (CSV: time_h, output, value), drawn into the report.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print every value and the manifest as JSON.")] = False,
    progress: Annotated[bool, typer.Option("--progress", help="Show how far the run is, on standard error.")] = False,
) -> int:
    """Simulate a regimen in one person or many.

    Prints a table of peaks and exposures, or everything with --json; --out and --report write files.
    """
    from ketasim.cli import files
    from ketasim.cli import scenario as scenarios
    from ketasim.cli.exposure import print_exposure
    from ketasim.core.errors import InputError
    from ketasim.simulate import simulate

    files.check_target("--out", out, FORMATS)
    files.check_target("--report", report, (".html",))
    if observed is not None and report is None:
        raise InputError("--observed", str(observed), "a file of observations together with --report")
    flags = {
        "dose": dose,
        "until": until,
        "model": model,
        "seed": seed,
        "subjects": subjects,
        "vary": _words([vary]) if vary else None,
        "outputs": _words(output) if output else None,
    }
    body = {**_pairs(patient or []), "weight_kg": weight, "height_cm": height, "age_y": age, "sex": sex}
    run = scenarios.read(scenario, flags, body)
    with bar(progress) as moved:
        result = simulate(
            run.model,
            run.patient,
            run.regimen,
            seed=run.seed,
            subjects=run.subjects,
            vary=run.vary,
            outputs=run.outputs,
            until=run.until,
            engine=engine,
            options=run.options,
            values=run.values,
            threads=threads,
            progress=moved,
        )
    for sentence in (*result.warnings, *result.failures):
        print(f"ketasim: {sentence}", file=sys.stderr)
    if out is not None:
        {".parquet": result.to_parquet, ".csv": result.to_csv, ".json": result.to_json}[out.suffix.lower()](out)
        print(f"ketasim: values in {out}", file=sys.stderr)
    if report is not None:
        from ketasim.report import write_report

        write_report(result, report, observed=observed)
        print(f"ketasim: report in {report}", file=sys.stderr)
    if json:
        print(result.to_json())
    elif out is None and report is None:
        print_exposure(result)
    return 1 if result.failures else 0


def _words(texts: list[str]) -> list[str]:
    return [word.strip() for text in texts for word in text.split(",") if word.strip()]


def _pairs(words: list[str]) -> dict[str, object]:
    """name=value words as a mapping; numbers and true/false are read as such."""
    from ketasim.core.errors import InputError

    out: dict[str, object] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name.strip():
            raise InputError("--patient", word, "name=value, such as child_pugh=B")
        value: object = {"true": True, "false": False}.get(text.strip().lower(), text.strip())
        try:
            value = float(text) if isinstance(value, str) else value
        except ValueError:
            pass
        out[name.strip()] = value
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
