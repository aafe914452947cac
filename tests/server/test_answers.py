"""What the server answers, over a real WebSocket, against the command line's own simulate."""

import asyncio
import json

import httpx
import numpy as np
import pytest

import ketasim as ks


def go(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 120))


def test_curves_are_what_simulate_gives(server, ask):
    async def main():
        async with server.talk() as ws:
            return await ask(ws, type="curves", id=3, scene={"patient": {"weight_kg": 82}, "until_h": 3})

    head, arrays = go(main())
    assert head["type"] == "curves" and head["doses"][0]["amount"] == 0.5 and head["weight_kg"] == 82
    result = ks.simulate(
        patient=ks.Patient(weight_kg=82), regimen="0.5 mg/kg iv over 40 min", times_h=arrays["times"],
        outputs=["ketamine.venous", "sbp", "cadss"], engine="reference",
    )  # fmt: skip
    for name in ("ketamine.venous", "sbp", "cadss"):
        shown = arrays["values"][head["outputs"].index(name)]
        assert shown == pytest.approx(result[name][0], rel=2e-3, abs=2e-3 * np.abs(result[name]).max())


def test_a_course_shows_its_first_session_and_bands_enclose_the_median(server, ask):
    async def main():
        async with server.talk() as ws:
            scene = {"regimen": "0.5 mg/kg iv over 40 min, 2/week for 4 weeks", "until_h": 4}
            one = await ask(ws, type="curves", id=1, scene=scene)
            return one, await ask(ws, type="bands", id=2, scene=scene, people=60)

    (curves, _), (head, arrays) = go(main())
    assert len(curves["doses"]) == 1 and head["people"] == 60
    values = arrays["values"]
    assert (values[:, 0] <= values[:, 1] + 1e-6).all() and (values[:, 1] <= values[:, 2] + 1e-6).all()


def test_spectrum_ensemble_observed_and_inverse(server, ask):
    async def main():
        async with server.talk() as ws:
            spectrum = await ask(ws, type="spectrum", id=1)
            ensemble = await ask(ws, type="ensemble", id=2)
            observed = await ask(ws, type="observed", id=3)
            inverse = await ask(ws, type="inverse", id=4, target=150)
            return spectrum, ensemble, observed, inverse

    (s, sa), (e, ea), (o, _), (i, _) = go(main())
    assert sa["power"].shape == (len(sa["times"]), len(sa["frequencies"]))
    gamma = sa["values"][s["bands"].index("gamma")]
    assert gamma[np.argmin(abs(sa["times"] - 40 / 60))] > 0  # gamma rises: Muthukumaraswamy 2015, de la Salle 2016
    assert {m["site"] for m in e["models"]} == {"arterial", "venous"} and len(ea["values"]) >= 5
    assert any(r["value"] == 185 and "Zarate" in r["paper"] for r in o["rows"])  # 185 ng/mL, Zarate 2006
    assert i["peak"] == pytest.approx(150, rel=1e-3) and i["regimen"].endswith("iv over 40 min")


def test_a_wanted_peak_is_found_for_a_course_and_refused_for_two_amounts(server, ask):
    course = "0.5 mg/kg iv over 40 min, 2/week for 4 weeks"

    async def main():
        async with server.talk() as ws:
            aim = {"type": "inverse", "target": 30.0, "output": "cadss"}
            found = await ask(ws, id=1, scene={"regimen": course}, **aim)
            two = await ask(ws, id=2, scene={"regimen": "0.1 mg/kg iv also 0.2 mg/kg iv at 30 min"}, **aim)
            return found[0], two[0]

    found, two = go(main())
    assert two["type"] == "error" and "amount" in two["words"]
    assert found["regimen"].endswith("2/week for 4 weeks") and found["peak"] == pytest.approx(30, rel=1e-3)
    shown = ks.simulate(regimen=found["regimen"], times_h=np.linspace(0, 4, 241), outputs=("cadss",))["cadss"]
    assert shown.max() == pytest.approx(30, rel=5e-3)


