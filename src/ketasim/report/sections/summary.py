"""The first thing read: what was given, to whom, how high and when, and what the spread means."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.exposure import exposure
from ketasim.report.headlines import headlines
from ketasim.report.numbers import analyte_name, count, duration, number, plain, unit_text
from ketasim.report.registry import Section
from ketasim.report.sessions import Session
from ketasim.report.text import esc, paragraph

DRUGS = {
    "ketamine": "racemic ketamine",
    "esketamine": "esketamine (S-ketamine)",
    "arketamine": "arketamine (R-ketamine)",
}
ROUTES = {
    "iv": "into a vein",
    "im": "into a muscle",
    "sc": "under the skin",
    "intranasal": "into the nose",
    "oral": "by mouth",
    "sublingual": "under the tongue",
    "buccal": "in the cheek",
    "rectal": "rectally",
    "inhaled": "by inhalation",
}
PLACES = {"arterial": "arterial plasma", "venous": "venous plasma"}


def render(result: Result, context: Context) -> str:
    """Cards with the main numbers, then sentences."""
    sentences = [_given(result, context), _whom(result, context), *_peaks(result, context)]
    sentences += [*headlines(result, context), _spread(context)]
    return _cards(result, context) + "".join(paragraph(s, kind="lead") for s in sentences if s)


def _given(result: Result, context: Context) -> str:
    if not result.doses:
        return "Nothing was given in this run."
    kinds = Counter((d["drug"], d["route"]) for d in result.doses)
    what = " and ".join(f"{DRUGS.get(drug, drug)} {ROUTES.get(route, route)}" for drug, route in kinds)
    first = result.doses[0]
    text = f"Given: {what}"
    found = context.sessions
    if len(found) == 1:
        text += f", {_amount(found[0])}"
    else:
        over = duration(found[-1].end_h - found[0].start_h)
        text += f" in {count(len(found), 'session')} over {over}, {_amount(found[0])} in the first"
    if float(first.get("duration_h", 0)) > 0 and len(found[0].doses) == 1:
        text += f", over {duration(float(first['duration_h']))}"
    return text + "."


def _amount(session: Session) -> str:
    """The amounts of a session in the words of the regimen."""
    totals: dict[str, float] = {}
    for d in session.doses:
        basis = str(d.get("basis", "mg"))
        totals[basis] = totals.get(basis, 0.0) + float(d.get("amount", d.get("amount_mg", 0.0)))
    text = " + ".join(f"{plain(v)} {'mg/kg of ideal weight' if b == 'mg/kg_ibw' else b}" for b, v in totals.items())
    return text + (f" in {len(session.doses)} parts" if len(session.doses) > 1 else "")


def _whom(result: Result, context: Context) -> str:
    cov, n = result.covariates, len(result)
    bits = []
    for key, after in (("weight_kg", " kg"), ("age_y", " years old")):
        if key in cov:
            v = np.asarray(cov[key], float)
            low, high = float(v.min()), float(v.max())
            bits.append(f"{plain(low)}{after}" if high - low < 1e-9 else f"{plain(low)} to {plain(high)}{after}")
    if "female" in cov or "sex" in cov:
        female = _female(cov["female"] if "female" in cov else cov["sex"])
        if female is not None:
            share = float(female.mean())
            bits.append("female" if share == 1 else "male" if share == 0 else f"{share:.0%} female")
    who = ", ".join(bits)
    if n == 1:
        return f"To one person{': ' + who if who else ''}."
    return f"To {n:,} simulated people{': ' + who if who else ''} (seed {result.manifest.get('seed', 'not recorded')})."


def _female(values: np.ndarray) -> np.ndarray | None:
    v = np.asarray(values)
    if v.dtype.kind in "fiub":
        return v.astype(float)
    return np.char.lower(v.astype(str)) == "female"


def _peaks(result: Result, context: Context) -> list[str]:
    out: list[str] = []
    first = next(iter(context.sessions), None)
    if first is None:
        return out
    stop = context.sessions[1].start_h if len(context.sessions) > 1 else float(result.times_h[-1])
    for site in ("arterial", "venous", "brain"):
        output = f"{context.parent}.{site}"
        if output not in context.shown or (site == "venous" and f"{context.parent}.arterial" in context.shown):
            continue
        e = exposure(result.times_h, result[output], first, stop)
        unit, name = unit_text(result.units[output]), analyte_name(context.parent)
        low, middle, high = np.nanquantile(e.cmax, (0.05, 0.5, 0.95))
        where = f"in {PLACES[site]}" if site in PLACES else "unbound in brain"
        text = f"{name[:1].upper()}{name[1:]} {where} peaks at {number(middle)} {unit}"
        if context.many:
            text += f" in the middle person ({number(low)} to {number(high)} in nine of ten people)"
        text += f", {duration(float(np.nanmedian(e.tmax_h)))} after the first dose begins"
        fall = e.decrement_50_h[np.isfinite(e.decrement_50_h)]
        if len(fall) > 0.5 * len(e.cmax):
            text += f", and has halved {duration(float(np.median(fall)))} after the peak"
        out.append(text + ".")
    return out


def _spread(context: Context) -> str:
    text = ""
    if context.many:
        text = (
            f"The spread comes from {context.spread}: it is what different people would show, not an error bar. "
            if context.doubt is not None or "doubt" not in context.spread
            else f"The spread comes from {context.spread}. "
        )
    elif context.doubt is None:
        text = "This is one typical person; real people differ, often by a factor of 1.5 to 2 around such a curve. "
    if context.doubt is not None:
        text += "The band with dotted edges is how far the typical person's curve itself is in doubt."
    return text.strip()


def _cards(result: Result, context: Context) -> str:
    first = next(iter(context.sessions), None)
    if first is None:
        return ""
    stop = context.sessions[1].start_h if len(context.sessions) > 1 else float(result.times_h[-1])
    cards = []

    def add(label: str, value: str, below: str) -> None:
        cards.append(f'<div class="card"><span class="label">{esc(label)}</span><span class="value">{value}</span>'
                     f'<span class="below">{esc(below)}</span></div>')  # fmt: skip

    main = context.site(context.parent)
    for output, word in ((main, "Peak"), (f"{context.parent}.brain", "Peak")):
        if (
            not output
            or output not in context.shown
            or (word == "Peak" and output == main and output.endswith("brain"))
        ):
            continue
        e = exposure(result.times_h, result[output], first, stop)
        low, middle, high = np.nanquantile(e.cmax, (0.05, 0.5, 0.95))
        unit = unit_text(result.units[output])
        site = output.rpartition(".")[2]
        where = PLACES.get(site, "unbound in brain")
        span = f"{number(low)} to {number(high)} in 9 of 10" if context.many else "in this person"
        add(f"Peak, {where}", f"{esc(number(middle))} <small>{esc(unit)}</small>", span)
        if output == main:
            add("Time of peak", esc(duration(float(np.nanmedian(e.tmax_h)))), "from the start of the first dose")
            half = e.half_life_h[np.isfinite(e.half_life_h)]
            if len(half) > 0.5 * len(e.cmax):
                add("Terminal half-life", esc(duration(float(np.median(half)))), where)
    if len(context.sessions) > 1:
        add("Sessions", str(len(context.sessions)), f"over {duration(context.sessions[-1].end_h - first.start_h)}")
    return f'<div class="cards">{"".join(cards)}</div>'


SECTION = Section("summary", "In short", render, nav="In short")
