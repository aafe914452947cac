"""Leave one study out: what the model says of a study whose rows did not take part in the calibration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from .arm import Settings
from .read import read_folder
from .simulator import Simulator
from .study import Study
from .validation import Row, layers, validate_study

Calibrator = Callable[[Sequence[Study]], Mapping[str, float]]


def leave_one_out(
    calibrate: Calibrator,
    folder: str | Path | None = None,
    systems: str | Sequence[str] | None = None,
    *,
    settings: Settings | None = None,
    simulator: Simulator | None = None,
) -> list[Row]:
    """Rows marked `calibrate`, each predicted by a model calibrated without its study.

    calibrate : takes the remaining studies, returns parameter name → typical value.
    Only studies that hold a calibrate row of the wanted systems are left out in turn; the others stay in throughout.
    """
    studies = read_folder(folder)
    wanted = layers(systems)
    if simulator is None:
        from .native import KetasimSimulator

        simulator = KetasimSimulator()
    base = settings or Settings()
    out: list[Row] = []
    for left_out in studies:
        held = {r.id for r in left_out.observations
                if r.use == "calibrate" and (wanted is None or (r.layer or left_out.layer) in wanted)}  # fmt: skip
        if not held:
            continue
        rest = [study for study in studies if study.id != left_out.id]
        fitted = replace(base, overrides={**base.overrides, **calibrate(rest)})
        rows = validate_study(left_out, fitted, simulator, wanted, rest)
        for row in rows:
            if row["id"] in held:
                row["note"] = "; ".join(x for x in (row["note"], "predicted without this study") if x)
                out.append(row)
    return out
