"""What the sentences mean, against times and amounts worked out by hand."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from tests.dosing.strategies import regimens

from ketasim.core.errors import InputError
from ketasim.dosing import Give, Regimen, Target

IV = "0.5 mg/kg iv over 40 min"


def days(text: str) -> list[float]:
    return [round(d.start_h / 24, 9) for d in Regimen.parse(text).doses]


def test_one_infusion():
    (dose,) = Regimen.parse(IV).doses
    assert (dose.drug, dose.route, dose.amount, dose.basis, dose.start_h) == ("ketamine", "iv", 0.5, "mg/kg", 0.0)
    assert dose.duration_h == pytest.approx(2 / 3, abs=1e-15)
    assert (dose.device_index, dose.session_index, dose.day, dose.salt, dose.product) == (0, 0, 0, "base", "")
    assert dose.moieties() == {"S": 0.5, "R": 0.5}


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("2/week for 4 weeks", [0, 3, 7, 10, 14, 17, 21, 24]),
        ("twice weekly for 2 weeks", [0, 3, 7, 10]),
        ("twice a week for 2 weeks", [0, 3, 7, 10]),
        ("2x/week x3", [0, 3, 7]),
        ("3/week for 2 weeks", [0, 2, 4, 7, 9, 11]),
        ("3 times a week x4", [0, 2, 4, 7]),
        ("4/week for 1 week", [0, 1, 3, 4]),
        ("5/week for 2 weeks", [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]),
        ("7/week for 1 week", [0, 1, 2, 3, 4, 5, 6]),
        ("1/week for 4 weeks", [0, 7, 14, 21]),
        ("weekly x3", [0, 7, 14]),
        ("every week x3", [0, 7, 14]),
        ("every other week x3", [0, 14, 28]),
        ("every 2 weeks x4", [0, 14, 28, 42]),
        ("fortnightly x2", [0, 14]),
        ("every 3 d x6", [0, 3, 6, 9, 12, 15]),
        ("x6, every 3 d", [0, 3, 6, 9, 12, 15]),
        ("every 3 days for 10 days", [0, 3, 6, 9]),
        ("every 3 d for 9 d", [0, 3, 6]),
        ("daily x3", [0, 1, 2]),
        ("daily for 3 d", [0, 1, 2]),
        ("2/day x3", [0, 0.5, 1]),
        ("twice daily x3", [0, 0.5, 1]),
        ("every 6 h x3", [0, 0.25, 0.5]),
        ("every 30 min for 1 h", [0, 0.020833333]),
        ("x1", [0]),
        ("at day 3", [3]),
        ("at day 0 and 3 and 8", [0, 3, 8]),
        ("at 12 h and day 2", [0.5, 2]),
        ("at week 2", [14]),
        ("at day 3, 2/week for 2 weeks", [3, 6, 10, 13]),
        ("2/week for 1 week then 1/week for 2 weeks", [0, 3, 7, 14]),
        ("every 2 d x2 then every 3 d x2 at day 10", [0, 2, 10, 13]),
        ("daily x2 then pause 2 weeks then daily x2", [0, 1, 16, 17]),
        ("2/week x5 then 1/week x2", [0, 3, 7, 10, 14, 17, 24]),
    ],
)
def test_days_of_doses(schedule: str, expected: list[float]):
    assert days(f"{IV}, {schedule}") == expected


def test_course_ends_where_the_next_dose_would_be():
    text = "56 mg intranasal, 2/week for 4 weeks then 84 mg intranasal, 1/week for 4 weeks then every 2 weeks x4"
    regimen = Regimen.parse(f"esketamine {text}")
    first = [d for d in regimen.doses if d.device_index == 0]
    assert [d.day for d in first] == [0, 3, 7, 10, 14, 17, 21, 24, 28, 35, 42, 49, 56, 70, 84, 98]
    assert {d.drug for d in first} == {"esketamine"}
    per_session = [sum(d.amount for d in s.doses) for s in regimen.sessions()]
    assert per_session == [56.0] * 8 + [84.0] * 8
    assert regimen.end_h == pytest.approx(98 * 24 + 10 / 60)


def test_nasal_devices_five_minutes_apart_from_the_first_spray():
    doses = Regimen.parse("esketamine 84 mg intranasal").doses
    assert [d.amount for d in doses] == [28.0] * 3
    assert [d.start_h * 60 for d in doses] == pytest.approx([0, 5, 10])
    assert [d.device_index for d in doses] == [0, 1, 2]
    assert {d.session_index for d in doses} == {0}
    assert {d.product for d in doses} == {"device_28"}
    at_once = Regimen.parse("esketamine 84 mg intranasal sprays 0 min apart").doses
    assert [(d.start_h, d.device_index) for d in at_once] == [(0, 0), (0, 1), (0, 2)]
    by_hand = Regimen.parse("esketamine 28 mg intranasal, every 5 min x3").doses
    assert [(d.start_h, d.device_index) for d in by_hand] == [(d.start_h, d.device_index) for d in doses]


def test_device_count_starts_again_in_the_next_session():
    doses = Regimen.parse("esketamine 56 mg intranasal, daily x2").doses
    assert [(d.session_index, d.device_index) for d in doses] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_racemic_spray_is_one_dose():
    (dose,) = Regimen.parse("50 mg intranasal").doses
    assert (dose.amount, dose.product, dose.device_index) == (50.0, "nasal_solution", 0)


@pytest.mark.parametrize(
    ("text", "amount", "basis", "hours"),
    [
        ("0.3 mg/kg/h for 4 h", 1.2, "mg/kg", 4.0),
        ("40 ug/kg/min for 2 h", 4.8, "mg/kg", 2.0),
        ("41 µg/kg/min over 60 min", 2.46, "mg/kg", 1.0),
        ("0.1 mcg/kg/min for 30 min", 0.003, "mg/kg", 0.5),
        ("10 mL/h of 1 mg/mL for 2 h", 20.0, "mg", 2.0),
        ("10 mL/h for 2 h of 500 ug/mL", 10.0, "mg", 2.0),
        ("5 mL of 10 mg/mL iv over 10 min", 50.0, "mg", 1 / 6),
        ("0.7 mL iv as vial_50", 35.0, "mg", 0.0),
        ("0.7 ml iv as VIAL_50", 35.0, "mg", 0.0),
        ("22 mg/h for 4 d", 2112.0, "mg", 96.0),
        ("528 mg/d for 4 d", 2112.0, "mg", 96.0),
        ("0.5 mg/kg ibw iv over 40 min", 0.5, "mg/kg_ibw", 2 / 3),
        ("0.05 g iv over 1 h", 50.0, "mg", 1.0),
        ("esketamine 7 mg hcl iv over 30 min", 7 * 0.867, "mg", 0.5),
        ("bolus 0.2 mg/kg", 0.2, "mg/kg", 0.0),
        ("2 mg/kg iv over 60 s", 2.0, "mg/kg", 1 / 60),
        ("0.25mg/kg sc over 5min", 0.25, "mg/kg", 1 / 12),
    ],
)
def test_amounts_and_durations(text: str, amount: float, basis: str, hours: float):
    (dose,) = Regimen.parse(text).doses
    assert dose.amount == pytest.approx(amount, rel=1e-14)
    assert dose.basis == basis
    assert dose.duration_h == pytest.approx(hours, rel=1e-14)


def test_hydrochloride_against_the_label():
    # The labels print 11.53, 57.67 and 115.33 mg of hydrochloride for 10, 50 and 100 mg of base, 32.3 mg for 28 mg.
    for hcl, base in ((11.53, 10), (57.67, 50), (115.33, 100)):
        (dose,) = Regimen.parse(f"{hcl} mg hcl iv").doses
        assert dose.amount == pytest.approx(base, rel=5e-4)
    (device,) = Regimen.parse("esketamine 32.3 mg hcl intranasal").doses
    assert device.amount == 28.0


def test_amount_mg_for_many_people():
    weight, ideal = np.array([50.0, 70.0, 120.0]), np.array([50.0, 70.0, 65.0])
    by_weight = Regimen.parse("0.5 mg/kg iv").doses[0]
    np.testing.assert_array_equal(by_weight.amount_mg(weight), [25.0, 35.0, 60.0])
    by_ideal = Regimen.parse("0.5 mg/kg ibw iv").doses[0]
    np.testing.assert_array_equal(by_ideal.amount_mg(weight, ideal), [25.0, 35.0, 32.5])
    fixed = Regimen.parse("35 mg iv").doses[0]
    np.testing.assert_array_equal(fixed.amount_mg(weight), [35.0, 35.0, 35.0])
    assert by_weight.amount_mg(70).shape == (1,)
    with pytest.raises(InputError, match="ibw_kg"):
        by_ideal.amount_mg(weight)


def test_bolus_then_infusion_follow_each_other_and_repeat_together():
    doses = Regimen.parse("bolus 0.2 mg/kg then 0.3 mg/kg/h for 1 h, daily x2").doses
    assert [(d.start_h, d.amount, d.duration_h) for d in doses] == [
        (0, 0.2, 0),
        (0, 0.3, 1),
        (24, 0.2, 0),
        (24, 0.3, 1),
    ]


def test_x1_ends_a_run_so_the_next_schedule_is_its_own():
    assert days("esketamine 56 mg intranasal x1 then 84 mg intranasal at day 3, weekly x2") == (
        pytest.approx([0, 5 / 1440, 3, 3 + 5 / 1440, 3 + 10 / 1440, 10, 10 + 5 / 1440, 10 + 10 / 1440], abs=1e-9)
    )
    assert days("0.2 mg/kg iv, x1 then 0.1 mg/kg iv, daily x2") == [0, 0, 1]


def test_then_without_a_route_is_given_the_same_way():
    first, second = Regimen.parse("0.5 mg/kg ibw iv over 40 min, daily x1 then 0.75 mg/kg, daily x1").doses
    assert (second.route, second.duration_h, second.basis) == (first.route, first.duration_h, "mg/kg_ibw")
    assert second.amount == 0.75
    assert Regimen.parse("0.5 mg/kg iv over 40 min then 0.2 mg/kg iv").doses[1].duration_h == 0


def test_infusions_may_overlap():
    a, b = Regimen.parse("0.3 mg/kg/h for 2 h also ketamine 0.2 mg/kg/h for 2 h at 1 h").doses
    assert (a.start_h, a.end_h, b.start_h, b.end_h) == (0, 2, 1, 3)
    repeated = Regimen.parse("0.3 mg/kg/h for 2 h, every 1 h x3")
    assert [(d.start_h, d.end_h) for d in repeated.doses] == [(0, 2), (1, 3), (2, 4)]
    assert repeated.end_h == 4


def test_co_drugs_and_comparators():
    regimen = Regimen.parse(f"{IV}, 2/week for 1 week also lamotrigine 300 mg oral also labetalol 10 mg iv at 45 min")
    assert regimen.drugs == ("ketamine", "lamotrigine", "labetalol")
    assert regimen.routes == ("iv", "oral")
    assert [d.moieties() for d in regimen.doses if d.drug != "ketamine"] == [{}, {}]
    saline = Regimen.parse("placebo iv over 40 min, 2/week for 1 week")
    assert [(d.drug, d.amount) for d in saline.doses] == [("saline", 0.0)] * 2
    assert Regimen.parse("s-ketamine 10 mg iv").doses[0].moieties() == {"S": 1.0, "R": 0.0}
    assert Regimen.parse("arketamine 10 mg iv").doses[0].moieties() == {"S": 0.0, "R": 1.0}


def test_sessions_are_runs_less_than_twelve_hours_apart():
    assert [len(s.doses) for s in Regimen.parse("10 mg iv at 0 h and 11.9 h and 23.9 h").sessions()] == [2, 1]
    # The gap counts from the end of an infusion.
    assert len(Regimen.parse("22 mg/h for 4 d then pause 4 h then 10 mg iv").sessions()) == 1
    assert len(Regimen.parse("22 mg/h for 4 d then pause 12 h then 10 mg iv").sessions()) == 2


def test_co_drugs_join_sessions_and_make_none():
    regimen = Regimen.parse(
        f"{IV} at day 1, weekly x2 also lorazepam 1 mg oral, every 12 h x5 also naltrexone 50 mg oral at day 8"
    )
    assert [(s.start_h, len([d for d in s.doses if d.drug == "ketamine"])) for s in regimen.sessions()] == [
        (24, 1),
        (192, 1),
    ]
    sessions = {(d.drug, d.start_h): d.session_index for d in regimen.doses}
    assert [sessions["lorazepam", h] for h in (0, 12, 24, 36, 48)] == [0] * 5
    assert sessions["naltrexone", 192] == 1
    assert [(d.drug, d.start_h) for d in regimen.doses if d.opens_session] == [("ketamine", 24), ("ketamine", 192)]


def test_targets_are_kept_apart_as_their_doses_are_not_known_beforehand():
    regimen = Regimen.parse("tci plasma 100 ng/mL for 1 h then tci effect 0.2 ug/mL for 30 min also midazolam 1 mg iv")
    assert [(a.site, a.ng_ml, a.start_h, a.duration_h) for a in regimen.targets] == [
        ("plasma", 100.0, 0.0, 1.0),
        ("effect", 200.0, 1.0, 0.5),
    ]
    assert [d.drug for d in regimen.fixed_doses] == ["midazolam"]
    assert regimen.end_h == 1.5 and regimen.drugs == ("ketamine", "midazolam")
    for use in (lambda: regimen.doses, regimen.require_runnable):
        with pytest.raises(InputError, match="not known beforehand"):
            use()
    assert str(Regimen.parse(str(regimen))) == str(regimen)


def test_dose_after_the_end_is_refused():
    regimen = Regimen.parse(f"{IV}, 2/week for 4 weeks")
    regimen.require_before(577)
    with pytest.raises(
        InputError, match=r"until is '240 h'; allowed: later than the last dose, at 576 h. 5 doses begin"
    ):
        regimen.require_before(240)


@settings(max_examples=100, deadline=None)
@given(regimens)
def test_doses_are_sorted_complete_and_in_their_sessions(regimen: Regimen):
    doses = regimen.doses
    starts = [d.start_h for d in doses]
    assert starts == sorted(starts) and starts[0] >= 0
    expected = sum(
        step.devices * (len(block.repeat.offsets_h()) if block.repeat else max(len(block.at), 1))
        for strand in regimen.strands
        for block in strand.blocks
        for step in block.steps
        if isinstance(step, Give)
    )
    assert len(doses) == expected
    total = sum(
        step.amount * (len(block.repeat.offsets_h()) if block.repeat else max(len(block.at), 1))
        for strand in regimen.strands
        for block in strand.blocks
        for step in block.steps
        if not isinstance(step, Target) and isinstance(step, Give)
    )
    assert sum(d.amount for d in doses) == pytest.approx(total, rel=1e-9)
    sessions = regimen.sessions()
    assert sum(len(s.doses) for s in sessions) == len(doses)
    for a, b in pairwise(sessions):
        assert b.start_h - a.end_h >= 12 - 1e-6
    assert [(d.start_h, d.session_index) for d in doses if d.opens_session] == [(s.start_h, s.index) for s in sessions]
    main = [d for d in doses if d.strand == 0]
    for dose in main:
        session = sessions[dose.session_index]
        assert session.start_h - 1e-9 <= dose.start_h <= session.end_h + 1e-9


def test_words_and_table():
    regimen = Regimen.parse("esketamine 84 mg intranasal, 2/week for 4 weeks also ondansetron 4 mg iv")
    text = regimen.describe()
    assert (
        "3 × 28 mg nasal device, 5 minutes apart" in text and "on days 0, 3, 7, 10 …" in text and "8 sessions" in text
    )
    rows = regimen.to_events_table()
    assert len(rows) == 25 and rows[-1]["device"] == 2 and rows[0]["unit"] == "mg"
    assert [r["time_h"] for r in rows] == sorted(r["time_h"] for r in rows)
    target = Regimen.parse("tci effect 100 ng/mL for 1 h").to_events_table()
    assert target[0]["what"] == "target effect" and target[0]["unit"] == "ng/mL"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("20 mg/kg iv", "ketamine 20 mg/kg iv is above the published range \\(up to 4.5 mg/kg; ketalarlabel"),
        ("1400 mg iv", "1400 mg iv \\(20 mg/kg at 70 kg\\) is above"),
        ("5 mg/kg/h for 3 h", "\\(5 mg/kg/h\\) is above the published range \\(up to 3.6 mg/kg/h"),
        (
            "esketamine 112 mg intranasal",
            "112 mg intranasal is above the published range \\(up to 84 mg; spravatolabel",
        ),
        (
            "esketamine 56 mg intranasal then pause 1 h then 56 mg intranasal",
            "intranasal, 112 mg in one session is above",
        ),
        ("esketamine 56 mg intranasal then 84 mg intranasal, weekly x2", "one straight after the other"),
        ("labetalol 200 mg iv", "200 mg iv is above"),
    ],
)
def test_warnings_above_the_published_range(text: str, words: str):
    regimen = Regimen.parse(text)
    assert any(re.search(words, w) for w in regimen.warnings), regimen.warnings


@pytest.mark.parametrize(
    "text",
    [
        f"{IV}, 2/week for 4 weeks",
        "esketamine 84 mg intranasal, 2/week for 4 weeks",
        "2 mg/kg iv over 60 s then 40 ug/kg/min for 2 h",
        "esketamine 22 mg/h for 4 d",
        "0.35 mg/kg/h for 4 h, daily x10",
        "midazolam 0.045 mg/kg iv over 40 min",
        "esketamine 100 mg sublingual as film",
        "9 mg/kg rectal",
        "saline iv over 40 min",
    ],
)
def test_no_warning_for_published_regimens(text: str):
    assert Regimen.parse(text).warnings == ()


def test_warning_depends_on_weight():
    regimen = Regimen.parse("300 mg iv")
    assert regimen.check(weight_kg=70) == () and len(regimen.check(weight_kg=50)) == 1
