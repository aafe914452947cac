"""sensitivity: which numbers drive an output, and how much of its spread is people or doubt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer


def command(
    output: Annotated[str, typer.Argument(help="The output, such as ketamine.venous.")],
    dose: Annotated[str, typer.Option(help='What is given, such as "0.5 mg/kg iv over 40 min".')],
    reduction: Annotated[str, typer.Option(help="cmax, cmin, tmax, auc, last or at:<time>.")] = "auc",
    method: Annotated[str, typer.Option(help="sobol, morris, or split (people against doubt).")] = "sobol",
    vary: Annotated[str, typer.Option(help="Layers: between, doubt.")] = "between,doubt",
    parameter: Annotated[list[str] | None, typer.Option(help="Only these parameters; may be repeated.")] = None,
    n: Annotated[int, typer.Option(help="Base sample (sobol), trajectories (morris) or worlds (split).")] = 64,
    weight: Annotated[float | None, typer.Option(help="Weight, kg.")] = None,
    age: Annotated[float | None, typer.Option(help="Age, years.")] = None,
    until: Annotated[str | None, typer.Option(help="End of the run, such as 12h or 60d.")] = None,
    model: Annotated[str, typer.Option(help="Name of the model.")] = "ketamine",
    seed: Annotated[int, typer.Option(help="Seed.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the native engine.")] = 1,
    figure: Annotated[Path | None, typer.Option(help="Write a bar chart (.svg).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    progress: Annotated[bool, typer.Option("--progress", help="Show how far the run is, on standard error.")] = False,
) -> int:
    """Rank the numbers that drive an output, over the model's own sourced distributions."""
    from dataclasses import asdict

    from ketasim.analysis.sensitivity import sensitivity
    from ketasim.analysis.uncertainty import decompose
    from ketasim.cli import files
    from ketasim.cli.simulate import bar, words
    from ketasim.patients import Patient

    files.check_target("--figure", figure, (".svg",))
    body: dict[str, Any] = {k: v for k, v in (("weight_kg", weight), ("age_y", age)) if v is not None}
    common: dict[str, Any] = {
        "reduction": reduction, "model": model, "patient": Patient(**body), "seed": seed, "until": until,
        "threads": threads,
    }  # fmt: skip
    with bar(progress) as moved:
        if method == "split":
            split = decompose(dose, output, worlds=n, people=n, progress=moved, **common)
            found: Any = {**asdict(split), "share_doubt": split.share_doubt}
            title, rows = f"{output} {reduction}: share of the variance", [
                ("people", 1 - split.share_doubt, 0.0), ("doubt", split.share_doubt, 0.0),
            ]  # fmt: skip
        else:
            s = sensitivity(
                dose,
                output,
                method=method,
                layers=tuple(words([vary])),
                parameters=parameter,
                n=n,
                progress=moved,
                **common,
            )
            found = asdict(s)
            size, conf = ("mu_star", "mu_star_conf") if method == "morris" else ("ST", "ST_conf")
            title = f"{output} {reduction}: {'mean effect' if method == 'morris' else 'total Sobol index'}"
            rows = [(r["parameter"], r[size], r[conf]) for r in s.rows]
    if figure is not None:
        from ketasim.analysis.bars import svg

        files.write(figure, svg(title, rows))
        print(f"ketasim: figure in {figure}", file=sys.stderr)
    if json:
        import json as encoder

        print(encoder.dumps(found))
        return 0
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title)
    for name in ("parameter", "size", "± 95 %"):
        table.add_column(name)
    for label, value, half in rows[:25]:
        table.add_row(label, f"{value:.4g}", f"{half:.2g}" if half else "")
    Console().print(table)
    return 0
