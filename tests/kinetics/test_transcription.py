"""Rows of the table of observations that are printed results of a model we copied: each within its own tolerance."""

import csv

import numpy as np
import pytest

import ketasim as ks

STRATA = {
    "18-60 y Caucasian": ks.Patient(age_y=40, ancestry="european"),
    "18-60 y Asian non-Japanese": ks.Patient(age_y=40, ancestry="east_asian"),
    "18-60 y Japanese": ks.Patient(age_y=40, ancestry="japanese"),
    ">60 y Caucasian": ks.Patient(age_y=70, ancestry="european"),
    ">60 y Asian non-Japanese": ks.Patient(age_y=70, ancestry="east_asian"),
    ">60 y Japanese": ks.Patient(age_y=70, ancestry="japanese"),
}
MODEL = "perezruixo2021"
DENSE = np.arange(0, 24 + 1e-9, 1 / 60)


def rows(shared):
    with (shared / "evidence" / "pk_observations.csv").open(newline="", encoding="utf-8") as file:
        return [r for r in csv.DictReader(file) if r["split"] == "transcription"]


def area_to_the_end(drug_regimen: str) -> float:
    """AUC of esketamine to 400 h, long after it is gone."""
    times = np.concatenate([np.arange(0, 24, 1 / 60), np.linspace(24, 400, 4001)])
    return float(ks.simulate(MODEL, regimen=drug_regimen, times_h=times, engine="exact").auc("ketamine.venous")[0])


def test_exposures_of_table_four(shared):
    cells = [r for r in rows(shared) if r["quantity"] in ("Cmax", "AUC0-24")]
    assert len(cells) >= 54, f"only {len(cells)} printed exposures found"
    runs, misses = {}, []
    for row in cells:
        key = (row["population"], row["dose_value"])
        if key not in runs:
            runs[key] = ks.simulate(
                MODEL, STRATA[key[0]], f"esketamine {key[1]} mg intranasal", times_h=DENSE, engine="exact"
            )
        output = {"S-ketamine": "S_ketamine.venous", "S-norketamine": "S_norketamine.venous"}[row["analyte"]]
        found = runs[key].cmax(output)[0] if row["quantity"] == "Cmax" else runs[key].auc(output)[0]
        off = abs(found / float(row["value"]) - 1)
        if off > float(row["tolerance"].rstrip("%")) / 100:
            misses.append(f"{row['id']} {key} {row['analyte']} {row['quantity']}: {found:.1f}, printed {row['value']}")
    assert not misses, "\n".join(misses)


def derived(row: dict[str, str]) -> float:
    """A printed quantity of the paper, from simulated curves."""
    quantity, dose = row["quantity"], row["dose_value"]
    vein = area_to_the_end("esketamine 28 mg iv over 40 min") / 28
    if quantity.startswith("absolute bioavailability"):
        return 100 * area_to_the_end(f"esketamine {dose} mg intranasal") / float(dose) / vein
    if quantity.startswith("fraction of swallowed"):
        return 100 * area_to_the_end("esketamine 84 mg oral") / 84 / vein
    if quantity == "CL":
        return 1000 / vein
    built = ks.simulate(MODEL, regimen="esketamine 28 mg iv over 40 min", times_h=[0.0], engine="exact")
    p = {k.removeprefix("plasma_S."): v.value for k, v in built.parameters.items()}
    if quantity.startswith("FRn"):
        return 100 * p["FRn"]
    if quantity == "Vss":
        return p["Vc"] + p["Vp1"] + p["Vp2"]
    return {"CL/F apparent": p["CLn"], "Vss apparent": p["Vcn"] + p["Vpn"]}[quantity]


def test_printed_derived_quantities(shared):
    misses, seen = [], 0
    for row in rows(shared):
        if row["quantity"] in ("Cmax", "AUC0-24"):
            continue
        seen += 1
        found = derived(row)
        if abs(found / float(row["value"]) - 1) > float(row["tolerance"].rstrip("%")) / 100:
            misses.append(f"{row['id']} {row['quantity']}: {found:.1f}, printed {row['value']}")
    assert seen == 8
    assert not misses, "\n".join(misses)


@pytest.mark.parametrize(
    "model, clearance_ml_min_kg, half_life_h",
    [("domino1984", 27.6, 1.91), ("clements1981", 19.1, 3.05), ("hijazi2003", 36.0, 4.95)],
)
def test_rate_constants_return_the_printed_clearance_and_half_life(model, clearance_ml_min_kg, half_life_h):
    times = np.concatenate([np.arange(0, 2, 1 / 120), np.linspace(2, 120, 12001)])
    result = ks.simulate(model, regimen="1 mg/kg iv over 40 min", times_h=times, engine="exact")
    output = f"ketamine.{'arterial' if model == 'domino1984' else 'venous'}"
    y = result[output][0]
    area = np.trapezoid(y, times)
    assert 1e6 / area / 60 == pytest.approx(clearance_ml_min_kg, rel=2e-3)
    late = (times > 40) & (times < 60)
    assert np.log(2) / -np.polyfit(times[late], np.log(y[late]), 1)[0] == pytest.approx(half_life_h, rel=5e-3)
