"""Bladder, liver and bile ducts: clinics beside recreational use, and what surveys found."""

import numpy as np
import pytest

import ketasim as ks

WEEK = 168.0
SLOW = ["weekly_exposure", "urothelial_injury", "fibrosis", "p_luts", "p_cystitis", "bladder_capacity", "biliary",
        "p_liver_injury"]  # fmt: skip


def at(regimen, weeks, outputs=SLOW):
    got = ks.simulate(regimen=regimen, times_h=np.asarray(weeks) * WEEK, outputs=outputs)
    return {name: got[name][0] for name in got.outputs}


def test_weekly_exposure_counts_as_users_do():
    """A gram a week through the nose reads as one."""
    minutes = np.linspace(30 * WEEK, 32 * WEEK, 200)
    text = "1000 mg intranasal as nasal_solution, 1/week for 40 weeks"
    got = ks.simulate(regimen=text, times_h=minutes, outputs=["weekly_exposure"])["weekly_exposure"]
    assert got.mean() == pytest.approx(1.0, rel=0.1)


def test_clinic_beside_recreational_use():
    """One picture: weekly spray for a year, a gram a week, three times a gram a week; then a year without."""
    clinic = at("esketamine 84 mg intranasal, 1/week for 52 weeks", [0, 52])
    some = at("1000 mg intranasal as nasal_solution, 1/week for 104 weeks", [0, 104, 156])
    heavy = at("1000 mg intranasal as nasal_solution, 3/week for 104 weeks", [0, 104, 156])
    assert clinic["p_cystitis"][1] < 0.01
    assert clinic["bladder_capacity"][1] > 0.99 * clinic["bladder_capacity"][0]
    assert clinic["urothelial_injury"][1] < 0.1 * some["urothelial_injury"][1] < some["urothelial_injury"][1]
    assert some["p_luts"][1] < heavy["p_luts"][1]
    assert heavy["bladder_capacity"][1] == pytest.approx(200.0, abs=60.0)
    assert heavy["bladder_capacity"][2] > heavy["bladder_capacity"][1] + 80.0
    assert heavy["fibrosis"][2] >= heavy["fibrosis"][1] > 0.0


def test_liver_needs_a_second_long_exposure():
    """Noppers 2011: three of six in the second of two 100-h courses; Colina 2023: none to speak of in single ones."""
    course = "esketamine 15 mg/h iv for 100 h"
    once = at(course, [0, 5], ["p_liver_injury"])["p_liver_injury"][-1]
    twice = at(f"{course} then pause 16 d then {course}", [0, 4, 5], ["p_liver_injury"])["p_liver_injury"][-1]
    clinic = at("0.5 mg/kg iv over 40 min, 2/week for 4 weeks", [0, 5], ["p_liver_injury"])["p_liver_injury"][-1]
    assert 0.15 < twice < 0.85
    assert once < 0.1 and clinic < 1e-3


def test_bile_ducts_recover():
    got = at("1000 mg intranasal as nasal_solution, 2/week for 104 weeks", [104, 312], ["biliary"])["biliary"]
    assert got[0] > 0.3 and got[1] < 0.3 * got[0]