def test_weeks_with_rival_explanations_and_a_tablet(server, ask):
    async def main():
        async with server.talk() as ws:
            scene = {"patient": {"diagnosis": "trd"}, "until_h": 24 * 14}
            return await ask(
                ws, type="weeks", id=1, scene=scene, hypotheses=["disinhibition", "expectancy"], people=40, tablet=True
            )

    _, a = go(main())
    day = int(np.argmin(abs(a["times"] - 24)))
    assert a["mood"][0, 2, day] < a["mood"][1, 2, day] < a["mood"][0, 2, 0]
    assert ((a["kept"] >= 0) & (a["kept"] <= 1)).all()
    fall = a["tablet"][0] - a["tablet"]
    assert (np.diff(fall) >= -1e-3).all() and fall[day] < 0.15 * fall[-1]  # from the first hour on, slowly


def test_a_session_pauses_stops_raises_alarms_and_accounts(server, ask):
    async def main():
        async with server.talk() as ws:
            plain = await ask(ws, type="session", id=1)
            paused = await ask(
                ws, type="session", id=2, actions=[{"at_min": 10, "do": "pause"}, {"at_min": 25, "do": "resume"}]
            )
            stopped = await ask(ws, type="session", id=3, actions=[{"at_min": 20, "do": "stop"}])
            ill = await ask(
                ws,
                type="session",
                id=4,
                patient={"aneurysm": True, "hypertension": True, "sbp": 175, "dbp": 98},
                mg_kg=1.0,
            )
            return plain, paused, stopped, ill

    (p, _), (q, _), (s, _), (i, _) = go(main())
    assert p["ends_min"] == pytest.approx(40) and q["ends_min"] == pytest.approx(55)
    assert s["log"]["given_mg"] == pytest.approx(17.5) and s["stopped"]
    for head in (p, q, s):
        log = head["log"]
        assert log["drawn_mg"] == pytest.approx(log["given_mg"] + log["wasted_mg"])
    assert p["log"]["given_mg"] == pytest.approx(35.0)
    assert 100 <= p["discharge"]["min"] <= 180 and p["discharge"]["low"] <= p["discharge"]["high"]
    assert any(f["level"] == "stop" for f in i["screening"])
    # pressure above the protocol's limit on three readings a quarter of an hour apart: not treated
    assert i["phases"][-1][1] == "not treated" and not i["discharge"]["happened"] and i["log"]["drawn_mg"] == 0
    assert {a["output"] for a in i["alarms"]} == {"sbp", "dbp"}


def test_a_session_by_the_sprays_label_and_one_with_a_target_controlled_pump(server, ask):
    async def main():
        async with server.talk() as ws:
            spray = await ask(ws, type="session", id=1, protocol="esketamine_label")
            old = await ask(ws, type="session", id=2, protocol="esketamine_label", patient={"age_y": 70})
            one = await ask(
                ws, type="session", id=3, protocol="esketamine_label", actions=[{"at_min": 2, "do": "stop"}]
            )
            held = await ask(ws, type="session", id=4, dose="tci plasma 80 ng/mL for 40 min")
            bad = [
                await ask(ws, type="session", id=5, dose="0.5 mg/kg iv over 40 min, 2/week for 2 weeks"),
                await ask(ws, type="session", id=6, protocol="no_such"),
                # a path is no message at all; the answer cannot know its number
                await ask(ws, type="session", id=None, protocol="../secret.toml"),
            ]
            return spray, old, one, held, bad

    (s, _), (o, _), (n, _), (t, a), bad = go(main())
    # label: two 28 mg devices five minutes apart, one from 65 years; two hours of watching at the least
    assert s["devices"] == [[0.0, 28.0, "intranasal"], [5.0, 28.0, "intranasal"]] and not s["pieces"]
    assert [d[1] for d in o["devices"]] == [28.0] and [d[1] for d in n["devices"]] == [28.0]
    assert s["discharge"]["min"] >= 120 and s["log"]["given_mg"] == s["log"]["drawn_mg"] == pytest.approx(56)
    assert n["log"]["wasted_mg"] == pytest.approx(28)
    level = a["values"][t["outputs"].index("ketamine.venous")]
    during = (a["times"] > 0.25) & (a["times"] < 0.66)
    assert np.all(np.abs(level[during] / 80 - 1) < 0.5) and t["ends_min"] == pytest.approx(40, abs=1)
    assert sum((y - x) * r for x, y, r in t["pieces"]) == pytest.approx(t["log"]["given_mg"], rel=1e-6)
    assert [h["type"] for h, _ in bad] == ["error"] * 3


