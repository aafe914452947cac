"""Expr: a node of the graph that can be written with + − × ÷ and **."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from ketasim.core.graph import Graph

Operand = Union["Expr", float, int]


@dataclass(frozen=True, eq=False)
class Expr:
    """One node of a graph, with operators; mixing in a float makes a constant."""

    graph: Graph
    node: int
    __array_ufunc__ = None

    def _lift(self, other: Operand) -> int:
        if isinstance(other, Expr):
            return other.node
        return self.graph.const(float(other))

    def _of(self, node: int) -> Expr:
        return Expr(self.graph, node)

    def __add__(self, other: Operand) -> Expr:
        return self._of(self.graph.add(self.node, self._lift(other)))

    __radd__ = __add__

    def __sub__(self, other: Operand) -> Expr:
        return self._of(self.graph.sub(self.node, self._lift(other)))

    def __rsub__(self, other: Operand) -> Expr:
        return self._of(self.graph.sub(self._lift(other), self.node))

    def __mul__(self, other: Operand) -> Expr:
        return self._of(self.graph.mul(self.node, self._lift(other)))

    __rmul__ = __mul__

    def __truediv__(self, other: Operand) -> Expr:
        return self._of(self.graph.div(self.node, self._lift(other)))

    def __rtruediv__(self, other: Operand) -> Expr:
        return self._of(self.graph.div(self._lift(other), self.node))

    def __pow__(self, other: Operand) -> Expr:
        return self._of(self.graph.pow(self.node, self._lift(other)))

    def __rpow__(self, other: Operand) -> Expr:
        return self._of(self.graph.pow(self._lift(other), self.node))

    def __neg__(self) -> Expr:
        return self._of(self.graph.neg(self.node))

    def __pos__(self) -> Expr:
        return self

    def __bool__(self) -> bool:
        raise TypeError("an equation cannot branch on a traced value; use ops.where_less, ops.maximum or ops.minimum")
