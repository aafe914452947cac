"""Non-compartmental analysis against other people's software."""

import json
import sys
import types

import numpy as np
import pytest

from ketasim.analysis.nca import Units, nca

CODES = {
    "CMAX": "CMAX", "TMAX": "TMAX", "KEL": "LAMZ", "KELRSQ": "R2", "THALF": "LAMZHL", "KELTMLO": "LAMZLL",
    "KELNOPT": "LAMZNPT", "AUCLAST": "AUCLST", "AUMCLAST": "AUMCLST", "AUCINFO": "AUCIFO", "AUCINFP": "AUCIFP",
    "AUMCINFO": "AUMCIFO", "MRTLAST": "MRTICLST", "AUCXPCTO": "AUCPEO",
}  # fmt: skip


@pytest.mark.parametrize("subject", ["1", "2", "6"])
def test_one_hour_infusion_as_opennca(anchors, subject):
    data = json.loads((anchors / "nca" / "infusion_reference.json").read_text())
    expected = data["subjects"][subject]
    result = nca(
        data["times"], expected["c"], dose=expected["dose_ug"], route="infusion", duration=1.0,
        method="linear-to-tmax-then-log", blq="zero", units=Units(dose="ug"), subject=subject,
    )  # fmt: skip
    for theirs, ours in CODES.items():
        assert result[ours] == pytest.approx(expected[theirs], rel=1e-6), theirs


@pytest.fixture
def peer(monkeypatch):
    """pynca, a port of the R package NonCompart; its plotting imports are not needed."""
    for name in ("seaborn",):
        if name not in sys.modules:
            monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    for name in ("pandas", "matplotlib", "scipy"):
        pytest.importorskip(name)
    return pytest.importorskip("pynca.tools", reason="pynca is not installed", exc_type=ImportError)


KNOWN_PEER_FAULTS = ("AUCPBEO", "AUCPBEP")  # takes the whole AUC as the part before the first sample


@pytest.mark.parametrize("down", ["Linear", "Log"])
@pytest.mark.parametrize("route", ["extravascular", "bolus"])  # its infusion branch stops with a KeyError
def test_same_as_pynca(peer, route, down):
    t = np.array([0, 0.25, 0.5, 1, 1.5, 2, 4, 6, 8, 12, 24.0])
    rng = np.random.default_rng(7)
    oral, iv = np.exp(-0.15 * t) - np.exp(-1.4 * t), np.exp(-0.9 * t) + 0.2 * np.exp(-0.1 * t)
    c = 800 * (oral if route == "extravascular" else iv) * np.exp(0.05 * rng.standard_normal(t.size))
    if route == "bolus":
        t, c = t[1:], c[1:]
    adm, method = route.title(), {"Linear": "linear", "Log": "lin-up/log-down"}[down]
    theirs, _ = peer.sNCA(t, c, dose=100, adm=adm, dur=0, doseUnit="mg", timeUnit="h", concUnit="ng/mL", down=down)
    ours = nca(t, c, dose=100, route=route, method=method)
    compared = 0
    for row in ours:
        code = row.code.replace("MRTIB", "MRTIV")
        if code in theirs and code not in KNOWN_PEER_FAULTS:
            assert row.value == pytest.approx(float(theirs[code]), rel=1e-9), code
            compared += 1
    assert compared >= 25
