"""A clinic session as the app plays it: `ketasim.clinic.Session` itself, stepped from check-in to discharge.

The page holds the clock and the list of what staff did; each request plays the whole session again with them, so that
rewinding and bookmarks cost nothing and the server keeps no one's state. Readings carry the monitor's error, alarms and
discharge are judged on readings, and the protocol acts (or only tells, where the page asks for that).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.server import messages as m
from ketasim.server.frames import encode
from ketasim.server.scenes import course, person

HORIZON_H = 4.0
STEP_H = 1 / 30
PEOPLE = 60
BESIDE = ("ketamine.venous", "anxiety", "psychomotor", "memory", "p_unresponsive", "p_dizziness", "drug_high")
CLINIC = {"anticipatory": 1.0}
MOST_H = 6.0
MOST_ML_H = 2000.0
SOLUTIONS = (1.0, 2.0, 5.0, 10.0, 50.0)
DOES = {
    "note": "note it, measure again",
    "pause": "pause the pump until it is back within the limit",
    "slow": "halve the rate",
    "stop": "stop the infusion",
    "call": "call for help",
}


@dataclass(frozen=True)
class Played:
    """A session after its last minute, and the infusion as it ran: pieces (start min, end min, mg/min)."""

    session: Any
    pieces: tuple[tuple[float, float, float], ...]


def protocol_of(asked: m.Session | m.Course, who: Any) -> Any:
    """The shipped protocol with the dose of this session, checked to be one; InputError where it is not."""
    from ketasim.clinic import Protocol

    shipped = Protocol.load(asked.protocol)
    text, elderly = asked.dose, None
    if text is None and isinstance(asked, m.Session) and infuses(shipped):
        text = f"{asked.mg_kg:.8g} mg/kg iv over {asked.minutes:.8g} min"
    if text is None:
        text, elderly = shipped.dose.regimen, shipped.dose.elderly_regimen
    once = course(text)
    if once.end_h > MOST_H or any(d.session_index for d in once.fixed_doses):
        raise InputError("dose", text, f"that of one session, over within {MOST_H:g} h")
    dose = shipped.dose.model_copy(update={"regimen": text, "elderly_regimen": elderly, "max_ml_h": MOST_ML_H})
    return shipped.model_copy(update={"dose": dose})


def prepared(asked: m.Session, who: Any) -> Any:
    """That protocol with the vials drawn, the weakest solution the pump can run, and alarms that only tell if asked."""
    from ketasim.clinic.plan import plan

    protocol, found = protocol_of(asked, who), None
    for strength in SOLUTIONS:
        dose = protocol.dose.model_copy(update={"concentration_mg_ml": strength})
        try:
            found = plan(who, protocol.model_copy(update={"dose": dose}))
        except InputError:
            if strength == SOLUTIONS[-1]:
                raise
        else:
            break
    if found is not None and not found.devices:
        vials = max(1.0, float(np.ceil(found.dose_mg / asked.vial_mg - 1e-9)))
        dose = dose.model_copy(update={"draw_mg": asked.vial_mg * vials})
    alarms = protocol.alarms
    if not asked.auto:
        told = {"action": "note", "drug": None, "dose": None, "resume_when_clear": False}
        alarms = tuple(a if a.action in ("note", "call") else a.model_copy(update=told) for a in alarms)
    return protocol.model_copy(update={"dose": dose, "alarms": alarms})


def infuses(protocol: Any) -> bool:
    """Whether a protocol's own dose runs through a pump."""
    return any(d.route == "iv" and d.duration_h > 0 for d in course(protocol.dose.regimen).fixed_doses)


def replay(asked: m.Session) -> Played:
    """The session of a message, played to its end."""
    from ketasim.clinic import Session

    who = person(asked.patient)
    return play(Session(who, prepared(asked, who), seed=asked.seed), tuple(asked.actions))


def play(session: Any, actions: tuple[m.Action, ...]) -> Played:
    """Step a session to its end, doing at their minutes what staff did."""
    due = sorted(actions, key=lambda a: a.at_min)
    pieces: list[tuple[float, float, float]] = []
    while not session.done:
        while due and due[0].at_min <= session.minute + 1e-9:
            _do(session, due.pop(0))
        now, given, told = float(session.minute), float(session.account.given), len(session.log.events)
        following = np.floor(now + 1e-9) + 1.0
        session.step(min([following, *(a.at_min for a in due[:1])]) - now)
        at_once = sum(float(e["mg"]) for e in devices(session.log.events[told:]))
        mg, end = float(session.account.given) - given - at_once, float(session.minute)
        if mg > 1e-9:
            if np.isfinite(session.end_min) and now < session.end_min < end:
                end = float(session.end_min)
            rate = mg / (end - now)
            last = pieces[-1] if pieces else None
            if last and abs(last[1] - now) < 1e-6 and abs(last[2] - rate) < 1e-6 * rate:
                pieces[-1] = (last[0], end, rate)
            else:
                pieces.append((now, end, rate))
    return Played(session, tuple(pieces))


