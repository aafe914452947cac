"""Every number in the package has a unit, a kind, a status and a source that is in the list of references."""

import re
import tomllib
from pathlib import Path

import pytest

from ketasim.core import citations, units
from ketasim.core.parameters import parse_table

DATA = Path(__file__).resolve().parents[2] / "src" / "ketasim" / "data"
TABLES = sorted((DATA / "parameters").rglob("*.toml"))
NO_PAPER = {"assumed", "definition"}


REFERENCES = citations.references()


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


def test_no_reference_is_listed_twice():
    keys = [
        key for path in sorted(DATA.glob("references*.bib")) for key in citations.parse_bibtex(path.read_text("utf-8"))
    ]
    starts = sum(
        len(re.findall(r"^@\w+\s*\{", p.read_text("utf-8"), re.MULTILINE)) for p in DATA.glob("references*.bib")
    )
    twice = sorted({key for key in keys if keys.count(key) > 1})
    assert not twice
    assert starts == len(keys), "a key is listed twice within one file"


def test_references_can_be_found_again():
    """An identifier leads to the paper, or journal and volume do; else a note must say how its numbers were come by."""
    lost = []
    for key, reference in REFERENCES.items():
        has = set(reference.fields)
        printed = {"journal", "year"} <= has and bool(has & {"volume", "pages"})
        if not (has & {"doi", "pmid", "pmcid", "url", "isbn", "note"} or printed):
            lost.append(key)
    assert not lost, f"nothing leads to {lost}"


def test_package_data_is_readable_toml():
    for path in sorted(DATA.rglob("*.toml")):
        tomllib.loads(path.read_text("utf-8"))
