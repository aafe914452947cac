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

PILOT, CHUNK, LEAST_BLOCK = 256, 4096, 64
BLOCK_VALUES = 8_000_000
"""Values in memory at once: 64 MB, and a few times that while they are worked on."""


def file_name(chunk: int) -> str:
    """Name of a chunk's file."""
    return f"part-{chunk:06d}.parquet"


def run_chunk(plan: Plan, chunk: int, folder: str | Path, threads: int = 1) -> Path:
    """Do one chunk (numbered from 0) unless its file is there already, whole and of this plan.

    People are simulated block by block and written as they come, so memory depends on neither the chunk nor the run.
    """
    path = Path(folder) / file_name(chunk)
    if path.exists() and valid(path, plan):
        return path
    pa, _ = _arrow()
    rows = plan.rows(chunk)
    low, high, names = _limits(plan, folder)
    size = block_size(low.size)
    sketch: Sketch | None = None
    failures: list[str] = []
    with _Parts(path, plan.keep == "curves") as parts:
        for first in range(rows.start, rows.stop, size):
            result = _simulate(plan, range(first, min(first + size, rows.stop)), names, threads)
            parts.add(pa.table(summary(result)), result)
            sketch = Sketch.of(_stack(result), low, high, sketch)
            failures += result.failures
        manifest = {**result.manifest, "subjects": len(rows)}
        meta = {
            "plan": plan.key, "chunk": str(chunk), "failures": json.dumps(failures),
            "manifest": json.dumps(manifest, default=str),
        }  # fmt: skip
        assert sketch is not None
        _save_sketch(path, sketch)
        parts.finish(meta)
    return path


def block_size(values: int) -> int:
    """People simulated at once where each has so many values (outputs × times): at most BLOCK_VALUES in all."""
    return max(LEAST_BLOCK, min(CHUNK, BLOCK_VALUES // max(1, values)))


class _Parts:
    """The Parquet files of a chunk, row group by row group; they appear whole, under their names, or not at all."""

    def __init__(self, path: Path, curves: bool) -> None:
        self.path, self.files = path, [path]
        if curves:
            self.files.insert(0, path.with_name(path.name.replace("part-", "curves-")))
        self.parts = [f.with_name(f".{f.name}.{os.getpid()}.part") for f in self.files]
        self.writers: list[Any] = []

    def __enter__(self) -> _Parts:
        return self

    def add(self, table: Any, result: Any) -> None:
        """Write the rows of some people."""
        pa, pq = _arrow()
        tables = [pa.table(result.columns()), table] if len(self.files) == 2 else [table]
        try:
            if not self.writers:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.writers = [pq.ParquetWriter(p, t.schema) for p, t in zip(self.parts, tables, strict=True)]
            for writer, one in zip(self.writers, tables, strict=True):
                writer.write_table(one)
        except OSError as error:
            raise _unwritable(self.path, error) from None

    def finish(self, meta: dict[str, str]) -> None:
        """Close the files and give them their names, the summary last."""
        try:
            for writer, part, file in zip(self.writers, self.parts, self.files, strict=True):
                writer.add_key_value_metadata(meta)
                writer.close()
                part.replace(file)
        except OSError as error:
            raise _unwritable(self.path, error) from None

    def __exit__(self, *_: object) -> None:
        for writer, part in zip(self.writers, self.parts, strict=False):
            if writer.is_open:
                writer.close()
            part.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError("output folder", str(path.parent), "a folder that can be written", f"{error.strerror}.")


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


def _simulate(plan: Plan, rows: range, outputs: tuple[str, ...] | None, threads: int = 1) -> Any:
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
        outputs=outputs,
        until=plan.until_h,
        vary=plan.vary,
        options=plan.options,
        values=plan.values,
        engine=plan.engine,
        threads=threads,
    )


def _stack(result: Any) -> np.ndarray:
    return np.stack([result[k] for k in result.outputs], axis=1)


def _limits(plan: Plan, folder: str | Path) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Bin limits (outputs, times) and names of the outputs, from the first subjects of the plan: the same for all."""
    pilot = Path(folder) / f"pilot-{plan.key}.npz"
    try:
        with np.load(pilot) as held:
            return held["low"], held["high"], tuple(str(name) for name in held["outputs"])
    except (OSError, ValueError, KeyError):
        pass
    first = _simulate(plan, range(min(PILOT, plan.subjects)), plan.outputs or None)
    low, high = Sketch.ranges(_stack(first))
    names = tuple(first.outputs)
    part = pilot.with_name(f".{pilot.stem}.{os.getpid()}.npz")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        np.savez(part, low=low, high=high, times_h=first.times_h, outputs=np.array(names))
        part.replace(pilot)
    except OSError as error:
        raise _unwritable(pilot, error) from None
    return low, high, names


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