def devices(log: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What of the treatment was given at once: sprays, injections, swallowed doses."""
    return [e for e in log if e["kind"] == "given" and "device" in e]


def _do(session: Any, action: m.Action) -> None:
    if action.do == "rate":
        session.act("slow", factor=action.rate)
    elif action.do == "give":
        if action.drug is None:
            raise InputError("drug", "none", "labetalol, ondansetron or midazolam")
        session.act("give", drug=action.drug, dose=f"{action.mg:g} mg")
    else:
        session.act(action.do)


def sentence(played: Played) -> str:
    """What was really given, as a regimen sentence."""
    drug = next((d.drug for d in played.session.plan.doses), "ketamine")
    parts = [
        f"{drug} {(b - a) * r:.8g} mg iv over {b - a:.8g} min at {a:.8g} min"
        for a, b, r in played.pieces
        if b - a > 1e-6
    ]
    given = [e for e in played.session.log.events if e["kind"] == "given"]
    parts += [f"{e['drug']} {float(e['mg']):g} mg {e['route']} at {float(e['min']):.8g} min" for e in given]
    return " also ".join(parts) or "saline iv over 40 min"


def session(asked: m.Session) -> bytes:
    """values (outputs, times) of this person to discharge, bands (2, outputs, coarse) of people like them under
    the same programme, and in the header readings, events, alarms, phases, discharge and the account of the drug."""
    from ketasim.server.scenes import known
    from ketasim.simulate import simulate

    played = replay(asked)
    s, text = played.session, sentence(played)
    who, protocol = s.patient, s.protocol
    minutes, first = np.unique([float(c["min"]) for c in s.curves], return_index=True)
    own = {n: np.array([s.curves[i][n] for i in first]) for n in s.body.outputs}
    offered = known("ketamine", text)
    beside = tuple(name for name in BESIDE if name in offered)
    run: dict[str, Any] = {"seed": asked.seed, "settings": CLINIC}
    times = minutes / 60
    result = simulate("ketamine", who, course(text), times, outputs=beside, **run)
    own |= {n: result[n][0] for n in beside}
    names = list(own)
    ends = float(s.end_min) if np.isfinite(s.end_min) else (played.pieces[-1][1] if played.pieces else 0.0)
    horizon = max(HORIZON_H, ends / 60 + 3.0)
    coarse = np.round(np.arange(0.0, horizon + STEP_H / 2, STEP_H), 9)
    crowd = simulate("ketamine", who, course(text), coarse, subjects=PEOPLE, vary=("between",), outputs=names, **run)
    ready = np.array([settled({n: crowd[n][i] for n in names}, coarse, ends, protocol) for i in range(PEOPLE)])
    bands = np.quantile(np.stack([crowd[n] for n in names]), (0.05, 0.95), axis=1)
    low, high = (float(v) for v in np.quantile(ready, (0.05, 0.95)))
    account = s.account
    header = {
        "type": "session",
        "id": asked.id,
        "outputs": names,
        "regimen": text,
        "protocol": protocol.title,
        "planned": str(s.plan.regimen),
        "devices": [[float(e["min"]), float(e["mg"]), e["route"]] for e in devices(s.log.events)],
        "auto": asked.auto,
        "pieces": [list(p) for p in played.pieces],
        "ends_min": ends,
        "stopped": any(e["kind"] == "end of dosing" and e["how"] == "stopped" for e in s.log.events),
        "phases": [[float(e["min"]), e["phase"]] for e in s.log.events if e["kind"] == "phase"],
        "start_min": float(s.start_min) if np.isfinite(s.start_min) else None,
        "readings": {n: [[float(r["min"]), float(r[n])] for r in s.readings if n in r] for n in s.body.outputs},
        "alarms": alarms(s),
        "events": events(s),
        "weight_kg": who.weight_kg,
        "plan": {
            "mg": float(s.plan.dose_mg),
            "mg_ml": float(s.plan.concentration_mg_ml),
            "weight": s.plan.weight_used,
            "mlh": float(s.plan.pump[0].ml_h) if s.plan.pump else 0.0,
            "devices": s.plan.devices,
            "minutes": float(s.plan.end_min),
        },
        "discharge": {
            "min": float(s.minute),
            "low": low,
            "high": high,
            "people": PEOPLE,
            "rule": rule(protocol),
            "happened": s.phase == "discharged",
            "advice": protocol.discharge.advice,
        },
        "log": {
            "vial_mg": asked.vial_mg,
            "drawn_mg": float(account.drawn),
            "given_mg": float(account.given),
            "wasted_mg": float(account.drawn) - float(account.given),
            "signed": list(s.staff),
        },
        "screening": screening(who, protocol),
        "notes": list(who.notes),
        "warnings": list(result.warnings),
    }
    arrays = {"times": times, "values": np.stack([own[n] for n in names]), "coarse": coarse, "bands": bands}
    return encode(header, arrays)


def rule(protocol: Any) -> str:
    """The discharge rule in words."""
    d = protocol.discharge
    limits = [f"{c.output} at most {c.at_most:g}" for c in d.criteria if c.at_most is not None]
    limits += [f"{c.output} at least {c.at_least:g}" for c in d.criteria if c.at_least is not None]
    waits = [(d.after_end_min, "min after the last of the dose"), (d.after_start_min, "min after its beginning")]
    wait = " and ".join(f"{minutes:g} {words}" for minutes, words in waits if minutes)
    return f"{', '.join(limits)}{f', not before {wait}' if wait else ''} ({protocol.title})"


def settled(curves: dict[str, np.ndarray], times: np.ndarray, ends_min: float, protocol: Any) -> float:
    """First minute at which the protocol lets the person go; the end of the run where there is none."""
    d = protocol.discharge
    well = (times * 60 >= ends_min + d.after_end_min) & (times * 60 >= d.after_start_min)
    for c in d.criteria:
        y = curves.get(c.output)
        if y is None:
            continue
        if c.at_most is not None:
            well &= y <= c.at_most
        if c.at_least is not None:
            well &= y >= c.at_least
        if c.within_share_of_baseline is not None:
            well &= np.abs(y - y[0]) <= c.within_share_of_baseline * y[0]
    return float(times[int(np.argmax(well)) if well.any() else -1] * 60)


def alarms(s: Any) -> list[dict[str, Any]]:
    """What the session's log says of limits passed: the reading, the limit and what the protocol does."""
    from ketasim.clinic import Protocol

    shipped = {a.name: a for a in (*Protocol.load(s.protocol.name).alarms, *s.protocol.hold)}
    out = []
    for e in s.log.events:
        if e["kind"] not in ("alarm", "hold"):
            continue
        a = shipped[e["alarm"]]
        held = e["kind"] == "hold"
        action = f"give {a.drug} {a.dose}" if a.action == "give" else DOES.get(a.action, a.action)
        out.append(
            {
                "min": float(e["min"]),
                "name": a.name,
                "output": a.output,
                "value": float(a.above if a.above is not None else a.below),
                "above": a.above is not None,
                "reading": float(e["value"]),
                "level": "warning" if held or a.action in ("note", "give", "slow") else "stop",
                "do": "note" if held else a.action,
                "drug": a.drug,
                "dose": a.dose,
                "action": f"{a.name}: {'wait a quarter of an hour, measure again' if held else action}",
            }
        )
    return out


def events(s: Any) -> list[dict[str, Any]]:
    """The rest of the log in words, for the record beside the curves."""
    out = []
    for e in s.log.events:
        words = {
            "drawn": lambda e: f"{float(e['mg']):g} mg {'opened' if s.plan.devices else 'drawn'} by {e['by']}",
            "pump": lambda e: f"pump at {float(e['ml_h']):.4g} mL/h",
            "act": lambda e: f"staff: {e['action']} {e['drug']} {e['dose']}".strip(),
            "given": lambda e: f"{e['drug']} {float(e['mg']):g} mg {e['route']} given",
            "clear": lambda e: f"{e['alarm']}: back in limits, pump resumed",
            "end of dosing": lambda e: f"end of dosing ({e['how']}), {float(e['given_mg']):.4g} mg given",
            "wasted": lambda e: f"{float(e['mg']):.4g} mg destroyed by {e['by']}, seen by {e['witness']}",
            "phase": lambda e: f"phase: {e['phase']}",
        }.get(e["kind"])
        if words is not None:
            out.append({"min": float(e["min"]), "kind": e["kind"], "words": words(e)})
    return out


def screening(who: Any, protocol: Any) -> list[dict[str, str]]:
    """What the check-in finds: reasons against a session, and reasons for more care."""
    from ketasim.clinic import screen

    found = [
        {"level": "stop" if f.verdict == "exclude" else "warning", "words": f.reason}
        for f in screen(who, protocol).findings
    ]
    resting = {"sbp": who.sbp, "dbp": who.dbp, "heart_rate": who.heart_rate}
    held = [h for h in protocol.hold if h.output in resting and h.passed(resting[h.output])]
    return found + [
        {"level": "warning", "words": f"{h.name} is above {h.above:g}: wait and measure again"} for h in held
    ]
