"""Speed of the native engine beside other solvers, at equal achieved error, per CPU second, in one alternated run."""

from __future__ import annotations

from ketasim.analysis.bench.run import REQUIRED, run, shortfalls

__all__ = ["REQUIRED", "run", "shortfalls"]
