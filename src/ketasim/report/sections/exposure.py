"""Table of exposure: peak, time of peak, area, half-life, decrement times, per analyte and session."""

from __future__ import annotations

import numpy as np

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.exposure import exposure
from ketasim.report.numbers import duration, number, output_name, unit_text
from ketasim.report.registry import Section
from ketasim.report.sessions import Session
from ketasim.report.text import details, esc, paragraph, table

ORDER = tuple(
    f"{p}{a}.{s}"
    for s in ("arterial", "venous", "brain")
    for a in ("ketamine", "norketamine", "HNK", "DHNK")
    for p in ("", "S_", "R_")
)


def render(result: Result, context: Context) -> str:
    """One table for the first session and, in a course, one for the last."""
    outputs = context.matching(*ORDER, "*.arterial", "*.venous", "*.brain")
    outputs = [o for o in outputs if result.units[o] != "ratio"]  # noradrenaline of the brain is no level of a drug
    if not outputs or not context.sessions:
        return ""
    found = context.sessions
    end = float(result.times_h[-1])
    chosen: list[tuple[str, Session, float]] = [
        ("First session" if len(found) > 1 else "After the dose", found[0], found[1].start_h if len(found) > 1 else end)
    ]
    if len(found) > 1 and found[-1].start_h < end:
        chosen.append((f"Session {len(found)}, the last", found[-1], end))
    parts = [paragraph(_words(context, len(found)))]
    forms = [o for o in outputs if o[:2] in ("S_", "R_") and o[2:] in outputs]
    for title, session, stop in chosen:
        head = ["", "Cmax", "Tmax", f"AUC over {duration(stop - session.start_h)}", "half-life", "to 50 %", "to 20 %"]
        rows = {o: _row(result, o, session, stop) for o in outputs}
        parts.append(
            table(head, [rows[o] for o in outputs if o not in forms], kind="exposure", caption=title, raw=True)
        )
        if forms:
            inside = table(head, [rows[o] for o in forms], kind="exposure", caption=f"{title}, S and R", raw=True)
            parts.append(details("S and R on their own", inside))
    return "".join(parts)


def _words(context: Context, sessions: int) -> str:
    spread = "Median, with the 5th and 95th percentile between subjects below it. " if context.many else ""
    return spread + (
        "Tmax counts from the start of the session; AUC is by the trapezoid rule (logarithmic while falling). "
        "Half-life is the slope of the last third of the decline, where that is longer than one half-life. The last "
        "two columns are decrement times: how long after the peak (for an infusion: its end) the value has fallen by "
        "50 % and by 80 %."
    )


def _row(result: Result, output: str, session: Session, stop: float) -> list[str]:
    e = exposure(result.times_h, result[output], session, stop)
    unit = unit_text(result.units[output])
    area = f"{unit.partition('/')[0]}·h/{unit.partition('/')[2]}" if "/" in unit else f"{unit}·h"
    cells = [_spread(e.cmax, number, unit), _spread(e.tmax_h, duration), _spread(e.auc, number, area)]
    cells += [_spread(v, duration) for v in (e.half_life_h, e.decrement_50_h, e.decrement_80_h)]
    return [esc(output_name(output)), *cells]


def _spread(values: np.ndarray, write, unit: str = "") -> str:  # type: ignore[no-untyped-def]
    """Median and, below it, the 5–95 % range; a number most subjects do not reach is left out."""
    good = values[np.isfinite(values)]
    if len(good) < 0.5 * max(len(values), 1) or not len(good):
        return '<span class="soft">–</span>'
    low, middle, high = np.quantile(good, (0.05, 0.5, 0.95))
    tail = f' <span class="unit">{esc(unit)}</span>' if unit else ""
    main = f"{esc(write(middle))}{tail}"
    same = write(low) == write(high)
    return (
        main
        if len(values) == 1 or same
        else f'{main}<br><span class="soft">{esc(write(low))} – {esc(write(high))}</span>'
    )


SECTION = Section("exposure", "Exposure", render, needs=("*.arterial", "*.venous", "*.brain"), claims=())
