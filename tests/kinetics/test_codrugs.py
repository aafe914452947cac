"""Drugs beside ketamine: published moments, levels by mass, and honest words where no kinetics are carried."""

import numpy as np
import pytest

import ketasim as ks
from ketasim.kinetics.codrugs.minto1997 import lean_mass

TIMES = np.concatenate([np.arange(0, 6, 1 / 120), np.linspace(6, 200, 9701)])


def clearance_l_min(drug, regimen, patient=None):
    output = f"{drug}.arterial"
    run = ks.simulate("ketamine", patient or ks.Patient(), regimen, TIMES, engine="exact", outputs=(output,))
    return 1e3 * float(regimen.split()[1]) / float(run.auc(output)[0]) / 60


@pytest.mark.parametrize(
    "drug, printed",
    [("propofol", 0.228 * 70 * 0.119), ("fentanyl", 6.09 * 0.0827), ("morphine", 0.075 * 70 * 0.3),
     ("dexmedetomidine", 0.686)],
)  # fmt: skip
def test_clearances_at_70_kg(drug, printed):
    assert clearance_l_min(drug, f"{drug} 1 mg iv over 10 min") == pytest.approx(printed, rel=2e-3)


@pytest.mark.parametrize("age, height, weight, sex", [(40, 175, 70, "male"), (70, 160, 60, "female")])
def test_remifentanil_by_age_and_lean_mass(age, height, weight, sex):
    square = (weight / height) ** 2
    lean = 1.1 * weight - 128 * square if sex == "male" else 1.07 * weight - 148 * square
    assert lean_mass({"weight_kg": weight, "height_cm": height, "female": sex == "female"}) == pytest.approx(lean)
    printed = 2.6 - 0.0162 * (age - 40) + 0.0191 * (lean - 55)
    patient = ks.Patient(age_y=age, height_cm=height, weight_kg=weight, sex=sex)
    assert clearance_l_min("remifentanil", "remifentanil 0.1 mg iv over 10 min", patient) == pytest.approx(
        printed, rel=2e-3
    )


def test_a_co_drug_does_not_touch_ketamine():
    outputs = ("ketamine.venous",)
    alone = ks.simulate(regimen="0.5 mg/kg iv over 40 min", times_h=TIMES, engine="exact", outputs=outputs)
    mixed = "0.5 mg/kg iv over 40 min also midazolam 2 mg iv also propofol 100 mg iv"
    both = ks.simulate(regimen=mixed, times_h=TIMES, engine="exact", outputs=outputs)
    np.testing.assert_allclose(both["ketamine.venous"], alone["ketamine.venous"], rtol=1e-9, atol=1e-12)


def test_a_drug_without_kinetics_is_recorded_with_a_warning():
    run = ks.simulate(
        regimen="0.5 mg/kg iv over 40 min also naltrexone 50 mg oral", times_h=[0.5, 1.0], outputs=("ketamine.venous",)
    )
    assert any("naltrexone oral is recorded" in w for w in run.warnings)
    assert {d["drug"] for d in run.doses} == {"ketamine", "naltrexone"}
