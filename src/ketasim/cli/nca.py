"""nca: noncompartmental analysis of a NONMEM-style data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    data: Annotated[Path, typer.Argument(help="Data set (CSV) with ID, TIME, DV, AMT, EVID and the like.")],
    method: Annotated[
        str, typer.Option(help="linear, lin-up/log-down or linear-to-Tmax-then-log.")
    ] = "lin-up/log-down",
    dose_unit: Annotated[str, typer.Option(help="Unit of doses.")] = "mg",
    concentration_unit: Annotated[str, typer.Option(help="Unit of concentrations.")] = "ng/mL",
    json: Annotated[bool, typer.Option("--json", help="Print every parameter with its unit as JSON.")] = False,
) -> int:
    """Areas, terminal phase, clearance and volume of every subject, under their CDISC names."""
    from ketasim.analysis.nca import Units, nca_records
    from ketasim.core.errors import InputError
    from ketasim.dosing.records.read import read

    if not data.is_file():
        raise InputError("data", str(data), "a data set (CSV)")
    found = nca_records(read(data), method=method, units=Units(dose=dose_unit, conc=concentration_unit))
    frame = found.to_frame()
    print(frame.write_json() if json else frame)
    return 0
