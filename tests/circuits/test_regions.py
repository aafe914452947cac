"""The outputs fc and gbc: arrays over regions, on a connectome of one's own (random here) or an installed one."""

import json
from importlib.util import find_spec

import numpy as np
import pytest

import ketasim as ks
from ketasim.circuits import connectome
from ketasim.core.errors import InputError

DOSE = "0.5 mg/kg iv over 40 min"
TIMES = [0.0, 0.33, 0.66, 1.0]
N = 12


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    c = connectome.random_connectome(N, seed=3)
    path = tmp_path_factory.mktemp("connectome") / "own.npz"
    np.savez(path, strength=c.strength, density=c.density, labels=np.array(c.labels))
    return str(path)


@pytest.fixture(scope="module")
def result(file):
    return ks.simulate(
        regimen=DOSE, times_h=TIMES, outputs=["fc", "gbc"], subjects=2, vary="between", options={"connectome": file}
    )


def test_shapes_and_labels(result):
    fc, gbc = result.array("fc"), result.array("gbc")
    assert fc.values.shape == (2, 2, N, N) == result["fc"].shape
    assert gbc.values.shape == (2, 2, N)
    assert fc.coords["condition"] == ("placebo", "drug")
    assert len(gbc.coords["region"]) == N
    assert any("validates" in w for w in gbc.words)


def test_fc_is_a_correlation_and_gbc_its_mean_z(result):
    """Definition: gbc is the mean Fisher z of a region's correlations with all others."""
    fc = result["fc"]
    assert np.allclose(np.diagonal(fc, axis1=2, axis2=3), 1.0)
    z = np.arctanh(fc[0, 1] * (1 - np.eye(N)))
    assert np.allclose(result["gbc"][0, 1], z.sum(axis=1) / (N - 1))


def test_placebo_is_the_same_for_everybody_and_drug_is_not(result):
    gbc = result["gbc"]
    assert np.array_equal(gbc[0, 0], gbc[1, 0])
    assert np.abs(gbc[0, 1] - gbc[1, 1]).max() > 0
    assert np.abs(gbc[:, 1] - gbc[:, 0]).max() > 0


def test_no_drug_no_change(file):
    r = ks.simulate(regimen="saline iv", times_h=TIMES, outputs=["gbc"], options={"connectome": file})
    assert np.allclose(r["gbc"][0, 0], r["gbc"][0, 1])


def test_read_when_block_is_deepest_or_at_a_chosen_time(result, file):
    deepest = result["nmda.block.pyramidal"].argmax(axis=1)
    assert np.array_equal(result.array("gbc").time_h[:, 1], np.array(TIMES)[deepest])
    r = ks.simulate(regimen=DOSE, times_h=TIMES, outputs=["gbc"], options={"connectome": file, "network_at_h": 0.9})
    assert r.array("gbc").time_h[0, 1] == 1.0


def test_tables_and_json_hold_them(result, tmp_path):
    frame = result.to_frame("pandas")
    gbc = frame[frame.output.str.startswith("gbc.drug.")]
    assert len(gbc) == 2 * N
    pairs = frame[frame.output.str.startswith("fc.placebo.")]
    assert len(pairs) == 2 * N * (N - 1) // 2
    held = json.loads(result.to_json())["arrays"]["gbc"]
    assert held["dims"] == ["subject", "condition", "region"]
    assert np.allclose(held["value"], result["gbc"], atol=1e-6)
    assert result.to_csv(tmp_path / "x.csv").stat().st_size > 0


def test_arrays_wait_until_they_are_read(file):
    r = ks.simulate(regimen=DOSE, times_h=TIMES, options={"connectome": file})
    assert "fc" in r and "fc" not in r.outputs
    assert not r.to_frame("pandas").output.str.startswith("fc").any()
    assert r["gbc"].shape == (1, 2, N)
    with pytest.raises(InputError, match=r"ketamine\.venous"):
        ks.simulate(regimen=DOSE, times_h=TIMES, outputs=["ketamine.venous", "cadss"], options={"connectome": file})[
            "fc"
        ]


def test_without_a_connectome_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(connectome, "find_spec", lambda name: None)
    from ketasim.circuits import regions

    regions._brain_of.cache_clear()
    with pytest.raises(InputError, match="pip install --no-deps cubnm"):
        ks.simulate(regimen=DOSE, times_h=TIMES, outputs=["gbc"])


@pytest.mark.parametrize(
    ("option", "words"),
    [({"network_block": "pv"}, "receptors"), ({"network_map": "mine"}, "uniform"), ({"global_signal": "no"}, "kept"),
     ({"connectome": "none.npz"}, "that is there"), ({"network_at_h": "late"}, "from 0 upwards")],
)  # fmt: skip
def test_bad_options_are_named(option, words):
    with pytest.raises(InputError, match=words):
        ks.simulate(regimen=DOSE, times_h=TIMES, outputs=["gbc"], options=option)


@pytest.mark.parametrize(
    ("held", "words"),
    [({"strength": np.ones((4, 3))}, "square"), ({"other": np.ones(3)}, "strength"),
     ({"strength": np.ones((4, 4)), "density": np.ones(3)}, "one a region")],
)  # fmt: skip
def test_bad_connectome_files_are_named(tmp_path, held, words):
    path = tmp_path / "bad.npz"
    np.savez(path, **held)
    with pytest.raises(InputError, match=words):
        connectome.read(path)


def test_a_table_is_a_connectome(tmp_path):
    c = connectome.random_connectome(N, seed=3)
    path = tmp_path / "own.csv"
    np.savetxt(path, c.strength, delimiter=",")
    assert np.allclose(connectome.read(path).strength, c.strength)


def test_installed_connectome_comes_with_its_acknowledgement():
    if find_spec("cubnm") is None:
        pytest.skip("cubnm is not installed")
    r = ks.simulate(regimen=DOSE, times_h=TIMES, outputs=["gbc"])
    assert r["gbc"].shape == (1, 2, 100)
    assert any("1U54MH091657" in w for w in r.array("gbc").words)


def test_a_connectome_without_maps_says_so_and_guesses_none(tmp_path):
    """Strengths alone: regions alike, said in words; a map of density cannot be asked for."""
    path = tmp_path / "own.csv"
    np.savetxt(path, connectome.random_connectome(N, seed=3).strength, delimiter=",")
    options = {"connectome": str(path)}
    own = ks.simulate(regimen=DOSE, times_h=TIMES, outputs=["gbc"], options=options).array("gbc")
    assert any("no density and no hierarchy" in w for w in own.words)
    with pytest.raises(InputError, match="network_map"):
        ks.simulate(regimen=DOSE, times_h=TIMES, outputs=["gbc"], options={**options, "network_map": "nmda"})["gbc"]
