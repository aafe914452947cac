"""The printable record of a clinic session: vitals as a monitor showed them, events, the account of the drug."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, floor
from typing import Any

W, H, PAD = 760, 210, 48
PANELS: tuple[tuple[str, tuple[tuple[str, str, str, str], ...]], ...] = (
    ("Blood pressure, mmHg", (("sbp", "systolic", "#D55E00", ""), ("dbp", "diastolic", "#0072B2", "6 3"))),
    ("Heart rate, 1/min", (("heart_rate", "heart rate", "#009E73", ""),)),
    ("Saturation, %", (("spo2", "saturation", "#0072B2", ""),)),
    ("Breaths a minute", (("resp_rate", "breaths", "#CC79A7", ""),)),
    ("Dissociation (CADSS)", (("cadss", "CADSS", "#E69F00", ""),)),
    ("Alertness (MOAA/S, 5 is awake)", (("sedation", "MOAA/S", "#56B4E9", ""),)),
)
LEAST: dict[str, tuple[float, float]] = {
    "heart_rate": (60, 90),
    "resp_rate": (8, 20),
    "spo2": (88, 100),
    "sedation": (0, 5),
    "cadss": (0, 10),
    "score": (0, 20),
}
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:860px;margin:2rem auto;padding:0 1rem;color:#1a1c20;"
    "background:#fff}"
    "table{border-collapse:collapse;width:100%}td,th{padding:.2rem .6rem;border-bottom:1px solid #ccc;text-align:left}"
    "svg{width:100%;height:auto}.n{background:#fff3dc;padding:.6rem 1rem;border-left:4px solid #955800}"
    "@media print{body{margin:0}}"
)


ROUND = tuple(s * 10.0**k for k in range(-3, 6) for s in (1, 2, 5))
CLOCK = (1.0, 2.0, 5.0, 7.0, 10.0, 15.0, 20.0, 28.0, 60.0, 84.0, 120.0, 182.0, 364.0, 728.0)


def nice(low: float, high: float, count: int, sizes: Sequence[float] = ROUND) -> list[float]:
    """Evenly spaced round numbers from at or below low to at or above high, about `count` steps."""
    rough = max(high - low, 1e-9) / count
    step = next((s for s in sizes if s >= rough - 1e-9), sizes[-1])
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(step * k, 9) for k in range(first, max(last, first + 1) + 1)]


def panel(
    title: str, lines: Sequence[tuple[str, str, str, str]], rows: Sequence[dict[str, float]],
    marks: Sequence[tuple[float, str]], dosing: tuple[float, float], end: float, unit: str = "min",
) -> str:  # fmt: skip
    """One SVG chart: readings over minutes, the dosing as a grey band, alarms and actions as ticks."""
    values = [r[k] for r in rows for k, *_ in lines if k in r]
    if not values:
        return ""
    shown = [LEAST[k] for k, *_ in lines if k in LEAST]
    ticks = nice(min([*values, *(a for a, _ in shown)]), max([*values, *(b for _, b in shown)]), 4)
    low, high = ticks[0], ticks[-1]

    def x(m: float) -> float:
        return PAD + m / max(end, 1e-9) * (W - PAD - 14)

    def y(v: float) -> float:
        return H - 34 - (v - low) / (high - low) * (H - 66)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {W} {H}" role="img" font-size="11">'
        f"<title>{escape(title)}</title>",
        f'<text x="{PAD}" y="14" font-weight="600">{escape(title)}</text>',
    ]
    if dosing[0] == dosing[0]:
        stop = dosing[1] if dosing[1] == dosing[1] else end
        out.append(
            f'<rect x="{x(dosing[0]):.1f}" y="22" width="{x(stop) - x(dosing[0]):.1f}" height="{H - 56}" fill="#eee"/>'
        )
    out.append(f'<path d="M{PAD} 22V{H - 34}H{W - 14}" fill="none" stroke="#666"/>')
    for v in ticks:
        out.append(f'<text x="{PAD - 5}" y="{y(v) + 4:.0f}" text-anchor="end">{v:g}</text>')
        out.append(f'<path d="M{PAD} {y(v):.1f}H{W - 14}" stroke="#ddd"/>')
    for m in (m for m in nice(0.0, end, 8, CLOCK) if m <= end):
        out.append(f'<text x="{x(m):.0f}" y="{H - 18}" text-anchor="middle">{m:g} {unit}</text>')
    for minute, word in marks:
        said = f"<title>{escape(word)}</title>"
        out.append(f'<path d="M{x(minute):.1f} 22V{H - 34}" stroke="#000" stroke-dasharray="2 3">{said}</path>')
    for i, (key, label, colour, dash) in enumerate(lines):
        seen = [(x(r["min"]), y(r[key])) for r in rows if key in r]
        style = f' stroke-dasharray="{dash}"' if dash else ""
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in seen)
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{style}/>')
        out.append("".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.4" fill="{colour}"/>' for a, b in seen))
        out.append(f'<text x="{W - 14}" y="{14 + 13 * i}" text-anchor="end" fill="{colour}">{escape(label)}</text>')
    return "\n".join([*out, "</svg>"])


def _visit(v: Any) -> str:
    again = f", then every {v.repeat_days:g} days" if v.repeat_days else ""
    return f"day {v.day:g}{again}: {escape(', '.join(v.checks))}"


def course_section(course: Any) -> str:
    """The course after the session: rated scores over days with sessions as ticks, and every contact in a table."""
    if course is None:
        return ""
    rows = course.of(0)
    points = [{"min": r["day"], "score": r["score"]} for r in rows]
    marks = [(r["day"], f"session, {r['given_mg']:.0f} mg") for r in rows if r["given_mg"]]
    name = course.protocol.follow_up.score.upper()
    nan = float("nan")
    chart = panel(f"{name} as rated, by day; dashed lines are sessions", (("score", "score", "#0072B2", ""),), points,
                  marks, (nan, nan), 7.0 * course.weeks, "d")  # fmt: skip
    body = "".join(
        f"<tr><td>{r['day']:.0f}</td><td>{escape(r['what'])}</td><td>{r['score']:.0f}</td><td>{r['improved']:.0%}</td>"
        f"<td>{'held' if r['held'] else format(r['given_mg'], '.0f') + ' mg' if r['given_mg'] else ''}</td>"
        f"<td>{escape('; '.join(x for x in (r['decision'], r['action'], ', '.join(r['flagged'])) if x))}</td></tr>"
        for r in rows
    )
    return (
        f"<h2>Course, {course.weeks:g} weeks</h2>{chart}<table><tr><th>day</th><th></th><th>score</th><th>gone</th>"
        f"<th>given</th><th>decision, flags</th></tr>{body}</table>"
    )


def page(session: Any, course: Any = None) -> str:
    """The HTML text of a finished (or running) session, and of a course after it; everything inline."""
    events = [e for e in session.log.events if e["kind"] not in ("reading", "begin")]
    marks = [(float(e["min"]), f"{e['kind']} {e.get('alarm', e.get('action', ''))}") for e in events
             if e["kind"] in ("alarm", "act", "given", "hold")]  # fmt: skip
    charts = "".join(
        panel(t, lines, session.readings, marks, (session.start_min, session.end_min), session.minute)
        for t, lines in PANELS
    )
    rows = "".join(
        f"<tr><td>{e['min']:.1f}</td><td>{escape(e['kind'])}</td><td>"
        + escape(", ".join(f"{k} {v}" for k, v in e.items() if k not in ("min", "kind") and v != ""))
        + "</td></tr>"
        for e in events
    )
    table_keys = [k for _, lines in PANELS for k, *_ in lines]
    readings = "".join(
        f"<tr><td>{r['min']:.0f}</td>"
        + "".join(f"<td>{r[k]:g}</td>" if k in r else "<td></td>" for k in table_keys)
        + "</tr>"
        for r in session.readings
    )
    heads = "".join(f"<th>{k}</th>" for k in table_keys)
    a = session.account
    plan = session.plan
    visits = "".join(f"<li>{_visit(v)}</li>" for v in session.protocol.follow_up.visits)
    waiting = session.ready() if not session.done else []
    ready = f"<p>Not yet: {escape('; '.join(waiting))}.</p>" if waiting else ""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Session record</title><style>{STYLE}</style><h1>Session record of a simulated patient</h1>"
        '<p class="n">A simulation for research and teaching. It does not advise a dose for a person.</p>'
        f"<p>{escape(session.protocol.title)}. {escape(session.protocol.note)}</p>"
        f"<p>Planned: {escape(str(plan.regimen))}, {plan.dose_mg:.1f} mg by {escape(plan.weight_used)}"
        f"{f', {plan.volume_ml:.1f} mL of {plan.concentration_mg_ml:g} mg/mL' if plan.pump else ''}"
        f"{f', {plan.devices} devices' if plan.devices else ''}. "
        f"State at {session.minute:.0f} min: {session.phase}.</p>{ready}"
        f"{charts}<h2>Events</h2><table><tr><th>min</th><th>what</th><th></th></tr>{rows}</table>"
        f"<h2>Controlled drug</h2><p>Drawn {a.drawn:.2f} mg = given {a.given:.2f} mg + wasted {a.wasted:.2f} mg"
        f"{'' if abs(a.left) < 1e-3 else f'; {a.left:.2f} mg still in the syringe'}.</p>"
        f"<p>Legal status ({escape(session.protocol.legal_date)}): {escape(session.protocol.legal_status)}.</p>"
        f"<h2>Follow-up</h2><ul>{visits}</ul>{course_section(course)}<p>{escape(session.protocol.discharge.advice)}</p>"
        f"<details><summary>Readings</summary><table><tr><th>min</th>{heads}</tr>"
        f"{readings}</table></details></html>"
    )
