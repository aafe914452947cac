"""Protocols on the whole brain: the mean field on the installed connectome, typical blocks at the end of 0.5 mg/kg over
40 min. Block on inhibitory cells is the mean of PV and SST cells and the map of block is uniform, unless another
hypothesis of `circuits.network.HYPOTHESES` is asked for.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ketasim.circuits import network as field
from ketasim.circuits.network import Brain, connectivity, global_brain_connectivity, network_means
from ketasim.core.errors import InputError, KetasimError
from ketasim.studies.experiments import NotAvailable

from .circuits import END_H, SESSION, blocks

NETWORKS = {"SomMot": "somatomotor", "FPN": "frontoparietal", "DMN": "default mode", "Vis": "visual",
            "salience": "salience"}  # fmt: skip
VOLUMES = 60  # independent volumes of a scan of 5 minutes, one every 5 s of vascular response; assumed
ASSOCIATION, SENSORY = ("FPN", "DMN"), ("SomMot", "Vis")
MISSING = {
    "thalamus_somatosensory": "the connectome has cortex only, no thalamus",
    "pcc_dmpfc_24h": "nothing in the whole-brain model lasts from the session to the next day",
}


@lru_cache(maxsize=1)
def _measured() -> tuple[Brain, np.ndarray]:
    """The brain on the installed connectome and the measured connectivity; NotAvailable without the package."""
    from ketasim.circuits.connectome import schaefer100

    try:
        c = schaefer100()
    except KetasimError as missing:
        raise NotAvailable(str(missing)) from None
    if c.empirical is None:
        raise NotAvailable("the connectome comes without measured connectivity")
    return Brain.of(c.strength, c.density, c.labels, length_mm=c.length_mm, hierarchy=c.hierarchy), c.empirical


@lru_cache(maxsize=8)
def _connectivity(block_e: float, block_i: float, gsr: bool, regional: bool) -> np.ndarray:
    return connectivity(_measured()[0], block_e, block_i, regional=regional, global_signal=not gsr)


def _typical(hypothesis: str = "receptors") -> tuple[float, float]:
    pyramidal, pv, sst, _ = blocks()
    return field.blocks(pyramidal, pv, sst, hypothesis)


def gbc_change(gsr: bool, regional: bool = False, hypothesis: str = "receptors") -> np.ndarray:
    """Change of global brain connectivity per region (n,), Fisher z, drug minus none."""
    drugged = _connectivity(*_typical(hypothesis), gsr, regional)
    return global_brain_connectivity(drugged) - global_brain_connectivity(_connectivity(0.0, 0.0, gsr, regional))


def placebo_fit() -> float:
    """Correlation over pairs of regions of the model's connectivity without drug with the measured one."""
    _, measured = _measured()
    upper = np.triu_indices(len(measured), 1)
    return float(np.corrcoef(_connectivity(0.0, 0.0, False, False)[upper], measured[upper])[0, 1])


def gbc_mean(gsr: bool = False, regional: bool = False, hypothesis: str = "receptors") -> float:
    """Mean over regions of the change of global brain connectivity, Fisher z."""
    return float(gbc_change(gsr, regional, hypothesis).mean())


def _relative(gsr: bool, regional: bool, hypothesis: str) -> dict[str, float]:
    return network_means(gbc_change(gsr, regional, hypothesis), _measured()[0].labels)


def gbc_network(network: str = "FPN", gsr: bool = True, regional: bool = False, hypothesis: str = "receptors") -> float:
    """Change of global brain connectivity of a network less the mean over regions, Fisher z."""
    if network not in NETWORKS:
        raise InputError("network", network, ", ".join(NETWORKS))
    return _relative(gsr, regional, hypothesis)[NETWORKS[network]]


def gbc_contrast(gsr: bool = True, regional: bool = False, hypothesis: str = "receptors") -> float:
    """Mean relative change of association networks minus that of sensory networks, Fisher z."""
    means = _relative(gsr, regional, hypothesis)
    association, sensory = (np.mean([means[NETWORKS[n]] for n in group]) for group in (ASSOCIATION, SENSORY))
    return float(association - sensory)


def pc1(n: int = 40, gsr: bool = True, seed: int = 0, volumes: int = VOLUMES) -> float:
    """Percentage of the variance over people of individual change maps that their first component explains.

    People are adults whose kinetics and receptors vary; the model has no other difference between persons. Each map is
    the difference of two scans of finite length: `volumes` independent Gaussian volumes with the model's covariance
    (0: scans without end, in which the depth of block alone tells people apart).
    """
    from ketasim.circuits.eeg import INPUTS
    from ketasim.patients import sample
    from ketasim.simulate import simulate

    brain, _ = _measured()
    names = list(INPUTS[:3])
    people = sample("healthy_volunteer", n, seed)
    run = simulate(patient=people, regimen=SESSION, times_h=[0.0, END_H], outputs=names, seed=seed, vary=("between",))
    pyramidal, pv, sst = (run[name][:, -1] for name in names)
    rng = np.random.default_rng([seed, n])
    rest = field.covariance(brain)

    def seen(cov: np.ndarray) -> np.ndarray:
        regions = cov[: len(brain.coupling), : len(brain.coupling)]
        if volumes:
            regions = np.cov(rng.standard_normal((volumes, len(regions))) @ np.linalg.cholesky(regions).T, rowvar=False)
        return global_brain_connectivity(field.correlation(regions, global_signal=not gsr))

    maps = np.array([
        seen(field.covariance(brain, float(e), float(i))) - seen(rest)
        for e, i in zip(pyramidal, (pv + sst) / 2, strict=True)
    ])  # fmt: skip
    size = np.linalg.svd(maps - maps.mean(axis=0), compute_uv=False) ** 2
    return float(100 * size[0] / size.sum())


def fc_change(change: str = "within_salience", gsr: bool = False, hypothesis: str = "receptors") -> float:
    """Change of a named connection, Fisher z. NotAvailable for what the model does not have."""
    if change in MISSING:
        raise NotAvailable(MISSING[change])
    if change != "within_salience":
        raise InputError("change", change, ", ".join(["within_salience", *MISSING]))
    inside = np.flatnonzero(np.array(_measured()[0].labels) == "salience")
    pairs = np.ix_(inside, inside)
    upper = np.triu_indices(len(inside), 1)
    drugged, rest = _connectivity(*_typical(hypothesis), gsr, False), _connectivity(0.0, 0.0, gsr, False)
    return float(np.mean(np.arctanh(drugged[pairs][upper]) - np.arctanh(rest[pairs][upper])))
