"""The project's bibliography: data/references*.bib, read once, printed for exactly the keys that were used."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from ketasim.core.errors import InputError

_ESCAPED = re.compile(r"\\([&%#_$])")
_ACCENT = re.compile(r"""\{?\\(["'`^~]|[vc](?![A-Za-z]))\s*\{?\\?([A-Za-z])\}?\}?""")
_COMBINING = {'"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "v": "\u030c", "c": "\u0327"}
_ENTRY = re.compile(r"@(\w+)\s*\{\s*([^,\s]+)\s*,")


@dataclass(frozen=True)
class Reference:
    """One paper: its key, its BibTeX text and its fields."""

    key: str
    kind: str
    fields: dict[str, str]
    bibtex: str

    @property
    def short(self) -> str:
        """Author year, journal: how a table names it."""
        authors = self.plain("author").split(" and ")
        lead = authors[0].split(",")[0].strip(" {}") if authors[0] else self.key
        lead += " et al." if len(authors) > 1 else ""
        place = self.plain("journal") or self.plain("publisher") or self.plain("howpublished")
        return " ".join(x for x in (lead, self.fields.get("year", ""), place) if x)

    def plain(self, field: str) -> str:
        """A field as people read it: accents and signs that TeX escapes, without protecting braces; "" if absent."""
        from unicodedata import normalize

        value = self.fields.get(field, "")
        accented = _ACCENT.sub(lambda m: normalize("NFC", m.group(2) + _COMBINING[m.group(1)]), value)
        return _ESCAPED.sub(r"\1", accented).replace("{", "").replace("}", "")

    @property
    def link(self) -> str:
        """DOI or PubMed address, where known."""
        if doi := self.fields.get("doi"):
            return f"https://doi.org/{doi}"
        if pmid := self.fields.get("pmid"):
            return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
        return self.fields.get("url", "")


def _closing(text: str, start: int) -> int:
    depth = 0
    for i in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return i
    raise InputError("bibliography", text[start : start + 60], "balanced braces")


def parse_bibtex(text: str) -> dict[str, Reference]:
    """Key → Reference of BibTeX text whose values stand in braces or quotation marks."""
    out = {}
    for match in _ENTRY.finditer(text):
        end = _closing(text, text.index("{", match.start()))
        body, fields, at = text[match.end() : end], {}, 0
        while found := re.compile(r"\s*,?\s*([\w-]+)\s*=\s*").match(body, at):
            at = found.end()
            if body[at : at + 1] == "{":
                stop = _closing(body, at)
                value, at = body[at + 1 : stop], stop + 1
            elif body[at : at + 1] == '"':
                stop = body.index('"', at + 1)
                value, at = body[at + 1 : stop], stop + 1
            else:
                bare = re.compile(r"[^,\s]*").match(body, at)
                assert bare is not None
                value, at = bare.group(), bare.end()
            fields[found.group(1).lower()] = " ".join(value.split())
        key = match.group(2)
        out[key] = Reference(key, match.group(1).lower(), fields, text[match.start() : end + 1])
    return out


@lru_cache(maxsize=1)
def references() -> dict[str, Reference]:
    """Every reference the project knows."""
    out: dict[str, Reference] = {}
    folder = resources.files("ketasim") / "data"
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.startswith("references") and path.name.endswith(".bib"):
            for key, reference in parse_bibtex(path.read_text(encoding="utf-8")).items():
                out.setdefault(key, reference)
    return out


def cite(keys: Iterable[str]) -> list[Reference]:
    """References of some keys, in the order first met, without doubles; keys that are no paper are left out."""
    known = references()
    return [known[k] for k in dict.fromkeys(keys) if k in known]


def bibtex(keys: Iterable[str]) -> str:
    """BibTeX of exactly those keys."""
    return "\n\n".join(r.bibtex for r in cite(keys)) + "\n"