def test_a_course_is_that_of_the_clinic(server, ask):
    from ketasim.clinic import Course

    async def main():
        async with server.talk() as ws:
            return await ask(ws, type="course", id=1, weeks=12, people=20, patient={"weight_kg": 78})

    head, a = go(main())
    own = Course.run("iv_depression", ks.Patient(weight_kg=78, diagnosis="trd"), 12)
    assert [(r["day"], r["score"], r["decision"]) for r in head["contacts"]] == [
        (r["day"], r["score"], r["decision"]) for r in own.of(0)
    ]
    assert a["score"] == pytest.approx(own.score[0], abs=1e-3) and a["mood"].shape == (5, len(a["crowd_day"]))
    assert [f["week"] for f in head["forecast"]] == [1, 2, 4, 8, 12]
    day84 = [r for r in head["contacts"] if r["day"] == 84 and r["what"] == "visit"]
    assert all({"cognition", "urinary symptoms", "liver enzymes"} <= set(r["checked"]) for r in day84)
    assert (np.diff(a["under"]) <= 1e-9).all() or "resume" in str(head["contacts"])


def test_networks_at_the_cursor_are_those_of_the_result(server, ask):
    """Without a connectome the answer names what to install; with one it is the array `fc` of simulate, averaged."""
    from ketasim.circuits.regions import NEEDS, brain
    from ketasim.core.errors import KetasimError
    from ketasim.simulate import simulate

    async def main():
        async with server.talk() as ws:
            return await ask(ws, type="network", id=1, at_h=0.5)

    head, arrays = go(main())
    try:
        labels = np.array(brain("")[0].labels)
    except KetasimError as missing:
        assert head["type"] == "error" and "connectome" in head["words"] and "connectome" in str(missing)
        return
    times = np.array([0.0, 0.5, 4.0])
    fc = simulate(
        regimen="0.5 mg/kg iv over 40 min", times_h=times, outputs=(*NEEDS, "fc"), options={"network_at_h": 0.5}
    ).array("fc")
    a, b = (labels == head["networks"][k] for k in (0, 1))
    assert arrays["fc"].shape == (2, 7, 7) and arrays["gbc"].shape == (2, 7)
    assert arrays["fc"][:, 0, 1] == pytest.approx(fc.values[0][:, a][:, :, b].mean(axis=(1, 2)), rel=1e-5)
    within = fc.values[0][1][np.ix_(a, a)]
    assert arrays["fc"][1, 0, 0] == pytest.approx(within[~np.eye(len(within), dtype=bool)].mean(), rel=1e-5)
    assert head["words"]  # what nobody has validated is said


def test_the_table_of_law_is_dated_and_says_how_well_it_is_known(server):
    rows = httpx.get(f"{server.http}/api/law").json()
    assert {"United States", "United Kingdom"} <= {r["place"] for r in rows}
    assert all(r["as_of"] and r["source"] and r["grade"] in ("verified", "secondary", "recalled") for r in rows)


def test_the_session_of_the_app_is_that_of_the_clinic(server, ask):
    from ketasim.clinic import Session
    from ketasim.patients import Patient

    acts = [{"at_min": 12, "do": "pause"}, {"at_min": 20, "do": "resume"}, {"at_min": 30, "do": "rate", "rate": 0.5}]

    async def main():
        async with server.talk() as ws:
            return await ask(ws, type="session", id=1, patient={"weight_kg": 82}, actions=acts, seed=3)

    head, arrays = go(main())
    own = Session(Patient(weight_kg=82), "iv_depression", seed=3)
    own.step(12)
    own.act("pause")
    own.step(8)
    own.act("resume")
    own.step(10)
    own.act("slow", factor=0.5)
    own.run()
    assert head["discharge"]["happened"] and head["discharge"]["min"] == pytest.approx(own.minute)
    assert head["ends_min"] == pytest.approx(own.end_min) == pytest.approx(66.0)  # 12 + 8 + 10 + (41 − 22.55)/0.5125
    assert head["readings"]["sbp"] == [[r["min"], r["sbp"]] for r in own.readings if "sbp" in r]
    at = {round(float(c["min"]), 6): c["cadss"] for c in own.curves}
    shown = {
        round(float(m), 6): v for m, v in zip(arrays["times"] * 60, arrays["values"][head["outputs"].index("cadss")])
    }
    both = sorted(set(at) & set(shown))
    assert len(both) > 10 and [shown[m] for m in both] == pytest.approx([at[m] for m in both], rel=1e-3, abs=1e-3)


