"""Every number used, with its source, its standing and whether it is assumed."""

from __future__ import annotations

from collections import Counter

from ketasim.core import citations
from ketasim.core.parameters import STATUSES, Parameter
from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.numbers import count, number, unit_text
from ketasim.report.registry import Section
from ketasim.report.text import chip, details, esc, paragraph, table

MEANING = {
    "verified": "read in the paper's own text or table",
    "secondary": "taken from somebody else's transcription of the paper",
    "recalled": "remembered, not seen again in the source",
    "assumed": "our own choice, with the reason given",
}


def render(result: Result, context: Context) -> str:
    """A bar of statuses, the assumed numbers first, then every number, folded by part."""
    if not result.parameters:
        return ""
    tally = Counter(_standing(p) for p in result.parameters.values())
    total = sum(tally.values())
    bar = "".join(
        f'<span class="{s}" style="flex:{tally[s]}" title="{esc(s)}: {tally[s]}"></span>' for s in STATUSES if tally[s]
    )
    key = "".join(f"<li>{chip(f'{tally[s]} {s}', s)} {esc(MEANING[s])}</li>" for s in STATUSES if tally[s])
    words = f"This run rests on {count(total, 'number')}. Each one names the paper and the place in it."
    html = paragraph(words) + f'<div class="bar" aria-hidden="true">{bar}</div><ul class="key">{key}</ul>'
    assumed = {k: p for k, p in result.parameters.items() if p.assumed}
    if assumed:
        html += f"<h3>{esc('Assumed')}</h3>" + _table(assumed, "Numbers that are assumed")
    rest = {k: p for k, p in result.parameters.items() if not p.assumed}
    parts: dict[str, dict[str, Parameter]] = {}
    for name, p in rest.items():
        parts.setdefault(name.rpartition(".")[0] or "model", {})[name] = p
    for part, group in parts.items():
        html += details(f"{part.replace('_', ' ')}: {count(len(group), 'number')}", _table(group, part))
    return html


def _standing(p: Parameter) -> str:
    return "assumed" if p.assumed else p.status


def _table(group: dict[str, Parameter], caption: str) -> str:
    known = citations.references()
    rows = []
    for name, p in group.items():
        value, unit = p.printed if p.printed[1] or p.printed[0] else (p.value, p.unit)
        papers = []
        for key in p.source.replace(",", " ").replace(";", " ").split():
            reference = known.get(key)
            text = reference.short if reference else key
            link = reference.link if reference else ""
            papers.append(f'<a href="{esc(link)}" rel="noreferrer">{esc(text)}</a>' if link else esc(text))
        where = f"{'; '.join(papers)}{', ' + esc(p.where) if p.where else ''}"
        note = f'<div class="soft">{esc(p.note)}</div>' if p.note else ""
        rows.append(
            [
                f"<code>{esc(name)}</code>",
                f"{esc(number(value, 5))} {esc(unit_text(unit))}",
                chip(_standing(p), _standing(p)),
                esc(p.kind),
                where + note,
            ]
        )
    return table(["number", "value", "standing", "kind", "source"], rows, kind="sources", caption=caption, raw=True)


SECTION = Section("sources", "Where the numbers come from", render, nav="Sources")
