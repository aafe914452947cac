"""Long work: a thread beside the quick answers, with progress, cancel, a time limit and a limit for each client."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ketasim.core.errors import KetasimError
from ketasim.server.limits import JOB_SECONDS, JOBS, JOBS_A_CLIENT


class Stopped(Exception):
    """The job was cancelled or ran too long."""


@dataclass
class Job:
    """One piece of long work and how far it is."""

    client: str
    kind: str
    name: str = field(default_factory=lambda: secrets.token_hex(4))
    begun: float = field(default_factory=time.monotonic)
    done: float = 0.0
    words: str = ""
    cancelled: threading.Event = field(default_factory=threading.Event)
    tell: Callable[[dict[str, Any]], None] = lambda _: None

    def step(self, share: float, words: str = "") -> None:
        """Report progress (0 to 1); Stopped where the job must end."""
        if self.cancelled.is_set():
            raise Stopped("cancelled")
        if time.monotonic() - self.begun > JOB_SECONDS:
            raise Stopped(f"stopped after {JOB_SECONDS:g} s")
        if share - self.done > 0.005 or words != self.words:
            self.done, self.words = share, words
            self.tell({"state": "running", "progress": round(share, 3), "words": words})


class Jobs:
    """All long work of the server; one thread, so that sliders keep the other core."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="job")
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(
        self, client: str, kind: str, work: Callable[[Job], Any], tell: Callable[[Job, dict[str, Any]], None]
    ) -> Job:
        """Queue a piece of work; KetasimError where a limit is reached. `tell` gets every change."""
        job = Job(client, kind)
        job.tell = lambda change: tell(job, change)
        with self._lock:
            mine = sum(j.client == client for j in self._jobs.values())
            if mine >= JOBS_A_CLIENT:
                raise KetasimError(f"at most {JOBS_A_CLIENT} jobs at a time for one page; cancel one or wait")
            if len(self._jobs) >= JOBS:
                raise KetasimError("the server has all the work it takes; try again soon")
            self._jobs[job.name] = job
        self._pool.submit(self._run, job, work)
        return job

    def _run(self, job: Job, work: Callable[[Job], Any]) -> None:
        job.begun = time.monotonic()
        try:
            job.step(0.0, "begun")
            change = {"state": "done", "progress": 1.0, "result": work(job)}
        except Stopped as reason:
            change = {"state": "cancelled", "words": str(reason)}
        except KetasimError as error:
            change = {"state": "failed", "words": str(error)}
        except Exception:  # a fault of ours must not take the thread or tell its insides
            change = {"state": "failed", "words": "the job failed inside; see the server's log"}
            import logging

            logging.getLogger("ketasim.server").exception("job %s", job.kind)
        with self._lock:
            self._jobs.pop(job.name, None)
        job.tell(change)

    def cancel(self, client: str, name: str) -> bool:
        """Ask a job of this client to stop."""
        with self._lock:
            job = self._jobs.get(name)
        if job is None or job.client != client:
            return False
        job.cancelled.set()
        return True

    def forget(self, client: str) -> None:
        """Stop everything of a client that left."""
        with self._lock:
            for job in self._jobs.values():
                if job.client == client:
                    job.cancelled.set()

    def close(self) -> None:
        """Stop everything."""
        with self._lock:
            for job in self._jobs.values():
                job.cancelled.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
