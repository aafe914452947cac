"""Connectivity of a person's brain from the NMDA block of a run: the outputs `fc` and `gbc`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from ketasim.circuits.connectome import Connectome, read, schaefer100
from ketasim.circuits.network import Brain, blocks, connectivity, global_brain_connectivity
from ketasim.core.arrays import Labelled
from ketasim.core.errors import InputError

NEEDS = ("nmda.block.pyramidal", "nmda.block.pv", "nmda.block.sst")
CONDITIONS = ("placebo", "drug")
SAME = 1e-5
CAVEAT = "whole-brain mean field: no published model validates it; studies disagree on the sign (docs: circuits)"
MAPS = ("uniform", "nmda")
SIGNALS = ("kept", "removed")


@lru_cache(maxsize=4)
def _brain_of(path: str, changed: float) -> tuple[Connectome, Brain]:
    c = read(path) if path else schaefer100()
    return c, Brain.of(c.strength, c.density, c.labels, length_mm=c.length_mm, hierarchy=c.hierarchy)


def brain(path: str = "") -> tuple[Connectome, Brain]:
    """The connectome in a file, or that of the installed package, with the mean field on it.

    InputError where there is none: it says what to install.
    """
    if not path:
        from ketasim.circuits.connectome import NEEDED
        from ketasim.core.errors import KetasimError

        try:
            return _brain_of("", 0.0)
        except KetasimError as missing:
            if isinstance(missing, InputError) or str(missing) != NEEDED:
                raise
            raise InputError("output", "fc or gbc", "a connectome", NEEDED) from None
    file = Path(path)
    if not file.is_file():
        raise InputError("option connectome", path, "a .csv or .npz file that is there")
    return _brain_of(str(file), file.stat().st_mtime)


def regional(
    what: str, path: str, hypothesis: str, density: str, global_signal: str, at_h: float | None,
    curves: Mapping[str, np.ndarray], times_h: np.ndarray,
) -> Labelled:  # fmt: skip
    """`fc` (subject, condition, region, region) or `gbc` (subject, condition, region), without and with drug.

    at_h : the time whose block is taken (the nearest time of the run); None: when block of pyramidal cells is deepest.
    Subjects that could not be finished are NaN. Correlations for fc, mean Fisher z for gbc.
    """
    c, made = brain(path)
    if density == "nmda" and "density" in c.absent:
        raise InputError("option network_map", density, "uniform, or a connectome that brings 'density'")
    rows = [np.clip(curves[name], 0.0, 0.999) for name in NEEDS]
    n, regions = len(rows[0]), len(made.coupling)
    if at_h is None:
        at = np.array([int(np.nanargmax(r)) if np.isfinite(r).any() else 0 for r in rows[0]])
    else:
        at = np.full(n, int(np.argmin(np.abs(times_h - at_h))))
    shape = (n, 2, regions, regions) if what == "fc" else (n, 2, regions)
    out, known = np.full(shape, np.nan), dict[tuple[float, float], np.ndarray]()
    for i in range(n):
        pyramidal, pv, sst = (float(r[i, at[i]]) for r in rows)
        if not np.isfinite(pyramidal + pv + sst):
            continue
        for k, pair in enumerate(((0.0, 0.0), blocks(pyramidal, pv, sst, hypothesis))):
            key = (round(pair[0] / SAME) * SAME, round(pair[1] / SAME) * SAME)
            if key not in known:
                fc = connectivity(made, *key, regional=density == "nmda", global_signal=global_signal == "kept")
                known[key] = fc if what == "fc" else global_brain_connectivity(fc)
            out[i, k] = known[key]
    when = np.stack([np.zeros(n), times_h[at]], axis=1)
    words = [CAVEAT, f"block: {hypothesis}; map: {density}; global signal {global_signal}", c.acknowledgement]
    if c.absent:
        words.append(f"this connectome brings no {' and no '.join(c.absent)}: regions are alike in it")
    axes = ("region", "region_2") if what == "fc" else ("region",)
    coords = {"condition": CONDITIONS, **dict.fromkeys(axes, c.regions)}
    return Labelled(
        out, ("subject", "condition", *axes), coords, "correlation" if what == "fc" else "Fisher z", when, tuple(words)
    )
