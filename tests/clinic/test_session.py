"""A clinic session: rules fire when they should, accounts balance, time can be stopped, taken back and replayed."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import ketasim as ks
from ketasim.clinic.log import Account, Log
from ketasim.clinic.plan import plan
from ketasim.clinic.protocol import Protocol, parse
from ketasim.clinic.screening import screen
from ketasim.clinic.session import Session
from ketasim.core.errors import InputError

PERSON = {"weight_kg": 70, "height_cm": 175, "age_y": 40, "sex": "male", "sbp": 118, "dbp": 75}


def patient(**changes):
    return ks.Patient(**{**PERSON, **changes})


def kinds(session):
    return [e["kind"] for e in session.log.events]


def changed(**changes):
    """The intravenous protocol with some fields changed."""
    return Protocol(**{**Protocol.load("iv_depression").model_dump(), **changes})


@pytest.fixture(scope="module")
def finished():
    return Session(patient(), seed=1).run()


def test_a_session_goes_from_check_in_to_discharge(finished):
    assert finished.phase == "discharged"
    phases = [e["phase"] for e in finished.log.events if e["kind"] == "phase"]
    assert phases == ["dosing", "recovery", "discharged"]
    assert finished.end_min == pytest.approx(40.0, abs=1e-6)
    assert finished.minute >= 100


def test_stepping_minute_by_minute_is_the_infusion(finished):
    """Thirty-five milligrams over forty minutes, stepped with restarts, is the uninterrupted simulation."""
    whole = ks.simulate(
        patient=patient(),
        regimen="0.5 mg/kg iv over 40 min",
        times_h=np.arange(0, 101) / 60,
        outputs=["cadss", "sedation"],
        settings={"anticipatory": 1},
    )
    stepped = {c["min"]: c for c in finished.curves}
    for minute in (10.0, 40.0, 60.0, 100.0):
        assert stepped[minute]["cadss"] == pytest.approx(whole["cadss"][0, int(minute)], rel=1e-3, abs=1e-3)


def test_the_account_balances(finished):
    finished.account.check()
    assert finished.account.given == pytest.approx(35.0)
    assert finished.account.drawn == finished.account.given + finished.account.wasted


def test_same_seed_same_session_and_another_seed_another():
    a, b, c = (Session(patient(), seed=s).run(30) for s in (3, 3, 4))
    assert a.readings == b.readings
    assert a.readings != c.readings


def test_high_pressure_holds_the_dose_and_may_end_untreated():
    s = Session(patient(sbp=165, dbp=99), seed=1).run()
    assert s.phase == "not treated"
    assert kinds(s).count("hold") >= 3
    assert s.account.drawn == 0


def test_an_alarm_pauses_and_clears():
    """A limit below the peak of dissociation pauses the pump; it goes on when the reading clears."""
    alarm = {"name": "low limit", "output": "cadss", "above": 5, "action": "pause", "resume_when_clear": True}
    s = Session(patient(), changed(alarms=(alarm,)), seed=1).run()
    assert "alarm" in kinds(s) and "clear" in kinds(s)
    assert s.end_min > 40
    assert s.account.given == pytest.approx(35.0)


def test_a_stop_wastes_the_rest_before_a_witness():
    s = Session(patient(), seed=1).run(20)
    s.act("stop")
    s.run()
    s.account.check()
    assert s.account.given == pytest.approx(17.5, rel=1e-6)
    assert s.account.wasted == pytest.approx(17.5, rel=1e-6)
    assert any(e["kind"] == "wasted" and e["witness"] != e["by"] for e in s.log.events)


def test_slowing_halves_the_rate():
    s = Session(patient(), seed=1).run(20)
    s.act("slow", factor=0.5)
    s.run()
    assert s.end_min == pytest.approx(60.0, abs=1e-6)


def test_a_decision_at_the_last_reading_still_fires():
    """The eighth reading under treatment falls on the very end of the infusion and is judged."""
    alarm = {"name": "last", "output": "sbp", "above": 1, "readings": 8, "action": "note"}
    s = Session(patient(), changed(alarms=(alarm,)), seed=1).run(41)
    at = [e["min"] for e in s.log.events if e["kind"] == "alarm"]
    assert at and at[0] == pytest.approx(40.0)


def test_stopping_at_an_event_is_exact():
    s = Session(patient(), seed=1)
    minute = s.run_until("cadss", 5.0)
    assert minute is not None
    times = [minute / 60]
    there = ks.simulate(
        patient=patient(),
        regimen="0.5 mg/kg iv over 40 min",
        times_h=times,
        outputs=["cadss"],
        settings={"anticipatory": 1},
    )
    assert there["cadss"][0, 0] == pytest.approx(5.0, abs=0.01)


def test_rewind_and_go_on_is_the_same():
    s = Session(patient(), seed=2).run(50)
    before = [r for r in s.readings if r["min"] > 20]
    s.rewind(20)
    assert s.minute == pytest.approx(20)
    s.run(50)
    assert [r for r in s.readings if r["min"] > 20] == before


def test_labetalol_lowers_the_pressure():
    a, b = Session(patient(), seed=1).run(20), Session(patient(), seed=1).run(20)
    a.act("give", drug="labetalol", dose="20 mg")
    a.run(40), b.run(40)
    assert a.curves[-1]["sbp"] < b.curves[-1]["sbp"] - 1


def test_a_dead_process_loses_nothing(tmp_path):
    """A log left by a session that died is taken up: the whole session equals one that never stopped."""
    path = tmp_path / "session.jsonl"
    whole = Session(patient(), seed=5).run(30)
    whole.act("pause")
    whole.run()
    first = Session(patient(), seed=5, log=path).run(30)
    first.act("pause")
    first.run(42)
    with path.open("a") as file:
        file.write('{"min": 43, "kind": "read')
    first.close()
    second = Session(patient(), seed=5, log=path).run()
    second.close()
    assert second.readings == whole.readings
    on_disk = [json.loads(line) for line in path.read_text().splitlines()]
    assert [e["kind"] for e in on_disk if e["kind"] != "begin"] == [
        e["kind"] for e in whole.log.events if e["kind"] != "begin"
    ]


def test_two_sessions_cannot_write_one_log(tmp_path):
    path = tmp_path / "log.jsonl"
    log = Log.open(path)
    code = f"from ketasim.clinic.log import Log; Log.open({str(path)!r})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False)
    assert run.returncode != 0 and "no other session" in run.stderr
    log.close()


def test_account_refuses_what_cannot_be():
    a = Account()
    a.draw(10, "nurse")
    a.give(6)
    with pytest.raises(InputError, match="witness"):
        a.waste(4, "nurse", "nurse")
    with pytest.raises(InputError, match="left in the syringe"):
        a.waste(5, "nurse", "pharmacist")
    with pytest.raises(InputError, match="unaccounted"):
        a.check()
    a.waste(4, "nurse", "pharmacist")
    a.check()


def test_esketamine_opens_devices_and_waits_two_hours():
    p = patient()
    planned = plan(p, Protocol.load("esketamine_label"))
    assert planned.devices == 2 and planned.dose_mg == pytest.approx(56)
    assert plan(patient(age_y=70), Protocol.load("esketamine_label")).devices == 1
    s = Session(p, "esketamine_label", seed=1).run()
    assert s.phase == "discharged" and s.minute >= 120


def test_ideal_weight_from_bmi_30():
    planned = plan(patient(weight_kg=120), Protocol.load("iv_depression"))
    assert "ideal" in planned.weight_used
    assert planned.dose_mg == pytest.approx(0.5 * patient(weight_kg=120).ibw_kg, rel=1e-9)


def test_screening_gives_reasons_and_names_unknown_drugs():
    found = screen(patient(aneurysm=True, comedication=["nosuchdrug"]), Protocol.load("iv_depression"))
    assert not found.eligible
    assert any("aneurysm" in f.reason for f in found.findings)
    assert any(f.verdict == "unknown" and f.value == "nosuchdrug" for f in found.findings)


@pytest.mark.parametrize(
    ("dose", "field"),
    [({"max_ml_h": 10}, "pump rate"), ({"syringe_ml": 5}, "syringe"), ({"draw_mg": 1}, "draw_mg")],
)
def test_impossible_equipment_is_named(dose, field):
    rules = changed(dose={**Protocol.load("iv_depression").dose.model_dump(), **dose})
    with pytest.raises(InputError, match=field):
        plan(patient(), rules)


@pytest.mark.parametrize(
    ("edit", "word"),
    [
        (("syringe_ml = 60", "syringe_ml = 0"), "syringe_ml"),
        (('output = "cadss"\nat_most', 'output = "mood"\nat_most'), "mood"),
        (("above = 200", "above = 200\nbelow = 1"), "either above or below"),
        (('action = "pause"', 'action = "dance"'), "action"),
    ],
)
def test_contradictory_protocols_are_named(edit, word):
    from importlib import resources

    text = (resources.files("ketasim") / "data" / "protocols" / "iv_depression.toml").read_text()
    assert edit[0] in text
    with pytest.raises(InputError, match=word):
        parse(text.replace(*edit, 1), "mine")


def test_fhir_bundle_is_valid(finished):
    """Checked by the published R4B schemas: a finished session, a stopped one, one under way, one never begun."""
    from ketasim.exchange.fhir import bundle

    r4b = pytest.importorskip("fhir.resources.R4B.bundle")
    stopped = Session(patient(), seed=1).run(20)
    stopped.act("give", drug="labetalol", dose="10 mg")
    stopped.act("stop")
    under_way = Session(patient(), seed=1).run(5)
    never = Session(patient(sbp=165, dbp=99), seed=1).run()
    states = []
    for session in (finished, stopped, under_way, never):
        read = r4b.Bundle.model_validate_json(bundle(session))
        kinds = [e.resource.__class__.__name__ for e in read.entry]
        assert "loinc.org/license" in read.meta.tag[0].display and "Observation" in kinds
        states.append([e.resource.status for e in read.entry if e.resource.__class__.__name__.startswith("Medic")])
    assert states == [["completed"], ["stopped", "completed"], ["in-progress"], []]
    text = bundle(stopped)
    assert "snomed" not in text.lower()
    found = [e.resource for e in r4b.Bundle.model_validate_json(text).entry]
    seen = [o for o in found if o.__class__.__name__ == "Observation"]
    first = next(o for o in seen if o.code.coding[0].code == "8480-6")
    assert float(first.valueQuantity.value) == stopped.readings[0]["sbp"] and first.valueQuantity.code == "mm[Hg]"


def test_the_record_shows_vitals_events_and_the_account(finished):
    from ketasim.report.session_page import page

    text = page(finished)
    assert text.count("<svg") == 6
    assert "given 35.00 mg" in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_rewound_session_goes_on_from_its_log(tmp_path):
    """What was taken back stays in the log; who takes the log up again stands where the first session stood."""
    path = tmp_path / "rewound.jsonl"

    def play(session):
        session.run(30)
        session.act("slow", factor=0.5)
        session.run(35)
        session.step(0.5)
        session.act("pause")
        session.run(38)
        session.rewind(35.5)
        session.act("give", drug="labetalol", dose="10 mg")
        session.run(37)
        return session

    alone = play(Session(patient(), seed=5)).run()
    play(Session(patient(), seed=5, log=path)).close()
    second = Session(patient(), seed=5, log=path)
    assert 35.5 <= second.minute <= 37.5
    second.run()
    second.close()
    assert second.readings == alone.readings
    assert second.account.given == pytest.approx(alone.account.given, abs=1e-6)
    strip = lambda events: [{k: v for k, v in e.items() if k != "value"} for e in events]  # noqa: E731
    on_disk = [json.loads(line) for line in path.read_text().splitlines()]
    assert strip(on_disk) == strip(alone.log.events)
    assert any(e["kind"] == "rewind" for e in on_disk)


def test_looking_for_an_event_leaves_no_trace_in_the_log():
    s = Session(patient(), seed=1)
    s.run_until("cadss", 5.0)
    minutes = [e["min"] for e in s.log.events if e["kind"] == "reading"]
    assert minutes == sorted(set(minutes))


def test_law_is_dated_and_sourced():
    from ketasim.clinic import law

    assert {"United States", "United Kingdom", "Germany"} <= {r.place for r in law.rows()}
    assert all(len(r.as_of) == 10 and r.source and r.grade for r in law.rows())
    assert law.of("united kingdom")[0].since == "2014-06-10"
    with pytest.raises(InputError, match="Atlantis"):
        law.of("Atlantis")


def test_who_may_take_up_a_log(tmp_path):
    """The log of another person, or with other draws, is not gone on with."""
    path = tmp_path / "log.jsonl"
    Session(patient(), seed=5, log=path).close()
    for other in ({"patient": patient(weight_kg=90)}, {"vary": ("between",)}, {"seed": 6}):
        with pytest.raises(InputError, match="this patient"):
            Session(**{"patient": patient(), "seed": 5, "log": path, **other})
    Session(patient(), seed=5, log=path).close()


def test_a_session_left_paused_ends_with_a_balanced_account():
    s = Session(patient(), changed(max_min=120), seed=1).run(10)
    s.act("pause")
    s.run()
    assert s.phase == "time over"
    s.account.check()
    with pytest.raises(InputError, match="before the end"):
        s.act("resume")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("at_min = 5\naction = 'slow'\nfactor = -2", "factor"),
        ("at_min = -5\naction = 'pause'", "at_min"),
        ("at_min = 5\naction = 'pause'\ncolour = 'red'", "colour"),
        ("at_min = 5\naction = 'dance'", "dance"),
        ("at_min = 5\naction = 'give'\ndrug = 'propofol'\ndose = '10 mg'", "propofol"),
        ("at_min = 5\naction = 'give'\ndrug = 'laudanum'\ndose = '10 mg'", "laudanum"),
    ],
)
def test_what_staff_cannot_do_is_named_on_the_command_line(tmp_path, text, word, capsys):
    from ketasim.cli import main

    file = tmp_path / "session.toml"
    file.write_text(f"[patient]\nweight_kg = 70\n[[actions]]\n{text}\n")
    with pytest.raises(SystemExit) as end:
        main(["clinic", str(file)])
    assert end.value.code == 2
    assert word in capsys.readouterr().err


def test_an_action_after_the_end_is_said(tmp_path, capsys):
    from ketasim.cli import main

    file = tmp_path / "session.toml"
    actions = "[[actions]]\nat_min = 400\naction = 'pause'\n"
    file.write_text(f"[patient]\nweight_kg = 70\ncomedication = ['nosuchdrug']\n{actions}")
    with pytest.raises(SystemExit) as end:
        main(["clinic", str(file)])
    said = capsys.readouterr()
    assert end.value.code == 0 and "was not done" in said.err and "nosuchdrug" in said.out


@pytest.mark.parametrize("site", ["plasma", "effect"])
def test_a_target_controlled_pump_in_a_session(site):
    """The typical person is the pump's own model: the level stands at the target; a pause lets it fall behind."""
    whole = Protocol.load("iv_depression").model_dump()
    dose = {**whole["dose"], "regimen": f"tci {site} 150 ng/mL for 40 min", "concentration_mg_ml": 2.0}
    rules = Protocol(**{**whole, "dose": dose})
    level = ks.simulate(
        patient=patient(), regimen=dose["regimen"], times_h=[0.5], outputs=["ketamine.arterial"],
        options={"pump.mg_ml": 2.0, "pump.period_s": 30},
    )  # fmt: skip
    s = Session(patient(), rules, seed=1).run(30)
    given = s.account.given
    assert level["ketamine.arterial"][0, 0] == pytest.approx(150.0, rel=0.05)
    by_then = sum(d.amount * min(1.0, max(0.0, (0.5 - d.start_h) / d.duration_h)) for d in s.plan.doses)
    assert given == pytest.approx(by_then, abs=1e-6)
    s.run()
    s.account.check()
    assert s.end_min == pytest.approx(40.0, abs=1e-6) and s.account.given == pytest.approx(s.plan.dose_mg, abs=1e-6)
    held = Session(patient(), rules, seed=1).run(20)
    held.act("pause")
    held.run(30)
    held.act("resume")
    held.run()
    held.account.check()
    assert held.account.given < s.account.given and held.account.wasted > 0
