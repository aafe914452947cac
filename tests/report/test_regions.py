"""The brain map: a number for every network that has one, and the block alone where there is no connectome."""

import numpy as np
import pytest

import ketasim as ks
from ketasim.circuits import connectome
from ketasim.report.context import Context
from ketasim.report.sections import regions

DOSE, TIMES = "0.5 mg/kg iv over 40 min", [0.0, 0.33, 0.66, 1.0]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    c = connectome.random_connectome(12, seed=3)
    path = tmp_path_factory.mktemp("connectome") / "own.npz"
    np.savez(path, strength=c.strength, labels=np.array(c.labels))
    return ks.simulate(regimen=DOSE, times_h=TIMES, outputs=["gbc"], options={"connectome": str(path)})


def test_networks_carry_their_mean_change(result):
    html = regions.render(result, Context(result))
    labels = np.array([r.partition(" ")[2] for r in result.array("gbc").coords["region"]])
    change = result["gbc"][0, 1] - result["gbc"][0, 0]
    for name in ("frontoparietal", "somatomotor"):
        assert f"{change[labels == name].mean():+.4f}" in html
    assert "visual:" not in html
    assert "own.npz" in html


def test_without_a_connectome_the_block_is_drawn_and_the_way_said(result, monkeypatch):
    monkeypatch.setattr(type(result), "array", lambda self, name: (_ for _ in ()).throw(ks.KetasimError("none")))
    html = regions.render(result, Context(result))
    assert "pip install --no-deps cubnm" in html
    assert f"{100 * result['nmda.block.pyramidal'].max():.0f} %" in html


def test_nothing_to_draw_without_block():
    saline = ks.simulate(regimen="saline iv", times_h=TIMES, outputs=list(regions.NEEDS))
    assert regions.render(saline, Context(saline)) == ""
