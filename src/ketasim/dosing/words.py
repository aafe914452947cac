"""The regimen in plain words, with the defaults that were filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketasim.dosing.catalogue import ROUTE_WORDS, find_drug, hcl_to_base
from ketasim.dosing.course import Block, at_text
from ketasim.dosing.quantities import Span, number_text
from ketasim.dosing.sentence import amount_text, concentration_text, target_text
from ketasim.dosing.steps import Give, Pause, Step, Target

if TYPE_CHECKING:
    from ketasim.dosing.regimen import Regimen

_NAMES = {"s": "second", "min": "minute", "h": "hour", "d": "day", "week": "week"}


def describe(regimen: Regimen) -> str:
    """One line a block, then a line with the totals and one for each warning."""
    lines = []
    for number, strand in enumerate(regimen.strands):
        for place, block in enumerate(strand.blocks):
            lead = ("Also " if number else "") if place == 0 else "Then "
            text = _block(block)
            lines.append(lead + text if lead else text[0].upper() + text[1:])
    lines.append(_totals(regimen))
    lines += [f"Warning: {w}." for w in regimen.warnings]
    return "\n".join(lines)


def time_words(span: Span) -> str:
    """40 minutes, 1 hour"""
    return f"{number_text(span.value)} {_NAMES[span.unit]}{'' if span.value == 1 else 's'}"


def _block(block: Block) -> str:
    text = ", then ".join(step_words(s) for s in block.steps)
    if block.at:
        text += f", starting at {at_text(block.at)}"
    if block.repeat is not None:
        offsets = block.repeat.offsets_h()
        text += f"; {block.repeat}: {len(offsets)} time{'' if len(offsets) == 1 else 's'}"
        if len(offsets) > 1 and block.repeat.per == "week":
            days = ", ".join(f"{h / 24:g}" for h in offsets[:4])
            text += f", on days {days}{' …' if len(offsets) > 4 else ''} of the course"
    return text + "."


def step_words(step: Step) -> str:
    """What is given, how and for how long."""
    if isinstance(step, Pause):
        return f"nothing for {time_words(step.duration)}"
    name = find_drug(step.drug).words
    if isinstance(step, Target):
        where = "in arterial plasma" if step.site == "plasma" else "at the effect site"
        return f"{name} pumped to {target_text(step)} {where} for {time_words(step.duration)}"
    return _give(step, name)


def _give(step: Give, name: str) -> str:
    text = " ".join(x for x in (name, amount_text(step)) if x)
    if step.ibw:
        text = text.replace("/kg", " per kg of ideal weight", 1)
    if step.concentration is not None:
        text += f" of {concentration_text(step)}"
    if step.hcl:
        text += f" of hydrochloride (× {number_text(hcl_to_base())} as base)"
    text += f" {ROUTE_WORDS[step.route]}"
    if step.duration is not None:
        text += f" {'for' if step.is_rate else 'over'} {time_words(step.duration)}"
    elif step.route == "iv":
        text += " as a bolus"
    form = step.form
    if form is None:
        return text
    if not form.divided:
        return f"{text} ({form.words})"
    many = step.devices
    text += f" ({many} × {form.words}" if many > 1 else f" ({form.words}"
    if many > 1 and step.apart is not None:
        text += ", all at once" if step.apart.value == 0 else f", {time_words(step.apart)} apart"
    return text + ")"


def _totals(regimen: Regimen) -> str:
    sessions = len(regimen.sessions())
    end = regimen.end_h
    last = f"day {end / 24:.3g}" if end >= 48 else f"{end:.3g} h"
    return f"In all {sessions} session{'' if sessions == 1 else 's'}; the last dose ends at {last}."
