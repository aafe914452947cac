"""The session in words: when dissociation begins, peaks and ends, how awake and able a person is, what may happen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.numbers import duration, plain
from ketasim.report.registry import Section
from ketasim.report.sessions import Session
from ketasim.report.text import chip, esc, paragraph, table

LOOK_H = 12.0
SCORE = 4.0  # a CADSS above this counts as dissociation in trials
AWAKE = 4.5
HALF = 0.5  # of the band of warning
ABILITIES = {"memory": "memory", "executive": "working memory", "attention": "attention", "psychomotor": "speed"}
EVENTS = {
    "p_dizziness": "dizziness", "p_nausea": "nausea", "p_vomiting": "vomiting", "p_vertigo": "vertigo",
    "p_headache": "headache", "p_confusion": "confusion", "p_emergence": "emergence reaction",
    "p_delirium": "emergence delirium",
}  # fmt: skip
STATES = {
    "p_unresponsive": "not answering a command", "p_anaesthesia": "not moving at surgery",
    "p_amnesia": "no memory of the moment",
}  # fmt: skip


class Course(NamedTuple):
    """One person's rise and fall: hours from the session's start, NaN where it never passes the threshold."""

    onset: np.ndarray
    peak: np.ndarray
    size: np.ndarray
    offset: np.ndarray


def render(result: Result, context: Context) -> str:
    """Words on dissociation and sedation, a table of abilities and one of events, each with its grade."""
    if not context.sessions:
        return ""
    first, last = context.sessions[0], context.sessions[-1]
    html = _dissociation(result, context, first, last) + _sedation(result, context, first)
    html += _consciousness(result, context, first) + _unrated(result, context, first) + _warning(result, context)
    return html + _abilities(result, context, first) + _events(result, context, first)


def window(result: Result, session: Session, following: float = np.inf) -> np.ndarray:
    """Which output times belong to a session (times,)."""
    stop = min(session.end_h + LOOK_H, following)
    return (result.times_h >= session.start_h - 1e-9) & (result.times_h < stop + 1e-9)


def course(times_h: np.ndarray, values: np.ndarray, threshold: float, above: bool = True) -> Course:
    """When each person's curve (people, times) first passes a threshold, peaks and last passes it."""
    signed, limit = (values, threshold) if above else (-values, -threshold)
    past = signed > limit
    ever = past.any(axis=1)
    k = np.arange(len(values))
    first, last = np.argmax(past, axis=1), len(times_h) - 1 - np.argmax(past[:, ::-1], axis=1)
    before, after = np.maximum(first - 1, 0), np.minimum(last + 1, len(times_h) - 1)

    def crossing(i: np.ndarray, j: np.ndarray) -> np.ndarray:
        a, b = signed[k, i] - limit, signed[k, j] - limit
        share = np.where(a != b, a / np.where(a != b, a - b, 1.0), 0.0)
        return times_h[i] + np.clip(share, 0.0, 1.0) * (times_h[j] - times_h[i])

    peak = np.argmax(signed, axis=1)
    none = np.where(ever, 0.0, np.nan)
    return Course(
        crossing(before, first) + none - times_h[0], times_h[peak] - times_h[0], values[k, peak],
        crossing(last, after) + none - times_h[0],
    )  # fmt: skip


def _middle(values: np.ndarray) -> float:
    good = values[np.isfinite(values)]
    return float(np.median(good)) if len(good) else float("nan")


def _grades(context: Context, *names: str) -> str:
    return " ".join(chip(f, "warn") for f in context.flags(names))


def _dissociation(result: Result, context: Context, first: Session, last: Session) -> str:
    if "cadss" not in result:
        return ""
    keep = window(result, first, last.start_h if last is not first else np.inf)
    seen = course(result.times_h[keep], result["cadss"][:, keep], SCORE)
    share = float(np.isfinite(seen.onset).mean())
    size = f"peaks at {plain(_middle(seen.size), 2)} of 92 points after {duration(_middle(seen.peak))}"
    if share == 0.0:
        words = [f"Dissociation (CADSS) stays at or below {SCORE:g} points: it {size}."]
    else:
        who = f"In {100 * share:.0f} % of people dissociation" if context.many else "Dissociation"
        onset, offset = _since(_middle(seen.onset), result.times_h[keep]), duration(_middle(seen.offset))
        words = [f"{who} (CADSS above {SCORE:g}) begins {onset} the start and is over at {offset}; it {size}."]
    if last is not first:
        late = course(result.times_h[window(result, last)], result["cadss"][:, window(result, last)], SCORE)
        words.append(f"In session {len(context.sessions)} it peaks at {plain(_middle(late.size), 2)} points.")
    return paragraph(*words) + f"<p>{_grades(context, 'cadss')}</p>"


