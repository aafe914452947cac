"""Signs of the published studies in people who differ and with numbers in doubt, not in the typical person only."""

import numpy as np
import pytest

import ketasim as ks
from ketasim.circuits import eeg
from ketasim.studies.bench.circuits import mk801

DOSE = "0.5 mg/kg iv over 40 min"
PEOPLE = 60
BANDS = [f"eeg.{b}" for b in eeg.BANDS]


@pytest.fixture(scope="module")
def people():
    return ks.simulate(
        regimen=DOSE, times_h=[0.0, 0.5, 40 / 60], outputs=[*BANDS, "eeg.slope", *eeg.INPUTS, "p_bursts"],
        subjects=PEOPLE, vary=("between", "doubt"), seed=4,
    )  # fmt: skip


def test_signs_of_the_eeg_hold_in_nearly_everybody(people):
    """c01, c02, c03, c11, c09: gamma up; alpha, delta, beta down; slope flatter, at the end of the infusion."""
    end = {name: people[name][:, -1] for name in (*BANDS, "eeg.slope")}
    for name, share in (
        ("eeg.gamma", end["eeg.gamma"] > 0), ("eeg.alpha", end["eeg.alpha"] < 0), ("eeg.delta", end["eeg.delta"] < 0),
        ("eeg.beta", end["eeg.beta"] < 0), ("eeg.slope", end["eeg.slope"] < 1),
    ):  # fmt: skip
        assert share.mean() >= 0.9, name


def test_theta_stays_small(people):
    """c04: 0.60 against 0.64 dB, within 0.3."""
    assert abs(np.median(people["eeg.theta"][:, -1])) < 0.3
    assert (np.abs(people["eeg.theta"][:, -1]) < 0.3).mean() > 0.75


def test_no_bursts_at_the_usual_dose_and_bursts_at_an_anaesthetic_one(people):
    """Akeju 2016, Garwood 2021: alternation after boluses near 2 mg/kg, never described at 0.5 mg/kg over 40 min."""
    assert np.median(people["p_bursts"][:, -1]) < 0.01 and people["p_bursts"][:, -1].mean() < 0.05
    times = np.arange(0, 61) / 60
    deep = ks.simulate(regimen="2 mg/kg iv over 1 min", times_h=times, outputs=["p_bursts", "p_unresponsive"],
                       subjects=PEOPLE, vary=("between", "doubt"), seed=4)  # fmt: skip
    assert deep["p_bursts"].max(axis=1).mean() > 0.7
    assert deep["p_bursts"][:, -1].mean() < 0.05
    typical = ks.simulate(regimen="2 mg/kg iv over 1 min", times_h=times, outputs=["p_bursts", "p_unresponsive"])
    assert (typical["p_unresponsive"][0][typical["p_bursts"][0] > 0.5] > 0.5).all()  # only in the unconscious


def test_glutamate_over_dose_is_an_inverted_u_in_the_mean_of_people():
    """Moghaddam 1997: up at low doses, less at high ones, down at the highest."""
    mean = []
    for dose in (0.1, 0.5, 1.0, 2.0, 10.0, 30.0):
        run = ks.simulate(regimen=f"{dose} mg/kg iv over 40 min", times_h=[0.0, 40 / 60], outputs=["glutamate"],
                          subjects=200, vary=("between", "doubt"), seed=4)  # fmt: skip
        mean.append(float(np.median(run["glutamate"][:, -1])))
    top = int(np.argmax(mean))
    assert 0 < top < len(mean) - 1 and mean[0] > 1.0 and mean[-1] < 1.0
    assert mean[: top + 1] == sorted(mean[: top + 1]) and mean[top:] == sorted(mean[top:], reverse=True)


def test_a_class_of_interneurones_falls_and_pyramids_rise_in_nearly_everybody(people):
    """c10: SST cells go down and pyramidal cells up; PV cells need not."""
    blocks = np.stack([people[name][:, -1] for name in eeg.INPUTS])
    rates = eeg.spectra(np.clip(blocks, 0, 0.95)).rates
    change = rates - eeg.spectra(np.zeros((4, 1))).rates
    assert (change[:, 2] < 0).mean() >= 0.9
    assert (change[:, 0] > 0).mean() >= 0.9


def test_mk801_blocks_interneurones_before_pyramids():
    """Homayoun and Moghaddam 2007: interneurones first. Use-dependence gives the order of block; the rates follow
    together within a step of 15 s, which is why row c10 stays a miss."""
    course = mk801()
    pyramidal, pv, sst = course.half_min(course.blocks)
    assert sst < pv < pyramidal
    change = course.rates[-1] - course.rates[0]
    assert change[0] > 0 > change[2]
