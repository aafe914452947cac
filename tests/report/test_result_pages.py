"""Pages of a trial, a search and rival explanations: everything said, nothing fetched, failures first."""

import json
import re

import pytest

from ketasim.core.errors import InputError
from ketasim.report.results.rivals import rivals_page
from ketasim.report.results.search import search_page
from ketasim.report.results.trial import trial_page, write_trial

ARM = {"regimen": "saline iv over 40 min", "n": 25, "start": 32.4, "visits": [{"day": 1.0, "mean": 24.8, "sd": 9.2}],
       "believes_active": 0.66, "believes_active_error": 0.01, "bang_index": -0.33, "felt": 0.3, "left": 0.04,
       "rescued": 0.0, "doses_given": 0.98, "peaks": {"sbp": {"mean": 131.0, "p95": 152.0}}}  # fmt: skip
CONTRAST = {"arm": "drug", "power": 0.983, "error": 0.0165, "estimate": -9.74, "sd": 2.87, "se": 2.35,
            "minimal_difference": 1.9, "people_for_80%": {"people": 36.0, "low": 31.0, "high": 40.0},
            "people_for_90%": {"people": float("inf"), "low": 43.0, "high": float("inf")}}  # fmt: skip
TRIAL = {
    "title": "One <infusion>", "ketasim": "0", "note": "A simulation.", "seed": 1, "vary": ["between"],
    "replicates": 60, "people": 72, "alpha": 0.05, "screened_per_person": 1.25, "failed": 2,
    "arms": [{"id": "drug", **ARM, "n": 47}, {"id": "control", **ARM}],
    "endpoints": [{"name": "change", "kind": "change", "analysis": "ancova", "day": 1.0, "primary": True,
                   "against": "control", "contrasts": [CONTRAST]}],
    "published": [{"endpoint": "change", "arm": "drug", "what": "difference", "observed": -7.7, "simulated": -9.67,
                   "low": -15.8, "high": -5.1, "verdict": "inside"}],
    "looks": [{"share": 0.5, "z_boundary": 2.96}],
}  # fmt: skip
ROW = {"values": {"madrs": 17.3, "hours": 17.33}, "errors": {"madrs": 1.8, "hours": 8e-16}, "allowed": True,
       "range_90": {"madrs": [7.5, 29.2], "hours": [17.3, 17.3]}, "allowed_share": 0.6, "front_share": 0.6,
       "under_hypotheses": {"expectancy only": {"madrs": 27.8}}}  # fmt: skip
SEARCH = {"title": "Four weeks", "note": "A simulation.", "seed": 11, "people": 40, "doubt_draws": 20, "tried": 3,
          "goals": ["madrs", "hours"], "limits": [], "allowed": 2, "failed": 0,
          "front": [{"regimen": "a", **ROW}],
          "all": [{"regimen": r, **ROW, "allowed": r != "c"} for r in "abc"]}  # fmt: skip


def explanation(name, score):
    """One explanation as `ketasim compare --json` prints it."""
    return {
        "name": name, "words": f"words of {name}", "score": score, "inside": 0.8,
        "left_out": [{"study": "s", "score": score, "k": 0.75}],
        "rows": [{"row": "r1", "printed": -8.0, "predicted": -9.0, "low": -12.0, "high": -6.0}],
        "numbers": [{"name": "vague", "overlap": 0.95}, {"name": "sharp", "overlap": 0.2}],
        "predictions": [{"design": "d", "words": "one dose", "difference": -4.0, "sd": 1.0, "error_of_trial": 2.0}],
    }  # fmt: skip


RIVALS = {
    "explanations": [explanation("hnk", -12.0), explanation("disinhibition", -10.0)],
    "pairs": [{"first": "disinhibition", "second": "hnk", "difference": 2.0, "error": 3.0,
               "verdict": "not distinguishable"}],
    "studies": [{"design": "d", "words": "one dose", "people_an_arm": 60, "decibans": 2.4,
                 "separates": ["hnk", "disinhibition"], "decibans_of_pair": 7.0}],
}  # fmt: skip


def plain(html):
    """Words of a page."""
    html = re.sub(r"<(style|script)[^>]*>.*?</\1>", " ", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.parametrize("html", [trial_page(TRIAL), search_page(SEARCH), rivals_page(RIVALS)])
def test_one_file_that_fetches_nothing(html):
    code = re.sub(r"<script.*?</script>", "", html, flags=re.S)
    fetched = re.findall(r"""(?:src|href)=["'](?!#)|@import|http-equiv|url\((?!#)""", code)
    assert fetched == []
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert "Not advice on dosing" in html


def test_trial():
    html = trial_page(TRIAL)
    words = plain(html)
    assert html.index("2 simulated people could not be followed") < html.index(">In short</h2>")
    assert "drug against control, change at day 1 (ancova): −9.74 with a power of 98% (± 1.7%, Monte Carlo)." in words
    assert "36 people (31 to 40) in both arms together would give 80%." in words and "No number of people" in words
    assert "1 of 1 printed numbers lie inside" in words and "One &lt;infusion&gt;" in html
    assert {"courses", "effects", "printed", "blinding", "safety", "looks"} <= set(
        re.findall(r'section id="(\w+)"', html)
    )


def test_power_curve_meets_the_trial_it_was_made_from():
    """Two-sided z test: estimate 9.74, SE 2.35 and nothing between replicates: Φ(9.74/2.35 − 1.96) = 98.6 %."""
    result = json.loads(json.dumps(TRIAL))
    result["endpoints"][0]["contrasts"][0]["sd"] = 2.35
    data = re.findall(r'<script type="application/json">(.*?)</script>', trial_page(result))
    series = next(json.loads(d) for d in data if "both arms" in d)["series"]
    x, y = series[0]["x"], series[0]["y"]
    nearest = min(range(len(x)), key=lambda i: abs(x[i] - 72))
    assert y[nearest] == pytest.approx(98.6, abs=0.7)


def test_search():
    words = plain(search_page(SEARCH))
    assert "2 of 3 regimens keep all limits; 1 of them are not beaten" in words
    assert "17.3 ± 1.8" in words and "10⁻" not in words  # no error where nothing varies
    assert "breaks a limit" in words and "madrs under expectancy only" in words
    nothing = plain(search_page({**SEARCH, "front": [], "allowed": 0}))
    assert "0 of 3 regimens keep all limits" in nothing


def test_rivals():
    words = plain(rivals_page(RIVALS))
    assert "Best in the studies left out: words of disinhibition." in words and "not distinguishable" in words
    assert "vague" in words and "sharp" not in words
    assert "1 of 1 rough" in words and "words of hnk 2.0 3.0" in words
    again = {"explanations": [{**e, "left_out": [{"study": "s", "score": -1.0, "k": 0.9, "refitted": True}]}
                              for e in RIVALS["explanations"]]}  # fmt: skip
    assert "none rough, 1 fitted again" in plain(rivals_page({**RIVALS, **again}))
    assert "one dose 60 2.4 hnk from disinhibition 7" in words


def test_a_page_is_written_whole_or_not_at_all(tmp_path):
    with pytest.raises(InputError, match="report"):
        write_trial(TRIAL, tmp_path)  # a folder
    assert list(tmp_path.iterdir()) == []
