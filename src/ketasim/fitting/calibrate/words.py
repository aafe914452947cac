"""A calibration in plain text and as a dictionary for JSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ketasim.fitting.calibrate.result import Calibration


def text(c: Calibration) -> str:
    """Numbers, rows, profiles, left-out studies and warnings as aligned columns."""
    out = [_columns(("number", "unit", "prior", "90 %", "posterior", "90 %", "overlap"), [
        (e.name, e.unit, f"{e.prior:.4g}", f"{e.prior_low:.3g} to {e.prior_high:.3g}", f"{e.value:.4g}",
         f"{e.low:.3g} to {e.high:.3g}", f"{e.overlap:.2f}") for e in c.estimates])]  # fmt: skip
    out.append(_columns(("row", "study", "statistic", "output", "observed", "before", "fitted", "error, sd"), [
        (x.id, x.study, x.statistic, x.output, _n(x.observed), _n(x.before), _n(x.fitted), _n(x.residual, 2))
        for x in c.lines]))  # fmt: skip
    state = "converged" if c.converged else "NOT converged"
    out.append(f"{state}; χ² {c.misfit:.1f} on {c.freedom:.1f} degrees of freedom; {c.evaluations} evaluations")
    if c.profiles:
        out.append(_columns(("profile of", "95 % from", "to"), [
            (p.name, "open" if p.low is None else f"{p.low:.4g}", "open" if p.high is None else f"{p.high:.4g}")
            for p in c.profiles]))  # fmt: skip
    if c.left_out:
        out.append(_columns(("left out", "row", "observed", "predicted", "90 %", "error, sd"), [
            (x.study, x.row, _n(x.observed), _n(x.predicted), f"{x.low:.3g} to {x.high:.3g}", _n(x.error, 2))
            for x in c.left_out]))  # fmt: skip
    if c.warnings:
        out.append("\n".join(f"{w.kind}: {w.text}" for w in c.warnings))
    return "\n\n".join(out)


def as_dict(c: Calibration) -> dict[str, Any]:
    """Everything JSON can hold; numbers that are not finite become None."""
    return _clean({
        "estimates": [asdict(e) for e in c.estimates],
        "correlation": c.correlation.tolist(),
        "rows": [asdict(x) for x in c.lines],
        "converged": c.converged,
        "decrement": c.decrement,
        "misfit": c.misfit,
        "freedom": c.freedom,
        "inflation": c.inflation,
        "steps": c.steps,
        "evaluations": c.evaluations,
        "profiles": [asdict(p) for p in c.profiles],
        "left_out": [asdict(x) for x in c.left_out],
        "drivers": [{"name": name, "effect": effect.tolist()} for name, effect in c.noise.drivers],
        "warnings": [asdict(w) for w in c.warnings],
        "sampler": dict(c.sampler),
        "settings": dict(c.settings),
    })  # fmt: skip


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(v) for v in value]
    if isinstance(value, np.ndarray):
        return _clean(value.tolist())
    if isinstance(value, np.generic):
        return _clean(value.item())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _n(x: float | None, digits: int = 4) -> str:
    return "" if x is None else f"{x:.{digits}g}"


def _columns(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    wide = [max(len(line[i]) for line in (head, *rows)) for i in range(len(head))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, wide)).rstrip() for line in (head, *rows))
