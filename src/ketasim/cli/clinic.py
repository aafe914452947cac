"""clinic: one treatment session of a virtual patient, from screening to discharge, and the course that follows."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer


def command(
    scenario: Annotated[
        Path | None, typer.Argument(help="session.toml: [patient], protocol, seed, [[actions]].")
    ] = None,
    protocol: Annotated[str | None, typer.Option(help="iv_depression, esketamine_label, or a TOML file.")] = None,
    weight: Annotated[float | None, typer.Option(help="Weight, kg.")] = None,
    age: Annotated[float | None, typer.Option(help="Age, years.")] = None,
    sex: Annotated[str | None, typer.Option(help="female or male.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed.")] = None,
    log: Annotated[
        Path | None, typer.Option(help="Append-only log (JSON lines); an interrupted session goes on.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the readings as CSV.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the session record with its vitals chart (.html).")] = None,
    fhir: Annotated[Path | None, typer.Option(help="Write FHIR R4B resources as JSON.")] = None,
    forecast: Annotated[bool, typer.Option("--forecast", help="Also predict discharge with an interval.")] = False,
    weeks: Annotated[
        float | None, typer.Option(help="Also simulate the course: acute block, visits, maintenance by response.")
    ] = None,
    people: Annotated[int, typer.Option(help="People drawn around the patient for the forecast of the course.")] = 100,
    law: Annotated[
        bool, typer.Option("--law", help="Print the legal status by country, with dates, and stop.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> int:
    """Run a treatment session of a virtual patient, from screening to discharge; with --weeks, the course after it.

    A simulation for research and teaching; it never advises a dose for a person.
    """
    from ketasim.cli import files
    from ketasim.clinic import forecast as forecasts
    from ketasim.clinic import screening
    from ketasim.clinic.protocol import Protocol
    from ketasim.clinic.session import Session
    from ketasim.core.errors import InputError
    from ketasim.patients import Patient

    if law:
        from ketasim.clinic import law as laws

        _law(laws.rows(), json)
        return 0
    files.check_target("--csv", csv, (".csv",))
    files.check_target("--fhir", fhir, (".json",))
    files.check_target("--report", report, (".html",))
    given = _read(scenario)
    body: dict[str, Any] = {**given.get("patient", {})}
    body |= {k: v for k, v in (("weight_kg", weight), ("age_y", age), ("sex", sex)) if v is not None}
    patient = Patient(**body)
    rules = Protocol.load(protocol or given.get("protocol", "iv_depression"))
    found = screening.screen(patient, rules)
    out: dict[str, Any] = {
        "protocol": rules.name, "eligible": found.eligible,
        "screening": [{k: getattr(f, k) for k in ("verdict", "field", "value", "reason")} for f in found.findings],
    }  # fmt: skip
    if not found.eligible:
        _print(out, json)
        print("ketasim: not eligible; no session was run", file=sys.stderr)
        return 1
    number = seed if seed is not None else given.get("seed", 0)
    if not isinstance(number, int):
        raise InputError("seed", str(number), "a whole number")
    session = Session(patient, rules, seed=number, log=log, vary=tuple(given.get("vary", ())))
    try:
        for act in _actions(given):
            session.run(float(act["at_min"]))
            if session.done:
                late = f"{act['action']} at {act['at_min']:g} min was not done: the end was at {session.minute:g} min"
                print(f"ketasim: {late}", file=sys.stderr)
                continue
            session.act(
                act["action"], drug=act.get("drug", ""), dose=act.get("dose", ""), factor=act.get("factor", 0.5)
            )
        session.run()
        session.account.check()
    finally:
        session.close()
    out |= {
        "phase": session.phase, "minutes": session.minute, "plan": _plan(session.plan), "readings": session.readings,
        "events": [e for e in session.log.events if e["kind"] != "reading"],
        "account": {f"{k}_mg": getattr(session.account, k) for k in ("drawn", "given", "wasted")},
        "follow_up": [v.model_dump() for v in rules.follow_up.visits],
    }  # fmt: skip
    if forecast:
        out["forecast_min"] = forecasts.predict_discharge(patient, rules, seed=number).__dict__
    course = None
    if weeks is not None:
        from ketasim.clinic.course import Course

        drawn = tuple(given.get("vary", ()))
        course = Course.run(rules, patient, weeks, seed=number, vary=drawn, watched=True)
        around = Course.run(rules, patient, weeks, people=people, seed=number, vary=("between", "doubt"))
        out["course"] = {"contacts": course.of(0), "forecast": around.forecast()}
    if csv is not None:
        _csv(csv, session.readings)
    if report is not None:
        from ketasim.report.session_page import page

        files.write(report, page(session, course))
        print(f"ketasim: session record in {report}", file=sys.stderr)
    if fhir is not None:
        from ketasim.exchange.fhir import bundle

        files.write(fhir, bundle(session))
    _print(out, json)
    return 0


def _read(path: Path | None) -> dict[str, Any]:
    from ketasim.core.errors import InputError

    if path is None:
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError("session file", str(path), "a readable TOML file", f"{error.strerror}.") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError("session file", str(error), "valid TOML") from None
    unknown = set(found) - {"patient", "protocol", "seed", "vary", "actions"}
    if unknown:
        raise InputError("session file", sorted(unknown)[0], "patient, protocol, seed, vary, actions")
    return found


def _actions(given: dict[str, Any]) -> list[dict[str, Any]]:
    """The scenario's actions in order of time; InputError for what cannot be one."""
    from ketasim.core.errors import InputError

    known = {"at_min", "action", "drug", "dose", "factor"}
    for act in given.get("actions", ()):
        if not {"at_min", "action"} <= set(act):
            raise InputError("actions", str(act), "tables with at_min and action")
        if extra := set(act) - known:
            raise InputError("actions", sorted(extra)[0], ", ".join(sorted(known)))
        if not isinstance(act["at_min"], (int, float)) or act["at_min"] < 0:
            raise InputError("at_min", str(act["at_min"]), "a number of minutes from 0 upwards")
    return sorted(given.get("actions", ()), key=lambda a: float(a["at_min"]))


