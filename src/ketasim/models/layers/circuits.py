"""Circuits: glutamate and GABA, monoamines, HCN1, and the column's EEG as a read-out."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ketasim.circuits.bursts import GammaBursts
from ketasim.circuits.column import Column
from ketasim.circuits.eeg import BANDS, INPUTS, VARIANTS
from ketasim.circuits.glutamate import Glutamate, Mglur5
from ketasim.circuits.monoamines import Monoamine, Raclopride
from ketasim.core.errors import InputError
from ketasim.core.system import Part
from ketasim.models.model import Layer, Need, Readout

DOPAMINE = ("", "aalto2002", "breier1998", "vollenweider2000")
SIGN = "sign-level support: direction from human or rodent studies, size assumed"
CONFLICT = "three human imaging studies conflict; option dopamine = aalto2002, breier1998 or vollenweider2000"
EEG_NOTE = "direction from human EEG and MEG; absolute gain is not validated (wide)"


def parts(need: Need, signals: frozenset[str]) -> list[Part]:
    """Glutamate, the monoamines that read its disinhibition, and whether gamma and slow-delta alternate."""
    study = str(need.option("dopamine", ""))
    if study not in DOPAMINE:
        raise InputError("option dopamine", study, ", ".join(d for d in DOPAMINE if d))
    blocks = {"B_pyr": "nmda.block.pyramidal", "B_pv": "nmda.block.pv", "B_sst": "nmda.block.sst"}
    table = f"circuits/dopamine_{study}" if study else "circuits/dopamine"
    wires = {"D": "disinhibition", "arousal": "arousal"}
    return [
        Part(Glutamate(), "cortex", blocks, {o: o for o in Glutamate.outputs}),
        Part(Monoamine(table=table), "dopamine", {**wires, "theta": "occupancy.DAT"}, {"level": "dopamine"}),
        Part(
            Monoamine(table="circuits/serotonin"),
            "serotonin",
            {**wires, "theta": "occupancy.SERT"},
            {"level": "serotonin"},
        ),
        Part(
            Monoamine(table="circuits/noradrenaline"),
            "noradrenaline",
            {**wires, "theta": "occupancy.NET"},
            {"level": "noradrenaline.brain"},
        ),
        Part(Raclopride(), "raclopride", {"level": "dopamine"}, {"change": "raclopride"}),
        Part(Mglur5(), "mglur5", {"G": "glutamate"}, {"change": "mglur5"}),
        Part(GammaBursts(), "bursts", {"B": "nmda.block.pyramidal"}, {"p": "p_bursts"}),
    ]


def readouts(need: Need, signals: frozenset[str]) -> Sequence[Readout]:
    """EEG of the column under one hypothesis (option eeg: column, disinhibition, hcn1 or direct)."""
    variant = str(need.option("eeg", "column"))
    if variant not in VARIANTS:
        raise InputError("option eeg", variant, ", ".join(VARIANTS))
    units = {**{f"eeg.{band}": "dB" for band in BANDS}, "eeg.slope": "ratio"}
    columns = {f"column.{k}": p for k, p in Column().parameters().items()}
    return [Readout("eeg", INPUTS, units, partial(_eeg, variant), columns, few=20)]


def _eeg(
    variant: str, curves: Mapping[str, np.ndarray], times_h: np.ndarray, parameters: Any, context: Any
) -> dict[str, np.ndarray]:
    """Band powers in dB and the exponent, both against the same column without drug."""
    from ketasim.circuits import eeg

    rest = eeg.at_rest()
    n, m = next(iter(curves.values())).shape
    out = {name: np.empty((n, m)) for name in (*(f"eeg.{b}" for b in BANDS), "eeg.slope")}
    for i in range(n):
        read = eeg.session_knots(curves, i, variant).bands()
        for band in BANDS:
            out[f"eeg.{band}"][i] = read[band] - rest[band]
        out["eeg.slope"][i] = read["slope"] / rest["slope"]
    return out


EEG = ("eeg.delta", "eeg.theta", "eeg.alpha", "eeg.beta", "eeg.gamma", "eeg.slope")
CIRCUITS = Layer(
    "circuits",
    (
        "glutamate",
        "gaba",
        "ampa_drive",
        "disinhibition",
        "dopamine",
        "serotonin",
        "noradrenaline.brain",
        "raclopride",
        "mglur5",
        "p_bursts",
        *EEG,
    ),
    parts,
    requires=("receptors", "arousal"),
    readouts=readouts,
    flags={
        "glutamate": (SIGN, "size from one spectroscopy study of eight people (+38 %); others saw less or nothing"),
        "mglur5": (SIGN, "whether the tracer follows glutamate is disputed"),
        "gaba": (SIGN,),
        "serotonin": (SIGN,),
        "noradrenaline.brain": (SIGN,),
        "dopamine": (SIGN, CONFLICT),
        "raclopride": (SIGN, CONFLICT),
        "p_bursts": ("durations from nine people; the block at which it appears is assumed", "state at this moment"),
        **dict.fromkeys(EEG, (EEG_NOTE,)),
    },
)
