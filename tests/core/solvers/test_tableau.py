"""Rodas5P against the order conditions of Rosenbrock methods (Hairer & Wanner II, section IV.7): the coefficients are
right exactly when Σ b_j Φ_j(tree) = 1/γ(tree) for every rooted tree up to the order."""

from functools import cache
from itertools import combinations_with_replacement

import numpy as np
import pytest

from ketasim.core.solvers import tableau as tb

Tree = tuple  # a rooted tree is the sorted tuple of its branches


@cache
def trees(order: int) -> tuple[Tree, ...]:
    if order == 1:
        return ((),)
    found = set()
    for parts in partitions(order - 1):
        choices = [()]
        for size in parts:
            choices = [(*c, t) for c in choices for t in trees(size)]
        found |= {tuple(sorted(c)) for c in choices}
    return tuple(sorted(found))


def partitions(n: int, largest: int | None = None):
    if n == 0:
        yield ()
        return
    for first in range(min(n, largest or n), 0, -1):
        for rest in partitions(n - first, first):
            yield (first, *rest)


def nodes(tree: Tree) -> int:
    return 1 + sum(nodes(b) for b in tree)


def density(tree: Tree) -> int:
    out = nodes(tree)
    for branch in tree:
        out *= density(branch)
    return out


def original() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """α, α + Γ, b and Γ of the untransformed method."""
    a = np.zeros((8, 8))
    c = np.zeros((8, 8))
    for i, row in enumerate(tb.full_a()):
        a[i, : len(row)] = row
    for i, row in enumerate(tb.C):
        c[i, : len(row)] = row
    gamma = np.linalg.inv(np.eye(8) / tb.GAMMA - c)
    m = np.append(a[7, :7], 1.0)
    return a @ gamma, a @ gamma + gamma, m @ gamma, gamma


ALPHA, BETA, B, GAMMA = original()


def weight(tree: Tree) -> np.ndarray:
    """Φ_j of a Rosenbrock method: one branch goes through α + Γ, several through α."""
    out = np.ones(8)
    matrix = BETA if len(tree) == 1 else ALPHA
    for branch in tree:
        out = out * (matrix @ weight(branch))
    return out


ALL = [(order, tree) for order in range(1, 6) for tree in trees(order)]


def test_number_of_trees_is_that_of_butcher():
    assert [len(trees(k)) for k in range(1, 6)] == [1, 1, 2, 4, 9]
    assert list(combinations_with_replacement((1, 2), 2)) and density(((), ())) == 3


@pytest.mark.parametrize(("order", "tree"), ALL, ids=str)
def test_order_conditions(order, tree):
    assert B @ weight(tree) == pytest.approx(1 / density(tree), abs=2e-12)


@pytest.mark.parametrize("theta", [0.1, 0.37, 0.5, 0.83, 1.0])
@pytest.mark.parametrize(("order", "tree"), [x for x in ALL if x[0] <= 4], ids=str)
def test_dense_output_is_of_order_four(order, tree, theta):
    h = np.array(tb.H)
    m1 = np.append(np.array(tb.full_a()[7]), 1.0)
    m = theta * (m1 + (1 - theta) * (h[0] + theta * (h[1] + theta * h[2])))
    assert m @ GAMMA @ weight(tree) == pytest.approx(theta**order / density(tree), abs=2e-12)


def test_embedded_method_is_of_order_four():
    b = np.array(tb.full_a()[7] + [0.0]) @ GAMMA
    for order, tree in ALL:
        if order <= 4:
            assert b @ weight(tree) == pytest.approx(1 / density(tree), abs=2e-12)


def test_times_and_time_slopes_are_row_sums():
    np.testing.assert_allclose(tb.NODES, ALPHA.sum(axis=1), atol=2e-13)
    np.testing.assert_allclose(tb.TIME_SLOPE, GAMMA.sum(axis=1), atol=3e-13)


def test_stiffly_accurate():
    """The last stage is evaluated at the new point with weights equal to b: R(∞) = 0."""
    np.testing.assert_allclose(BETA[7], B, atol=1e-13)
    z = -1e9
    w = np.eye(8) - z * BETA
    assert abs(1 + z * B @ np.linalg.solve(w, np.ones(8))) < 1e-6
