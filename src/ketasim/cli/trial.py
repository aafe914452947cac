"""trial: simulate a trial many times over."""

from __future__ import annotations

import json as writer
import sys
from pathlib import Path
from typing import Annotated, Any

import typer


def command(
    design: Annotated[Path, typer.Argument(help="design.toml: arms, population, visits, endpoints.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the data; a run begun there goes on.")] = None,
    replicates: Annotated[int | None, typer.Option(min=1, help="How many replicates, instead of the design's.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed, instead of the design's.")] = None,
    doubt: Annotated[
        bool | None,
        typer.Option("--doubt/--no-doubt", help="Draw doubt anew in each replicate, or not, instead of the design's."),
    ] = None,
    hypotheses: Annotated[bool, typer.Option("--hypotheses", help="Run it under the design's hypotheses too.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Chunks at a time on this machine.")] = 1,
    scheduler: Annotated[str, typer.Option(help="Dask scheduler, such as tcp://host:8786.")] = "",
    report: Annotated[Path | None, typer.Option(help="Write a page with figures (.html).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    progress: Annotated[bool, typer.Option("--progress", help="Show how far the run is, on standard error.")] = False,
) -> int:
    """Simulate a trial many times over and say what it would find: effects, power, size, blinding, safety.

    Every number is a simulation result for the design of studies.
    """
    from ketasim.cli import files
    from ketasim.cli.simulate import bar
    from ketasim.studies.trials import design as designs
    from ketasim.studies.trials.batch import run
    from ketasim.studies.trials.report import summarise, text
    from ketasim.studies.trials.rivals import under_hypotheses
    from ketasim.studies.trials.whole import save

    files.check_target("--report", report, (".html",))
    plan = designs.read(design)
    changes: dict[str, Any] = {"replicates": replicates, "seed": seed}
    if doubt is not None:
        changes["vary"] = (*(v for v in plan.vary if v != "doubt"), *(("doubt",) if doubt else ()))
    plan = plan.changed(**{k: v for k, v in changes.items() if v is not None})
    with bar(progress) as moved:
        data = run(plan, out, workers=workers, scheduler=scheduler, progress=moved)
        result = summarise(plan, data)
        if hypotheses:
            result["hypotheses"] = under_hypotheses(plan, workers=workers, progress=moved)
    if out is not None:
        save(out, plan, data, result)
        print(f"ketasim: people, replicates and result in {out}", file=sys.stderr)
    if report is not None:
        from ketasim.report.results.trial import write_trial

        print(f"ketasim: report in {write_trial(result, report)}", file=sys.stderr)
    print(writer.dumps(result, default=float) if json else text(result))
    return 0
