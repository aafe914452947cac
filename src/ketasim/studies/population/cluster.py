"""Run a plan here or on a Dask cluster; the files are the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ketasim.core.errors import InputError, KetasimError
from ketasim.studies.population.chunk import run_chunk
from ketasim.studies.population.gather import Gathered, Incomplete, gather, missing
from ketasim.studies.population.plan import Plan

WAIT_S = 10


def run(
    plan: Plan,
    folder: str | Path,
    *,
    scheduler: str = "",
    workers: int = 1,
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Gathered:
    """Do every chunk that is not there yet, then gather.

    scheduler : address of a Dask scheduler ("tcp://host:port"); workers : processes on this machine otherwise.
    threads : of the native engine, in each of them.
    An interrupted run goes on where it stopped. Raises Incomplete, naming the chunks, where some could not be done.
    """
    plan.write(folder)
    todo = missing(folder)
    done = plan.chunks - len(todo)
    if progress:
        progress(done, plan.chunks)
    if todo and scheduler:
        _on_dask(plan, folder, todo, scheduler, threads, progress)
    elif todo and workers > 1:
        _in_processes(plan, folder, todo, workers, threads, progress)
    else:
        for i, chunk in enumerate(todo):
            run_chunk(plan, chunk, folder, threads)
            if progress:
                progress(done + i + 1, plan.chunks)
    return gather(folder)


def _in_processes(
    plan: Plan, folder: str | Path, todo: list[int], workers: int, threads: int,
    progress: Callable[[int, int], None] | None,
) -> None:  # fmt: skip
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    run_chunk(plan, todo[0], folder, threads)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(run_chunk, plan, chunk, folder, threads) for chunk in todo[1:]]
        try:
            for i, job in enumerate(as_completed(jobs)):
                job.result()
                if progress:
                    progress(plan.chunks - len(todo) + i + 2, plan.chunks)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _on_dask(
    plan: Plan, folder: str | Path, todo: list[int], scheduler: str, threads: int,
    progress: Callable[[int, int], None] | None,
) -> None:  # fmt: skip
    try:
        from dask.distributed import Client, as_completed
    except ImportError:
        raise KetasimError("a Dask scheduler needs the cluster extra: pip install 'ketasim[cluster]'") from None
    try:
        client = Client(scheduler, timeout=WAIT_S)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError("scheduler", scheduler, "the address of a running Dask scheduler", f"{error}.") from None
    failed: list[int] = []
    with client:
        target = str(Path(folder).resolve())
        jobs = {
            client.submit(run_chunk, plan, c, target, threads, key=f"{plan.key}-{c}", pure=False, retries=3): c
            for c in todo
        }
        for i, job in enumerate(as_completed(list(jobs))):
            if job.status != "finished":
                failed.append(jobs[job] + 1)
            if progress:
                progress(plan.chunks - len(todo) + i + 1, plan.chunks)
    if failed:
        raise Incomplete(str(folder), sorted(failed), plan.chunks)
