"""Which numbers matter: Morris screening and Sobol indices of any output over the model's own distributions.

Every parameter with a spread in the chosen layers is an axis of the unit cube; a point of the cube is a person (or a
world) through the inverse distribution functions, so the ranges are the sourced ones and never ad hoc.

Source: Saltelli A et al., Global sensitivity analysis: the primer, Wiley 2008; computed by SALib (Herman and Usher,
J Open Source Softw 2017;2:97).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ketasim.analysis.reduction import reduction as read_reduction
from ketasim.core import variability
from ketasim.core.errors import InputError, SolverError
from ketasim.core.parameters import Parameter

if TYPE_CHECKING:
    from ketasim.patients import Patient

METHODS = ("morris", "sobol")


@dataclass(frozen=True)
class Sensitivity:
    """Rows (one a parameter, most influential first) and what they are about.

    Morris rows: mu_star, mu_star_conf, sigma (in the output's unit). Sobol rows: S1, S1_conf, ST, ST_conf.
    """

    output: str
    reduction: str
    method: str
    layers: tuple[str, ...]
    runs: int
    mean: float
    sd: float
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Axis:
    """One distribution: all parameters of the system that share its draw, and the layer."""

    key: str
    layer: str
    names: tuple[str, ...]
    parameter: Parameter


def axes(
    parameters: Mapping[str, Parameter], layers: Sequence[str], only: Sequence[str] | None = None
) -> tuple[Axis, ...]:
    """Axes of the unit cube: every spread of the layers (parts that read one table entry share an axis)."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, p in parameters.items():
        for layer in layers:
            if getattr(p, layer, None):
                found.setdefault((p.key, layer), []).append(name)
    out = tuple(Axis(key, layer, tuple(names), parameters[names[0]]) for (key, layer), names in found.items())
    if only:
        known = {n for a in out for n in (a.key, *a.names)}
        for wanted in only:
            if wanted not in known:
                raise InputError("parameter", wanted, "a parameter with a spread: " + ", ".join(sorted(known)))
        out = tuple(a for a in out if {a.key, *a.names} & set(only))
    if not out:
        raise InputError("layers", ", ".join(layers), "layers in which some parameter of the model has a spread")
    return out


def values_at(cube: np.ndarray, chosen: Sequence[Axis], parameters: Mapping[str, Parameter]) -> dict[str, np.ndarray]:
    """Parameter values (runs,) at points (runs, axes) of the unit cube; doubt moves the typical value first."""
    out: dict[str, np.ndarray] = {}
    for layer in ("doubt", "between"):
        for i, axis in enumerate(chosen):
            if axis.layer == layer:
                for name in axis.names:
                    out[name] = variability.quantile(parameters[name], layer, cube[:, i], out.get(name))
    return out


def sensitivity(
    regimen: str,
    output: str,
    *,
    reduction: str = "auc",
    model: str = "ketamine",
    patient: Patient | None = None,
    method: str = "sobol",
    layers: Sequence[str] = ("between", "doubt"),
    parameters: Sequence[str] | None = None,
    n: int = 256,
    seed: int = 0,
    until: str | float | None = None,
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Sensitivity:
    """Rank what drives a number. n : base sample (Sobol) or trajectories (Morris); runs grow with the parameters.

    Raises SolverError where a run failed (an index over holes means nothing).
    """
    from ketasim.patients import Cohort, Patient
    from ketasim.simulate import build, simulate

    if method not in METHODS:
        raise InputError("method", method, ", ".join(METHODS))
    from ketasim.dosing import Regimen

    course = Regimen.parse(regimen) if isinstance(regimen, str) else regimen
    built, _ = build(model, course.doses, (output,))
    chosen = axes(built.system.parameters, tuple(layers), parameters)
    problem = {
        "num_vars": len(chosen),
        "names": [f"{a.key} ({a.layer})" for a in chosen],
        "bounds": [[0, 1]] * len(chosen),
    }
    cube = _sample(problem, method, n, seed)
    inside = np.clip(cube, 1e-4, 1 - 1e-4)
    values = values_at(inside, chosen, built.system.parameters)
    result = simulate(
        model,
        Cohort.from_patient(patient or Patient(), len(cube)),
        course,
        seed=seed,
        vary=(),
        outputs=(output,),
        values=values,
        until=until,
        threads=threads,
        progress=progress,
    )
    if result.failures:
        raise SolverError(f"{len(result.failures)} of {len(cube)} runs failed; {result.failures[0]}")
    y = read_reduction(reduction)(result, output)
    rows = _analyse(problem, method, cube, y, seed)
    return Sensitivity(output, reduction, method, tuple(layers), len(cube), float(y.mean()), float(y.std()), rows)


def _sample(problem: Mapping[str, Any], method: str, n: int, seed: int) -> np.ndarray:
    if method == "morris":
        from SALib.sample import morris

        return np.asarray(morris.sample(problem, n, num_levels=8, seed=seed))
    from SALib.sample import sobol

    if n & (n - 1):
        raise InputError("n", n, "a power of two for Sobol indices, such as 256")
    return np.asarray(sobol.sample(problem, n, calc_second_order=False, seed=seed))


def _analyse(
    problem: Mapping[str, Any], method: str, cube: np.ndarray, y: np.ndarray, seed: int
) -> tuple[dict[str, Any], ...]:
    if method == "morris":
        from SALib.analyze import morris

        found = morris.analyze(problem, cube, y, num_levels=8, seed=seed)
        fields: tuple[str, ...] = ("mu_star", "mu_star_conf", "sigma")
    else:
        from SALib.analyze import sobol

        found = sobol.analyze(problem, y, calc_second_order=False, seed=seed)
        fields = ("S1", "S1_conf", "ST", "ST_conf")
    rows = [{"parameter": name, **{f: float(found[f][i]) for f in fields}} for i, name in enumerate(problem["names"])]
    return tuple(sorted(rows, key=lambda r: -r["mu_star" if method == "morris" else "ST"]))
