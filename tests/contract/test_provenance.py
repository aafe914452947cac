"""Every number in the package has a unit, a kind, a status and a source that is in the list of references."""

import re
import tomllib
from pathlib import Path

import pytest

from ketasim.core import units
from ketasim.core.parameters import parse_table

DATA = Path(__file__).resolve().parents[2] / "src" / "ketasim" / "data"
TABLES = sorted((DATA / "parameters").rglob("*.toml"))
NO_PAPER = {"assumed", "definition"}


def references() -> dict[str, str]:
    """BibTeX key → the text of its entry, over every references*.bib."""
    found: dict[str, str] = {}
    for path in sorted(DATA.glob("references*.bib")):
        text = path.read_text("utf-8")
        starts = list(re.finditer(r"^@(\w+)\s*\{\s*([^,\s]+)\s*,", text, re.MULTILINE))
        for match, following in zip(starts, [*starts[1:], None]):
            key = match[2]
            assert key not in found, f"{key} is in the references twice"
            found[key] = text[match.start() : following.start() if following else len(text)]
    return found


REFERENCES = references()


def sources(text: str) -> list[str]:
    return [key for key in re.split(r"[,;\s]+", text) if key]


def test_there_are_tables_and_references():
    assert TABLES
    assert REFERENCES


@pytest.mark.parametrize("path", TABLES, ids=lambda p: p.relative_to(DATA / "parameters").as_posix())
def test_table_says_where_its_numbers_come_from(path):
    table = parse_table(path.read_text("utf-8"), path.relative_to(DATA / "parameters").with_suffix("").as_posix())
    for parameter in table:
        units.parse(parameter.unit)
        for key in sources(parameter.source):
            assert key in REFERENCES or key in NO_PAPER, f"{parameter.key}: {key} is in no references*.bib"
        if parameter.source in NO_PAPER or parameter.assumed:
            assert parameter.note, f"{parameter.key} is assumed and gives no reason in its note"
        for layer in (parameter.between, parameter.occasion, parameter.doubt):
            borrowed = (layer or {}).get("borrowed")
            for key in sources(borrowed or ""):
                assert key in REFERENCES or key in NO_PAPER, f"{parameter.key}: {key} is in no references*.bib"


def test_references_can_be_found_again():
    """DOI, PMID or a link: something that leads a reader to the paper."""
    lost = [key for key, entry in REFERENCES.items() if not re.search(r"\b(doi|pmid|url|isbn|pmcid)\s*=", entry, re.I)]
    assert not lost, f"no doi, pmid, url or isbn: {lost}"


def test_package_data_is_readable_toml():
    for path in sorted(DATA.rglob("*.toml")):
        tomllib.loads(path.read_text("utf-8"))
