"""Hepatic extraction in both frames, against the arithmetic of the well-stirred liver."""

import numpy as np
import pytest

import ketasim as ks
from ketasim.kinetics.metabolism.liver import Liver

TIMES = np.concatenate([np.arange(0, 24, 1 / 30), np.linspace(24, 400, 3001)])


def area(regimen, patient=None, output="ketamine.arterial"):
    result = ks.simulate("ketamine", patient or ks.Patient(), regimen, TIMES, engine="exact", outputs=(output,))
    return float(result.auc(output)[0])


def clearance(regimen, patient=None):
    return 1e3 * float(regimen.split()[1]) / area(regimen, patient)


def liver(**cov):
    c = Liver()
    return {k: float(np.ravel(v)[0]) for k, v in c.derive({k: np.array([v]) for k, v in cov.items()}).items()}


def test_nothing_changes_in_a_healthy_adult():
    assert liver(age_y=40.0, weight_kg=70.0) == pytest.approx({"flow": 1, "intrinsic": 1, "gut": 1, "Qh": 151})
    assert clearance("esketamine 35 mg iv over 40 min") == pytest.approx(91.41, rel=2e-3)


def test_intrinsic_clearance_is_scaled_behind_the_flow_in_both_frames():
    """CL' = Qh·f·CLint/(Qh + f·CLint): the parent from its clearance, the nasal model from kel + kmet."""
    patient = ks.Patient(comedication=("ticlopidine",))
    f = liver(**{"class.cyp2b6_inhibitor": 1.0})["intrinsic"]
    assert f == pytest.approx(0.6 * 0.2 + 0.4)
    Q = 151.0
    for regimen, CL in (("esketamine 35 mg iv over 40 min", 91.41),):
        CLint = Q * CL / (Q - CL)
        assert clearance(regimen, patient) == pytest.approx(Q * f * CLint / (Q + f * CLint), rel=2e-3)
    CLint = 101 * (1.11 + 2.77)
    escape = 0.64 * Q / (Q + CLint), 0.64 * Q / (Q + f * CLint)
    CL = Q * CLint / (Q + CLint), Q * f * CLint / (Q + f * CLint)
    fold = (escape[1] / CL[1]) / (escape[0] / CL[0])
    regimen = "esketamine 50 mg oral"
    assert area(regimen, patient) / area(regimen) == pytest.approx(fold, rel=2e-3)


def test_gut_escape_is_scaled_for_the_oral_route():
    patient = ks.Patient(comedication=("itraconazole",))
    found = liver(**{"class.cyp3a_inhibitor": 1.0})
    Q, CLint = 151.0, 101 * (1.11 + 2.77)
    escape = 0.64 / (0.64 + found["gut"] * 0.36)
    fold = (escape / 0.64) * ((Q + CLint) / CLint) / ((Q + found["intrinsic"] * CLint) / CLint)
    fold *= (Q * CLint / (Q + CLint)) / (Q * found["intrinsic"] * CLint / (Q + found["intrinsic"] * CLint))
    assert area("esketamine 50 mg oral", patient) / area("esketamine 50 mg oral") == pytest.approx(fold, rel=2e-3)


def test_an_inducer_lowers_oral_exposure_far_more_than_intravenous():
    patient = ks.Patient(comedication=("rifampicin",))
    vein = area("esketamine 35 mg iv over 40 min", patient) / area("esketamine 35 mg iv over 40 min")
    mouth = area("esketamine 50 mg oral", patient) / area("esketamine 50 mg oral")
    assert 0.6 < vein < 1
    assert mouth < 0.3


def test_moderate_impairment_doubles_nasal_exposure():
    patient = ks.Patient(child_pugh="B")
    regimen = "esketamine 28 mg intranasal"
    assert area(regimen, patient) / area(regimen) == pytest.approx(2.0, abs=0.1)


def test_hepatic_flow_falls_after_sixty():
    assert liver(age_y=60.0)["flow"] == 1
    assert liver(age_y=70.0)["flow"] == pytest.approx(1 - 21.9 / 151)
    Q, CL = 151.0, 91.41
    CLint, old = Q * CL / (Q - CL), Q - 21.9
    want = old * CLint / (old + CLint)
    assert clearance("esketamine 35 mg iv over 40 min", ks.Patient(age_y=70)) == pytest.approx(want, rel=2e-3)


def test_enzymes_mature():
    """Half the adult activity at 73.6 weeks after the last period, nearly all of it at school age."""
    assert liver(age_y=(73.6 - 40) / 52.18)["intrinsic"] == pytest.approx(0.5, abs=1e-3)
    assert liver(age_y=0.02)["intrinsic"] < 0.2
    assert liver(age_y=8.0)["intrinsic"] > 0.99


def test_genotype_has_no_effect():
    assert area("0.5 mg/kg iv over 40 min", ks.Patient(cyp2b6="*6/*6")) == area("0.5 mg/kg iv over 40 min")


def test_intramuscular_availability_of_children():
    child, adult = ks.Patient(age_y=10, weight_kg=32, height_cm=138), ks.Patient()
    for patient, share in ((child, 0.41), (adult, 0.93)):
        assert area("0.5 mg/kg im", patient) / area("0.5 mg/kg iv over 40 min", patient) == pytest.approx(
            share, rel=3e-3
        )


def test_the_frame_of_an_interaction_is_named():
    patient = ks.Patient(comedication=("rifampicin",))
    outputs = ("ketamine.arterial",)
    vein = ks.simulate(patient=patient, regimen="0.5 mg/kg iv over 40 min", times_h=[1.0], outputs=outputs)
    mouth = ks.simulate(patient=patient, regimen="50 mg oral", times_h=[1.0], outputs=outputs)
    assert any("intravenous parent" in w and "gut-wall" not in w for w in vein.warnings)
    assert any("gut-wall" in w and "intravenous parent" not in w for w in mouth.warnings)
    plain = ks.simulate(regimen="0.5 mg/kg iv over 40 min", times_h=[1.0], outputs=outputs)
    assert not any("interaction" in w or "extrapolated" in w for w in plain.warnings)


def test_people_unlike_those_studied_are_named():
    rectal = ks.simulate(regimen="2 mg/kg rectal", times_h=[1.0], outputs=("ketamine.arterial",))
    assert any(w.startswith("extrapolated") and "2 to 9 years" in w for w in rectal.warnings)
