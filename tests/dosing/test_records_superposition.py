"""Records against superposition written out by hand: every rule, without the reference folder.

One compartment with first-order absorption has closed formulas for a bolus, an oral dose and an infusion; any
schedule of a linear system is their sum.
"""

import numpy as np
import pytest

from ketasim.core.component import Component, Input, par
from ketasim.dosing.records import Compartment, plan, read, simulate_records

CL, V, KA = 1.5, 25.0, 0.9
K = CL / V


class OneCompartment(Component):
    """One compartment with first-order absorption, an area and bioavailability, lag, rate and duration.

    Equation    dA1/dt = −KA·A1 ; dA2/dt = KA·A1 − (CL/V)·A2
    """

    states = {"A1": "mg", "A2": "mg", "AUC": "mg*h/L"}
    outputs = {"C": "mg/L"}
    ports = {"oral": "A1", "iv": "A2"}
    CL: float = par("L/h", "clearance")
    V: float = par("L", "volume")
    KA: float = par("1/h", "absorption")
    F1: float = par("1", "bioavailability")
    F2: float = par("1", "bioavailability")
    ALAG1: float = par("h", "lag")
    ALAG2: float = par("h", "lag")
    R2: float = par("mg/h", "modelled rate")
    D2: float = par("h", "modelled duration")

    def rates(self, x, u):
        absorbed, gone = self.KA * x["A1"], self.CL / self.V * x["A2"]
        return {"A1": -absorbed, "A2": absorbed - gone, "AUC": x["A2"] / self.V}

    def read(self, x, u):
        return {"C": x["A2"] / self.V}


MODEL = OneCompartment(CL=CL, V=V, KA=KA, F1=1.0, F2=1.0, ALAG1=0.0, ALAG2=0.0, R2=8.0, D2=3.0)
T = np.arange(0.0, 60.0, 1.5)


def bolus(t, amt, at=0.0):
    s = np.asarray(t) - at
    return np.where(s >= 0, amt / V * np.exp(-K * np.maximum(s, 0)), 0)


def oral(t, amt, at=0.0):
    s = np.maximum(np.asarray(t) - at, 0)
    return amt * KA / V / (KA - K) * (np.exp(-K * s) - np.exp(-KA * s))


def infusion(t, amt, length, at=0.0):
    s = np.asarray(t) - at
    on, off = np.clip(s, 0, length), np.maximum(s - length, 0)
    return amt / length / CL * (1 - np.exp(-K * on)) * np.exp(-K * off)


def records(*doses, times=T, **columns):
    """Doses first at equal times; every dose is a mapping of columns."""
    blank = {"TIME": 0.0, "AMT": 0.0, "RATE": 0.0, "II": 0.0, "ADDL": 0, "SS": 0, "EVID": 1, "CMT": 2}
    rows = [blank | d for d in doses] + [blank | {"TIME": float(t), "EVID": 0} for t in times]
    rows.sort(key=lambda r: (r["TIME"], r["EVID"] == 0))
    return read({"ID": [1] * len(rows)} | {k: [r[k] for r in rows] for k in blank} |
                {k: [v] * len(rows) for k, v in columns.items()})  # fmt: skip


def check(data, expected, engines=("exact", "native"), rel=1e-10, **options):
    for engine in engines:
        got = (
            simulate_records(MODEL, data, engine=engine, rtol=1e-10, atol=1e-12, **options)
            .filter(EVID=0)["C"]
            .to_numpy()
        )
        tight = rel if engine == "exact" else 3e-7
        assert got == pytest.approx(expected, rel=tight, abs=tight * np.max(expected)), engine


def many(one, n, every, *args, **kw):
    return sum(one(T, *args, at=kw.get("at", 0.0) + i * every) for i in range(n))


def test_additional_boluses():
    check(records({"AMT": 100, "ADDL": 3, "II": 8}), many(bolus, 4, 8, 100))


def test_additional_oral_doses_with_lag_and_bioavailability_from_columns():
    data = records({"AMT": 100, "ADDL": 2, "II": 12, "CMT": 1}, ALAG1=1.25, F1=0.6)
    check(data, many(oral, 3, 12, 60, at=1.25))


def test_overlapping_infusions():
    data = records({"AMT": 50, "RATE": 5, "ADDL": 2, "II": 6}, {"TIME": 4.0, "AMT": 30, "RATE": 2})
    check(data, many(infusion, 3, 6, 50, 10) + infusion(T, 30, 15, 4.0))


