"""One chunk: simulate its subjects and leave one Parquet file, whole or not at all.

A chunk depends on the plan and its number alone, so it may be done twice, by anybody, in any order: the file is the
same. Rows hold one subject and output with Cmax, Tmax, AUC and last value; failed subjects have a row that says so.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from ketasim.core.errors import InputError, KetasimError
from ketasim.studies.population.plan import Plan
from ketasim.studies.population.sketch import Sketch

PILOT = 256


def file_name(chunk: int) -> str:
    """Name of a chunk's file."""
    return f"part-{chunk:06d}.parquet"


def run_chunk(plan: Plan, chunk: int, folder: str | Path) -> Path:
    """Do one chunk (numbered from 0) unless its file is there already, whole and of this plan."""
    path = Path(folder) / file_name(chunk)
    if path.exists() and valid(path, plan):
        return path
    pa, pq = _arrow()
    result = _simulate(plan, plan.rows(chunk))
    table = pa.table(summary(result))
    sketch = _sketch(plan, result, folder)
    meta = {
        b"plan": plan.key.encode(),
        b"chunk": str(chunk).encode(),
        b"failures": json.dumps(result.failures).encode(),
        b"manifest": json.dumps(result.manifest, default=str).encode(),
    }
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if plan.keep == "curves":
            curves = path.with_name(path.name.replace("part-", "curves-"))
            hold = curves.with_name(f".{curves.name}.{os.getpid()}.part")
            pq.write_table(pa.table(result.columns()).replace_schema_metadata(meta), hold)
            hold.replace(curves)
        _save_sketch(path, sketch)
        pq.write_table(table.replace_schema_metadata(meta), part)
        part.replace(path)
    except OSError as error:
        raise InputError("output folder", str(folder), "a folder that can be written", f"{error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
    return path


def valid(path: Path, plan: Plan) -> bool:
    """Whether a file is whole and belongs to this plan."""
    pa, pq = _arrow()
    try:
        meta = pq.read_metadata(path).metadata or {}
        return meta.get(b"plan") == plan.key.encode() and _sketch_path(path).exists()
    except (OSError, pa.ArrowException):
        return False


def summary(result: Any) -> dict[str, Any]:
    """Columns of the per-subject table: subject, output, unit, cmax, tmax_h, auc, last, failed."""
    n = len(result.subjects)
    names = list(result.outputs)
    failed = np.array([np.isnan(next(iter(result.outputs.values()))[i]).any() for i in range(n)])
    return {
        "subject": np.tile(np.asarray(result.subjects), len(names)),
        "output": np.repeat(np.array(names, dtype=object), n),
        "unit": np.repeat(np.array([result.units[k] for k in names], dtype=object), n),
        "cmax": np.concatenate([result[k].max(axis=1) for k in names]),
        "tmax_h": np.concatenate([result.tmax(k) for k in names]),
        "auc": np.concatenate([result.auc(k) for k in names]),
        "last": np.concatenate([result[k][:, -1] for k in names]),
        "failed": np.tile(failed, len(names)),
    }


def _simulate(plan: Plan, rows: range) -> Any:
    from ketasim import patients
    from ketasim.simulate import simulate

    if plan.population is not None:
        cohort = patients.sample(plan.population, len(rows), plan.seed, start=rows.start)
    else:
        cohort = patients.Cohort.from_patient(patients.Patient(**(plan.patient or {})), len(rows), start=rows.start)
    return simulate(
        plan.model,
        cohort,
        plan.regimen,
        plan.times_h,
        plan.seed,
        outputs=plan.outputs or None,
        until=plan.until_h,
        vary=plan.vary,
        options=plan.options,
        values=plan.values,
        engine=plan.engine,
    )


def _stack(result: Any) -> np.ndarray:
    return np.stack([result[k] for k in result.outputs], axis=1)


def _sketch(plan: Plan, result: Any, folder: str | Path) -> Sketch:
    """Bin limits come from the first subjects of the plan, so every worker finds the same ones."""
    pilot = Path(folder) / f"pilot-{plan.key}.npz"
    try:
        with np.load(pilot) as held:
            low, high = held["low"], held["high"]
    except (OSError, ValueError, KeyError):
        first = _simulate(plan, range(min(PILOT, plan.subjects)))
        low, high = Sketch.ranges(_stack(first))
        part = pilot.with_name(f".{pilot.stem}.{os.getpid()}.npz")
        part.parent.mkdir(parents=True, exist_ok=True)
        np.savez(part, low=low, high=high, times_h=first.times_h)
        part.replace(pilot)
    return Sketch.of(_stack(result), low, high)


def _sketch_path(path: Path) -> Path:
    return path.with_name(path.name.replace("part-", "sketch-").replace(".parquet", ".npz"))


def _save_sketch(path: Path, sketch: Sketch) -> None:
    target = _sketch_path(path)
    part = target.with_name(f".{target.stem}.{os.getpid()}.npz")
    np.savez_compressed(
        part,
        low=sketch.low,
        high=sketch.high,
        counts=sketch.counts.astype(np.uint32),
        minimum=sketch.minimum,
        maximum=sketch.maximum,
    )
    part.replace(target)


def load_sketch(path: Path) -> Sketch:
    """The sketch beside a chunk's file."""
    with np.load(_sketch_path(path)) as held:
        return Sketch(held["low"], held["high"], held["counts"].astype(np.int64), held["minimum"], held["maximum"])


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise KetasimError("population runs need the frames extra: pip install 'ketasim[frames]'") from None
    return pa, pq
