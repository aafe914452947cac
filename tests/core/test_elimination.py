"""The planned elimination solves what NumPy solves."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ketasim.core.elimination import plan


def solve_by_plan(steps, matrix, b):
    """Gaussian elimination that touches only what the plan lists."""
    size = len(matrix)
    order = list(steps.order)
    a = matrix[np.ix_(order, order)].copy()
    allowed = np.zeros((size, size), bool)
    for i, j in steps.entries:
        allowed[i, j] = True
    assert not a[~allowed].any()
    x = b[order].copy()
    for k, (rows, columns) in enumerate(steps.updates):
        for i in rows:
            factor = a[i, k] / a[k, k]
            for j in columns:
                assert allowed[i, j]
                a[i, j] -= factor * a[k, j]
            x[i] -= factor * x[k]
    for k in reversed(range(size)):
        x[k] = (x[k] - sum(a[k, j] * x[j] for j in steps.upper[k])) / a[k, k]
    out = np.empty(size)
    out[order] = x
    return out


@given(st.integers(1, 12), st.integers(0, 40), st.integers(0, 10_000))
def test_plan_solves_linear_systems(size, count, seed):
    rng = np.random.default_rng(seed)
    pattern = [tuple(int(v) for v in rng.integers(0, size, 2)) for _ in range(count)]
    matrix = np.diag(rng.uniform(5, 10, size) * size)
    for i, j in pattern:
        matrix[i, j] += rng.uniform(-1, 1)
    b = rng.standard_normal(size)
    np.testing.assert_allclose(
        solve_by_plan(plan(size, pattern), matrix, b), np.linalg.solve(matrix, b), rtol=1e-9, atol=1e-12
    )


def test_a_cascade_has_no_fill():
    """A chain of compartments in any order is triangular after permutation."""
    order = np.random.default_rng(0).permutation(30)
    pattern = [(int(order[k + 1]), int(order[k])) for k in range(29)]
    assert len(plan(30, pattern).entries) == 59


def test_an_arrow_is_eliminated_from_its_tips():
    """A hub joined to all others fills nothing when it goes last; first, it would fill everything."""
    pattern = [(0, k) for k in range(1, 20)] + [(k, 0) for k in range(1, 20)]
    steps = plan(20, pattern)
    assert len(steps.entries) == 20 + 38
