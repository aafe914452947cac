"""Non-compartmental analysis of record data sets."""

import math

import numpy as np
import pytest

from ketasim.analysis.nca import Units, nca, nca_records
from ketasim.core.errors import InputError
from ketasim.dosing.records import read

K, V = 0.2, 40.0
T = np.array([0.5, 1, 2, 4, 8, 12.0])


def curve(t, dose):
    return dose / V * 1000 * np.exp(-K * np.asarray(t))


def table(*blocks):
    out = {k: [] for k in ("ID", "TIME", "AMT", "RATE", "II", "SS", "ADDL", "EVID", "CMT", "DV", "LLOQ")}
    for row in blocks:
        for k in out:
            out[k].append(row.get(k, {"CMT": 1, "DV": None, "LLOQ": None}.get(k, 0)))
    return read(out)


def seen(who, times, values, **more):
    return [{"ID": who, "TIME": float(t), "DV": v, **more} for t, v in zip(times, values, strict=True)]


def test_each_dose_is_a_profile_until_the_next():
    first, second = curve(T, 100), curve(T, 50)
    data = table(
        {"ID": "a", "TIME": 0, "AMT": 100, "EVID": 1}, *seen("a", T, first),
        {"ID": "a", "TIME": 100, "AMT": 50, "EVID": 1}, *seen("a", 100 + T, second),
        {"ID": "b", "TIME": 0, "AMT": 50, "EVID": 1}, *seen("b", T, second),
    )  # fmt: skip
    got = nca_records(data, route="bolus", units=Units())
    assert got.subjects == ("a#1", "a#2", "b")
    for name, c, dose in (("a#1", first, 100), ("a#2", second, 50), ("b", second, 50)):
        alone = nca(T, c, dose=dose, route="bolus")
        for code in ("CMAX", "AUCIFO", "CLO", "VSSO"):
            assert got.row(code, name).value == pytest.approx(alone[code], rel=1e-10)
        assert got.row("CLO", name).value == pytest.approx(K * V, rel=1e-9)


def test_infusions_take_their_duration_from_the_rate():
    length = 2.0
    t = np.array([1, 2, 3, 5, 8, 12, 20.0])
    c = 100 / length / (K * V) * 1000 * (np.exp(-K * np.maximum(t - length, 0)) - np.exp(-K * t))
    data = table({"ID": 1, "TIME": 5, "AMT": 100, "RATE": 50, "EVID": 1}, *seen(1, t + 5, c))
    alone = nca(t, c, dose=100, route="infusion", duration=length)
    assert nca_records(data)["MRTICIFO"] == pytest.approx(alone["MRTICIFO"], rel=1e-10)


def test_steady_state_is_analysed_over_the_interval():
    t = np.array([0, 1, 2, 4, 8, 12.0])
    c = curve(t, 100) / (1 - math.exp(-K * 12))
    data = table({"ID": 1, "TIME": 0, "AMT": 100, "II": 12, "SS": 1, "ADDL": 1, "EVID": 1}, *seen(1, t, c))
    got = nca_records(data, route="bolus")
    assert got.row("CLTAU", "1#1").value == pytest.approx(K * V, rel=1e-9)


def test_nobody_is_lost():
    data = table(
        {"ID": "a", "TIME": 0, "AMT": 1, "EVID": 1}, *seen("a", [1, 2], ["BLQ", "BLQ"]),
        *seen("b", [1.0], [5.0]),
        {"ID": "c", "TIME": 2, "AMT": 1, "EVID": 1},
        *seen("d", [1.0], [0.1]), {"ID": "d", "TIME": 2, "AMT": 1, "EVID": 1, "II": 10, "ADDL": 1},
        *seen("d", [3, 4, 5, 6.0], [9, 5, 3, 2.0]),
    )  # fmt: skip
    got = nca_records(data)
    assert got.subjects == ("a", "b", "c", "d#1")
    assert "quantifiable" in got.reason("CMAX", "a")
    assert got.reason("CMAX", "b") == "no dose" and got.reason("CMAX", "c") == "no observation"
    text = " ".join(n for _, n in got.notes)
    assert "dose at 12 h: no observation" in text and "1 observations before the first dose" in text
    for subject in ("a", "b"):
        with pytest.raises(InputError, match=subject):
            nca_records(data.take([data.ids.index(subject)]), on_error="raise")


def test_limits_and_settings():
    data = table({"ID": 1, "TIME": 0, "AMT": 1, "EVID": 1}, *seen(1, [1, 2, 3, 4], [8, 4, 2, 0.4], LLOQ=0.5))
    assert nca_records(data)["TLST"] == 3
    with pytest.raises(InputError, match="hours"):
        nca_records(data, units=Units(time="min"))
    two = table({"ID": 1, "TIME": 0, "AMT": 1, "EVID": 1}, *seen(1, [1], [8]), *seen(1, [2], [8], CMT=3))
    with pytest.raises(InputError, match="1, 3"):
        nca_records(two)
    assert nca_records(two, observation=3)["TMAX"] == 2
    assert "route for this CMT" in nca_records(data, route={7: "bolus"}).reason("CMAX")