def _sedation(result: Result, context: Context, first: Session) -> str:
    if "sedation" not in result:
        return ""
    keep = window(result, first)
    seen = course(result.times_h[keep], result["sedation"][:, keep], AWAKE, above=False)
    share = float(np.isfinite(seen.onset).mean())
    lowest = plain(_middle(seen.size), 2)
    if share == 0.0:
        words = f"Nobody is visibly sedated: alertness (MOAA/S, 5 is awake) falls to {lowest}."
    else:
        who = f"{100 * share:.0f} % of people are" if context.many else "The person is"
        words = (
            f"{who} sedated (MOAA/S under 5): it begins {_since(_middle(seen.onset), result.times_h[keep])} the start "
            f"and ends at {duration(_middle(seen.offset))}; the lowest score is {lowest}."
        )
    return paragraph(words) + f"<p>{_grades(context, 'sedation')}</p>"


def _consciousness(result: Result, context: Context, first: Session) -> str:
    """When an answer to a command is lost and comes back, where that is likelier than not."""
    if "p_unresponsive" not in result:
        return ""
    keep = window(result, first)
    likely = context.typical("p_unresponsive")[1][keep]
    seen = course(result.times_h[keep], likely[None, :], 0.5)
    if not np.isfinite(seen.onset[0]):
        return ""
    lost, back = _since(float(seen.onset[0]), result.times_h[keep]), duration(float(seen.offset[0]))
    words = f"Consciousness (an answer to a command) comes to be likelier lost than kept {lost} the start"
    end = f"; it is likelier back than not at {back}." if likely[-1] < 0.5 else " to the end of the run."
    return paragraph(words + end)


def _unrated(result: Result, context: Context, first: Session) -> str:
    """Where the score of dissociation peaks in somebody who cannot be asked."""
    if not {"p_unresponsive", "cadss"} <= set(result):
        return ""
    keep = window(result, first)
    likely, score = (context.typical(name)[1][keep] for name in ("p_unresponsive", "cadss"))
    if likely[int(np.argmax(score))] <= 0.5:
        return ""
    awake = score[likely <= 0.5]
    words = "The highest dissociation falls where no answer is likely, so nobody could rate it"
    end = (
        f"; while an answer is likelier than not it reaches {plain(float(awake.max()), 2)} points."
        if len(awake)
        else "."
    )
    return paragraph(words + end, kind="note")


def _since(hours: float, times_h: np.ndarray) -> str:
    """Such as 12 min after, or within 2 min of where the first step of the output times is too long to tell."""
    first = float(times_h[1] - times_h[0]) if len(times_h) > 1 else 0.0
    return f"within {duration(first)} of" if hours < first else f"{duration(hours)} after"


def _warning(result: Result, context: Context) -> str:
    if "surge_warning" not in result:
        return ""
    with np.errstate(all="ignore"):
        share = float((np.nanmax(result["surge_warning"], axis=1) > HALF).mean())
    if share < 0.01:
        return ""
    who = f"In {100 * share:.0f} % of people glutamate" if context.many else "Glutamate"
    return paragraph(
        f"{who} surge or dissociation rise above the range in which either was published. What more of it does was not "
        "measured.",
        kind="note",
    )


def _abilities(result: Result, context: Context, first: Session) -> str:
    keep, rows = window(result, first), []
    times = result.times_h[keep] - first.start_h
    for name, word in ABILITIES.items():
        if name in result:
            middle = np.nanmedian(result[name][:, keep], axis=0)
            k = int(np.nanargmin(middle))
            loss = 1.0 - middle
            late = np.flatnonzero(loss > 0.1 * loss[k])
            back = duration(float(times[late[-1]])) if loss[k] > 0.005 and late[-1] < len(times) - 1 else "–"
            rows.append(
                [esc(word), f"{100 * middle[k]:.0f} %", duration(float(times[k])), back, _grades(context, name)]
            )
    head = ["ability", "lowest, of own baseline", "after", "nine tenths back by", "evidence"]
    return table(head, rows, kind="stack", caption="Thinking during the session", raw=True) if rows else ""


def _events(result: Result, context: Context, first: Session) -> str:
    keep, rows = window(result, first), []
    for names, moment in ((EVENTS, False), (STATES, True)):
        for name, word in names.items():
            if name not in result:
                continue
            mean = np.nanmean(result[name][:, keep], axis=0)
            peak = float(np.nanmax(mean))
            what = "at the worst moment" if moment else "by the end of the session"
            rows.append([esc(word), _percent(peak), what, _grades(context, name)])
    head = ["event", "probability", "when", "evidence"]
    caption = "What may happen in the first session"
    return table(head, rows, kind="stack", caption=caption, raw=True) if rows else ""


def _percent(p: float) -> str:
    return f"{100 * p:.0f} %" if p >= 0.095 else f"{100 * p:.1f} %" if p >= 0.001 else "under 0.1 %"


SECTION = Section("acute", "The session in words", render, needs=("cadss", "sedation"), claims=("surge_warning",),
                  nav="Session")  # fmt: skip
