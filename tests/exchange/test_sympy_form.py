"""SymPy as an oracle for whole systems: right-hand side and Jacobian."""

import numpy as np
import pytest
import sympy

from ketasim.exchange import sympy_form
from ketasim.exchange.assembled import assemble

from .test_sbml import everything


@pytest.fixture(scope="module", params=["toy", "ketamine"])
def program(request):
    if request.param == "toy":
        return everything().program, everything().typical
    system, parameters, _ = assemble(
        "ketamine", "0.5 mg/kg iv over 40 min", outputs=("ketamine.venous", "nmda.block.2A")
    )
    return system.program, parameters[0]


def point(program, parameters, seed=1):
    rng = np.random.default_rng(seed)
    y = rng.uniform(0.1, 0.9, len(program.state_names))
    names = [*program.state_names, *program.parameter_names, "t"]
    values = [*y.tolist(), *parameters.tolist(), 0.3]
    return y, {sympy_form.symbol("x", n): sympy.Float(v, 20) for n, v in zip(names, values, strict=True)}


def test_right_hand_side(program):
    p, parameters = program
    y, at = point(p, parameters)
    got = [float(v) for v in p.function(p.rhs)(y, parameters, 0.3)]
    want = [float(e.subs(at).evalf(20)) for e in sympy_form.right_hand_side(p).values()]
    assert got == pytest.approx(want, rel=1e-9, abs=1e-12)


def test_outputs(program):
    p, parameters = program
    y, at = point(p, parameters, seed=2)
    got = [float(v) for v in p.function(tuple(n for n, _ in p.outputs.values()))(y, parameters, 0.3)]
    want = [float(sympy.sympify(e).subs(at).evalf(20)) for e in sympy_form.outputs(p).values()]
    assert got == pytest.approx(want, rel=1e-9, abs=1e-12)


def test_jacobian(program):
    p, parameters = program
    y, at = point(p, parameters, seed=3)
    names = p.state_names
    ours = np.zeros((len(names),) * 2)
    for (i, j), v in zip(p.jacobian, p.function(tuple(p.jacobian.values()))(y, parameters, 0.3), strict=True):
        ours[i, j] = float(v)
    theirs = np.zeros_like(ours)
    for (row, column), e in sympy_form.jacobian(p).items():
        theirs[names.index(row), names.index(column)] = float(e.subs(at).doit().evalf(20))
    assert ours == pytest.approx(theirs, rel=1e-8, abs=1e-10)
