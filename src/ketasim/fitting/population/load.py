"""A fit from two files: a Python specification of the user's own and a data set."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from ketasim.core.errors import InputError
from ketasim.dosing.records.read import read
from ketasim.fitting.population.specification import PopulationModel


def load(specification: str | Path, data: str | Path) -> tuple[PopulationModel, Any]:
    """(model, structure on the records). The specification is Python that the user wrote; it is run.

    It defines `model` (a PopulationModel) and `structure`, a function records → ModelOnRecords or ClosedForm; it may
    define `reading`, a dictionary of options for the data reader.
    """
    path = Path(specification)
    if not path.is_file():
        raise InputError("specification", str(path), "a Python file with `model` and `structure`")
    if not Path(data).is_file():
        raise InputError("data", str(data), "a data set (CSV)")
    space = runpy.run_path(str(path))
    for name in ("model", "structure"):
        if name not in space:
            raise InputError(f"specification {path.name}", f"without {name}", "`model` and `structure`")
    if not isinstance(space["model"], PopulationModel):
        raise InputError("model", type(space["model"]).__name__, "a PopulationModel")
    return space["model"], space["structure"](read(Path(data), **space.get("reading", {})))


def estimates(path: str | Path) -> dict[str, float]:
    """name → value of a fit that was printed as JSON (means of a posterior)."""
    import json

    try:
        rows = json.loads(Path(path).read_text(encoding="utf-8"))["estimates"]
        return {r["name"]: float(r.get("estimate", r.get("mean"))) for r in rows}
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError("fit", str(path), "a file written by `ketasim fit --json`") from None
