"""The handful of functions an equation may use.

Each works alike on graph expressions, floats, NumPy arrays, JAX arrays, pint quantities and SymPy symbols, so one
line of physiology can be traced, run, differentiated and unit-checked.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ketasim.core.expression import Expr

FLOOR = 1e-30


def _backend(*values: Any) -> str:
    """Which reader is calling: expr, pint, jax, sympy or numpy."""
    for v in values:
        if isinstance(v, Expr):
            return "expr"
        module = type(v).__module__
        if module.startswith("pint"):
            return "pint"
        if module.startswith("jax"):
            return "jax"
        if module.startswith("sympy"):
            return "sympy"
    return "numpy"


def _library(backend: str) -> Any:
    if backend == "jax":
        import jax.numpy as jnp

        return jnp
    if backend == "sympy":
        import sympy

        return sympy
    return np


def _unary(name: str, value: Any) -> Any:
    backend = _backend(value)
    if backend == "expr":
        return Expr(value.graph, value.graph.unary(name, value.node))
    if backend == "numpy" and isinstance(value, (int, float)):
        return getattr(math, name)(value)
    if backend == "pint":
        return getattr(np, name)(value if name == "sqrt" else value.to(""))
    return getattr(_library(backend), name)(value)


def exp(value: Any) -> Any:
    """e to the power of a dimensionless value."""
    return _unary("exp", value)


def log(value: Any) -> Any:
    """Natural logarithm of a positive dimensionless value."""
    return _unary("log", value)


def sqrt(value: Any) -> Any:
    """Square root of a value that is not negative."""
    return _unary("sqrt", value)


def power(base: Any, exponent: Any) -> Any:
    """base ** exponent for a base that is not negative."""
    if _backend(base, exponent) == "pint":
        exponent = exponent.to("").magnitude if _backend(exponent) == "pint" else exponent
    return base**exponent


def _graph_of(*values: Any) -> Any:
    return next(v.graph for v in values if isinstance(v, Expr))


def _node(graph: Any, value: Any) -> int:
    return value.node if isinstance(value, Expr) else graph.const(float(value))


def _extremum(kind: str, a: Any, b: Any) -> Any:
    backend = _backend(a, b)
    if backend == "expr":
        graph = _graph_of(a, b)
        return Expr(graph, graph.extremum(kind, _node(graph, a), _node(graph, b)))
    if backend == "sympy":
        return (_library(backend).Max if kind == "max" else _library(backend).Min)(a, b)
    if backend == "pint":
        unit = (a if _backend(a) == "pint" else b).units
        a, b = (v if _backend(v) == "pint" else v * unit if v == 0 else v * (unit / unit) for v in (a, b))
        return (a if a >= b else b) if kind == "max" else (a if a <= b else b)
    return getattr(_library(backend), kind + "imum")(a, b)


def maximum(a: Any, b: Any) -> Any:
    """The larger of two values (zero may be written without a unit)."""
    return _extremum("max", a, b)


def minimum(a: Any, b: Any) -> Any:
    """The smaller of two values (zero may be written without a unit)."""
    return _extremum("min", a, b)


def where_less(a: Any, b: Any, then: Any, otherwise: Any) -> Any:
    """`then` where a < b, else `otherwise`; both sides are always evaluated."""
    backend = _backend(a, b, then, otherwise)
    if backend == "expr":
        graph = _graph_of(a, b, then, otherwise)
        return Expr(graph, graph.select(*(_node(graph, v) for v in (a, b, then, otherwise))))
    if backend == "sympy":
        sympy = _library(backend)
        return sympy.Piecewise((then, a < b), (otherwise, True))
    if backend == "pint":
        return then if a < b else otherwise
    return _library(backend).where(a < b, then, otherwise)


def positive(value: Any) -> Any:
    """max(value, 0)."""
    return maximum(value, 0.0)


def hill(C: Any, C50: Any, n: Any = 1.0) -> Any:
    """C^n / (C50^n + C^n), zero at and below C = 0, with finite slope everywhere."""
    if isinstance(n, (int, float)) and n == 1:
        c = positive(C)
        return c / (C50 + c)
    ratio = maximum(C / C50, FLOOR)
    term = power(ratio, n)
    return term / (1.0 + term)


def expit(value: Any) -> Any:
    """Logistic function 1 / (1 + e^−value)."""
    return 1.0 / (1.0 + exp(-value))


def tanh(value: Any) -> Any:
    """Hyperbolic tangent."""
    return 2.0 * expit(2.0 * value) - 1.0


def softplus(value: Any) -> Any:
    """log(1 + e^value) without overflow."""
    magnitude = maximum(value, -value)
    return positive(value) + log(1.0 + exp(-magnitude))
