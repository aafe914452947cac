"""nca: noncompartmental analysis of a NONMEM-style data set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ketasim.core.errors import InputError


def command(
    data: Annotated[Path, typer.Argument(help="Data set (CSV) with ID, TIME, DV, AMT, EVID and the like.")],
    method: Annotated[
        str, typer.Option(help="linear, lin-up/log-down or linear-to-Tmax-then-log.")
    ] = "lin-up/log-down",
    route: Annotated[str, typer.Option(help="auto, bolus, infusion or extravascular.")] = "auto",
    blq: Annotated[
        str, typer.Option(help="What a value below the limit counts as: positional, zero, drop, half or half-one.")
    ] = "positional",
    interval: Annotated[
        list[str] | None, typer.Option(help="Partial area from the dose, such as 0-4; may be repeated.")
    ] = None,
    observation: Annotated[str | None, typer.Option(help="Compartment (CMT) of the observations to analyse.")] = None,
    dose_unit: Annotated[str, typer.Option(help="Unit of doses.")] = "mg",
    concentration_unit: Annotated[
        str | None,
        typer.Option(help="Unit of concentrations (default: what a column DVU, AVALU or UNIT says, or ng/mL)."),
    ] = None,
    molar_mass: Annotated[float | None, typer.Option(help="g/mol, where doses are masses and levels are not.")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Report the others where a profile cannot be analysed; the reason is kept.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write every parameter under its CDISC names (.csv).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print every parameter with its unit as JSON.")] = False,
) -> int:
    """Areas, terminal phase, clearance and volume of every subject, under their CDISC names.

    Status 2, with a sentence for each, where a profile cannot be analysed. What was done to samples (left out, below
    the limit, before the dose) is said on standard error.
    """
    from ketasim.analysis.nca import BLQ_RULES, Units, nca_records
    from ketasim.analysis.nca.profile import named_route
    from ketasim.analysis.nca.records import unit_said
    from ketasim.analysis.nca.trapezoid import named_method
    from ketasim.cli import files
    from ketasim.dosing.records.read import read

    files.check_target("--out", out, (".csv",))
    if not data.is_file():
        raise InputError("data", str(data), "a data set (CSV)")
    if blq not in BLQ_RULES:
        raise InputError("--blq", blq, ", ".join(BLQ_RULES))
    named_method(method)
    if route != "auto":
        named_route(route)
    records = read(data)
    parts = [_interval(text) for text in interval or ()]
    units = Units(dose=dose_unit, conc=unit_said(records, concentration_unit) or "ng/mL", molar_mass_g_mol=molar_mass)
    found = nca_records(
        records, method=method, route=route, units=units, blq=blq, intervals=parts,
        observation=int(observation) if observation and observation.isdigit() else observation,
    )  # fmt: skip
    failed = 0
    for subject, note in found.notes:
        failed += note.startswith("not analysed")
        print(f"ketasim: profile {subject}: {note}", file=sys.stderr)
    if failed and not keep:
        print(f"ketasim: {failed} profiles cannot be analysed; --keep reports the others", file=sys.stderr)
        return 2
    if out is not None:
        files.write(out, found.to_frame().write_csv())
        print(f"ketasim: parameters in {out}", file=sys.stderr)
    _print(found, json)
    return 0


def _interval(text: str) -> tuple[float, float]:
    start, _, end = text.replace("–", "-").partition("-")
    try:
        pair = float(start), float(end)
    except ValueError:
        raise InputError("--interval", text, "start-end in hours from the dose, such as 0-4") from None
    if not 0 <= pair[0] < pair[1]:
        raise InputError("--interval", text, "0 <= start < end")
    return pair


def _print(found: Any, as_json: bool) -> None:
    if as_json:
        import json

        rows = [{k: None if v != v else v for k, v in row.items()} for row in found.to_rows()]
        print(json.dumps(rows, ensure_ascii=False))
        return
    last = None
    for row in found:
        if row.subject != last:
            print(f"{'' if last is None else chr(10)}profile {row.subject}")
            last = row.subject
        span = "" if row.start is None or row.code == "CMAX" else f" ({row.start:g} to {row.end:g} h)"
        value = f"{row.value:12.6g} {row.unit:14s}" if row.value == row.value else f"{'-':>12s} {row.reason}"
        print(f"  {row.code:9s} {value} {row.name}{span}")