@pytest.mark.parametrize(
    ("rate", "columns", "amount", "length"),
    [
        (5, {"F2": 0.5}, 25, 5.0),  # fixed rate: F shortens
        (-1, {"F2": 0.5, "R2": 4.0}, 25, 6.25),  # modelled rate: F shortens
        (-2, {"F2": 0.5, "D2": 7.0}, 25, 7.0),  # modelled duration: F thins
        (-2, {}, 50, 3.0),
        (-1, {}, 50, 6.25),
    ],
)
def test_bioavailability_and_modelled_rates(rate, columns, amount, length):
    check(records({"AMT": 50, "RATE": rate}, **columns), infusion(T, amount, length))


def test_lag_of_an_infusion_moves_both_ends():
    check(records({"AMT": 50, "RATE": 10}, ALAG2=2.2), infusion(T, 50, 5, 2.2))


def test_reset_stops_everything_and_pending_doses_never_come():
    data = records({"AMT": 100, "ADDL": 9, "II": 5}, {"AMT": 60, "RATE": 2}, {"TIME": 13.0, "EVID": 3})
    expected = np.where(T < 13, many(bolus, 3, 5, 100) + infusion(T, 60, 30), 0)
    check(data, expected)


def test_reset_and_dose_cancels_a_lagged_dose():
    data = records({"AMT": 100}, {"TIME": 2.0, "AMT": 40, "EVID": 4}, ALAG2=3.0)
    check(data, bolus(T, 40, 5.0))


def test_other_records_change_nothing():
    check(records({"AMT": 100}, {"TIME": 7.0, "EVID": 2}), bolus(T, 100))


def past(one, every, *args, at=0.0, turns=400):
    """What an endless row of doses has left, the dose at `at` included."""
    return sum(one(T, *args, at=at - i * every) for i in range(turns))


def test_steady_state_boluses_with_more_to_come():
    data = records({"AMT": 100, "II": 8, "SS": 1, "ADDL": 2})
    check(data, past(bolus, 8, 100) + bolus(T, 100, 8) + bolus(T, 100, 16))


@pytest.mark.parametrize("length", [3.0, 8.0, 20.0, 24.0, 25.0])
def test_steady_state_infusions_shorter_and_longer_than_the_interval(length):
    data = records({"AMT": 60, "RATE": 60 / length, "II": 8, "SS": 1})
    check(data, past(infusion, 8, 60, length))


@pytest.mark.parametrize("lag", [2.5, 8.0, 11.0, 19.5])
@pytest.mark.parametrize("length", [0.0, 3.0, 12.0])
def test_steady_state_with_lag_even_longer_than_the_interval(lag, length):
    data = records({"AMT": 60, "RATE": 60 / length if length else 0, "II": 8, "SS": 1}, ALAG2=lag)
    one = (infusion, (60, length)) if length else (bolus, (60,))
    check(data, past(one[0], 8, *one[1], at=lag))


def test_steady_state_oral_with_bioavailability():
    check(records({"AMT": 100, "II": 12, "SS": 1, "CMT": 1}, F1=0.4), past(oral, 12, 40))


def test_endless_infusion_ends_at_its_record():
    check(records({"RATE": 12, "SS": 1}), 12 / CL * np.exp(-K * T))
    check(records({"RATE": -1, "SS": 1}), 8 / CL * np.exp(-K * T))


def test_second_regimen_added_at_steady_state():
    data = records({"AMT": 100, "II": 24, "SS": 1}, {"TIME": 9.0, "AMT": 30, "II": 24, "SS": 2})
    added = np.where(T >= 9, sum(bolus(T, 30, 9.0 - 24 * i) for i in range(300)), 0)
    check(data, past(bolus, 24, 100) + added)


def test_second_regimen_leaves_additional_doses_alone():
    data = records({"AMT": 100, "II": 24, "SS": 1, "ADDL": 2}, {"TIME": 9.0, "AMT": 30, "II": 24, "SS": 2, "CMT": 1})
    added = np.where(T >= 9, sum(oral(T, 30, 9.0 - 24 * i) for i in range(300)), 0)
    check(data, past(bolus, 24, 100) + bolus(T, 100, 24) + bolus(T, 100, 48) + added)


def test_infusion_in_progress_at_an_added_steady_state():
    doses = ({"AMT": 60, "RATE": 3}, {"TIME": 9.0, "AMT": 30, "II": 24, "SS": 2})
    added = np.where(T >= 9, sum(bolus(T, 30, 9.0 - 24 * i) for i in range(300)), 0)
    check(records(*doses), infusion(T, 60, 20) + added, ss2="add")
    with pytest.warns(UserWarning, match="row 8"):
        check(records(*doses), infusion(T, 27, 9) + added, ss2="stop")


def test_steady_state_record_clears_what_was_there():
    data = records({"AMT": 500, "ADDL": 20, "II": 3}, {"TIME": 10.0, "AMT": 100, "II": 8, "SS": 1})
    before = sum(bolus(T, 500, 3 * i) for i in range(4))
    after = sum(bolus(T, 100, 10 - 8 * i) for i in range(400))
    check(data, np.where(T < 10, before, after))