def _plan(plan: Any) -> dict[str, Any]:
    return {
        "regimen": str(plan.regimen), "dose_mg": plan.dose_mg, "weight_used": plan.weight_used, "devices": plan.devices,
        "volume_ml": plan.volume_ml, "pump": [step.__dict__ for step in plan.pump],
    }  # fmt: skip


def _csv(path: Path, rows: list[dict[str, float]]) -> None:
    import csv as writer
    import io

    from ketasim.cli import files

    text = io.StringIO()
    out = writer.DictWriter(text, list(dict.fromkeys(k for row in rows for k in row)), lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
    files.write(path, text.getvalue())
    print(f"ketasim: readings in {path}", file=sys.stderr)


def _print(out: dict[str, Any], as_json: bool) -> None:
    if as_json:
        import json

        print(json.dumps(out))
        return
    print(f"{out['protocol']}: {'eligible' if out['eligible'] else 'not eligible'}")
    for f in out["screening"]:
        which = f" ({f['value']})" if f["field"] == "comedication" else ""
        print(f"  {f['verdict']}: {f['reason']}{which}")
    for e in out.get("events", ()):
        what = ", ".join(f"{k} {v}" for k, v in e.items() if k not in ("min", "kind", "patient"))
        print(f"{e['min']:7.1f} min  {e['kind']}  {what}")
    if "account" in out:
        a = out["account"]
        print(f"drawn {a['drawn_mg']:.2f} mg = given {a['given_mg']:.2f} + wasted {a['wasted_mg']:.2f}")
    if f := out.get("forecast_min"):
        span = f"{f['low']:.0f} to {f['high']:.0f}; {f['not_ready']:.0%} later"
        print(f"discharge expected at {f['median']:.0f} min ({span})")
    if c := out.get("course"):
        _course(c)


def _course(c: dict[str, Any]) -> None:
    for r in c["contacts"]:
        given = f", {r['given_mg']:.0f} mg" if r["given_mg"] else ", held" if r["held"] else ""
        flagged = f", flagged: {', '.join(r['flagged'])}" if r["flagged"] else ""
        decided = f"; {r['decision']}: {r['action']}" if r["decision"] else ""
        print(f"day {r['day']:5.0f}  {r['what']}{given}  score {r['score']:.0f} ({r['improved']:.0%} gone)"
              f"{flagged}{decided}")  # fmt: skip
    f = c["forecast"]
    low, median, high = f["sessions"]
    print(f"{f['people']} people like this one: {median:.0f} sessions ({low:.0f} to {high:.0f})")
    for w in f["weeks"]:
        a, b, d = w["score"]
        print(f"  week {w['week']:.0f}: score {b:.0f} ({a:.0f} to {d:.0f}), response {w['response']:.0%}, "
              f"relapsed {w['relapsed']:.0%}, under treatment {w['treated']:.0%}")  # fmt: skip


def _law(rows: Any, as_json: bool) -> None:
    if as_json:
        import json

        print(json.dumps([r.model_dump() for r in rows]))
        return
    for r in rows:
        since = f", since {r.since}" if r.since else ""
        print(f"{r.place}, {r.substance}: {r.status}{since} ({r.grade}; {r.source}; as of {r.as_of})")
    print("Metadata, not advice; look the law up where you are.")
