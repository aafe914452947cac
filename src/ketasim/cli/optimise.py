"""optimise: look for regimens that reach a goal within limits."""

from __future__ import annotations

import json as writer
import sys
from pathlib import Path
from typing import Annotated, Any

import typer


def command(
    search: Annotated[Path, typer.Argument(help="search.toml: goals, limits, regimens to choose from.")],
    people: Annotated[int | None, typer.Option(min=20, help="People a regimen, instead of the file's.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed, instead of the file's.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the native engine.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write the whole result as JSON.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page with figures (.html).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the whole result as JSON.")] = False,
    progress: Annotated[bool, typer.Option("--progress", help="Show how far it is, on standard error.")] = False,
) -> int:
    """Choose dose, duration, schedule and route for a goal within limits, over people, doubt and hypotheses.

    Prints the Pareto front with its uncertainty. Every line is a simulation result for study design.
    """
    from ketasim.cli import files
    from ketasim.cli.simulate import bar
    from ketasim.studies.search.optimise import optimise
    from ketasim.studies.search.plan import make, read

    files.check_target("--out", out, (".json",))
    files.check_target("--report", report, (".html",))
    plan = read(search)
    changed = {k: v for k, v in (("people", people), ("seed", seed)) if v is not None}
    if changed:
        plan = make({**plan.model_dump(), **changed}, str(search))
    with bar(progress) as moved:
        result = optimise(plan, threads=threads, progress=moved)
    if out is not None:
        files.write(out, writer.dumps(result, indent=1, default=float))
        print(f"ketasim: result in {out}", file=sys.stderr)
    if report is not None:
        from ketasim.report.results.search import write_search

        print(f"ketasim: report in {write_search(result, report)}", file=sys.stderr)
    print(writer.dumps(result, default=float) if json else _text(result))
    return 0 if result["front"] else 1


def _text(result: dict[str, Any]) -> str:
    lines = [
        result["title"],
        f"{result['tried']} regimens on the same {result['people']} people, {result['doubt_draws']} draws of doubt, "
        f"seed {result['seed']}; {result['allowed']} keep all limits, {len(result['front'])} of them are not beaten",
    ]
    for row in result["front"]:
        lines += ["", row["regimen"]]
        for name, value in row["values"].items():
            low, high = row["range_90"][name]
            rivals = "".join(f"; {h} {v[name]:.3g}" for h, v in row["under_hypotheses"].items())
            error = row["errors"][name]
            if error <= 1e-9 * abs(value):  # a property of the regimen, or the same for everybody
                lines.append(f"    {name} {value:.3g}")
                continue
            spread = f"doubt {low:.3g} to {high:.3g}" if high - low > 1e-9 * abs(value) else "no doubt above sampling"
            lines.append(f"    {name} {value:.3g} ± {error:.2g} ({spread}){rivals}")
        unsure = [f"{k} ({v['low']:.3g} to {v['high']:.3g})" for k, v in row["limits"].items() if not v["certain"]]
        if unsure:
            lines.append(f"    too few people or draws to be sure of a limit: {', '.join(unsure)}")
        lines.append(
            f"    limits kept in {row['allowed_share']:.0%} of the draws, on the front in {row['front_share']:.0%}"
        )
    if not result["front"]:
        lines += ["", "no regimen keeps all limits"]
    return "\n".join([*lines, "", result["note"]])
