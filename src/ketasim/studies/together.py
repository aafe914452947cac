"""Studies shared out over processes: the same rows in the same order, sooner."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from .arm import Settings
from .study import Study
from .validation import Row, validate_study

_SHARED: dict[str, tuple[Settings, frozenset[str] | None, Sequence[Study]]] = {}


def validate_together(
    studies: Sequence[Study],
    settings: Settings,
    wanted: frozenset[str] | None,
    others: Sequence[Study],
    workers: int,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[Row]:
    """Rows of all studies in their order. Each study is validated whole by one process; the longest begin first."""
    order = sorted(range(len(studies)), key=lambda i: -_effort(studies[i]))
    fresh = multiprocessing.get_context("spawn")
    found: dict[int, list[Row]] = {}
    with ProcessPoolExecutor(min(workers, len(studies)), fresh, _begin, (settings, wanted, others)) as pool:
        jobs = {pool.submit(_one, studies[i]): i for i in order}
        try:
            for job in as_completed(jobs):
                found[jobs[job]] = job.result()
                if progress is not None:
                    progress(len(found), len(studies), studies[jobs[job]].id)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [row for i in range(len(studies)) for row in found[i]]


def _effort(study: Study) -> int:
    return len(study.arms) * (1 + len(study.observations))


def _begin(settings: Settings, wanted: frozenset[str] | None, others: Sequence[Study]) -> None:
    _SHARED["all"] = settings, wanted, others


def _one(study: Study) -> list[Row]:
    from .native import KetasimSimulator

    settings, wanted, others = _SHARED["all"]
    return validate_study(study, settings, KetasimSimulator(), wanted, others)
