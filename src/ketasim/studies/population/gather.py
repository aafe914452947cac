"""Gather: from the files of a run to its summary, or to a sentence that says exactly what is missing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import numpy as np

from ketasim.core.errors import KetasimError
from ketasim.studies.population.chunk import file_name, load_sketch, valid
from ketasim.studies.population.plan import Plan

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Incomplete(KetasimError):
    """A run some of whose chunks are missing; `missing` numbers them from 1."""

    def __init__(self, folder: str, missing: list[int], chunks: int) -> None:
        self.missing = missing
        shown = ", ".join(str(c) for c in missing[:20]) + (" …" if len(missing) > 20 else "")
        super().__init__(
            f"run {folder} is incomplete: chunk {shown} of {chunks} missing; do them with --chunk i/{chunks}"
        )


@dataclass(frozen=True)
class Gathered:
    """A finished run: quantiles over people (outputs → (quantiles, times)), summary table, failures."""

    plan: Plan
    times_h: np.ndarray
    quantiles: dict[str, np.ndarray]
    units: dict[str, str]
    summary: list[dict[str, Any]]
    failures: tuple[str, ...]
    files: tuple[Path, ...]


def missing(folder: str | Path) -> list[int]:
    """Chunks (from 0) without a whole file of this plan."""
    plan = Plan.read(folder)
    return [c for c in range(plan.chunks) if not valid(Path(folder) / file_name(c), plan)]


def gather(folder: str | Path) -> Gathered:
    """Read a complete run; raises Incomplete otherwise."""
    import pyarrow.parquet as pq

    plan = Plan.read(folder)
    absent = missing(folder)
    if absent:
        raise Incomplete(str(folder), [c + 1 for c in absent], plan.chunks)
    files = tuple(Path(folder) / file_name(c) for c in range(plan.chunks))
    sketch = reduce(add, (load_sketch(f) for f in files))
    with np.load(Path(folder) / f"pilot-{plan.key}.npz") as held:
        times = held["times_h"]
    rows = _summary(folder)
    units = {r["output"]: r["unit"] for r in rows}
    values = {q: sketch.quantile(q) for q in QUANTILES}
    names = list(dict.fromkeys(pq.read_table(files[0], columns=["output"])["output"].to_pylist()))
    failures = [f for path in files for f in json.loads(pq.read_metadata(path).metadata[b"failures"])]
    return Gathered(
        plan,
        times,
        {name: np.stack([values[q][i] for q in QUANTILES]) for i, name in enumerate(names)},
        units,
        rows,
        tuple(failures),
        files,
    )


def _summary(folder: str | Path) -> list[dict[str, Any]]:
    """Quantiles of Cmax, AUC, Tmax over subjects, computed by DuckDB without holding them."""
    import duckdb

    pattern = str(Path(folder) / "part-*.parquet").replace("'", "''")
    parts = ", ".join(
        f"quantile_cont({c}, [0.05, 0.5, 0.95]) AS {c}, avg({c}) AS {c}_mean" for c in ("cmax", "auc", "tmax_h")
    )
    query = (
        f"SELECT output, any_value(unit) AS unit, count(*) AS subjects, sum(failed::INT) AS failed, {parts} "
        f"FROM read_parquet('{pattern}') WHERE NOT isnan(cmax) OR failed GROUP BY output ORDER BY output"
    )
    with duckdb.connect() as connection:
        cursor = connection.execute(query)
        names = [d[0] for d in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
