"""A clinic session as the app plays it: what was done so far becomes a regimen, the rest is the plan.

The page holds the clock and the list of actions; each request is answered from the beginning, so that rewinding and
bookmarks cost nothing and the server keeps no one's state. Who is screened out, what alarms and what discharge asks for
come from the protocol of `ketasim.clinic`; here alarms are crossings of the true curve, and people act on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim.server import messages as m
from ketasim.server.frames import encode
from ketasim.server.scenes import course, person

HORIZON_H = 4.0
STEP_H = 1 / 120
PEOPLE = 60
VITALS = ("sbp", "dbp", "heart_rate", "spo2", "resp_rate", "ventilation", "etco2")
SHOWN = (
    "ketamine.venous",
    *VITALS,
    "cadss",
    "sedation",
    "anxiety",
    "psychomotor",
    "memory",
    "p_nausea",
    "p_vomiting",
    "p_dizziness",
    "p_unresponsive",
    "drug_high",
)


PROTOCOL = "iv_depression"
DOES = {
    "note": "note it, measure again",
    "pause": "pause the pump until it is back below the limit",
    "slow": "lower the rate",
    "stop": "stop the infusion",
    "call": "call for help",
}


@dataclass(frozen=True)
class Programme:
    """The infusion as it ran and is planned: pieces (start min, end min, mg/kg/min), total mg/kg, end min."""

    pieces: tuple[tuple[float, float, float], ...]
    total: float
    ends: float
    stopped: bool


def programme(mg_kg: float, minutes: float, actions: tuple[m.Action, ...]) -> Programme:
    """Pauses delay the end, rates change it, a stop ends it; the dose is never more than planned."""
    planned, pieces, given, now, factor, running = mg_kg / minutes, [], 0.0, 0.0, 1.0, True
    for action in [*sorted(actions, key=lambda a: a.at_min), None]:
        until = action.at_min if action is not None else np.inf
        if running and until > now and given < mg_kg - 1e-9:
            end = min(until, now + (mg_kg - given) / (planned * factor))
            pieces.append((now, end, planned * factor))
            given += (end - now) * planned * factor
        now = max(now, until) if action is not None else now
        if action is None:
            break
        if action.do == "stop":
            return Programme(tuple(pieces), given, pieces[-1][1] if pieces else 0.0, True)
        running = {"pause": False, "resume": True}.get(action.do, running)
        factor = action.rate if action.do == "rate" else factor
    return Programme(tuple(pieces), given, pieces[-1][1] if pieces else 0.0, not running)


def sentence(plan: Programme, actions: tuple[m.Action, ...]) -> str:
    """The programme as a regimen sentence."""
    parts = [
        f"{(end - start) * rate:.8g} mg/kg iv over {end - start:.8g} min at {start:.8g} min"
        for start, end, rate in plan.pieces
        if end - start > 1e-6
    ]
    parts += [f"{a.drug} {a.mg:g} mg iv at {a.at_min:.8g} min" for a in actions if a.do == "give" and a.drug]
    return " also ".join(parts) or "saline iv over 40 min"


def session(asked: m.Session) -> bytes:
    """values (outputs, times) at half-minute steps, alarms, discharge with its interval, and the log of the drug."""
    from ketasim.clinic import Protocol
    from ketasim.server.scenes import offered
    from ketasim.simulate import simulate

    who = person(asked.patient)
    actions = tuple(asked.actions)
    plan = programme(asked.mg_kg, asked.minutes, actions)
    text = sentence(plan, actions)
    horizon = max(HORIZON_H, plan.ends / 60 + 3.0)
    times = np.round(np.arange(0.0, horizon + STEP_H / 2, STEP_H), 9)
    names = offered(m.Scene(regimen=text), dict.fromkeys(SHOWN))
    run: dict[str, Any] = {"outputs": names, "seed": asked.seed}
    result = simulate("ketamine", who, course(text), times, **run)
    coarse = times[::4]
    crowd = simulate("ketamine", who, course(text), coarse, subjects=PEOPLE, vary=("between",), **run)
    protocol = Protocol.load(PROTOCOL)
    ready = np.array([settled({n: crowd[n][i] for n in names}, coarse, plan.ends, protocol) for i in range(PEOPLE)])
    own = settled({n: result[n][0] for n in names}, times, plan.ends, protocol)
    low, high = (float(v) for v in np.quantile(ready, (0.05, 0.95)))
    bands = np.quantile(np.stack([crowd[n] for n in names]), (0.05, 0.95), axis=1)
    drawn = asked.vial_mg * max(1.0, np.ceil(asked.mg_kg * who.weight_kg / asked.vial_mg))
    given = plan.total * who.weight_kg
    header = {
        "type": "session",
        "id": asked.id,
        "outputs": list(names),
        "units": [result.units[n] for n in names],
        "regimen": text,
        "pieces": [list(p) for p in plan.pieces],
        "ends_min": plan.ends,
        "stopped": plan.stopped,
        "alarms": alarms({n: result[n][0] for n in names}, times, protocol),
        "weight_kg": who.weight_kg,
        "discharge": {"min": own, "low": low, "high": high, "people": PEOPLE, "rule": rule(protocol)},
        "log": {"vial_mg": asked.vial_mg, "drawn_mg": drawn, "given_mg": given, "wasted_mg": drawn - given},
        "screening": screening(who, protocol),
        "notes": list(who.notes),
        "warnings": list(result.warnings),
    }
    values = np.stack([result[n][0] for n in names])
    return encode(header, {"times": times, "values": values, "coarse": coarse, "bands": bands})


def rule(protocol: Any) -> str:
    """The discharge rule in words."""
    d = protocol.discharge
    limits = [f"{c.output} at most {c.at_most:g}" for c in d.criteria if c.at_most is not None]
    limits += [f"{c.output} at least {c.at_least:g}" for c in d.criteria if c.at_least is not None]
    return f"{', '.join(limits)}, not before {d.after_end_min:g} min after the infusion ({protocol.title})"


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


def alarms(curves: dict[str, np.ndarray], times: np.ndarray, protocol: Any) -> list[dict[str, Any]]:
    """Each crossing of a limit: minute, found on the straight line between two steps, and what the protocol does."""
    out: list[dict[str, Any]] = []
    for limit in protocol.alarms:
        if limit.output not in curves:
            continue
        upper = limit.above is not None
        value = float(limit.above if upper else limit.below)
        y = curves[limit.output] - value
        over = y > 0 if upper else y < 0
        action = f"give {limit.drug} {limit.dose}" if limit.action == "give" else DOES.get(limit.action, limit.action)
        level = "warning" if limit.action in ("note", "give", "slow") else "stop"
        for i in np.flatnonzero(over & ~np.concatenate([[False], over[:-1]]))[:5]:
            share = 1.0 if i == 0 else float(y[i - 1] / (y[i - 1] - y[i]))
            at = times[i] if i == 0 else times[i - 1] + share * (times[i] - times[i - 1])
            row = {"min": float(at * 60), "output": limit.output, "value": value, "above": upper, "level": level}
            out.append({**row, "action": f"{limit.name}: {action}"})
    return sorted(out, key=lambda a: a["min"])


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
