"""The folder of a finished trial: result.json, one table of replicates, and the chunks of people."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from . import table
from .batch import key
from .conduction import TrialData
from .design import Design
from .endpoints import analyse

RESULT, REPLICATES = "result.json", "replicates.parquet"


def save(folder: str | Path, design: Design, data: TrialData, result: dict[str, Any]) -> None:
    """Write result.json (with hashes of every column of the people) and replicates.parquet."""
    home = Path(folder)
    table.write(home / REPLICATES, replicates(design, data), {"key": key(design)})
    content = {**result, "key": key(design), "columns": fingerprints(table.columns(design, data))}
    (home / RESULT).write_text(json.dumps(content, indent=1, default=float), encoding="utf-8")


def replicates(design: Design, data: TrialData) -> dict[str, np.ndarray]:
    """One row a replicate, endpoint and active arm: estimate, se, df, p."""
    rows: dict[str, list[Any]] = {k: [] for k in ("replicate", "endpoint", "arm", "estimate", "se", "df", "p")}
    for e in design.tested:
        found = analyse(design, data, e)
        for j, number in enumerate(design.active):
            n = len(found.p)
            rows["replicate"] += range(n)
            rows["endpoint"] += [e.name] * n
            rows["arm"] += [design.arms[number].id] * n
            for name in ("estimate", "se", "df", "p"):
                rows[name] += np.asarray(getattr(found, name))[:, j].tolist()
    return {k: np.asarray(v) for k, v in rows.items()}


def fingerprints(columns: dict[str, np.ndarray]) -> dict[str, str]:
    """Column → hash of its bytes."""
    return {k: hashlib.sha256(np.ascontiguousarray(v).tobytes()).hexdigest()[:16] for k, v in columns.items()}
