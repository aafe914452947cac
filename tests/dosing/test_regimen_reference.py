"""Every sentence of docs/reference/regimen.md is read, and means what the page says where it counts days."""

import re
from pathlib import Path

import pytest

from ketasim.dosing import Regimen, products
from ketasim.dosing.catalogue import default_product


@pytest.fixture(scope="module")
def page() -> str:
    return (Path(__file__).resolve().parents[2] / "docs" / "reference" / "regimen.md").read_text(encoding="utf-8")


def test_examples_of_the_page_are_read(page: str):
    table = page.split("## Examples")[1].split("## Grammar")[0]
    sentences = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert len(sentences) >= 12
    for sentence in sentences:
        assert Regimen.parse(str(Regimen.parse(sentence))) == Regimen.parse(sentence)


def test_week_days_of_the_page(page: str):
    for n, listed in re.findall(r"^\| `(\d)/week` \| days (\d(?:, \d)*)", page, re.MULTILINE):
        doses = Regimen.parse(f"1 mg iv, {n}/week for 1 week").doses
        assert [d.day for d in doses] == [int(x) for x in listed.split(", ")]


def test_table_of_the_page_is_read(page: str):
    rows = page.split("## As a table")[1].split("```toml")[1].split("```")[0]
    expected = "esketamine 56 mg intranasal, 2/week for 4 weeks then 84 mg intranasal, 1/week for 4 weeks"
    assert str(Regimen.from_toml(rows)) == expected


def test_products_of_the_page_exist(page: str):
    section = page.split("**Products.**")[1].split("**Schedules.**")[0]
    named = set(re.findall(r"`([a-z]+_\w+|film|lozenge|tablet|nebuliser)`", section))
    assert named == set(products())
    assert default_product("esketamine", "intranasal") == "device_28"
