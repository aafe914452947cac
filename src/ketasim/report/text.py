"""Small pieces of HTML; everything that comes from outside is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def esc(value: object) -> str:
    """Text made safe for HTML, in or out of an attribute."""
    return escape(str(value), quote=True)


def paragraph(*sentences: str, kind: str = "") -> str:
    """Sentences (plain text) as a paragraph."""
    text = " ".join(esc(s) for s in sentences if s)
    return f'<p class="{kind}">{text}</p>' if text and kind else f"<p>{text}</p>" if text else ""


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str = "", caption: str = "", raw: bool = False
) -> str:
    """A table in a box that scrolls sideways; the first column heads its row. Cells are escaped unless `raw`."""
    safe = (lambda s: s) if raw else esc
    top = "".join(f'<th scope="col">{esc(h)}</th>' for h in head)
    body = "".join(
        "<tr>" + f'<th scope="row">{safe(row[0])}</th>' + "".join(f"<td>{safe(c)}</td>" for c in row[1:]) + "</tr>"
        for row in rows
    )
    heading = f"<caption>{esc(caption)}</caption>" if caption else ""
    label = esc(caption or "table")
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table class="{kind}">{heading}'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def chip(text: str, kind: str = "") -> str:
    """A small label."""
    return f'<span class="chip {kind}">{esc(text)}</span>'


def details(summary: str, inside: str, *, opened: bool = False) -> str:
    """Something folded away."""
    return f"<details{' open' if opened else ''}><summary>{esc(summary)}</summary>{inside}</details>"
