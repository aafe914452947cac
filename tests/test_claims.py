"""Claims: every one has a row, papers that exist and a demonstration that runs; what fails is shown, not hidden."""

import csv
import json
import math

import pytest
from typer.testing import CliRunner

from ketasim.core import citations
from ketasim.core.errors import InputError
from ketasim.studies.claims import VERDICTS, claims, show

# Where the model contradicts a claim that evidence supports, with why. A new one fails; one that heals must leave.
KNOWN_TO_DISAGREE = {
    "NET1": "occupancy blocks both kinds of cell nearly alike; the sign needs 2.5 times more on inhibitory ones",
}
IDS = tuple(claims())


def test_there_is_a_row_for_each_claim_of_the_mission(shared):
    with (shared / "seeds" / "claims.csv").open(newline="", encoding="utf-8") as file:
        assert {row["id"] for row in csv.DictReader(file)} == set(IDS)


def test_claims_are_in_our_own_words(shared):
    """No run of eight words of the seeds is found again."""
    texts = " ".join(p.read_text(encoding="utf-8") for p in sorted((shared / "seeds").iterdir())).lower().split()
    runs = {tuple(texts[i : i + 8]) for i in range(len(texts) - 7)}
    for claim in claims().values():
        words = f"{claim.claim} {claim.but}".lower().split()
        assert not runs & {tuple(words[i : i + 8]) for i in range(len(words) - 7)}, claim.id


def test_papers_are_in_the_bibliography():
    known = citations.references()
    missing = {c.id: k for c in claims().values() for k in c.papers if k not in known}
    assert not missing
    assert all(c.papers for c in claims().values())


@pytest.mark.parametrize("claim_id", IDS)
def test_the_demonstration_runs_and_says_what_it_found(claim_id):
    row = show(claim_id)
    assert row["verdict"] in VERDICTS
    if row["verdict"] == "not available":
        assert row["missing"] and row["number"] is None
        return
    assert math.isfinite(row["number"]) and row["unit"] and row["shows"].endswith(".") and row["rule"] and row["call"]
    assert row["low"] is None or row["low"] <= row["high"]
    if claim_id in KNOWN_TO_DISAGREE:
        assert row["verdict"] == "model disagrees", f"{claim_id} holds again: take it from the list"
    else:
        assert row["verdict"] == row["evidence"], f"{row['shows']} Looked for: {row['rule']} {row['more']}"


def test_what_evidence_does_not_support_is_shown_as_such():
    row = show("OPI1")
    assert row["verdict"] == "not supported" and row["but"]
    assert row["number"] < 0.1  # Hirota 1999: Ki of 42 µmol/L at mu against less than 1 µmol/L in the brain


def test_protection_of_nerve_cells_is_shown_as_unsupported_in_man():
    """The mission's row says "neuroprotective": no trial in people shows it, and the spines were counted in mice."""
    row = show("PLA1")
    assert row["evidence"] == "partly supported" and "protects nerve cells of people is not supported" in row["but"]
    assert "is not supported" in row["shows"]
    import ketasim as ks

    given = ks.simulate(regimen="0.5 mg/kg iv over 40 min", times_h=[0.0, 1.0])
    assert not [o for o in given.outputs if "protect" in o or "neurogen" in o]


def test_the_command_prints_json_rows_with_a_verdict():
    from ketasim.cli.application import build

    done = CliRunner().invoke(build(["claims"]), ["claims", "MOL1", "opi1", "--json"])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert [(r["id"], r["verdict"]) for r in rows] == [("MOL1", "supported"), ("OPI1", "not supported")]
    assert rows[0]["number"] == pytest.approx(237.73, abs=0.01)  # IUPAC weights
    assert CliRunner().invoke(build(["claims"]), ["claims", "XYZ9"]).exit_code == 2


def test_an_unknown_claim_is_refused():
    with pytest.raises(InputError, match="MOO1"):
        show("MOOD")
