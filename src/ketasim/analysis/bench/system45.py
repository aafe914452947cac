"""The 45-state benchmark system: two enantiomers, metabolites, receptor, circulation, plasticity, mood, bladder.

Plausible and not fitted: it exists to measure engines, as anchors/benchmark of the engine study does. Time is in
minutes here (a solver does not mind what its hour is called). `system45.txt` holds states, parameters and equations.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import numpy as np

from ketasim.core.graph import Graph
from ketasim.core.program import Program
from ketasim.core.schedule import RATE, EdgeList, Edges

SOURCE = Path(__file__).with_name("system45.txt")
STARTS_MIN = (60.0, 4380.0, 10140.0, 14460.0, 20220.0, 24540.0, 30300.0, 34620.0)
INFUSION_MIN, HORIZON_MIN = 40.0, 50400.0
FIRST_STEP_MIN = 0.06
START_PARAMETER = {"HR": "HR0", "SBP": "SBP0", "DBP": "DBP0", "mood": "M0"}


@cache
def lines() -> tuple[dict[str, float], dict[str, tuple[float, float]], tuple[tuple[str, str], ...]]:
    """States with initial values, parameters with (median, log-normal SD), equations in order."""
    states: dict[str, float] = {}
    parameters: dict[str, tuple[float, float]] = {}
    equations = []
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        word = line.split()
        if line.startswith("#") or not word:
            continue
        if word[0] == "state":
            states[word[1]] = float(word[2])
        elif word[0] == "parameter":
            parameters[word[1]] = (float(word[2]), float(word[3]))
        else:
            left, right = line.split("=", 1)
            equations.append((left.strip(), right.strip()))
    return states, parameters, tuple(equations)


@cache
def program() -> Program:
    """The system as a Program whose outputs are its 45 states."""
    states, parameters, equations = lines()
    graph = Graph()
    known = {s: graph.symbol("state", s) for s in states}
    known |= {p: graph.symbol("par", p) for p in parameters}
    known |= {"RS": graph.const(0.0), "RR": graph.const(0.0)}
    operators = {ast.Add: graph.add, ast.Sub: graph.sub, ast.Mult: graph.mul, ast.Div: graph.div}

    def node(e: ast.expr) -> int:
        if isinstance(e, ast.BinOp):
            return operators[type(e.op)](node(e.left), node(e.right))
        if isinstance(e, ast.UnaryOp):
            return graph.neg(node(e.operand))
        if isinstance(e, ast.Constant):
            return graph.const(float(str(e.value)))
        if isinstance(e, ast.Name):
            return known[e.id]
        assert isinstance(e, ast.Call) and isinstance(e.func, ast.Name)
        arguments = [node(a) for a in e.args]
        return graph.pow(*arguments) if e.func.id == "pow" else graph.unary(e.func.id, *arguments)

    cuts = []
    for name, text in equations:
        known[name] = node(ast.parse(text, mode="eval").body)
        if not name.startswith("d_"):
            cuts.append(known[name])
    start = [known[START_PARAMETER[s]] if s in START_PARAMETER else graph.const(v) for s, v in states.items()]
    order = list(states)
    return Program(
        graph=graph, state_names=tuple(states), state_units=("",) * len(states), parameter_names=tuple(parameters),
        parameter_units=("",) * len(parameters), rhs=tuple(known[f"d_{s}"] for s in states),
        outputs={s: (known[s], "") for s in states}, initial=tuple(start),
        rate_channels=(order.index("a1S"), order.index("a1R")), cuts=tuple(sorted(set(cuts))),
    )  # fmt: skip


def people(n: int, seed: int = 1, spread: float = 1.0) -> np.ndarray:
    """Parameters (n, 94) drawn log-normally."""
    _, parameters, _ = lines()
    median = np.array([m for m, _ in parameters.values()])
    omega = np.array([o for _, o in parameters.values()])
    return median * np.exp(spread * omega * np.random.default_rng(seed).standard_normal((n, len(median))))


def weights(n: int, seed: int = 1) -> np.ndarray:
    """Body weights, kg."""
    return 70.0 * np.exp(0.18 * np.random.default_rng(seed + 7919).standard_normal(n))


def infusions(weight_kg: np.ndarray) -> Edges:
    """Eight infusions of 0.5 mg/kg racemate over 40 min, half each enantiomer."""
    events = EdgeList(len(weight_kg))
    rate = 0.5 * weight_kg / INFUSION_MIN / 2.0
    for start in STARTS_MIN:
        for channel in (0, 1):
            events.add(RATE, channel, start, rate)
            events.add(RATE, channel, start + INFUSION_MIN, -rate)
    return events.build()


def output_times() -> np.ndarray:
    """594 times: dense around each infusion, then spreading out to the next; minutes."""
    edges = [*STARTS_MIN, HORIZON_MIN]
    times = [np.zeros(1)]
    for start, following in zip(edges[:-1], edges[1:], strict=True):
        times.append(start + np.arange(0.0, 45.0, 2.5))
        times.append(np.linspace(start + 42.5, start + 120.0, 20))
        times.append(start + 120.0 + np.geomspace(8.0, following - start - 120.0, 38))
    return np.unique(np.round(np.concatenate(times), 9))
