"""The data set of a trial as a table, one row a person, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ketasim.core.errors import InputError

from .conduction import TrialData
from .design import Design

PLAIN = ("arm", "stratum", "start", "left", "rescued", "felt", "guess", "relapse", "given")


def columns(design: Design, data: TrialData, first_replicate: int = 0) -> dict[str, np.ndarray]:
    """Columns (people of all replicates,): replicate, person, then what was seen."""
    r, n = data.arm.shape
    out: dict[str, np.ndarray] = {
        "replicate": np.repeat(np.arange(first_replicate, first_replicate + r), n),
        "person": np.tile(np.arange(n), r),
    }
    out |= {name: np.asarray(getattr(data, name)).reshape(-1) for name in PLAIN}
    for i, day in enumerate(design.visits.days):
        out[f"score_{day:g}"] = data.scores[:, :, i].reshape(-1)
        out[f"true_{day:g}"] = data.true[:, :, i].reshape(-1)
    out |= {f"peak_{name}": v.reshape(-1) for name, v in data.peaks.items()}
    out |= {f"watched_{name}": v.reshape(-1) for name, v in data.watched.items()}
    return out


def data_of(design: Design, table: dict[str, np.ndarray], screened: int, failed: int) -> TrialData:
    """The data set whose columns these are."""
    n = design.people
    shaped = {k: np.asarray(v).reshape(-1, n) for k, v in table.items()}
    days = [f"{d:g}" for d in design.visits.days]
    return TrialData(
        **{name: shaped[name] for name in PLAIN},
        scores=np.stack([shaped[f"score_{d}"] for d in days], axis=2),
        true=np.stack([shaped[f"true_{d}"] for d in days], axis=2),
        peaks={k[5:]: v for k, v in shaped.items() if k.startswith("peak_")},
        screened=screened, failed=failed,
        watched={k[8:]: v for k, v in shaped.items() if k.startswith("watched_")},
    )  # fmt: skip


def write(path: Path, table: dict[str, np.ndarray], meta: dict[str, str]) -> None:
    """Write beside the target and rename, so that a chunk is there whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    part = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    content = pa.table(table).replace_schema_metadata({k.encode(): v.encode() for k, v in meta.items()})
    pq.write_table(content, part)
    part.replace(path)


def read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Columns and metadata of a chunk."""
    import pyarrow.parquet as pq

    try:
        found = pq.read_table(path)
    except (OSError, ValueError) as error:
        raise InputError("trial chunk", str(path), f"a readable Parquet file ({error})") from None
    meta: dict[Any, Any] = found.schema.metadata or {}
    columns = {name: found[name].to_numpy() for name in found.column_names}
    return columns, {k.decode(): v.decode() for k, v in meta.items()}
