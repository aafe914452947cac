"""Records on nonlinear systems: steady state against many doses, against the exact path, and where there is none."""

import numpy as np
import pytest

from ketasim.core.component import Component, par
from ketasim.core.errors import InputError
from ketasim.dosing.records import RecordError, read, simulate_records


class Saturable(Component):
    """Absorption and saturable elimination, with the area and the amount excreted.

    Equation    dA/dt = KA·G − VM·C/(KM + C)
    """

    states = {"G": "mg", "A": "mg", "AUC": "mg*h/L", "out": "mg"}
    outputs = {"C": "mg/L"}
    ports = {"oral": "G", "iv": "A"}
    VM: float = par("mg/h", "largest rate")
    KM: float = par("mg/L", "half-saturation")
    V: float = par("L", "volume")
    KA: float = par("1/h", "absorption")

    def rates(self, x, u):
        c = x["A"] / self.V
        gone = self.VM * c / (self.KM + c)
        return {"G": -self.KA * x["G"], "A": self.KA * x["G"] - gone, "AUC": c, "out": gone}

    def read(self, x, u):
        return {"C": x["A"] / self.V}


MODEL = Saturable(VM=20.0, KM=2.0, V=30.0, KA=1.0)
GRID = np.arange(0, 40, 2.5)


def schedule(steady, amt, cmt, rate, ii, turns=250, **columns):
    """At steady state from 0 on, or the same after many doses."""
    off = 0.0 if steady else turns * ii
    rows = [(0.0, amt, rate, ii, 4 if steady else turns + 4, int(steady), 1)]
    rows += [(t + off, 0.0, 0.0, 0.0, 0, 0, 0) for t in GRID]
    names = ("TIME", "AMT", "RATE", "II", "ADDL", "SS", "EVID")
    table = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return read(
        {"ID": [1] * len(rows), "CMT": [cmt] * len(rows), **table} | {k: [v] * len(rows) for k, v in columns.items()}
    )


@pytest.mark.parametrize(
    ("amt", "cmt", "rate", "columns"),
    [
        (150.0, 1, 0.0, {}),
        (150.0, 2, 30.0, {}),
        (150.0, 2, 8.0, {}),  # longer than the interval
        (120.0, 2, 10.0, {}),  # exactly as long
        (150.0, 2, 0.0, {"ALAG2": 15.0}),
        (150.0, 2, 30.0, {"ALAG2": 12.0}),
        (210.0, 1, 0.0, {"F1": 0.9}),  # slow to settle
    ],
)
def test_steady_state_is_what_many_doses_lead_to(amt, cmt, rate, columns):
    at_once = simulate_records(MODEL, schedule(True, amt, cmt, rate, 12.0, **columns), rtol=1e-9, atol=1e-12)
    turns = 900 if amt > 200 else 250
    slowly = simulate_records(MODEL, schedule(False, amt, cmt, rate, 12.0, turns, **columns), rtol=1e-9, atol=1e-12)
    a, b = (x.filter(EVID=0)["C"].to_numpy() for x in (at_once, slowly))
    assert a == pytest.approx(b, rel=2e-6)


def test_areas_start_at_zero_and_do_not_stop_the_search():
    got = simulate_records(MODEL, schedule(True, 150.0, 1, 0.0, 12.0), outputs=["AUC", "out"]).filter(EVID=0)
    assert got["AUC"][0] == 0 and got["out"][0] == 0
    assert got["out"][8] == pytest.approx(150 * 20 / 12, rel=0.2)


def test_endless_infusion():
    data = read(
        {"ID": [1, 1], "TIME": [0, 0], "EVID": [1, 0], "AMT": [0, 0], "RATE": [15, 0], "SS": [1, 0], "CMT": [2, 2]}
    )
    # input = VM C / (KM + C)
    assert simulate_records(MODEL, data, rtol=1e-10)["C"][1] == pytest.approx(2.0 * 15 / (20 - 15), rel=1e-6)


@pytest.mark.parametrize("rate", [0.0, 50.0])
def test_more_than_can_be_eliminated_has_no_steady_state(rate):
    with pytest.raises(RecordError) as error:
        simulate_records(MODEL, schedule(True, 300.0, 2, rate, 12.0))
    assert error.value.rule == "no steady state" and error.value.row == 1


