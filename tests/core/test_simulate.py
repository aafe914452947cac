"""simulate: bad input is one sentence; failed people hold no numbers; what is cached is not mixed up."""

import importlib

import numpy as np
import pytest

import ketasim as ks
from ketasim.core.errors import InputError

DOSE = "0.5 mg/kg iv over 40 min"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"regimen": ""}, "regimen"), ({"times_h": [2.0, 1.0]}, "times_h"), ({"times_h": [-1.0]}, "times_h"),
     ({"outputs": ["nonsense"]}, "output"), ({"engine": "magic"}, "engine"), ({"vary": "everything"}, "vary"),
     ({"values": {"no.such": 1.0}}, "parameter"), ({"model": "nobody2000"}, "model"), ({"until": "-3h"}, "until"),
     ({"until": "10 min", "regimen": "0.5 mg/kg iv over 40 min at 2 h"}, "dose"),
     ({"options": {"eeg": "telepathy"}}, "option eeg")],
)  # fmt: skip
def test_bad_input_names_the_field(changes, field):
    with pytest.raises(InputError, match=field):
        ks.simulate(**{"regimen": DOSE, **changes})


def test_the_same_seed_gives_the_same_people_whatever_the_company():
    all_of_them = ks.simulate(
        patient=ks.sample("adult", 12, 5), regimen=DOSE, times_h=[0.5, 2], outputs=["ketamine.venous"]
    )
    some = ks.simulate(
        patient=ks.sample("adult", 4, 5, start=6), regimen=DOSE, times_h=[0.5, 2], outputs=["ketamine.venous"]
    )
    assert (some["ketamine.venous"] == all_of_them["ketamine.venous"][6:10]).all()


def test_a_value_set_by_hand_is_used_and_shown():
    base = ks.simulate(regimen=DOSE, outputs=["ketamine.arterial"])
    name = next(n for n in base.parameters if n.endswith(".CL"))
    slow = ks.simulate(regimen=DOSE, outputs=["ketamine.arterial"], values={name: 10.0})
    assert slow.auc("ketamine.arterial")[0] > base.auc("ketamine.arterial")[0]
    assert slow.manifest["values"] == {name: 10.0}


def test_a_second_run_of_another_dose_is_not_the_first():
    a = ks.simulate(regimen=DOSE, times_h=[0.5], outputs=["ketamine.arterial"])
    b = ks.simulate(regimen="1 mg/kg iv over 40 min", times_h=[0.5], outputs=["ketamine.arterial"])
    assert b["ketamine.arterial"][0, 0] == pytest.approx(2 * a["ketamine.arterial"][0, 0], rel=1e-5)


def test_engines_agree():
    runs = {
        e: ks.simulate("kamp2020", regimen=DOSE, times_h=[0.25, 0.5, 1, 3], outputs=["ketamine.arterial"], engine=e)
        for e in ("native", "vectorised", "exact", "reference")
    }
    for name, run in runs.items():
        assert run["ketamine.arterial"] == pytest.approx(runs["exact"]["ketamine.arterial"], rel=1e-5), name


def test_frames_and_files_hold_every_value(tmp_path):
    r = ks.simulate(regimen=DOSE, times_h=[0.5, 1.0], outputs=["ketamine.arterial"], subjects=3)
    frame = r.to_frame("pandas")
    assert list(frame.columns) == ["subject", "time_h", "output", "value", "unit"]
    assert len(frame) == 6
    path = r.to_csv(tmp_path / "x.csv")
    back = np.loadtxt(path, delimiter=",", skiprows=1, usecols=3)
    assert np.allclose(back, r["ketamine.arterial"].ravel())


def test_values_that_cannot_fit_are_refused_before_the_work():
    """A hundred million people with every output: a sentence with the size, not a machine that stops."""
    from ketasim.simulate import _fits

    _fits(1000, 100, 10)
    with pytest.raises(InputError, match=r"119200\.0 GB") as error:
        _fits(100_000_000, 1000, 149)
    assert "--out FOLDER" in str(error.value)


def test_values_are_held_once(monkeypatch):
    """Curves of one run share one block of memory, whatever the number of chunks."""
    module = importlib.import_module("ketasim.simulate")  # not the verb of that name
    names = ["ketamine.venous", "norketamine.venous"]
    whole = ks.simulate(regimen=DOSE, subjects=10, until=4.0, outputs=names)
    monkeypatch.setattr(module, "CHUNK", 4)
    cut = ks.simulate(regimen=DOSE, subjects=10, until=4.0, outputs=names)
    for name in names:
        assert (whole[name] == cut[name]).all()
    assert np.may_share_memory(cut[names[0]], cut[names[1]])
