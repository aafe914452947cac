"""Replicates of a trial in chunks: progress, cancel, and go on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from ketasim import __version__
from ketasim.core.errors import InputError

from . import table
from .conduction import TrialData, conduct
from .design import Design

PEOPLE = 8192
STRIDE = 1 << 24  # ids of one chunk never meet those of the next
DESIGN = "design.json"


def key(design: Design) -> str:
    """Hash of a design and the version that runs it; every chunk carries it."""
    text = json.dumps([__version__, design.model_dump(mode="json")], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def chunks(design: Design) -> list[tuple[int, int]]:
    """(first replicate, number of replicates) of each chunk."""
    size = max(1, PEOPLE // design.people)
    return [(a, min(size, design.replicates - a)) for a in range(0, design.replicates, size)]


def run_chunk(design: Design, chunk: int, threads: int = 1) -> tuple[dict[str, np.ndarray], int, int]:
    """(table, people screened, runs that failed) of one chunk; the same on every machine with the same version."""
    first, count = chunks(design)[chunk]
    data = conduct(design, count, chunk * STRIDE, first, threads)
    return table.columns(design, data, first), data.screened, data.failed


def run(
    design: Design,
    folder: str | Path | None = None,
    *,
    workers: int = 1,
    scheduler: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> TrialData:
    """All replicates of a trial.

    folder : where chunks are kept; a run that was stopped goes on there, another design in it is refused.
    workers : chunks at a time on this machine. scheduler : address of a Dask scheduler that does the chunks instead.
    progress : told (chunks done, chunks).
    """
    mine = key(design)
    todo = chunks(design)
    home = None if folder is None else _home(Path(folder), design, mine)
    found: dict[int, tuple[dict[str, np.ndarray], int, int]] = {}
    if home is not None:
        for i in range(len(todo)):
            if (path := home / f"{i:05d}.parquet").exists():
                columns, meta = table.read(path)
                if meta.get("key") == mine:
                    found[i] = columns, int(meta["screened"]), int(meta["failed"])
    missing = [i for i in range(len(todo)) if i not in found]

    def keep(i: int, result: tuple[dict[str, np.ndarray], int, int]) -> None:
        found[i] = result
        if home is not None:
            meta = {"key": mine, "screened": str(result[1]), "failed": str(result[2])}
            table.write(home / f"{i:05d}.parquet", result[0], meta)
        if progress is not None:
            progress(len(found), len(todo))

    if missing and scheduler:
        _on_cluster(design, missing, scheduler, keep)
    elif missing:
        keep(missing[0], run_chunk(design, missing[0], workers))  # alone: the code of the system is made here
        rest = missing[1:]
        if workers > 1 and len(rest) > 1:
            with ThreadPoolExecutor(workers) as pool:
                jobs = {i: pool.submit(run_chunk, design, i) for i in rest}
                try:
                    for i in rest:
                        keep(i, jobs.pop(i).result())
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
        else:
            for i in rest:
                keep(i, run_chunk(design, i, workers))
    whole = {k: np.concatenate([found[i][0][k] for i in range(len(todo))]) for k in found[0][0]}
    return table.data_of(design, whole, sum(x[1] for x in found.values()), sum(x[2] for x in found.values()))


def _home(folder: Path, design: Design, mine: str) -> Path:
    path = folder / DESIGN
    folder.mkdir(parents=True, exist_ok=True)
    if path.exists():
        held = json.loads(path.read_text(encoding="utf-8"))
        if held.get("key") != mine:
            allowed = "an empty folder, or one of the same trial and version"
            raise InputError("folder", str(folder), allowed, f"It holds {held.get('key')}.")
    else:
        content: dict[str, Any] = {"key": mine, "ketasim": __version__, "design": design.model_dump(mode="json")}
        path.write_text(json.dumps(content, indent=1, default=str), encoding="utf-8")
    return folder / "chunks"


def _on_cluster(design: Design, missing: list[int], scheduler: str, keep: Callable[[int, Any], None]) -> None:
    from dask.distributed import Client, as_completed

    with Client(scheduler) as client:
        jobs = {client.submit(run_chunk, design, i, key=f"trial-{key(design)}-{i}"): i for i in missing}
        for job in as_completed(jobs):
            keep(jobs[job], job.result())
