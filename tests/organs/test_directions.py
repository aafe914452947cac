"""Diseases, other drugs and circumstances move the body's outputs the way clinics report, through the whole model."""

import numpy as np
import pytest

import ketasim as ks

MINUTES = np.linspace(0, 120, 61)
CLINIC = "0.5 mg/kg iv over 40 min"
INDUCTION = "2 mg/kg iv over 1 min"


def run(regimen, outputs, settings=None, minutes=MINUTES, **person):
    patient = ks.Patient(**{"weight_kg": 70, "age_y": 40, "sex": "male", **person})
    names = [outputs] if isinstance(outputs, str) else outputs
    got = ks.simulate(patient=patient, regimen=regimen, times_h=minutes / 60, outputs=names, settings=settings)
    return {name: got[name][0] for name in names}


def rise(regimen, output, settings=None, **person):
    curve = run(regimen, output, settings, **person)[output]
    return curve.max() / curve[0] - 1.0


@pytest.mark.parametrize(
    ("output", "person", "regimen"),
    [
        ("map", {"hypertension": True}, CLINIC),
        ("map", {"age_y": 62}, CLINIC),
        ("map", {"comedication": ["methylphenidate"]}, CLINIC),
        ("map", {"comedication": ["tranylcypromine"]}, CLINIC),
    ],
)
def test_pressure_rises_more(output, person, regimen):
    """Repeated-infusion cohort 2020 (age, hypertension); labels (stimulants, MAO inhibitors)."""
    assert rise(regimen, output, **person) > 1.1 * rise(regimen, output)


@pytest.mark.parametrize(
    ("output", "person"),
    [("heart_rate", {"comedication": ["propranolol"]}), ("map", {"comedication": ["clonidine"]})],
)
def test_blockers_blunt(output, person):
    assert 0 < rise(CLINIC, output, **person) < 0.75 * rise(CLINIC, output)


@pytest.mark.parametrize(
    ("output", "person"),
    [
        ("p_ischaemia", {"ischaemia": True}),
        ("p_heart_failure_worsening", {"heart_failure": True}),
        ("p_raised_icp", {"raised_icp": True}),
        ("p_raised_iop", {"raised_iop": True}),
    ],
)
def test_a_known_disease_raises_its_risk(output, person):
    known, other = run(CLINIC, output, **person)[output], run(CLINIC, output)[output]
    assert known.max() > 1.5 * other.max()
    assert known.max() > known[0]


def test_shock_turns_the_rise_into_a_fall():
    """Sprung 1998; label: direct depression where catecholamines are spent."""
    spent = run(INDUCTION, ["map", "cardiac_output"], {"catecholamine_reserve": 0.0})
    assert spent["map"].min() < 0.95 * spent["map"][0]
    assert spent["cardiac_output"].max() < 1.03 * spent["cardiac_output"][0]


@pytest.mark.parametrize("regimen", [INDUCTION, CLINIC])
def test_an_anaesthetic_or_sedative_blunts_the_pressor_response(regimen):
    awake = rise(regimen, "map")
    asleep = rise(regimen, "map", {"anaesthesia": 1})
    sedated = rise(regimen + " also midazolam 5 mg iv", "map")
    assert asleep < 0.6 * awake
    assert sedated < 0.9 * awake  # midazolam is fading by the peak of a slow infusion
    assert rise(regimen, "heart_rate", {"anaesthesia": 1}) < 0.85 * rise(regimen, "heart_rate")
    flow = run(regimen, "cbf", {"anaesthesia": 1})["cbf"]
    assert flow.max() - flow[0] < 0.5 * (lambda c: c.max() - c[0])(run(regimen, "cbf")["cbf"])


def test_nothing_moves_under_anaesthesia_before_the_drug():
    still = run("saline iv over 40 min", ["map", "heart_rate", "cardiac_output"], {"anaesthesia": 1})
    assert all(np.allclose(v, v[0], rtol=1e-6) for v in still.values())


def test_a_ventilator_breathes():
    """Neither a push nor an opioid changes gases while a machine breathes; half of the volume lets CO2 climb."""
    push = "2 mg/kg iv also remifentanil 0.2 mg iv"
    names = ["ventilation", "etco2", "spo2", "p_apnoea"]
    alone, held = run(push, names), run(push, names, {"ventilated": 1})
    assert alone["ventilation"].min() < 0.5 * alone["ventilation"][-1] and np.ptp(alone["etco2"]) > 2
    assert np.allclose(held["ventilation"], held["ventilation"][0]) and np.ptp(held["etco2"]) < 0.5
    assert held["p_apnoea"].max() == 0.0 and held["spo2"].min() > 95
    half = run(push, names, {"ventilated": 1, "minute_volume": 0.5})
    assert half["etco2"][-1] > 60


def test_labetalol_helps_in_every_tier_of_pressure():
    text = CLINIC + " also labetalol 20 mg iv over 2 min at 20 min"
    for person in ({}, {"hypertension": True, "sbp": 150, "dbp": 92}):
        assert run(text, "sbp", **person)["sbp"].max() <= run(CLINIC, "sbp", **person)["sbp"].max()
        late = MINUTES > 30
        assert (run(text, "sbp", **person)["sbp"][late] < run(CLINIC, "sbp", **person)["sbp"][late] - 2).all()
