"""Every number used, with its source, its standing and whether it is assumed."""

from __future__ import annotations

from collections import Counter

from ketasim.core import citations
from ketasim.core.parameters import STATUSES, Parameter
from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.numbers import count, plain, unit_text
from ketasim.report.registry import Section
from ketasim.report.text import chip, details, esc, paragraph, table

MEANING = {
    "verified": "read in the paper's own text or table",
    "secondary": "taken from somebody else's transcription of the paper",
    "recalled": "remembered, not seen again in the source",
    "assumed": "our own choice, with the reason given",
}


def render(result: Result, context: Context) -> str:
    """A bar of statuses, the assumed numbers first, then every number, folded by the folder of its table."""
    numbers = distinct(result)
    if not numbers:
        return ""
    tally = Counter(_standing(p) for p in numbers.values())
    bar = "".join(
        f'<span class="{s}" style="flex:{tally[s]}" title="{esc(s)}: {tally[s]}"></span>' for s in STATUSES if tally[s]
    )
    key = "".join(f"<li>{chip(f'{tally[s]} {s}', s)} {esc(MEANING[s])}</li>" for s in STATUSES if tally[s])
    words = f"This run rests on {count(len(numbers), 'number')}. Each one names the paper and the place in it."
    html = paragraph(words) + f'<div class="bar" aria-hidden="true">{bar}</div><ul class="key">{key}</ul>'
    assumed = {k: p for k, p in numbers.items() if p.assumed}
    if assumed:
        head = f"Assumed: {count(len(assumed), 'number')}"
        html += details(head, _table(assumed, "Numbers that are assumed"), opened=len(assumed) <= 12)
    folders: dict[str, dict[str, Parameter]] = {}
    for name, p in numbers.items():
        if not p.assumed:
            folders.setdefault(p.table.partition("/")[0] or "given by the caller", {})[name] = p
    for folder, group in folders.items():
        html += details(f"{folder[:1].upper()}{folder[1:]}: {count(len(group), 'number')}", _table(group, folder))
    return html


def distinct(result: Result) -> dict[str, Parameter]:
    """Numbers by the table they stand in: parts that read the same number share one row."""
    out: dict[str, Parameter] = {}
    for name, p in result.parameters.items():
        key = f"{p.table}.{p.name}" if p.table and p.source != "user" else name
        if key in out and out[key].value != p.value:
            key = name
        out.setdefault(key, p)
    return out


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
                f"{esc(plain(value, 5))} {esc(unit_text(unit))}",
                chip(_standing(p), _standing(p)),
                esc(p.kind),
                where + note,
            ]
        )
    return table(
        ["number", "value", "standing", "kind", "source"], rows, kind="sources stack", caption=caption, raw=True
    )


SECTION = Section("sources", "Where the numbers come from", render, nav="Sources")
