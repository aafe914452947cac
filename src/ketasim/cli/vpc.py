"""vpc: a predictive check of a specified model on any data set, without fitting."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def command(
    specification: Annotated[Path, typer.Argument(help="Python file that defines `model` and `structure(records)`.")],
    data: Annotated[Path, typer.Argument(help="NONMEM-style data set (CSV).")],
    fitted: Annotated[
        Path | None, typer.Option("--fit", help="Estimates as `ketasim fit --json` prints them; else the start values.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the check as HTML.")] = None,
    corrected: Annotated[bool, typer.Option("--corrected", help="Prediction-corrected.")] = False,
    stratify: Annotated[str | None, typer.Option(help="Column to stratify by.")] = None,
    bins: Annotated[int, typer.Option(min=1, help="Bins of time.")] = 8,
    replicates: Annotated[int, typer.Option(min=20, help="Simulated data sets.")] = 300,
    seed: Annotated[int, typer.Option(help="Seed.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the bands as JSON.")] = False,
) -> int:
    """Simulate the data set's design from the model's values and lay the observed quantiles over it."""
    from ketasim.analysis.fit_report import checks
    from ketasim.analysis.predictive import vpc
    from ketasim.cli import files
    from ketasim.fitting.population.load import estimates, load
    from ketasim.fitting.population.packing import Packing

    files.check_target("--out", out, (".html",))
    model, structure = load(specification, data)
    model = model.resolved(structure)
    packing = Packing(model)
    point = packing.point(packing.start()) if fitted is None else packing.named(estimates(fitted))
    bands = vpc(
        model, structure, point, replicates=replicates, bins=bins, seed=seed, corrected=corrected, stratify=stratify
    )
    if out is not None:
        label = f"DV, {structure.unit}" if getattr(structure, "unit", "") else "DV"
        files.write(out, checks(bands, label, corrected, f"{specification.stem}: {data.stem}"))
        print(f"ketasim: predictive check in {out}", file=sys.stderr)
    if json:
        import json as encoder

        print(
            encoder.dumps(
                [
                    {
                        "stratum": b.label,
                        "time_h": b.time.tolist(),
                        "observed": b.observed.tolist(),
                        "simulated": b.simulated.tolist(),
                        "below_limit": b.below.tolist(),
                        "inside": b.inside,
                    }
                    for b in bands
                ]
            )
        )
        return 0
    for b in bands:
        print(f"{b.label}: {b.inside:.0%} of observed quantiles inside the 90 % interval of the simulated ones")
    return 0
