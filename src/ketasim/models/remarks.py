"""Sentences a reader must see about a person and a system: outside the data, frames of an interaction."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ketasim.core.parameters import ParameterTable
from ketasim.core.system import System

ENZYMES = tuple(
    f"class.{enzyme}" for enzyme in
    ("cyp2b6_inhibitor", "cyp2b6_inducer", "cyp3a_inhibitor", "cyp3a_gut_inhibitor", "cyp3a_inducer")
)  # fmt: skip
IN_PLASMA = "the default parent, of which the liver takes 0.72 (S) at rest"
IN_MOUTH = "the default parent, of which the liver takes 0.72 (S) at rest, with gut-wall loss"
IN_LIVER = "the liver of the nasal model itself, with gut-wall loss"


def remarks(system: System, covariates: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """One sentence a table whose people were of another age, and one naming the frames of an interaction."""
    return (*_ages(system, covariates), *_frames(system, covariates))


def _ages(system: System, covariates: Mapping[str, np.ndarray]) -> list[str]:
    if "age_y" not in covariates:
        return []
    age = np.asarray(covariates["age_y"], float)
    out = []
    for name in dict.fromkeys(p.component.table for p in system.parts if p.component.table.startswith("kinetics/")):
        meta = ParameterTable.load(name).meta
        low, high = meta.get("valid", {}).get("age", (0.0, np.inf))
        count = int(((age < low) | (age > high)).sum())
        if count:
            who = "the patient" if len(age) == 1 else f"{count} of {len(age)} subjects"
            out.append(f"extrapolated: age of {who} lies outside {low:g} to {high:g} years ({meta['title']})")
    return out


def _frames(system: System, covariates: Mapping[str, np.ndarray]) -> list[str]:
    parts = {p.name for p in system.parts}
    changed = [n for n in (*ENZYMES, "child_pugh") if np.any(np.asarray(covariates.get(n, 0.0), float) > 0)]
    if "liver" not in parts or not changed:
        return []
    oral, vein = (any(p.startswith(start) for p in parts) for start in ("oral_", "plasma_"))
    frames = [IN_MOUTH if oral else IN_PLASMA] if vein else []
    frames += [IN_LIVER] if any(p.startswith("hepatic_") for p in parts) else []
    if not frames:
        return []
    causes = ", ".join(n.removeprefix("class.") for n in changed)
    return [
        f"interaction ({causes}): intrinsic clearance is scaled in {' and in '.join(frames)}; sizes are class knowledge"
    ]