def test_whatever_staff_do_a_session_ends_and_accounts_for_the_drug():
    import random

    from ketasim.core.errors import KetasimError
    from ketasim.server import messages as m
    from ketasim.server import sessions
    from ketasim.server.frames import decode

    rng, answered = random.Random(11), 0
    for number in range(12):
        does = ("pause", "resume", "stop", "rate", "give")
        actions = [
            {
                "at_min": rng.choice([0, rng.uniform(0, 60), 599]),
                "do": rng.choice(does),
                "rate": rng.choice([0.05, 0.5, 20]),
                "drug": rng.choice([None, "labetalol", "ondansetron", "midazolam"]),
                "mg": rng.choice([0.01, 10, 200]),
            }
            for _ in range(rng.randrange(1, 20))
        ]
        asked = m.Session(
            type="session", id=number, actions=actions, auto=number % 2 == 0, mg_kg=rng.choice([0.01, 0.5, 4.0]),
            minutes=rng.choice([2, 40, 240]), patient={"weight_kg": rng.choice([40.0, 130.0])},
        )  # fmt: skip
        try:
            head, _ = decode(sessions.session(asked))
        except KetasimError as refused:
            assert "\n" not in str(refused)
            continue
        answered += 1
        log = head["log"]
        assert log["drawn_mg"] == pytest.approx(log["given_mg"] + log["wasted_mg"])
        assert sum((b - a) * r for a, b, r in head["pieces"]) == pytest.approx(log["given_mg"], rel=1e-6, abs=1e-9)
        assert log["given_mg"] <= head["plan"]["mg"] * (1 + 1e-9) and head["discharge"]["min"] <= 481
    assert answered >= 4


def test_the_protocol_acts_or_only_tells(server, ask):
    async def main():
        async with server.talk() as ws:
            big = {"type": "session", "patient": {"weight_kg": 100}, "mg_kg": 2.0, "minutes": 20}
            return await ask(ws, id=1, **big), await ask(ws, id=2, auto=False, **big)

    (acts, _), (tells, _) = go(main())
    assert any(a["do"] == "pause" for a in acts["alarms"]) and any(a["do"] == "pause" for a in tells["alarms"])
    assert len(acts["pieces"]) > 1 and acts["ends_min"] > 20  # the pump was paused
    assert len(tells["pieces"]) == 1 and tells["ends_min"] == pytest.approx(20)


def test_errors_are_one_sentence_and_the_socket_lives_on(server, ask):
    async def main():
        async with server.talk() as ws:
            bad = [
                await ask(ws, type="curves", id=1, scene={"regimen": "a spoonful of sugar"}),
                await ask(ws, type="curves", id=2, scene={"patient": {"weight_kg": -4}}),
                await ask(ws, type="curves", id=3, scene={"patient": {"comedication": ["John Smith"]}}),
                await ask(ws, type="curves", id=4, scene={"model": "nosuch"}),
            ]
            return bad, await ask(ws, type="ping", id=9)

    bad, (pong, _) = go(main())
    assert [h["type"] for h, _ in bad] == ["error"] * 4 and all("\n" not in h["words"] for h, _ in bad)
    assert "weight_kg" in bad[1][0]["words"] and pong["type"] == "pong"


