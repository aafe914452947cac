"""Bench experiments on circuits and networks: protocols against analytic results; misses stay misses."""

from __future__ import annotations

import numpy as np
import pytest

from ketasim.core.errors import InputError, KetasimError
from ketasim.studies import Settings, validate
from ketasim.studies.bench import circuits, networks, nmda
from ketasim.studies.experiments import EXPERIMENTS, NotAvailable, perform
from ketasim.studies.study import Arm, Observation

CIRCUITS = ("circuits.state_duration", "circuits.firing_order", "circuits.visual_gamma", "circuits.glutamate_dose")
NETWORKS = ("networks.placebo_fit", "networks.gbc_mean", "networks.gbc_contrast", "networks.gbc_network",
            "networks.pc1", "networks.fc_change")  # fmt: skip


def row(experiment: str, **settings: object) -> tuple[Observation, Arm]:
    observation = Observation(id="x", arm="a", statistic="experiment", experiment=experiment, value=1.0)
    return observation, Arm(id="a", not_runnable="bench", settings=settings)


@pytest.fixture(scope="module")
def connectome() -> None:
    from ketasim.circuits.connectome import schaefer100

    try:
        schaefer100()
    except KetasimError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("name", [*CIRCUITS, *NETWORKS])
def test_every_brain_experiment_is_wired(name: str) -> None:
    assert name in EXPERIMENTS


def test_state_durations() -> None:
    """Garwood 2021: gamma 2.5 s (fitted), slow-delta 1.8 s with interval 1.3 to 2.4 (follows)."""
    assert perform(*row("circuits.state_duration", state="gamma")) == pytest.approx(2.5, abs=0.01)
    assert 1.3 <= perform(*row("circuits.state_duration", state="slow_delta")) <= 2.4
    with pytest.raises(InputError, match="slow_delta"):
        circuits.state_duration("theta")


def test_peak_of_a_known_curve() -> None:
    f = np.arange(1.0, 81.0)
    assert circuits.peak(f, np.exp(-(((f - 52) / 6) ** 2))) == 52.0
    assert np.isnan(circuits.peak(f, 1 / f))


def test_glutamate_over_doses_is_an_inverted_u() -> None:
    """Moghaddam 1997: up at 10 to 30 mg/kg, down at 200 mg/kg of the rat."""
    changes = {d: circuits.glutamate_change(d) for d in (10.0, 20.0, 30.0, 200.0)}
    assert all(changes[d] > 0 for d in (10.0, 20.0, 30.0))
    assert changes[200.0] < 0


def test_synaptic_block_of_a_train_reaches_the_equilibrium() -> None:
    """Without magnesium a trapping blocker ends at c/(c + Kd), whatever the gating (analytic)."""
    assert nmda.synaptic("memantine", 1.0) == pytest.approx(100 / (1 + 0.80), abs=1.0)
    assert nmda.synaptic("memantine", 0.0) == pytest.approx(0.0, abs=1e-6)


def test_what_the_connectome_lacks_is_said(connectome: None) -> None:
    for change in networks.MISSING:
        with pytest.raises(NotAvailable):
            networks.fc_change(change)


def test_without_the_package_rows_are_shown_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    from ketasim.circuits import connectome as module

    monkeypatch.setattr(module, "find_spec", lambda name: None)
    networks._measured.cache_clear()
    networks._connectivity.cache_clear()
    with pytest.raises(NotAvailable, match="cubnm"):
        networks.placebo_fit()


def test_placebo_fit_beats_structure(connectome: None) -> None:
    """Row e01: 0.28 is the plain correlation of structure and function."""
    assert networks.placebo_fit() > 0.38


def test_no_drug_no_change(connectome: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "_typical", lambda hypothesis="": (0.0, 0.0))
    assert np.abs(networks.gbc_change(False)).max() == 0.0
    assert networks.gbc_contrast() == 0.0


def test_block_above_the_tipping_ratio_turns_the_sign(connectome: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Block on inhibitory cells alone raises connectivity, block on excitatory cells alone lowers it (Deco's model)."""
    monkeypatch.setattr(networks, "_typical", lambda hypothesis="": (0.0, 0.05))
    assert networks.gbc_mean() > 0
    monkeypatch.setattr(networks, "_typical", lambda hypothesis="": (0.05, 0.0))
    assert networks.gbc_mean() < 0


def _rows(system: str) -> dict[str, dict[str, object]]:
    rows = {r["evidence"]: r for r in validate(systems=system, settings=Settings(replicates=3))}
    assert not [r["id"] for r in rows.values() if r["verdict"] == "error"]
    assert not [r["id"] for r in rows.values() if "not available yet" in r["reason"]]
    return rows


def test_circuit_rows_end_in_verdicts_not_errors() -> None:
    rows = _rows("circuits")
    assert rows["c06"]["verdict"] == rows["c07"]["verdict"] == "pass"
    assert rows["d01"]["verdict"] == "pass"


@pytest.mark.slow
def test_network_rows_end_in_verdicts_not_errors() -> None:
    assert _rows("networks")
