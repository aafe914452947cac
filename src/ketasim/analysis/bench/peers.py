"""Other solvers on the benchmark system, each set up the way its own documentation would have it.

A peer is a function (parameters (n, 94), weights (n,), rtol) → values (n, states, times). Each is returned by a maker
that compiles once, so that only solving is timed. A maker raises ImportError where its package is not installed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ketasim.analysis.bench import system45 as s45
from ketasim.analysis.bench.written import diffsl, sbml

Solver = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


def _segments(times: np.ndarray) -> list[tuple[float, float, bool, np.ndarray]]:
    """(from, to, infusing, indices of the output times in (from, to]) between infusion edges."""
    cuts = [0.0]
    for start in s45.STARTS_MIN:
        cuts += [start, start + s45.INFUSION_MIN]
    cuts.append(s45.HORIZON_MIN)
    out = []
    for k, (a, b) in enumerate(zip(cuts[:-1], cuts[1:], strict=True)):
        out.append((a, b, k % 2 == 1, np.flatnonzero((times > a) & (times <= b))))
    return out


def ketasim(lanes: int = 0, threads: int = 1) -> Solver:
    """Our native engine; results go to a warm buffer, as a study would have it."""
    from ketasim.core.solvers.native.run import solve

    program, times = s45.program(), s45.output_times()
    buffer: dict[int, np.ndarray] = {}

    def run(parameters: np.ndarray, weights: np.ndarray, rtol: float) -> np.ndarray:
        n = len(parameters)
        out = buffer.setdefault(n, np.empty((n, len(times), len(program.state_names))))
        return solve(
            program, parameters, s45.infusions(weights), times, program.state_names, rtol=rtol,
            first_step_h=s45.FIRST_STEP_MIN, lanes=lanes, threads=threads, values=out,
        ).values  # fmt: skip

    return run


def libroadrunner() -> Solver:
    """CVODE with compiled equations, infusions as SBML events."""
    import roadrunner

    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_ERROR)
    program, times = s45.program(), s45.output_times()
    infusions = [(s, s + s45.INFUSION_MIN) for s in s45.STARTS_MIN]
    model = roadrunner.RoadRunner(sbml(program, infusions))
    size = len(program.state_names)
    model.timeCourseSelections = [f"y{i}" for i in range(size)]
    model.integrator.setValue("maximum_num_steps", 100_000)
    names = [f"p{i}" for i in range(len(program.parameter_names))]
    start = program.function(program.initial)

    def run(parameters: np.ndarray, weights: np.ndarray, rtol: float) -> np.ndarray:
        model.integrator.relative_tolerance = rtol
        model.integrator.absolute_tolerance = rtol * 1e-3
        out = np.empty((len(parameters), size, len(times)))
        for i, (p, w) in enumerate(zip(parameters, weights, strict=True)):
            model.resetAll()
            model.setValues(names, p) if hasattr(model, "setValues") else _set(model, names, p)
            rate = 0.5 * w / s45.INFUSION_MIN / 2.0
            _set(model, ["level0", "level1", "r0", "r1"], [rate, rate, 0.0, 0.0])
            _set(model, [f"y{k}" for k in range(size)], [float(v) for v in start(np.zeros(size), p, 0.0)])
            out[i] = np.asarray(model.simulate(times=times)).T
        return out

    return run


def _set(model: object, names: list[str], values: object) -> None:
    for name, value in zip(names, values, strict=True):  # type: ignore[call-overload]
        model[name] = float(value)  # type: ignore[index]


def pydiffsol() -> Solver:
    """BDF with a sparse direct solver and LLVM, restarted at the edges of infusions."""
    import pydiffsol as ds

    program, times = s45.program(), s45.output_times()
    backend = {"jit_backend": ds.llvm} if hasattr(ds, "llvm") else {}
    ode = ds.Ode(diffsl(program), matrix_type=ds.faer_sparse, ode_solver=ds.bdf, **backend)
    size, segments = len(program.state_names), _segments(times)
    start = program.function(program.initial)

    def run(parameters: np.ndarray, weights: np.ndarray, rtol: float) -> np.ndarray:
        ode.rtol, ode.atol = rtol, rtol * 1e-3
        out = np.empty((len(parameters), size, len(times)))
        for i, (p, w) in enumerate(zip(parameters, weights, strict=True)):
            y = np.array([float(v) for v in start(np.zeros(size), p, 0.0)])
            out[i, :, times == 0.0] = y
            for a, b, on, pick in segments:
                rate = 0.5 * w / s45.INFUSION_MIN / 2.0 if on else 0.0
                grid = np.unique(np.append(times[pick], b)) - a
                ys = np.asarray(ode.solve_dense(np.concatenate([p, y, [rate, rate]]), np.append(0.0, grid)).ys)[:, 1:]
                out[i][:, pick] = ys[:, : len(pick)]
                y = ys[:, -1]
        return out

    return run


def scipy_lsoda() -> Solver:
    """solve_ivp's LSODA with our vectorised NumPy right-hand side and Jacobian."""
    from scipy.integrate import solve_ivp

    program, times = s45.program(), s45.output_times()
    rhs, jacobian = program.function(program.rhs), program.function(tuple(program.jacobian.values()))
    rows, columns = np.array(list(program.jacobian)).T
    size, segments, channels = len(program.state_names), _segments(times), list(program.rate_channels)
    start = program.function(program.initial)

    def run(parameters: np.ndarray, weights: np.ndarray, rtol: float) -> np.ndarray:
        out = np.empty((len(parameters), size, len(times)))
        for i, (p, w) in enumerate(zip(parameters, weights, strict=True)):
            y = np.array([float(v) for v in start(np.zeros(size), p, 0.0)])
            out[i, :, times == 0.0] = y
            for a, b, on, pick in segments:
                forcing = np.zeros(size)
                forcing[channels] = 0.5 * w / s45.INFUSION_MIN / 2.0 if on else 0.0

                def f(t: float, x: np.ndarray, p: np.ndarray = p, forcing: np.ndarray = forcing) -> np.ndarray:
                    return np.array(rhs(x, p, t)) + forcing

                def j(t: float, x: np.ndarray, p: np.ndarray = p) -> np.ndarray:
                    full = np.zeros((size, size))
                    full[rows, columns] = jacobian(x, p, t)
                    return full

                grid = np.unique(np.append(times[pick], b))
                found = solve_ivp(f, (a, b), y, method="LSODA", t_eval=grid, rtol=rtol, atol=rtol * 1e-3, jac=j)
                out[i][:, pick] = found.y[:, : len(pick)]
                y = found.y[:, -1]
        return out

    return run


PEERS: dict[str, Callable[[], Solver]] = {"libroadrunner": libroadrunner, "pydiffsol": pydiffsol, "scipy": scipy_lsoda}
