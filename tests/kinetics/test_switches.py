"""Switches of a run: each is in one table, unknown ones and values out of range are refused, idle ones are said."""

import pytest

import ketasim as ks
from ketasim.circuits.eeg import VARIANTS
from ketasim.circuits.network import HYPOTHESES as NETWORK
from ketasim.circuits.regions import MAPS, SIGNALS
from ketasim.core.errors import InputError
from ketasim.models.layers.circuits import DOPAMINE
from ketasim.models.layers.plasticity import HYPOTHESES
from ketasim.models.switches import SWITCHES, checked

INFUSION = "35 mg iv over 40 min"


def run(options, regimen=INFUSION, model="ketamine", **more):
    return ks.simulate(model, regimen=regimen, times_h=[0.0, 1.0], outputs=("ketamine.arterial",), options=options,
                       engine="exact", **more)  # fmt: skip


def test_the_words_are_those_the_layers_know():
    for name, words in (
        ("eeg", VARIANTS), ("hypothesis", HYPOTHESES), ("network_block", NETWORK), ("network_map", MAPS),
        ("global_signal", SIGNALS), ("dopamine", [d for d in DOPAMINE if d]),
    ):  # fmt: skip
        assert SWITCHES[name].allowed == tuple(words), name


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"hypotesis": "trkb"}, "option is 'hypotesis'; allowed: hypothesis, dopamine"),
        ({"pump": "domino1984"}, "option is 'pump'"),
        ({"hypothesis": "magic"}, "option hypothesis is 'magic'; allowed: disinhibition"),
        ({"cardiovascular": "brisk"}, "allowed: baroreflex, direct"),
        ({"dhnk": "perhaps"}, "allowed: on or off"),
        ({"women_clearance": "more"}, "allowed: a number above 0"),
        ({"women_clearance": 0}, "allowed: a number above 0"),
        ({"women_clearance": True}, "allowed: a number above 0"),
        ({"network_at_h": float("nan")}, "allowed: a number from 0 upwards"),
    ],
)
def test_unknown_options_and_values_are_refused_though_nothing_reads_them(options, words):
    with pytest.raises(InputError, match=words):
        run(options)


@pytest.mark.parametrize(("said", "means"), [("off", False), ("on", True), (False, False), (1.0, True), ("No", False)])
def test_on_and_off_in_every_spelling(said, means):
    assert checked({"ihmsen": said}) == {"ihmsen": means}


def test_options_that_change_nothing_are_said():
    assert any("option hypothesis has no effect in model kamp2020" in w
               for w in run({"hypothesis": "trkb"}, model="kamp2020").warnings)  # fmt: skip
    assert any("pump.mg_ml has no effect" in w for w in run({"pump.mg_ml": 2}).warnings)
    assert not any("no effect" in w for w in run({"pump.mg_ml": 2}, "tci plasma 100 ng/mL for 1 h").warnings)


def test_a_comedication_without_a_model_is_said():
    (said,) = [w for w in run({}, patient=ks.Patient(comedication=("unobtainium",))).warnings if "unobtainium" in w]
    assert "no effect modelled" in said
    two = [ks.Patient(comedication=("unobtainium",)), ks.Patient()]
    assert any("'unobtainium' of 1 people" in w for w in run({}, patient=ks.Cohort.from_patients(two)).warnings)


def test_every_switch_is_in_the_reference(root):
    page = (root / "docs" / "reference" / "switches.md").read_text(encoding="utf-8")
    for name, switch in SWITCHES.items():
        row = next((line for line in page.splitlines() if line.startswith(f"| `{name}` |")), "")
        assert all(f"`{word}`" in row for word in switch.allowed), name
        assert row, name
