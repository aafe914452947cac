"""The session of many people equals that of each of them, alarm by alarm and milligram by milligram."""

import numpy as np
import pytest

import ketasim as ks
from ketasim.clinic import treat
from ketasim.clinic.orders import order
from ketasim.clinic.plan import plan
from ketasim.clinic.protocol import Protocol
from ketasim.clinic.session import Session
from ketasim.core.errors import InputError

SHARP = (
    {"name": "felt", "output": "cadss", "above": 6, "action": "pause", "resume_when_clear": True},
    {"name": "quick", "output": "heart_rate", "above": 76, "readings": 2, "action": "slow", "factor": 0.5},
    {
        "name": "high",
        "output": "sbp",
        "above": 132,
        "action": "give",
        "drug": "labetalol",
        "dose": "10 mg",
        "once": True,
    },
    {"name": "very high", "output": "sbp", "above": 142, "readings": 2, "action": "stop"},
    {"name": "seen", "output": "dbp", "above": 84, "action": "note"},
)


def sharp(name):
    whole = Protocol.load(name).model_dump()
    return Protocol(**{**whole, "alarms": SHARP, "max_min": 180})


def of_one(session):
    picked = [e for e in session.log.events if e["kind"] in ("alarm", "hold", "clear", "end of dosing")]
    return [(e["kind"], e.get("alarm"), round(e["min"], 3)) for e in picked]


@pytest.mark.parametrize("name", ["iv_depression", "esketamine_label"])
def test_many_at_once_are_each_alone(name):
    people, rules = ks.sample("trd_adult", 12, seed=3), sharp(name)
    together = treat(people, rules, seed=7, vary=("between",))
    fired = {e["alarm"] for e in together.events if e["kind"] == "alarm"}
    assert fired >= {"felt", "high"} and len(set(together.phase)) > 1
    for i in range(len(people)):
        alone = Session(people.patient(i), rules, seed=7, vary=("between",), subject=int(people.ids[i])).run()
        mine = [e for e in together.events if e["id"] == people.ids[i]]
        kinds = ("alarm", "hold", "clear", "end of dosing")
        assert [(e["kind"], e.get("alarm"), round(e["min"], 3)) for e in mine if e["kind"] in kinds] == of_one(alone)
        assert together.phase[i] == alone.phase
        assert together.given_mg[i] == pytest.approx(alone.account.given, abs=1e-6)
        for row in alone.readings:
            k = int(np.flatnonzero(together.minutes == row["min"])[0])
            for output in set(row) - {"min"}:
                assert together.readings[output][i, k] == pytest.approx(row[output], abs=1e-6)


def test_what_was_really_given_is_on_record():
    """Records of doses add up to what was given, and simulated as they stand they give the readings again."""
    people, rules = ks.sample("trd_adult", 12, seed=3), sharp("iv_depression")
    done = treat(people, rules, seed=7, vary=("between",))
    for i, number in enumerate(people.ids):
        mine = [d for d in done.doses if d["id"] == number and d["drug"] == "ketamine"]
        assert sum(d["mg"] for d in mine) == pytest.approx(done.given_mg[i], abs=1e-6)
        assert all(d["duration_min"] > 0 for d in mine)
    assert (done.share <= 1 + 1e-9).all() and (done.share[done.phase == "not treated"] == 0).all()
    assert done.had("alarm", alarm="high").sum() == len({d["id"] for d in done.doses if d["drug"] == "labetalol"})


def test_orders_are_the_plans_of_each():
    people = [ks.Patient(weight_kg=w, height_cm=170, age_y=a, sex="male") for w, a in ((60, 30), (110, 50), (80, 70))]
    cohort = ks.Cohort.from_patients(people)
    for name in ("iv_depression", "esketamine_label"):
        rules = Protocol.load(name)
        assert order(cohort.covariates, rules).planned_mg == pytest.approx([plan(p, rules).dose_mg for p in people])


def test_an_arm_may_bring_its_own_dose_and_a_pump_its_limits():
    people = ks.Cohort.from_patient(ks.Patient(weight_kg=70), 3)
    done = treat(people, seed=1, regimen="0.8 mg/kg iv over 40 min", settings={"anticipatory": 0})
    assert done.planned_mg == pytest.approx(56.0)
    with pytest.raises(InputError, match="pump rate"):
        treat(people, regimen="30 mg/kg iv over 1 min")


def test_errors_drawn_at_once_are_those_drawn_one_by_one():
    from ketasim.clinic.monitor import errors, stream
    from ketasim.core import random

    reading = Protocol.load("iv_depression").readings[0]
    ids, minutes = np.array([0, 7, 2**40]), np.array([0.0, 2.5, 5.001, 120.0])
    together = errors(reading, 3, ids, minutes, 4)
    for k, minute in enumerate(minutes):
        alone = random.normal(3, stream(reading, 4), ids, 1, first=round(minute * 1000))[:, 0]
        assert np.array_equal(together[:, k], alone)
