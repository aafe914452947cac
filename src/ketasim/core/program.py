"""Program: a system traced once into one graph, as solvers and exporters read it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ketasim.core.evaluate import compile_nodes
from ketasim.core.graph import Graph


@dataclass(frozen=True, eq=False)
class Program:
    """Equations of a whole system.

    Attributes
    ----------
    graph : all expressions; the nodes below are indices into it.
    state_names, state_units, parameter_names, parameter_units : in the order of the solver's vectors.
    rhs : d(state)/dt per hour, one node a state.
    outputs : name → (node, unit); everything any part publishes.
    initial : states at the start, nodes of parameters alone.
    jumps : event → one node a state (the value after the event).
    rate_channels : states that can be infused into; a solver adds rate[k] to the rhs of rate_channels[k].
    cuts : shared nodes at which differentiation may stop and chain.
    exportable : every part may be written out (SBML, JavaScript).
    """

    graph: Graph
    state_names: tuple[str, ...]
    state_units: tuple[str, ...]
    parameter_names: tuple[str, ...]
    parameter_units: tuple[str, ...]
    rhs: tuple[int, ...]
    outputs: dict[str, tuple[int, str]]
    initial: tuple[int, ...]
    jumps: dict[str, tuple[int, ...]] = field(default_factory=dict)
    rate_channels: tuple[int, ...] = ()
    cuts: tuple[int, ...] = ()
    exportable: bool = True
    not_exportable: tuple[str, ...] = ()
    _traced: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "_traced", len(self.graph.nodes))  # later nodes are derivatives: not part of the key

    @cached_property
    def jacobian(self) -> dict[tuple[int, int], int]:
        """Sparse ∂rhs/∂state: (row, column) → node."""
        column = {self.graph.symbol("state", name): j for j, name in enumerate(self.state_names)}
        rows = self.graph.gradients(self.rhs, self.cuts)
        return {
            (i, column[s]): d
            for i, row in enumerate(rows)
            for s, d in sorted(row.items(), key=lambda kv: column[kv[0]])
        }

    @cached_property
    def linear(self) -> bool:
        """Proved on the graph: the right-hand side is affine in the states with a Jacobian constant in time, no time
        in it, and no jump."""
        if self.jumps or any(self.graph.symbols(r, "time") for r in self.rhs):
            return False
        return all(self.graph.static[d] for d in self.jacobian.values())

    @cached_property
    def key(self) -> str:
        """Hash of the equations (not of any value)."""
        digest = hashlib.sha256()
        for part in (
            self.graph.nodes[: self._traced],
            self.state_names,
            self.parameter_names,
            self.rhs,
            self.initial,
            self.rate_channels,
            sorted(self.outputs.items()),
            sorted(self.jumps.items()),
        ):
            digest.update(repr(part).encode())
        return digest.hexdigest()

    def channel(self, state: int) -> int:
        """Index of the rate channel of a state."""
        return self.rate_channels.index(state)

    def function(self, nodes: tuple[int, ...]):  # type: ignore[no-untyped-def]
        """A NumPy function (states, parameters, t) → list of arrays for some nodes; vectorised over subjects."""
        return compile_nodes(self.graph, nodes, self.state_names, self.parameter_names)

    def initial_states(self, parameters: np.ndarray) -> np.ndarray:
        """States at the start, (n, states), for parameters (n, parameters)."""
        n = len(parameters)
        values = self.function(self.initial)(np.zeros((len(self.state_names), n)), parameters.T, 0.0)
        return (
            np.stack([np.broadcast_to(np.asarray(v, float), (n,)) for v in values], axis=1)
            if values
            else np.zeros((n, 0))
        )
