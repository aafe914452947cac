"""The frame of a page: banner, heading, list of contents, sections, footer; one file, no request to anywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources

from ketasim import __version__
from ketasim.report.charts.svg import LIGHT
from ketasim.report.text import esc

BANNER = "For research and teaching. Not advice on dosing for any person."


def sheet(title: str, under: str, parts: Sequence[tuple[str, str, str, str]], notices: str = "") -> str:
    """HTML text. parts : (id, heading, short name for the contents, HTML) of each section; empty ones are left out."""
    shown = [p for p in parts if p[3]]
    nav = "".join(f'<li><a href="#{i}">{esc(short or head)}</a></li>' for i, head, short, _ in shown)
    main = "".join(
        f'<section id="{i}" aria-labelledby="{i}-h"><h2 id="{i}-h">{esc(head)}</h2>{html}</section>'
        for i, head, _, html in shown
    )
    return (
        '<!doctype html><html lang="en" class="no-script"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="generator" content="ketasim">'
        f"<title>{esc(title)}</title><style>{_asset('style.css')}</style></head><body>"
        f'<p class="banner">{esc(BANNER)}</p>'
        f'<header><p class="kicker">ketasim report</p><h1>{esc(title)}</h1><p class="under">{esc(under)}</p></header>'
        f'<div class="page"><nav aria-label="Contents"><ul>{nav}</ul></nav>'
        f"<main>{notices}{main}</main></div>"
        f"<footer><p>{esc(BANNER)} Made with ketasim {esc(__version__)}.</p></footer>"
        f"<script>const LIGHT={json.dumps(LIGHT)};{_asset('script.js')}</script></body></html>"
    )


def _asset(name: str) -> str:
    return (resources.files("ketasim.report") / "assets" / name).read_text(encoding="utf-8")
