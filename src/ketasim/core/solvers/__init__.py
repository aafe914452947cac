"""Solvers behind one signature: native, vectorised, exact, reference."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ketasim.core.errors import InputError
from ketasim.core.solvers.solution import Solution

ENGINES = {
    "native": "ketasim.core.solvers.native",
    "vectorised": "ketasim.core.solvers.vectorised",
    "exact": "ketasim.core.solvers.exact",
    "reference": "ketasim.core.solvers.reference",
}


def solver(name: str) -> Callable[..., Solution]:
    """The solve function of an engine, loaded when asked for."""
    if name not in ENGINES:
        raise InputError("engine", name, ", ".join(ENGINES))
    return import_module(ENGINES[name]).solve
