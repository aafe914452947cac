"""Protocols on circuits: burst durations, firing order, visual gamma, glutamate over doses of the rat."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from ketasim.core.errors import InputError

SESSION = "0.5 mg/kg iv over 40 min"
END_H = 40 / 60
VISUAL_DRIVE = 2.0  # drive of the relay by a grating, in units of the column; assumed
RAT_TO_MAN = 6 / 37  # mg/kg at equal body surface
UP, FLAT, DOWN = (10.0, 20.0, 30.0), (50.0,), (200.0,)  # mg/kg, Moghaddam 1997
FLAT_BAND = 0.04  # what spectroscopy calls no change (row d05)


@lru_cache(maxsize=4)
def blocks(regimen: str = SESSION, at_h: float = END_H) -> tuple[float, float, float, float]:
    """Blocks of pyramidal, PV and SST cells and HCN1 occupancy of a typical person at one time (default: end of the
    usual infusion)."""
    from ketasim.circuits.eeg import INPUTS
    from ketasim.simulate import simulate

    run = simulate(regimen=regimen, times_h=[0.0, at_h], outputs=list(INPUTS))
    pyramidal, pv, sst, hcn1 = (float(run[name][0, -1]) for name in INPUTS)
    return pyramidal, pv, sst, hcn1


def state_duration(state: str = "gamma") -> float:
    """Median duration in s of the gamma or the slow_delta state of ketamine anaesthesia."""
    from ketasim.circuits.bursts import GammaBursts

    bursts = GammaBursts()
    found = {"gamma": bursts.gamma_s, "slow_delta": bursts.delta_s}
    if state not in found:
        raise InputError("state", state, ", ".join(found))
    return found[state]


def firing_order(steps: int = 41) -> float:
    """1 where interneurones fall first and pyramids rise later, else 0.

    The block of a pure NMDA antagonist rises steadily (no HCN1), in the proportions of the cell classes at the usual
    infusion. First means: pyramids have made less than a quarter of their rise when the falling class has made half
    of its fall.
    """
    from ketasim.circuits.eeg import spectra

    pyramidal, pv, sst, _ = blocks()
    rates = spectra(np.array([pyramidal, pv, sst, 0.0])[:, None] * np.linspace(0, 1, steps)).rates
    change = rates - rates[0]
    if change[-1, 0] <= 0:
        return 0.0
    for cell in (1, 2):
        if change[-1, cell] < 0:
            half = int(np.argmax(change[:, cell] <= change[-1, cell] / 2))
            if change[half, 0] < change[-1, 0] / 4:
                return 1.0
    return 0.0


def visual_gamma(drive: float = VISUAL_DRIVE) -> float:
    """Change by ketamine of the frequency (Hz) of the peak a visual drive raises between 30 and 80 Hz; NaN where the
    column makes no such peak."""
    from ketasim.circuits import eeg
    from ketasim.circuits.column import Column

    rest = Column()
    seen = eeg.ColumnMachine.of(Column(I0_T=rest.I0_T + drive))
    occupancy = np.stack([np.zeros(4), np.array(blocks())], axis=1)
    induced = eeg.spectra(occupancy, of=seen).power - eeg.spectra(occupancy).power
    before, after = (peak(eeg.FREQUENCIES, power) for power in induced)
    return after - before


def peak(frequencies: np.ndarray, power: np.ndarray, low: float = 30.0, high: float = 80.0) -> float:
    """Frequency of the highest local maximum within a band, NaN if there is none."""
    inner = np.arange(1, len(power) - 1)
    top = inner[(power[inner] > power[inner - 1]) & (power[inner] > power[inner + 1])]
    top = top[(frequencies[top] > low) & (frequencies[top] < high)]
    return float(frequencies[top[np.argmax(power[top])]]) if len(top) else math.nan


def glutamate_change(dose_mg_kg: float, hours: float = 100 / 60) -> float:
    """Mean change of cortical glutamate (ratio − 1) after an intraperitoneal dose of the rat, mg/kg.

    The project has no kinetics of the rat: the dose is scaled by body surface and given to the typical adult into a
    muscle.
    """
    from ketasim.simulate import simulate

    times = np.linspace(0, hours, 101)
    run = simulate(regimen=f"{dose_mg_kg * RAT_TO_MAN:.4f} mg/kg im", times_h=times, outputs=["glutamate"])
    return float(run["glutamate"][0].mean() - 1)


def glutamate_dose() -> float:
    """1 where glutamate is up at 10 to 30, flat (±4 %) at 50 and down at 200 mg/kg of the rat, else 0."""
    up = all(glutamate_change(d) > FLAT_BAND for d in UP)
    flat = all(abs(glutamate_change(d)) <= FLAT_BAND for d in FLAT)
    return float(up and flat and all(glutamate_change(d) < -FLAT_BAND for d in DOWN))
