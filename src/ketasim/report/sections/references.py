"""The papers behind this run, and their BibTeX."""

from __future__ import annotations

from base64 import b64encode

from ketasim.core import citations
from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.registry import Section
from ketasim.report.text import details, esc, paragraph

NO_PAPER = {"assumed", "definition", "user"}


def render(result: Result, context: Context) -> str:
    """A list of exactly the papers used, with links, and the BibTeX to save."""
    keys = [k for p in result.parameters.values() for k in p.source.replace(",", " ").replace(";", " ").split()]
    keys = [k for k in keys if k not in NO_PAPER]
    papers = citations.cite(keys)
    if not papers:
        return ""
    items = []
    for r in papers:
        title = r.plain("title")
        link = f' <a href="{esc(r.link)}" rel="noreferrer">{esc(r.link.removeprefix("https://"))}</a>' if r.link else ""
        items.append(f"<li>{esc(r.short)}. <i>{esc(title)}</i>.{link}</li>")
    text = citations.bibtex(keys)
    data = b64encode(text.encode()).decode()
    save = f'<p><a class="button" download="references.bib" href="data:text/x-bibtex;base64,{data}">Save BibTeX</a></p>'
    return (
        paragraph("Exactly the papers whose numbers this run used.")
        + f'<ol class="papers">{"".join(items)}</ol>{save}'
        + details("BibTeX", f"<pre><code>{esc(text)}</code></pre>")
    )


SECTION = Section("references", "Papers", render)
