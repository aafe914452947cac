"""A ketamine-shaped linear model under nine schedules, against mrgsolve (rtol 1e-11)."""

import csv
from collections import defaultdict

import numpy as np
import pytest

from ketasim.core.component import Component, par
from ketasim.dosing.records import Compartment, simulate_records

STATES = ("GUT", "CENT", "P1", "P2", "MET", "EFF", "AUC")


class KetamineShaped(Component):
    """Three compartments, gut, one metabolite, an effect site and the area; times in minutes here called hours.

    Equation    as in the README of the reference results
    """

    states = dict.fromkeys(STATES, "mg")
    outputs = {"CP": "ug/L", "CM": "ug/L", "CE": "ug/L"}
    ports = {"oral": "GUT", "iv": "CENT"}
    CL: float = par("L/h", "clearance")
    V1: float = par("L", "central volume")
    Q2: float = par("L/h", "exchange")
    V2: float = par("L", "volume")
    Q3: float = par("L/h", "exchange")
    V3: float = par("L", "volume")
    KA: float = par("1/h", "absorption")
    CLM: float = par("L/h", "metabolite clearance")
    VM: float = par("L", "metabolite volume")
    FM: float = par("1", "fraction to the metabolite")
    KE0: float = par("1/h", "effect site")

    def rates(self, x, u):
        c = x["CENT"] / self.V1
        q2, q3 = self.Q2 * (c - x["P1"] / self.V2), self.Q3 * (c - x["P2"] / self.V3)
        return {
            "GUT": -self.KA * x["GUT"],
            "CENT": self.KA * x["GUT"] - self.CL * c - q2 - q3,
            "P1": q2,
            "P2": q3,
            "MET": self.FM * self.CL * c - self.CLM * x["MET"] / self.VM,
            "EFF": self.KE0 * (c - x["EFF"]),
            "AUC": c,
        }

    def read(self, x, u):
        return {"CP": 1000 * x["CENT"] / self.V1, "CM": 1000 * x["MET"] / self.VM, "CE": 1000 * x["EFF"]}


MODEL = KetamineShaped(
    CL=1.4, V1=25.0, Q2=2.6833333, V2=56.0, Q3=1.3166667, V3=157.0, KA=0.05, CLM=1.2, VM=60.0, FM=0.8, KE0=0.304
)  # fmt: skip
INFUSION = {"amt": 35.0, "rate": 35 / 40, "cmt": "CENT"}
DOSES = {
    "A_inf40": [(0, INFUSION)],
    "B_bolus_then_inf": [(0, {"amt": 10.0, "cmt": "CENT"}), (5, {"amt": 25.0, "rate": 25 / 60, "cmt": "CENT"})],
    "C_oral_lag": [(0, {"amt": 100.0, "cmt": "GUT"})],
    "D_rep_6x_3d_addl": [(0, INFUSION | {"ii": 4320.0, "addl": 5})],
    "E_ss_inf_qd": [(0, INFUSION | {"ii": 1440.0, "ss": 1})],
    "F_const_ss": [(0, {"rate": 0.15, "ss": 1, "cmt": "CENT"})],
    "G_evid4": [(0, INFUSION), (120, INFUSION | {"evid": 4})],
    "H_overlap": [(0, INFUSION), (20, INFUSION), (30, {"amt": 20.0, "cmt": "GUT"})],
    "I_ss2": [(0, INFUSION | {"ii": 1440.0, "ss": 1}), (0, {"amt": 100.0, "ii": 720.0, "ss": 2, "cmt": "GUT"})],
}


@pytest.fixture(scope="module")
def expected(anchors):
    table = defaultdict(list)
    with (anchors / "schedules" / "mrgsolve_output.csv").open() as handle:
        for row in csv.DictReader(handle):
            table[row["scenario"]].append({k: float(v) for k, v in row.items() if k != "scenario"})
    return table


def records_for(scenario, times):
    """Doses stand before the observations of the same time, as in the run."""
    rows = [(t, 0, d) for t, d in DOSES[scenario]] + [(t, 1, {}) for t in times]
    rows.sort(key=lambda r: (r[0], r[1]))
    keys = {"amt": 0.0, "rate": 0.0, "ii": 0.0, "addl": 0, "ss": 0}
    out = {k.upper(): [r[2].get(k, v) for r in rows] for k, v in keys.items()}
    out |= {"TIME": [r[0] for r in rows], "ID": [1] * len(rows)}
    out["EVID"] = [0 if r[1] else r[2].get("evid", 1) for r in rows]
    out["CMT"] = [r[2].get("cmt", "") for r in rows]
    return out


CASES = [(s, "exact") for s in DOSES] + [
    ("H_overlap", "reference"),
    ("I_ss2", "reference"),
    ("E_ss_inf_qd", "reference"),
]


@pytest.mark.parametrize(("scenario", "engine"), CASES)
@pytest.mark.filterwarnings("ignore:row 2. an SS 2 record may meet")
def test_schedule(expected, scenario, engine):
    rows = expected[scenario]
    gut = Compartment("GUT", f=0.3, lag=12.0 if scenario == "C_oral_lag" else 0.0)
    got = simulate_records(
        MODEL, records_for(scenario, [r["time"] for r in rows]), compartments={"gut": gut}, engine=engine,
        outputs=(*STATES, "CP", "CM", "CE"), rtol=1e-11, atol=1e-14,
    ).filter(EVID=0)  # fmt: skip
    assert got.height == len(rows)
    for name in (*STATES, "CP", "CM", "CE"):
        if name == "AUC" and any(d.get("ss") for _, d in DOSES[scenario]):
            continue
        theirs = np.array([r[name] for r in rows])
        floor = 1e-6 * max(np.abs(theirs).max(), 1e-9)
        assert got[name].to_numpy() == pytest.approx(theirs, rel=1e-6, abs=1e-6 * floor), name
