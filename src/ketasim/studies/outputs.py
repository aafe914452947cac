"""Ids of the public contract of outputs: a row may name one that the model does not give yet, but not a misspelt
one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SUBSTANCES = (
    "ketamine", "S_ketamine", "R_ketamine", "norketamine", "S_norketamine", "R_norketamine", "HNK", "S_HNK", "R_HNK",
    "DHNK",
)  # fmt: skip
_WORDS = """
nmda.block.2A nmda.block.2B nmda.block.2C nmda.block.2D nmda.block.pyramidal nmda.block.pv nmda.block.sst glutamate
dopamine serotonin noradrenaline.brain eeg.delta eeg.theta eeg.alpha eeg.beta eeg.gamma eeg.slope fc gbc bdnf trkb
mtorc1 eef2k spines synapse cadss drug_high unreality liking sedation p_unresponsive p_amnesia memory attention
executive psychomotor anxiety pain_nrs pressure_pain madrs hdrs qids p_suicidal_ideation caps5 ybocs lsas craving
lapse_hazard p_use_disorder relapse_hazard map sbp dbp heart_rate cardiac_output svr noradrenaline.plasma cbf
ventilation resp_rate co2_slope spo2 etco2 bis mac p_apnoea p_nausea p_vomiting p_dizziness p_headache p_confusion
p_delirium p_vertigo p_emergence p_anaesthesia sleepiness valence felt opioid_need surge_warning urothelial_injury
fibrosis p_luts p_cystitis bladder_capacity p_liver_injury biliary
"""
_OTHERS = ("raclopride", "mglur5")  # asked for by a row of the evidence; not in the contract
_TARGETS = ("SERT", "NET", "DAT", "mu", "kappa", "delta", "D2", "HCN1")
CONTRACT = frozenset(
    [f"{s}.{place}" for s in _SUBSTANCES for place in ("arterial", "venous", "brain")]
    + _WORDS.split()
    + list(_OTHERS)
    + [f"occupancy.{t}" for t in _TARGETS]
)


def near(name: str, known: Iterable[str]) -> str:
    """A hint naming the nearest output, or ""."""
    found = difflib.get_close_matches(name, sorted(CONTRACT | set(known)), n=1, cutoff=0.6)
    return f"Did you mean {found[0]!r}?" if found and found[0] != name else ""