def test_jobs_report_progress_finish_and_can_be_cancelled(server):
    async def main():
        async with server.talk() as ws:
            work = {"kind": "tornado", "output": "ketamine.venous"}
            await ws.send(json.dumps({"type": "job.start", "id": 5, "work": work}))
            states = []
            while not states or states[-1]["state"] not in ("done", "failed"):
                states.append(json.loads(await ws.recv()))
            arms = [{"name": "a", "regimen": "0.5 mg/kg iv over 40 min"}]
            trial = {"kind": "trial", "arms": arms, "people": 2000, "days": 28}
            await ws.send(json.dumps({"type": "job.start", "id": 6, "work": trial}))
            later, asked = [], False
            while not later or later[-1].get("state") not in ("done", "cancelled", "failed"):
                later.append(json.loads(await ws.recv()))
                if not asked and later[-1].get("state") == "running":
                    await ws.send(json.dumps({"type": "job.cancel", "id": 7, "job": later[-1]["job"]}))
                    asked = True
            return states, later

    states, later = go(main())
    shares = [s["progress"] for s in states]
    assert states[0]["state"] == "queued" and shares == sorted(shares) and states[-1]["state"] == "done"
    rows = states[-1]["result"]["rows"]
    spans = [abs(r["high"] - r["low"]) for r in rows]
    assert spans == sorted(spans, reverse=True)
    assert later[-1]["state"] == "cancelled"


def test_too_many_jobs_are_refused(server):
    async def main():
        async with server.talk() as ws:
            arms = [{"name": "a", "regimen": "0.5 mg/kg iv over 40 min"}]
            for number in (1, 2, 3):
                work = {"kind": "trial", "arms": arms, "people": 1000}
                await ws.send(json.dumps({"type": "job.start", "id": number, "work": work}))
            while True:
                m = json.loads(await ws.recv())
                if m["type"] == "error":
                    return m

    assert "jobs" in go(main())["words"]


@pytest.mark.parametrize("kind", ["csv", "json", "html", "parquet"])
def test_exports(server, kind):
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    body = {"format": kind, "scene": {"until_h": 2}, "outputs": ["ketamine.venous", "cadss"]}
    answer = httpx.post(f"{server.http}/api/export", json=body, timeout=120)
    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    if kind == "csv":
        lines = answer.text.splitlines()
        assert lines[0] == "subject,time_h,output,value,unit" and {x.split(",")[2] for x in lines[1:]} == {
            "ketamine.venous",
            "cadss",
        }
    if kind == "parquet":
        assert answer.content[:4] == b"PAR1"
    if kind == "html":
        assert "Not advice on dosing" in answer.text


@pytest.mark.parametrize("kind", ["csv", "json", "html", "parquet"])
@pytest.mark.parametrize("place", ["session", "course", "weeks"])
def test_exports_of_a_session_a_course_and_weeks(server, kind, place):
    if kind == "parquet":
        pq = pytest.importorskip("pyarrow.parquet")
    scene = {"patient": {"diagnosis": "trd"}, "until_h": 168}
    asked = {
        "session": {"type": "session", "id": 0},
        "course": {"type": "course", "id": 0, "weeks": 4, "people": 10},
        "weeks": {"type": "weeks", "id": 0, "scene": scene, "people": 5},
    }[place]
    answer = httpx.post(f"{server.http}/api/export", json={"format": kind, place: asked}, timeout=120)
    assert answer.status_code == 200
    columns = {
        "session": {"min", "kind", "name", "value", "words"},
        "course": {"who", "day", "score", "decision", "interval_days"},
        "weeks": {"hypothesis", "day", "output", "value"},
    }[place]
    if kind == "csv":
        assert columns <= set(answer.text.splitlines()[0].split(","))
    elif kind == "json":
        assert columns <= set(answer.json()["rows"][0]) and "Not advice" in answer.json()["notice"]
    elif kind == "parquet":
        import io

        held = pq.read_table(io.BytesIO(answer.content))
        assert columns <= set(held.column_names) and held.num_rows > 10
    else:
        assert answer.text.startswith("<!doctype html>") and "not" in answer.text.lower()


def test_evidence_gives_each_number_a_source(server):
    found = httpx.get(f"{server.http}/api/evidence", timeout=120).json()
    assert len(found["numbers"]) > 200 and all(n["source"] for n in found["numbers"])
    assert all(n["source"] in found["papers"] or n["source"] == "assumed" for n in found["numbers"])
    text = httpx.get(f"{server.http}/api/bibtex", timeout=60).text
    assert text.count("@") >= len(found["papers"]) * 0.9
    assert httpx.get(f"{server.http}/api/history").json()[0]["year"] < 1970
    assert len(httpx.get(f"{server.http}/api/claims").json()) >= 40
