"""validate: published studies simulated as they were run, predicted beside observed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ketasim.studies import Row

COLUMNS = ("verdict", "study", "arm", "what", "output", "time, h", "observed", "predicted", "90 %", "error", "reason")
ORDER = ("error", "fail", "pass", "shown")


def command(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A folder of studies, one study or one study.toml (default: the shipped ones)."),
    ] = None,
    systems: Annotated[
        list[str] | None,
        typer.Option("--system", "--systems", help="Layers to check, such as pk, acute, weeks, body; may be repeated."),
    ] = None,
    replicates: Annotated[int | None, typer.Option(min=1, help="Simulated copies of each arm (default: 40).")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the draws.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the studies; same rows for any.")] = 1,
    report: Annotated[Path | None, typer.Option(help="Write the report, one HTML file.")] = None,
    against: Annotated[
        Path | None, typer.Option(help="Rows of an earlier release (its --json output): the report shows the trend.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print every row as JSON, each with its verdict.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if any scored row misses.")] = False,
    progress: Annotated[bool, typer.Option("--progress", help="Show how far the run is, on standard error.")] = False,
) -> int:
    """Simulate published studies as they were run and compare.

    A row that misses is printed as a miss. The exit status is 1 if a row could not be run (with --strict, also if one
    misses).
    """
    from dataclasses import replace

    from ketasim.cli import files
    from ketasim.core.errors import InputError
    from ketasim.studies import Settings, scores, validate, write_page
    from ketasim.studies.trend import read_rows

    files.check_target("--report", report, (".html",))
    if against is not None and report is None:
        raise InputError("--against", str(against), "an earlier validation together with --report")
    before = None if against is None else read_rows(against)
    usual = Settings()
    settings = replace(usual, seed=usual.seed if seed is None else seed, replicates=replicates or usual.replicates)
    with bar(progress) as moved:
        rows = validate(folder, systems, settings=settings, workers=workers, progress=moved)
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)  # promised by check_target, before the long work
        write_page(rows, report, before=before)
        print(f"ketasim: report in {report}", file=sys.stderr)
    if json:
        import json as encoder

        print(encoder.dumps(rows, ensure_ascii=False))
    else:
        print_rows(rows)
        for group in scores(rows):
            words = [f"{group['passed']} of {group['rows']} inside tolerance"]
            words += [f"GMFE {group['gmfe']:.2f}"] if group["gmfe"] else []
            words += [f"naive {group['naive_inside']:.0%}"] if group["naive_inside"] is not None else []
            words += [f"target {group['target']}: {'met' if group['met'] else 'missed'}"] if group["target"] else []
            print(f"ketasim: {group['group']}: {', '.join(words)}", file=sys.stderr)
    verdicts = {row["verdict"] for row in rows}
    return int("error" in verdicts or (strict and "fail" in verdicts))


def print_rows(rows: list[Row]) -> None:
    """The rows on standard output, misses first: drawn for a terminal, tab-separated for a pipe."""
    table = [_cells(row) for row in sorted(rows, key=lambda row: ORDER.index(row["verdict"]))]
    if not sys.stdout.isatty():
        for line in (COLUMNS, *table):
            print("\t".join(line))
        return
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*COLUMNS, box=None, header_style="bold")
    colours = {"error": "bold red", "fail": "red", "pass": "green", "shown": "dim"}
    for line in table:
        drawn.add_row(*line, style=colours[line[0]])
    Console().print(drawn)


def _cells(row: Row) -> tuple[str, ...]:
    def number(value: float | None) -> str:
        return "" if value is None else f"{value:.3g}"

    span = "" if row["low"] is None or row["high"] is None else f"{row['low']:.3g}–{row['high']:.3g}"
    error = "" if row["error"] is None else f"{row['error']:.2f} {row['error_kind']}"
    return (
        row["verdict"],
        row["study"],
        row["arm"],
        row["statistic"],
        row["output"],
        number(row["time_h"]),
        number(row["observed"]),
        number(row["predicted"]),
        span,
        error,
        row["reason"],
    )


@contextmanager
def bar(shown: bool) -> Iterator[Callable[[int, int, str], None] | None]:
    """A progress bar on standard error that names the study, or None where it is not wanted."""
    if not shown:
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as display:
        task = display.add_task("validating", total=None)
        yield lambda done, total, name: display.update(task, completed=done, total=total, description=name)
