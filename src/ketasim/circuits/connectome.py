"""A real connectome from an installed package (never shipped with this one), or a random one for tests.

The Schaefer-100 group connectome of the package cubnm derives from the Human Connectome Project, whose terms forbid
passing it on; it is read where the user has installed it (``pip install --no-deps cubnm``), with its acknowledgement.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ketasim.core.errors import KetasimError

ACKNOWLEDGEMENT = (
    "Connectome: group average of the Human Connectome Project, WU-Minn Consortium (1U54MH091657, funded by the NIH "
    "Blueprint for Neuroscience Research and the McDonnell Center for Systems Neuroscience), as distributed by cubnm."
)
NETWORKS = {"Vis": "visual", "SomMot": "somatomotor", "DorsAttn": "dorsal attention", "SalVentAttn": "salience",
            "Limbic": "limbic", "Cont": "frontoparietal", "Default": "default mode"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Connectome:
    """Strengths and lengths (n, n), NMDA density z-scores (n,), network labels, empirical connectivity (n, n)."""

    strength: np.ndarray
    length_mm: np.ndarray | None
    density: np.ndarray
    labels: tuple[str, ...]
    empirical: np.ndarray | None
    acknowledgement: str


def schaefer100() -> Connectome:
    """The connectome of the installed package; KetasimError says how to get it."""
    found = find_spec("cubnm")
    if found is None or found.origin is None:
        raise KetasimError(
            "the whole-brain model needs a connectome: pip install --no-deps cubnm (its data come from the Human "
            "Connectome Project and may not be shipped here), or give your own"
        )
    data = Path(found.origin).parent / "data"
    strength = _array(data / "hcp/sc/group-train706/ctx_parc-schaefer-100_desc-strength.npz")
    length = _array(data / "hcp/sc/group-train706/ctx_parc-schaefer-100_desc-length.npz")
    fc = _array(data / "hcp/fc/group-train706/REST/ctx_parc-schaefer-100_desc-fc.npz")
    density = np.loadtxt(data / "maps/ctx_parc-schaefer-100_desc-nmda_zscore.txt")
    labels = _labels(data / "maps/ctx_parc-schaefer-100_desc-yeo7.txt")
    return Connectome((strength + strength.T) / 2, (length + length.T) / 2, density, labels, fc, ACKNOWLEDGEMENT)


def random_connectome(n: int = 40, seed: int = 0) -> Connectome:
    """A symmetric positive definite toy for tests and teaching."""
    rng = np.random.default_rng(seed)
    a = rng.gamma(0.5, size=(n, n))
    strength = a @ a.T / n
    labels = tuple("frontoparietal" if i % 2 else "somatomotor" for i in range(n))
    return Connectome(strength, None, rng.normal(size=n), labels, None, "a random matrix, not a brain")


def _array(path: Path) -> np.ndarray:
    with np.load(path) as held:
        return np.asarray(held[held.files[0]], float)


def _labels(path: Path) -> tuple[str, ...]:
    words = path.read_text(encoding="utf-8").split()
    names = list(NETWORKS.values())
    if all(w.replace(".", "", 1).isdigit() for w in words):
        numbers = [int(float(w)) for w in words]
        first = min(numbers)
        return tuple(names[k - first] for k in numbers)
    return tuple(NETWORKS.get(w, w) for w in words)
