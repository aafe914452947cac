"""The page about one run: what went wrong first, then the sections that its outputs call for."""

from __future__ import annotations

import numpy as np

from ketasim import __version__
from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.numbers import count
from ketasim.report.registry import sections
from ketasim.report.sheet import sheet
from ketasim.report.text import chip, details, esc


def render_html(result: Result, context: Context) -> str:
    """The whole page as text."""
    wanted = [s for s in sections() if s.wanted(result, context.kind)]
    claimed: set[str] = set()
    bodies: dict[str, str] = {}
    for section in (*(s for s in wanted if s.id != "others"), *(s for s in wanted if s.id == "others")):
        context.claimed = frozenset(claimed)
        bodies[section.id] = section.render(result, context)
        if bodies[section.id]:
            claimed |= section.claimed(result)
    shown = [s for s in wanted if bodies[s.id]]
    title = context.title or str(result.manifest.get("regimen", "")) or "Simulation"
    model = result.manifest.get("model", "")
    under = " · ".join(
        x
        for x in (f"model {model}" if model else "", count(len(result), "person", "people"), f"ketasim {__version__}")
        if x
    )
    return sheet(title, under, [(s.id, s.title, s.nav, bodies[s.id]) for s in shown], notices(result, context))


def notices(result: Result, context: Context) -> str:
    """Failures, warnings and flags (extrapolated, approximated, assumed) before anything else."""
    parts = []
    if result.failures:
        parts.append(_failures(result))
    if result.warnings:
        items = "".join(f"<li>{esc(w)}</li>" for w in result.warnings)
        parts.append(f'<div class="notice warn" role="note"><h2>Read this first</h2><ul>{items}</ul></div>')
    flagged: dict[str, list[str]] = {}
    for output, words in result.flags.items():
        for word in words:
            flagged.setdefault(word, []).append(output)
    if flagged:
        items = "".join(
            f"<li>{chip(word, 'warn')} <code>{esc(', '.join(names))}</code></li>" for word, names in flagged.items()
        )
        folded = details(
            f"{count(len(flagged), 'mark')} on outputs", f'<ul class="flags">{items}</ul>', opened=len(flagged) <= 4
        )
        parts.append(f'<div class="notice flag" role="note">{folded}</div>')
    return "".join(parts)


def _failures(result: Result) -> str:
    n = len(result.failures)
    nobody = bool(len(result.times_h)) and all(np.isnan(v[:, -1]).all() for v in result.outputs.values())
    if nobody:
        head = "Nobody could be followed to the end. Curves stop where each subject failed."
    else:
        head = f"{count(n, 'subject')} could not be finished and {'is' if n == 1 else 'are'} in no figure or table."
    items = [f"<li>{esc(f)}</li>" for f in result.failures[:500]]
    rest = details(f"and {n - 5} more", f"<ul>{''.join(items[5:])}</ul>") if n > 5 else ""
    return f'<div class="notice fail" role="note"><h2>{esc(head)}</h2><ul>{"".join(items[:5])}</ul>{rest}</div>'

