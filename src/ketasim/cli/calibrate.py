"""calibrate: numbers of the parameter tables from rows of studies, with their doubt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ketasim.core.errors import InputError


def command(
    studies: Annotated[
        list[str], typer.Argument(help="Folders of studies, study.toml files, or ids of shipped studies.")
    ],
    parameters: Annotated[
        list[str], typer.Option("--parameters", "-p", help="table.entry, or several joined by commas; may be repeated.")
    ],
    rows: Annotated[
        list[str] | None, typer.Option("--rows", help="Ids of the rows to use (default: all marked calibrate).")
    ] = None,
    prior: Annotated[
        list[str] | None,
        typer.Option("--prior", help='For example "kinetics/plasma.link lognormal value=10 cv=1 low=0.5 high=60".'),
    ] = None,
    model: Annotated[str, typer.Option(help="Model of the arms.")] = "ketamine",
    people: Annotated[int, typer.Option(min=1, help="Simulated people of each arm; 1: a typical person.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed of every draw.")] = 0,
    discrepancy: Annotated[
        float, typer.Option(min=0.0, help="Misfit a true value may have, as a fraction of the observed.")
    ] = 0.1,
    together: Annotated[
        float, typer.Option(min=0.0, max=0.99, help="Share of that misfit common to the rows of a study.")
    ] = 0.5,
    nuisance: Annotated[
        bool, typer.Option("--nuisance/--no-nuisance", help="Count the doubt about numbers that are not calibrated.")
    ] = True,
    starts: Annotated[int, typer.Option(min=1, help="Climbs, the further ones from points of the prior.")] = 1,
    profile: Annotated[bool, typer.Option("--profile", help="Add profile likelihoods.")] = False,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="Predict every study from the others.")
    ] = False,
    nuts: Annotated[int, typer.Option(min=0, help="Draws of NUTS a chain; 0: the Laplace posterior.")] = 0,
    exact: Annotated[bool, typer.Option("--exact", help="NUTS on the engine itself, not on polynomials.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Put value, doubt and rows into the parameter tables.")
    ] = False,
    into: Annotated[
        Path | None, typer.Option("--into", help="Root of the tables to write (default: the package's own).")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report, one HTML file.")] = None,
    petab: Annotated[
        Path | None,
        typer.Option("--petab", help="Write the problem as PEtab 2 into a folder (rows that are values at a time)."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> int:
    """Fit numbers of the parameter tables to rows of studies.

    Rows kept for checking are refused. If the calibration has not converged, nothing is written and the status is 1.
    """
    from ketasim.cli import files
    from ketasim.fitting.calibrate import calibrate

    files.check_target("--report", report, (".html",))
    if into is not None and not (write and into.is_dir()):
        raise InputError("--into", str(into), "an existing folder of parameter tables, together with --write")
    if exact and not nuts:
        raise InputError("--exact", "alone", "together with --nuts")
    done = calibrate(
        studies, _listed(parameters), model, rows=_listed(rows) or None, priors=dict(_prior(p) for p in prior or ()),
        people=people, seed=seed, discrepancy=discrepancy, together=together, nuisance=nuisance, starts=starts,
    )  # fmt: skip
    if profile:
        done = done.profile()
    if leave_one_out:
        done = done.leave_one_study_out()
    if nuts:
        done = done.sample(nuts, exact=exact)
    if report is not None:
        done.report(report)
        print(f"ketasim: report in {report}", file=sys.stderr)
    if petab is not None:
        from ketasim.exchange.petab_calibration import write_calibration

        file, left_out = write_calibration(done, petab, leave_out=True)
        for sentence in left_out:
            print(f"ketasim: PEtab: {sentence}", file=sys.stderr)
        print(f"ketasim: PEtab problem in {file}", file=sys.stderr)
    if write and done.converged:
        for path in done.write(into):
            print(f"ketasim: wrote {path.name}", file=sys.stderr)
    if json:
        import json as encoder

        print(encoder.dumps(done.to_dict(), ensure_ascii=False))
    else:
        print(done.table())
    if not done.converged:
        print("ketasim: not converged; nothing was written to the tables", file=sys.stderr)
    return int(not done.converged)


def _listed(texts: list[str] | None) -> list[str]:
    return [part.strip() for text in texts or () for part in text.split(",") if part.strip()]


def _prior(text: str) -> tuple[str, dict[str, Any]]:
    """("table.entry", spread) of "table.entry dist name=number …"."""
    words = text.replace(",", " ").split()
    allowed = "table.entry, a distribution, and name=number pairs (value, cv, sd, omega2, low, high)"
    if len(words) < 3:
        raise InputError("--prior", text, allowed)
    spread: dict[str, Any] = {"dist": words[1]}
    for word in words[2:]:
        name, _, number = word.partition("=")
        try:
            spread[name] = float(number)
        except ValueError:
            raise InputError("--prior", text, allowed) from None
        if name not in ("value", "cv", "sd", "omega2", "low", "high"):
            raise InputError("--prior", text, allowed)
    return words[0], spread
