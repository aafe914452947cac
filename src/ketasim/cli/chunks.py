"""What `simulate` and `population` share: a plan done in chunks, here or elsewhere, and what was found."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ketasim.core.errors import InputError

if TYPE_CHECKING:
    from ketasim.cli.run import Run
    from ketasim.studies.population import Plan


@dataclass(frozen=True)
class Way:
    """How chunks are done: one of them (`chunk`, "i/N"), none (`gather`), or all, on a scheduler or on processes."""

    chunk: str = ""
    scheduler: str = ""
    workers: int = 1
    gather: bool = False
    threads: int = 1

    def __post_init__(self) -> None:
        chosen = [
            name
            for name, given in (
                ("--chunk", self.chunk),
                ("--scheduler", self.scheduler),
                ("--workers", self.workers > 1),
                ("--gather", self.gather),
            )
            if given
        ]
        if len(chosen) > 1:
            raise InputError(chosen[1], "given", f"without {chosen[0]}")

    @property
    def asked(self) -> bool:
        """Whether any of it was asked for."""
        return bool(self.chunk or self.scheduler or self.gather or self.workers > 1)


def number(text: str) -> tuple[int, int]:
    """(i, N) of "i/N", both from 1."""
    first, slash, of = text.partition("/")
    if not (slash and first.isdecimal() and of.isdecimal()) or not 1 <= int(first) <= int(of):
        raise InputError("--chunk", text, "i/N with i from 1 to N, such as 1/100")
    return int(first), int(of)


def plan_of(run: Run, options: dict[str, Any], values: dict[str, float], vary: list[str] | None, **more: Any) -> Plan:
    """The plan of what `simulate` was asked for. more : engine, keep, parts."""
    from ketasim.studies.population import Plan

    who = None if run.patient is None else run.patient.model_dump(mode="json")
    return Plan.of(
        regimen=str(run.regimen),
        subjects=run.people,
        model=run.model,
        population=run.population,
        patient=who,
        seed=run.seed,
        outputs=run.outputs or (),
        times_h=None if run.times_h is None else tuple(run.times_h.tolist()),
        until_h=run.until_h,
        vary=tuple(vary) if vary is not None else ("between",) if run.people > 1 else (),
        options=options,
        values=values,
        **more,
    )


def held_or(plan: Plan, folder: Path) -> Plan:
    """The plan in the folder where it is of the same run cut otherwise; else `plan`."""
    from ketasim.studies.population import Plan

    if (folder / "plan.json").is_file():
        held = Plan.read(folder)
        if plan.cut_as(held).key == held.key:
            return held
    return plan


def carry_out(plan: Plan, folder: Path, way: Way, *, json: bool, progress: bool) -> int:
    """Do what was asked, print what was found, and return the exit status (1 where people failed)."""
    from ketasim.cli.simulate import bar
    from ketasim.studies import population as runs

    if way.chunk:
        i, of = number(way.chunk)
        if of != plan.chunks:
            raise InputError("--chunk", way.chunk, f"{min(i, plan.chunks)}/{plan.chunks}: this run has {plan.chunks}")
        plan.write(folder)
        path = runs.run_chunk(plan, i - 1, folder, threads=way.threads)
        print(f"ketasim: {path}", file=sys.stderr)
        return 0
    if way.gather:
        found = runs.gather(folder)
    else:
        with bar(progress) as moved:
            found = runs.run(
                plan, folder, scheduler=way.scheduler, workers=way.workers, threads=way.threads, progress=moved
            )
    for sentence in found.failures:
        print(f"ketasim: {sentence}", file=sys.stderr)
    show(found, json)
    return 1 if found.failures else 0


def show(found: Any, as_json: bool) -> None:
    """The summary over people, as a table or as JSON."""
    if as_json:
        import json

        curves = {
            name: {"unit": found.units[name], "time_h": found.times_h.tolist(),
                   "quantiles": dict(zip(("0.05", "0.25", "0.5", "0.75", "0.95"), q.tolist(), strict=True))}
            for name, q in found.quantiles.items()
        }  # fmt: skip
        print(json.dumps({"summary": found.summary, "curves": curves, "plan": found.plan.model_dump(mode="json")}))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{found.plan.subjects} people, 5 %, median and 95 %")
    for name in ("output", "unit", "Cmax", "Tmax, h", "AUC, unit × h", "failed"):
        table.add_column(name)
    for row in found.summary:
        spread = [" … ".join(f"{v:.4g}" for v in row[c]) for c in ("cmax", "tmax_h", "auc")]
        table.add_row(row["output"], row["unit"], *spread, str(row["failed"]))
    Console().print(table)
