"""Sensitivity and the split of variance against what theory says."""

import numpy as np
import pytest

pytest.importorskip("SALib")

from ketasim.analysis.bars import svg
from ketasim.analysis.reduction import reduction
from ketasim.analysis.sensitivity import axes, sensitivity, values_at
from ketasim.analysis.uncertainty import components, decompose
from ketasim.core.errors import InputError
from ketasim.core.gaussian import ndtri
from ketasim.core.parameters import parse_table

DOSE = "0.5 mg/kg iv over 40 min"
TABLE = parse_table(
    """
[a]
value = 2.0
unit = "L/h"
kind = "assumed"
source = "assumed"
status = "assumed"
between = { dist = "lognormal", cv = 0.3 }
doubt = { dist = "lognormal", cv = 0.5 }
[b]
value = 1.0
unit = "L"
kind = "assumed"
source = "assumed"
status = "assumed"
""",
    "test",
).parameters


def test_exposure_is_dose_over_clearance():
    """AUC of an intravenous dose in a linear model depends on clearance alone: its total index is nearly one."""
    found = sensitivity(DOSE, "ketamine.venous", reduction="auc", layers=("between",), n=64, until="48h")
    top = found.rows[0]
    assert "CL" in top["parameter"]
    assert top["ST"] > 0.9
    assert all(r["ST"] < 0.1 for r in found.rows[1:])


def test_morris_and_sobol_agree_on_the_first():
    a = sensitivity(DOSE, "ketamine.venous", reduction="cmax", layers=("doubt",), method="morris", n=8)
    b = sensitivity(DOSE, "ketamine.venous", reduction="cmax", layers=("doubt",), n=64)
    assert a.rows[0]["parameter"] == b.rows[0]["parameter"]


def test_points_of_the_cube_are_quantiles():
    """Level u of the doubt, then of the people, multiply: e^(s₁ z₁ + s₂ z₂) times the value (log-normal)."""
    chosen = axes(TABLE, ("between", "doubt"))
    assert [a.layer for a in chosen] == ["between", "doubt"]
    cube = np.array([[0.9, 0.2], [0.5, 0.5]])
    got = values_at(cube, chosen, TABLE)["a"]
    s1, s2 = (np.sqrt(np.log1p(cv**2)) for cv in (0.3, 0.5))
    assert got[0] == pytest.approx(2.0 * np.exp(s1 * ndtri(0.9) + s2 * ndtri(0.2)), rel=1e-12)
    assert got[1] == pytest.approx(2.0, rel=1e-12)


def test_variance_components_of_a_known_design():
    """Worlds with SD 3 and people with SD 1: 9 and 1, within sampling error of 200 × 50."""
    rng = np.random.default_rng(1)
    y = 3 * rng.normal(size=(400, 1)) + rng.normal(size=(400, 50))
    within, between = components(y)
    assert within == pytest.approx(1.0, rel=0.05)
    assert between == pytest.approx(9.0, rel=0.2)


def test_split_of_exposure():
    split = decompose(DOSE, "ketamine.venous", worlds=12, people=12)
    assert 0 <= split.share_doubt <= 1
    assert split.mean > 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"method": "fast"}, "method"), ({"n": 50}, "n"), ({"parameters": ("nonsense",)}, "parameter"),
     ({"reduction": "peak"}, "reduction"), ({"layers": ("occasion",)}, "layers")],
)  # fmt: skip
def test_bad_input_names_the_field(changes, field):
    with pytest.raises(InputError, match=f"^{field}"):
        sensitivity(DOSE, "ketamine.venous", **changes)


def test_value_at_a_time():
    class Curve(dict):
        times_h = np.array([0.0, 1.0, 2.0])

    assert reduction("at:90min")(Curve(x=np.array([[0.0, 2.0, 4.0]])), "x")[0] == pytest.approx(3.0)


def test_bars_escape_and_hold_every_row():
    text = svg("a < b", [("x & y", 1.0, 0.1), ("z", 0.5, 0.0)])
    assert "a &lt; b" in text and "x &amp; y" in text and text.count("<rect") == 2