def test_areas_do_not_disturb_steady_state_and_start_from_zero():
    got = simulate_records(MODEL, records({"AMT": 100, "II": 8, "SS": 1}), outputs=["AUC"])["AUC"].to_numpy()
    assert got[0] == 0
    # over one interval at steady state the area is dose / CL
    at = np.flatnonzero(records({"AMT": 100, "II": 8, "SS": 1}).clock == 7.5)[0]
    expected = 100 / CL * (1 - np.exp(-K * 7.5)) / (1 - np.exp(-K * 8))
    assert got[at] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("engine", ["exact", "native", "reference"])
def test_records_of_one_time_keep_their_order(engine):
    rows = [(0.0, 0, 0), (0.0, 1, 10), (0.0, 0, 0), (0.0, 1, 5), (0.0, 0, 0), (2.0, 0, 0), (2.0, 1, 20), (2.0, 0, 0),
            (2.0, 3, 0), (2.0, 0, 0)]  # fmt: skip
    time, evid, amt = (list(c) for c in zip(*rows, strict=True))
    data = read({"ID": [1] * 10, "TIME": time, "EVID": evid, "AMT": amt, "CMT": [2] * 10}, duplicates="keep")
    left = 15 / V * np.exp(-K * 2)
    expected = [0, 10 / V, 10 / V, 15 / V, 15 / V, left, left + 20 / V, left + 20 / V, 0, 0]
    got = simulate_records(MODEL, data, engine=engine, rtol=1e-11, atol=1e-13)["C"].to_numpy()
    assert got == pytest.approx(expected, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("engine", ["exact", "native"])
@pytest.mark.parametrize("carry", ["nocb", "locf"])
def test_clearance_that_changes_over_time(carry, engine):
    times, cl = [0.0, 0.0, 4.0, 10.0, 10.0, 20.0], [1.5, 1.5, 3.0, 0.7, 2.0, 2.0]
    data = read({"ID": [1] * 6, "TIME": times, "EVID": [1, 0, 0, 0, 1, 0], "AMT": [100, 0, 0, 0, 50, 0], "CMT": [2] * 6,
                 "CL": cl}, carry=carry)  # fmt: skip
    got = simulate_records(MODEL, data, engine=engine, rtol=1e-11, atol=1e-13)["C"].to_numpy()
    span = [3.0 * 4, 0.7 * 6, 2.0 * 10] if carry == "nocb" else [1.5 * 4, 3.0 * 6, 2.0 * 10]
    a = 100 / V
    b = a * np.exp(-span[0] / V)
    c = b * np.exp(-span[1] / V)
    d = (c + 50 / V) * np.exp(-span[2] / V)
    assert got == pytest.approx([a, a, b, c, c + 50 / V, d], rel=1e-8)


def test_a_volume_that_changes_is_read_with_the_record():
    data = read({"ID": [1] * 3, "TIME": [0, 5.0, 5.0], "EVID": [1, 0, 0], "AMT": [100, 0, 0], "CMT": [2] * 3,
                 "V": [20.0, 20.0, 40.0]})  # fmt: skip
    got = simulate_records(MODEL, data)["C"].to_numpy()
    assert got == pytest.approx([5.0, 5 * np.exp(-CL / 20 * 5), 2.5 * np.exp(-CL / 20 * 5)], rel=1e-10)


def test_subjects_are_independent_and_in_order():
    one, two = records({"AMT": 100, "ADDL": 2, "II": 7}), records({"AMT": 40, "RATE": 4})
    both = read({
        "ID": ["b"] * len(one) + ["a"] * len(two),
        **{k.upper(): np.concatenate((getattr(one, k), getattr(two, k)))
           for k in ("time", "amt", "rate", "ii", "addl", "ss", "evid", "cmt")},
    })  # fmt: skip
    got = simulate_records(MODEL, both)
    assert got["ID"].unique(maintain_order=True).to_list() == ["b", "a"]
    for part, single in zip(("b", "a"), (one, two), strict=True):
        assert np.array_equal(got.filter(ID=part)["C"].to_numpy(), simulate_records(MODEL, single)["C"].to_numpy())


def test_a_start_later_than_zero_and_a_clock_set_back():
    shifted = read({"ID": [1, 1], "TIME": [100.0, 103.0], "EVID": [1, 0], "AMT": [10, 0], "CMT": [2, 2]})
    assert simulate_records(MODEL, shifted)["C"][1] == pytest.approx(10 / V * np.exp(-K * 3), rel=1e-12)
    back = read(
        {"ID": [1] * 4, "TIME": [0, 9.0, 1.0, 3.0], "EVID": [1, 0, 4, 0], "AMT": [10, 0, 20, 0], "CMT": [2] * 4}
    )
    assert simulate_records(MODEL, back)["C"].to_numpy()[3] == pytest.approx(20 / V * np.exp(-K * 2), rel=1e-12)
    assert back.time.tolist() == [0, 9, 1, 3]


def test_minutes_and_days():
    data = read(
        {"ID": [1, 1], "TIME": [0, 90], "EVID": [1, 0], "AMT": [60, 0], "RATE": [1, 0], "CMT": [2, 2]}, time_unit="min"
    )
    assert simulate_records(MODEL, data)["C"][1] == pytest.approx(float(infusion(1.5, 60, 1.0)), rel=1e-12)


def test_additional_doses_that_rounding_would_move_past_a_record():
    data = read(
        {"ID": [1, 1], "TIME": [0, 0.3], "EVID": [1, 0], "AMT": [10, 0], "II": [0.1, 0], "ADDL": [3, 0], "CMT": [2, 2]}
    )
    assert simulate_records(MODEL, data)["C"][1] == pytest.approx(
        sum(bolus(0.3, 10, x) for x in (0, 0.1, 0.2, 0.3 - 1e-17))
    )


class Split(Component):
    """A dose that goes two ways by its own rule."""

    states = {"gut": "mg", "blood": "mg"}
    outputs = {"C": "mg/L"}
    ports = {"nasal": "gut"}
    CL: float = par("L/h", "clearance")
    V: float = par("L", "volume")
    KA: float = par("1/h", "absorption")
    share: float = par("1", "absorbed at once")

    def rates(self, x, u):
        return {"gut": -self.KA * x["gut"], "blood": self.KA * x["gut"] - self.CL / self.V * x["blood"]}

    def read(self, x, u):
        return {"C": x["blood"] / self.V}

    def dose(self, port, d):
        late = d.start_h + 0.5
        return [Input("blood", self.share * d.amount, d.start_h), Input("gut", (1 - self.share) * d.amount, late)]


def test_a_component_that_says_itself_what_a_dose_does():
    data = read(
        {"ID": [1, 1, 1], "TIME": [0, 0.25, 4.0], "EVID": [1, 0, 0], "AMT": [100, 0, 0], "CMT": ["nasal", "", ""]}
    )
    got = simulate_records(Split(CL=CL, V=V, KA=KA, share=0.3), data)["C"].to_numpy()
    assert got[1] == pytest.approx(float(bolus(0.25, 30)), rel=1e-12)
    assert got[2] == pytest.approx(float(bolus(4.0, 30) + oral(4.0, 70, 0.5)), rel=1e-12)


class ByWeight(OneCompartment):
    """Clearance that follows weight."""

    CL70: float = par("L/h", "clearance at 70 kg")

    def derive(self, cov):
        return {"CL": self.CL70 * (cov["wt"] / 70) ** 0.75}


def test_covariates_reach_derive_record_by_record():
    model = ByWeight(CL=0.0, CL70=CL, V=V, KA=KA, F1=1.0, F2=1.0, ALAG1=0.0, ALAG2=0.0, R2=8.0, D2=3.0)
    data = read(
        {
            "ID": [1] * 3,
            "TIME": [0, 5.0, 9.0],
            "EVID": [1, 0, 0],
            "AMT": [100, 0, 0],
            "CMT": [2] * 3,
            "WT": [70, 70, 140],
        }
    )
    got = simulate_records(model, data)["C"].to_numpy()
    fast = CL * 2**0.75 / V
    assert got == pytest.approx([4, 4 * np.exp(-K * 5), 4 * np.exp(-K * 5 - fast * 4)], rel=1e-10)


def test_named_compartments_and_values_per_subject():
    data = read({"ID": ["a", "a", "b", "b"], "TIME": [0, 2.0, 0, 2.0], "EVID": [1, 0, 1, 0], "AMT": [10, 0, 10, 0],
                 "CMT": ["iv", "", "vein", ""]})  # fmt: skip
    got = simulate_records(MODEL, data, parameters={"CL": [1.0, 2.0]}, compartments={"vein": Compartment("A2", f=0.5)})
    assert got["C"].to_numpy()[[1, 3]] == pytest.approx([10 / V * np.exp(-2 / V), 5 / V * np.exp(-4 / V)], rel=1e-12)


def test_repeated_subjects_for_fits():
    data = records({"AMT": 100, "ADDL": 2, "II": 7})
    twice = plan(MODEL, data.take([0, 0]))
    values, _ = twice.target.parameters(twice.records, {"CL": [1.5, 3.0]})
    got = twice.predict(values, ["C"])[:, 0].reshape(2, -1)
    alone = plan(MODEL, data)
    first, _ = alone.target.parameters(data)
    assert np.array_equal(got[0], alone.predict(first, ["C"])[:, 0])
    assert (got[1][2:] < got[0][2:]).all()
