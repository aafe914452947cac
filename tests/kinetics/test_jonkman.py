"""Inhaled ketamine: availability against the points printed in the paper, and its limits."""

import numpy as np
import pytest

import ketasim as ks
from ketasim.kinetics.absorption.jonkman2017 import Jonkman2017

OUTPUT = "ketamine.arterial"


@pytest.mark.parametrize("level_ng_ml, printed", [(275.0, 0.50), (375.0, 0.38)])
def test_availability_at_printed_plasma_levels(level_ng_ml, printed):
    c = Jonkman2017()
    amount = level_ng_ml / c.M * c.V1
    x = dict.fromkeys(c.states, 0.0) | {"SA1": amount}
    assert c.availability(x) == pytest.approx(printed, abs=0.01)


def test_availability_is_that_of_small_doses_at_first():
    c = Jonkman2017()
    assert c.availability(dict.fromkeys(c.states, 0.0)) == 0.70


def test_exposure_rises_less_than_in_proportion():
    times = np.arange(0, 12, 1 / 60)
    area = {}
    for mg in (1, 25, 100):
        regimen = f"esketamine {mg} mg inhaled over 20 min"
        run = ks.simulate(
            "jonkman2017", regimen=regimen, times_h=times, engine="reference", outputs=("ketamine.arterial",)
        )
        area[mg] = run.auc("ketamine.arterial")[0] / mg
    assert area[1] > area[25] > area[100]
    vein = ks.simulate("jonkman2017", regimen="esketamine 1 mg iv over 20 min", times_h=times, engine="reference",
                       outputs=("ketamine.arterial",))  # fmt: skip
    assert area[1] / vein.auc("ketamine.arterial")[0] == pytest.approx(0.70, abs=0.005)


def test_both_enantiomers_share_the_loss():
    times = np.arange(0, 4, 1 / 60)
    outputs = ("ketamine.arterial", "S_ketamine.arterial", "R_ketamine.arterial")
    racemic, single = (
        ks.simulate("jonkman2017", regimen=f"{drug} 50 mg inhaled over 20 min", times_h=times, engine="reference",
                    outputs=outputs)
        for drug in ("ketamine", "esketamine")
    )  # fmt: skip
    np.testing.assert_allclose(racemic["ketamine.arterial"], single["ketamine.arterial"], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(racemic["S_ketamine.arterial"], racemic["R_ketamine.arterial"], rtol=1e-9, atol=1e-9)
