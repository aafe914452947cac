"""A real connectome from an installed package (never shipped with this one), or a random one for tests.

The Schaefer-100 group connectome of the package cubnm derives from the Human Connectome Project, whose terms forbid
passing it on; it is read where the user has installed it (``pip install --no-deps cubnm``), with its acknowledgement.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ketasim.core.errors import InputError, KetasimError

ACKNOWLEDGEMENT = (
    "Connectome: group average of the Human Connectome Project, WU-Minn Consortium (1U54MH091657, funded by the NIH "
    "Blueprint for Neuroscience Research and the McDonnell Center for Systems Neuroscience), as distributed by cubnm."
)
GROUPS = ("group-train706", "group-test303")
NETWORKS = {"Vis": "visual", "SomMot": "somatomotor", "DorsAttn": "dorsal attention", "SalVentAttn": "salience",
            "Limbic": "limbic", "Cont": "frontoparietal", "Default": "default mode"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Connectome:
    """Strengths and lengths (n, n), NMDA density z-scores (n,), network labels, empirical connectivity (n, n), place in
    the cortical hierarchy as z-scores (n,) (sensory low; the sign-turned ratio of T1 to T2 weighted images).

    absent : maps that came with no connectome of one's own ("density", "hierarchy") and are 0 everywhere here, so that
    regions are alike in them.
    """

    strength: np.ndarray
    length_mm: np.ndarray | None
    density: np.ndarray
    labels: tuple[str, ...]
    empirical: np.ndarray | None
    acknowledgement: str
    hierarchy: np.ndarray | None = None
    held_out: np.ndarray | None = None
    absent: tuple[str, ...] = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """A name a region: its number and its network."""
        return tuple(f"{i:03d} {label}".strip() for i, label in enumerate(self.labels or [""] * len(self.strength), 1))


NEEDED = (
    "the whole-brain model needs a connectome: pip install --no-deps cubnm (its data come from the Human Connectome "
    "Project and may not be shipped here), or give your own (option connectome = FILE)"
)


@lru_cache(maxsize=1)
def _read_installed(data: Path) -> Connectome:
    strength = _array(data / "hcp/sc/group-train706/ctx_parc-schaefer-100_desc-strength.npz")
    length = _array(data / "hcp/sc/group-train706/ctx_parc-schaefer-100_desc-length.npz")
    fc, held_out = (_array(data / f"hcp/fc/{g}/REST/ctx_parc-schaefer-100_desc-fc.npz") for g in GROUPS)
    density, myelin = (
        np.loadtxt(data / f"maps/ctx_parc-schaefer-100_desc-{what}_zscore.txt") for what in ("nmda", "myelinmap")
    )
    labels = _labels(data / "maps/ctx_parc-schaefer-100_desc-yeo7.txt")
    return Connectome(
        (strength + strength.T) / 2, (length + length.T) / 2, density, labels, fc, ACKNOWLEDGEMENT, -myelin, held_out
    )


def schaefer100() -> Connectome:
    """The connectome of the installed package; KetasimError says how to get it.

    `empirical` is the resting connectivity of the package's 706 people (the ones the structure is from as well),
    `held_out` that of its other 303.
    """
    found = find_spec("cubnm")
    if found is None or found.origin is None:
        raise KetasimError(NEEDED)
    return _read_installed(Path(found.origin).parent / "data")


def read(path: str | Path) -> Connectome:
    """A connectome of one's own: .csv (a square table of strengths) or .npz with strength and, where known, length_mm,
    density and hierarchy (z-scores), labels (network names). InputError for anything else.

    A map that is not given is 0 in every region (all alike) and named in `absent`; nothing is guessed from the wiring.
    """
    file = Path(path)
    try:
        if file.suffix == ".csv":
            held = {"strength": np.loadtxt(file, delimiter=",", ndmin=2)}
        elif file.suffix == ".npz":
            with np.load(file, allow_pickle=False) as found:
                held = dict(found)
        else:
            raise InputError("connectome", str(path), "a .csv or .npz file")
        strength = np.asarray(held["strength"], float)
    except (OSError, ValueError, KeyError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("connectome", str(path), "a square table (.csv) or arrays with 'strength' (.npz)") from None
    n = len(strength)
    if strength.shape != (n, n) or n < 3:
        raise InputError("connectome", f"array of shape {strength.shape}", "a square table of at least 3 regions")
    maps = {k: np.asarray(held[k], float) if k in held else np.zeros(n) for k in ("density", "hierarchy")}
    labels = tuple(str(x) for x in held["labels"]) if "labels" in held else ("",) * n
    wrong = [k for k, v in {**maps, "labels": labels}.items() if len(v) != n]
    if wrong:
        raise InputError(f"connectome, {wrong[0]}", f"{len(maps.get(wrong[0], labels))} entries", f"{n}, one a region")
    length = np.asarray(held["length_mm"], float) if "length_mm" in held else None
    return Connectome(
        strength, length, maps["density"], labels, None, f"Connectome: {file.name}", maps["hierarchy"],
        absent=tuple(k for k in maps if k not in held),
    )  # fmt: skip


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
