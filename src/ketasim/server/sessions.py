"""A clinic session as the app plays it: what was done so far becomes a regimen, the rest is the plan.

The page holds the clock and the list of actions; each request is answered from the beginning, so that rewinding and
bookmarks cost nothing and the server keeps no one's state. Limits follow the esketamine label (pressure checked at
40 minutes, two hours of observation) and the protocol words in `PROTOCOL`.
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


@dataclass(frozen=True)
class Limit:
    """A limit of the monitor: output, above or below, value, and what the protocol does."""

    output: str
    above: bool
    value: float
    level: str
    action: str


PROTOCOL = (
    Limit("sbp", True, 160, "warning", "measure again after five minutes; ask how the person feels"),
    Limit("sbp", True, 180, "stop", "stop the infusion; treat if it stays high"),
    Limit("dbp", True, 100, "warning", "measure again after five minutes"),
    Limit("dbp", True, 110, "stop", "stop the infusion; treat if it stays high"),
    Limit("heart_rate", True, 120, "warning", "look for distress; measure again"),
    Limit("spo2", False, 93, "warning", "wake, reposition, give oxygen"),
    Limit("spo2", False, 90, "stop", "stop the infusion; open the airway, give oxygen"),
    Limit("sedation", False, 3, "stop", "stop the infusion; stay with the person, keep the airway open"),
    Limit("anxiety", True, 40, "warning", "talk; lower the rate or pause"),
)


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
    ready = [settled({n: crowd[n][i] for n in names}, coarse, plan.ends) for i in range(PEOPLE)]
    own = settled({n: result[n][0] for n in names}, times, plan.ends)
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
        "alarms": alarms({n: result[n][0] for n in names}, times),
        "weight_kg": who.weight_kg,
        "discharge": {"min": own, "low": low, "high": high, "people": PEOPLE, "rule": RULE},
        "log": {"vial_mg": asked.vial_mg, "drawn_mg": drawn, "given_mg": given, "wasted_mg": drawn - given},
        "screening": screening(asked.patient),
        "notes": list(who.notes),
        "warnings": list(result.warnings),
    }
    values = np.stack([result[n][0] for n in names])
    return encode(header, {"times": times, "values": values, "coarse": coarse, "bands": bands})


RULE = (
    "dissociation within 4 points and pressure within 10 mmHg of the start, speed above 95 % of own baseline, awake, "
    "oxygen 94 % or more, thirty minutes after the infusion or later"
)


def settled(curves: dict[str, np.ndarray], times: np.ndarray, ends_min: float) -> float:
    """Minute from which every rule of discharge holds for good."""
    well = times * 60 >= ends_min + 30
    for name, test in (
        ("cadss", lambda y: y - y[0] < 4),
        ("sbp", lambda y: np.abs(y - y[0]) < 10),
        ("psychomotor", lambda y: y > 0.95),
        ("sedation", lambda y: y > 4.5),
        ("spo2", lambda y: y >= 94),
    ):
        if name in curves:
            well = well & test(curves[name])
    late = np.flatnonzero(~well)
    return float(times[min(late[-1] + 1, len(times) - 1)] * 60) if len(late) else 0.0


def alarms(curves: dict[str, np.ndarray], times: np.ndarray) -> list[dict[str, Any]]:
    """Each crossing of a limit: minute, found on the straight line between two steps, and what the protocol does."""
    out = []
    for limit in PROTOCOL:
        if limit.output not in curves:
            continue
        y = curves[limit.output] - limit.value
        over = y > 0 if limit.above else y < 0
        for i in np.flatnonzero(over & ~np.concatenate([[False], over[:-1]]))[:5]:
            share = 0.0 if i == 0 else float(y[i - 1] / (y[i - 1] - y[i]))
            at = times[i] if i == 0 else times[i - 1] + share * (times[i] - times[i - 1])
            out.append(
                {
                    "min": float(at * 60),
                    "output": limit.output,
                    "value": limit.value,
                    "above": limit.above,
                    "level": limit.level,
                    "action": limit.action,
                }
            )
    return sorted(out, key=lambda a: a["min"])


def screening(patient: dict[str, Any]) -> list[dict[str, str]]:
    """What the check-in finds: reasons against a session, and reasons for more care."""
    against = {
        "aneurysm": "aneurysm or past bleeding in the brain",
        "hypersensitivity": "allergic reaction to ketamine",
    }
    care = {
        "hypertension": "high blood pressure: measure before, control first",
        "ischaemia": "ischaemic heart disease",
        "heart_failure": "heart failure",
        "raised_icp": "raised intracranial pressure",
        "raised_iop": "raised pressure in the eye",
        "psychosis_history": "psychosis now or before",
        "mania_history": "mania now or before",
        "substance_use": "active substance use",
        "pregnant": "pregnancy: not recommended",
        "breastfeeding": "breastfeeding",
        "bladder_disease": "disease of the bladder",
        "sleep_apnoea": "sleep apnoea: watch breathing",
    }
    found = [{"level": "stop", "words": words} for flag, words in against.items() if patient.get(flag) is True]
    found += [{"level": "warning", "words": words} for flag, words in care.items() if patient.get(flag) is True]
    high = float(patient.get("sbp", 0) or 0) >= 140 or float(patient.get("dbp", 0) or 0) >= 90
    return found + (
        [{"level": "warning", "words": "pressure above 140/90 at rest: wait and measure again"}] if high else []
    )
