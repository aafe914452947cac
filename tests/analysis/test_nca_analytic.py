"""Non-compartmental analysis of curves whose parameters are known exactly."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketasim.analysis.nca import LambdaZ, Units, accumulation, bioavailability, nca, nca_table, urine
from ketasim.analysis.nca.trapezoid import segments

V, CL, DOSE = 40.0, 8.0, 100.0  # L, L/h, mg
K = CL / V
T = np.array([0.0, 0.5, 1, 2, 4, 8, 12, 24])


def bolus(t):
    return DOSE / V * 1000 * np.exp(-K * np.asarray(t))  # ng/mL


def infused(t, length):
    t = np.asarray(t, dtype=float)
    rate = DOSE / length / CL * 1000
    return rate * (np.exp(-K * np.maximum(t - length, 0)) - np.exp(-K * t))


def test_bolus_gives_back_clearance_and_volumes():
    r = nca(T, bolus(T), dose=DOSE, route="bolus")
    assert r["CLO"] == pytest.approx(CL, rel=1e-12)
    assert r["VZO"] == pytest.approx(V, rel=1e-12)
    assert r["VSSO"] == pytest.approx(V, rel=1e-12)
    assert r["MRTIBIFO"] == pytest.approx(1 / K, rel=1e-12)
    assert r["LAMZHL"] == pytest.approx(math.log(2) / K, rel=1e-12)
    assert r["C0"] == pytest.approx(2500.0)
    assert r.unit("CLO") == "L/h" and r.unit("VSSO") == "L" and r.unit("AUCIFO") == "h*ng/mL"


def test_missing_sample_at_the_bolus_is_extrapolated_back_and_said():
    r = nca(T[1:], bolus(T[1:]), dose=DOSE, route="bolus")
    assert r["C0"] == pytest.approx(2500.0, rel=1e-12)
    assert r["AUCIFO"] == pytest.approx(DOSE / CL * 1000, rel=1e-12)
    assert r["AUCPBEO"] == pytest.approx(100 * (1 - math.exp(-K * 0.5)), rel=1e-10)
    assert any("extrapolated back" in note for _, note in r.notes)


def test_half_the_infusion_is_taken_off_the_residence_time():
    t = np.concatenate((np.linspace(0, 1, 4001), np.linspace(1, 60, 600)[1:]))
    r = nca(t, infused(t, 1.0), dose=DOSE, route="infusion", duration=1.0)
    assert r["MRTICIFO"] == pytest.approx(1 / K, rel=1e-6)
    assert r["VSSO"] == pytest.approx(V, rel=1e-6)


def test_oral_clearance_is_by_f():
    t = np.linspace(0, 72, 3000)
    ka, f = 1.3, 0.6
    c = f * DOSE / V * 1000 * ka / (ka - K) * (np.exp(-K * t) - np.exp(-ka * t))
    r = nca(t, c, dose=DOSE, lambda_z=LambdaZ(start=40))
    assert r["CLFO"] == pytest.approx(CL / f, rel=1e-4)
    assert r["MRTEVIFO"] == pytest.approx(1 / K + 1 / ka, rel=1e-4)
    iv = nca(T, bolus(T), dose=DOSE, route="bolus")
    assert bioavailability(r, iv, absolute=True)["FABS"] == pytest.approx(f, rel=1e-4)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("linear", 0.5 * 1 * (0 + 8) + 0.5 * 1 * (8 + 4) + 0.5 * 2 * (4 + 6)),
        ("lin-up/log-down", 4 + 4 / math.log(2) + 10),
        ("linear-to-tmax-then-log", 4 + 4 / math.log(2) + 2 * 2 / math.log(1.5)),
    ],
)
def test_three_rules_by_hand(method, expected):
    assert nca([0, 1, 2, 4], [0, 8, 4, 6], dose=None, method=method)["AUCLST"] == pytest.approx(expected, rel=1e-13)


@given(st.floats(-1e-3, 1e-3), st.floats(0.01, 10), st.floats(0, 100))
def test_nearly_equal_ends_lose_no_digits(share, dt, start):
    t = np.array([start, start + dt])
    c = np.array([5.0, 5.0 * math.exp(share)])
    area, moment = segments(t, c, np.array([True]))
    s = np.linspace(0, 1, 2001)
    fine = 5.0 * np.exp(share * s)
    from scipy.integrate import simpson

    assert area[0] == pytest.approx(dt * simpson(fine, x=s), rel=1e-12)
    assert moment[0] == pytest.approx(dt * simpson((start + dt * s) * fine, x=s), rel=1e-12)


def test_partial_areas_inside_and_beyond_the_samples():
    r = nca(T, bolus(T), dose=DOSE, route="bolus", intervals=[(0, 5), (3, 30), (30, 40)])
    exact = [DOSE / CL * 1000 * (math.exp(-K * a) - math.exp(-K * b)) for a, b in ((0, 5), (3, 30), (30, 40))]
    parts = [row for row in r if row.code == "AUCINT"]
    assert [p.value for p in parts] == pytest.approx(exact, rel=1e-10)
    assert [(p.start, p.end) for p in parts] == [(0, 5), (3, 30), (30, 40)]


def test_steady_state_profile():
    tau = 12.0
    t = np.array([0, 1, 2, 4, 8, 12.0])
    c = bolus(t) / (1 - math.exp(-K * tau))
    r = nca(t, c, dose=DOSE, route="bolus", tau=tau)
    peak, low = c[0], c[-1]
    assert r["AUCTAU"] == pytest.approx(DOSE / CL * 1000, rel=1e-12)
    assert r["CAVG"] == pytest.approx(DOSE / CL * 1000 / tau, rel=1e-12)
    assert r["CMIN"] == r["CTROUGH"] == pytest.approx(low)
    assert r["FLUCP"] == pytest.approx(100 * (peak - low) / (DOSE / CL * 1000 / tau), rel=1e-12)
    assert r["SWING"] == pytest.approx((peak - low) / low, rel=1e-12)
    assert r["ACCI"] == pytest.approx(1 / (1 - math.exp(-K * tau)), rel=1e-12)
    assert r["CLTAU"] == pytest.approx(CL, rel=1e-12)
    assert r["MRTIBIFO"] == pytest.approx(1 / K, rel=1e-10)
    assert r["VSSO"] == pytest.approx(V, rel=1e-10)
    first = nca(T, bolus(T), dose=DOSE, route="bolus", intervals=[(0, tau)])
    assert accumulation(first, r)["ARAUC"] == pytest.approx(1 / (1 - math.exp(-K * tau)), rel=1e-10)


def test_urine_amounts_rate_and_renal_clearance():
    fe, clr = 0.3, 0.3 * CL
    edges = np.array([0, 2, 4, 8, 12, 24.0])
    excreted = fe * DOSE * (np.exp(-K * edges[:-1]) - np.exp(-K * edges[1:]))  # mg
    volume = np.array([150, 90, 200, 260, 500.0])  # mL
    conc = excreted / volume * 1e6  # ng/mL
    plasma = nca(T, bolus(T), dose=DOSE, route="bolus", intervals=[(0, 24)])
    r = urine(edges[:-1], edges[1:], volume, conc, dose=DOSE, plasma=plasma)
    assert r["RCAMINT"] == pytest.approx(excreted.sum(), rel=1e-12)
    assert r["FREXINT"] == pytest.approx(fe * (1 - math.exp(-K * 24)), rel=1e-12)
    assert r["ERMAX"] == pytest.approx(excreted[0] / 2, rel=1e-12) and r["ERTMAX"] == 1.0
    assert r["RENALCL"] == pytest.approx(clr, rel=1e-10)
    assert r.unit("ERMAX") == "mg/h" and r.unit("RENALCL") == "L/h" and r["VOLPK"] == 1200


def test_units_are_composed_and_mass_meets_mole():
    molar = 237.73
    r = nca(T, bolus(T) / molar, dose=DOSE, route="bolus", units=Units(conc="nmol/mL", molar_mass_g_mol=molar))
    assert r["CLO"] == pytest.approx(CL, rel=1e-12)
    assert r.unit("AUCLST") == "h*nmol/mL"
    minutes = nca(T * 60, bolus(T), dose=DOSE / 70, route="bolus", units=Units(time="min", dose="mg/kg"))
    assert minutes["CLO"] == pytest.approx(CL / 70 / 60, rel=1e-12)
    assert minutes.unit("CLO") == "L/min/kg" and minutes.unit("VZO") == "L/kg"
    assert minutes.unit("AUCIFOD") == "min*ng/mL/(mg/kg)"


def test_two_points_for_lambda_z_are_refused_in_words():
    r = nca([0, 1, 2, 3], [0, 8, 4, 2], dose=10)
    assert math.isnan(r["LAMZ"]) and math.isnan(r["AUCIFO"]) and math.isnan(r["CLFO"])
    assert "3 quantifiable samples after Tmax, there are 2" in r.reason("CLFO")
    assert r["AUCLST"] > 0


def test_rising_tail_has_no_lambda_z():
    assert "does not fall" in nca([0, 1, 2, 3, 4], [0, 8, 1, 2, 3], dose=10).reason("LAMZ")


def test_manual_lambda_z_by_window_points_and_times():
    expected = nca(T, bolus(T), dose=DOSE, route="bolus")["LAMZ"]
    for rule in (LambdaZ(points=4), LambdaZ(start=4, end=24), LambdaZ(times=(2, 8, 24)), LambdaZ(exclude=(12.0,))):
        assert nca(T, bolus(T), dose=DOSE, route="bolus", lambda_z=rule)["LAMZ"] == pytest.approx(expected, rel=1e-12)


def test_table_keeps_everybody():
    columns = {
        "ID": ["a"] * 5 + ["b"] * 3,
        "TIME": [0, 1, 2, 4, 8, 0, 1, 2],
        "DV": ["0", "8", "4", "2", "<0.5", "BLQ", "BLQ", "."],
        "D": [10] * 8,
    }
    r = nca_table(columns, dose="D", on_error="keep", lloq=0.5)
    assert r.subjects == ("a", "b")
    assert "quantifiable" in r.reason("CMAX", "b")
    assert r.to_frame().height == len(r)
    assert set(r.wide()["USUBJID"]) == {"a", "b"}