def test_almost_linear_gives_the_exact_answer():
    """With KM far above every concentration the system is linear to 1e-8, and the exact path knows that one."""

    class Straight(Saturable):
        def rates(self, x, u):
            c = x["A"] / self.V
            gone = self.VM * c / self.KM
            return {"G": -self.KA * x["G"], "A": self.KA * x["G"] - gone, "AUC": c, "out": gone}

    values = {"VM": 2e9, "KM": 1e9, "V": 30.0, "KA": 1.0}
    rows = [(0.0, 150, 30, 12, 1), (5.0, 40, 0, 24, 2)] + [(t, 0, 0, 0, 0) for t in GRID]
    rows.sort(key=lambda r: (r[0], r[1] == 0))
    time, amt, rate, ii, ss = (list(c) for c in zip(*rows, strict=True))
    data = read(
        {"ID": [1] * len(rows), "TIME": time, "AMT": amt, "RATE": rate, "II": ii, "SS": ss, "CMT": [2] * len(rows)}
    )
    a = simulate_records(Saturable(**values), data, ss2="add", rtol=1e-10, atol=1e-12)["C"].to_numpy()
    b = simulate_records(Straight(**values), data, ss2="add")["C"].to_numpy()
    assert a == pytest.approx(b, rel=1e-6)


class Daily(Component):
    """A loss that follows the time of day."""

    inputs = {"t": "h"}
    states = {"A": "mg"}
    outputs = {"A": "mg"}
    ports = {"iv": "A"}
    k: float = par("1/h^2", "growth of the loss")

    def rates(self, x, u):
        return {"A": -self.k * u["t"] * x["A"]}


def test_time_in_the_equations_is_the_time_of_the_records():
    model = Daily(k=0.01)
    data = read({"ID": [1, 1, 2, 2], "TIME": [5, 9, 2, 9], "EVID": [1, 0, 1, 0], "AMT": [10, 0, 10, 0]})
    got = simulate_records(model, data, rtol=1e-10, atol=1e-12)["A"].to_numpy()
    assert got[1] == pytest.approx(10 * np.exp(-0.005 * (81 - 25)), rel=1e-7)
    assert got[3] == pytest.approx(10 * np.exp(-0.005 * (81 - 4)), rel=1e-7)
    steady = read({"ID": [1], "TIME": [0], "EVID": [1], "AMT": [10], "II": [12], "SS": [1]})
    with pytest.raises(InputError, match="depend on time"):
        simulate_records(model, steady)


class Tolerance(Component):
    """A count that a session adds to, to see when sessions begin."""

    states = {"A": "mg", "n": "count"}
    outputs = {"n": "count"}
    ports = {"iv": "A"}
    jump_events = ("session_start",)
    k: float = par("1/h", "loss")

    def rates(self, x, u):
        return {"A": -self.k * x["A"], "n": 0 * x["n"]}

    def jump(self, event, x, u):
        return {"n": x["n"] + 1}


def test_sessions_are_runs_of_doses_less_than_twelve_hours_apart():
    data = read(
        "ID,TIME,AMT,II,ADDL,EVID\n1,0,5,24,2,1\n1,0,.,.,.,0\n1,3,5,.,.,1\n1,10,.,.,.,0\n1,24,.,.,.,0\n1,60,5,0,0,1\n1,61,.,.,.,0\n"
    )
    got = simulate_records(Tolerance(k=0.1), data, outputs=["n"]).filter(EVID=0)["n"].to_list()
    assert got == pytest.approx([1, 1, 2, 4])


def test_published_models_take_records_in_mg_by_route():
    """The same infusion as a sentence and as records."""
    import ketasim as ks
    from ketasim.simulate import build

    regimen = ks.Regimen.parse("35 mg iv over 40 min")
    times = [0.25, 0.5, 1.0, 4.0]
    expected = ks.simulate("kamp2020", regimen=regimen, times_h=times, vary=(), engine="exact")
    built, _ = build("kamp2020", regimen.doses)
    covariates = {
        k: float(np.asarray(v)[0]) for k, v in expected.covariates.items() if np.asarray(v).dtype.kind in "fi"
    }
    table = {
        "ID": [1] * 5,
        "TIME": [0, *times],
        "AMT": [35, 0, 0, 0, 0],
        "RATE": [52.5, 0, 0, 0, 0],
        "CMT": ["iv"] + [""] * 4,
    }
    got = simulate_records(built, table, covariates=covariates).filter(EVID=0)
    for name in ("ketamine.arterial", "ketamine.venous", "S_ketamine.brain"):
        assert got[name].to_numpy() == pytest.approx(expected[name][0], rel=1e-9), name
