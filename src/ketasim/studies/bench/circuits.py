"""Protocols on circuits: burst durations, firing order, visual gamma, glutamate over doses of the rat."""

from __future__ import annotations

import math
from dataclasses import dataclass
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


MK801_UMOL_L, MK801_H = 0.01, 2.0  # unbound in brain, held; assumed (twice the assumed dissociation constant)


@dataclass(frozen=True, eq=False)
class Recruitment:
    """Blocks and rates (times, 3) of pyramidal, PV and SST cells under a slow antagonist, and times_min (times,)."""

    times_min: np.ndarray
    blocks: np.ndarray
    rates: np.ndarray

    def half_min(self, curves: np.ndarray) -> np.ndarray:
        """Minutes until each class has made half of its way (3,)."""
        way = curves - curves[0]
        return self.times_min[np.argmax(np.abs(way) >= np.abs(way[-1]) / 2, axis=0)]


@lru_cache(maxsize=4)
def mk801(umol_L: float = MK801_UMOL_L, hours: float = MK801_H) -> Recruitment:
    """MK-801 on the receptors of each class through the production scheme, and what the column does of it.

    Binding needs open channels that magnesium has left: depolarised cells with GluN2C and 2D are blocked first. The
    level in brain is held from the start (no kinetics of the rat); Kd and escape are those of the table of MK-801,
    binding rate and open probability those of ketamine.
    """
    from ketasim.circuits.eeg import spectra
    from ketasim.core.parameters import ParameterTable
    from ketasim.core.schedule import Edges
    from ketasim.core.solvers import solver
    from ketasim.core.system import Part, System
    from ketasim.receptors.nmda import LIGANDS, TrappingBlock

    table = ParameterTable.load("receptors/mk801")
    own = {**{f"Kd_{name}": table["Kd"].value for name in LIGANDS}, "k_esc": table["k_esc"].to("1/h").value}
    subtypes = ("2A", "2B", "2D", "2B_sst", "2C_sst", "2D_sst")
    ports = {**dict.fromkeys(LIGANDS, 0.0), LIGANDS[0]: umol_L}
    parts = tuple(Part(TrappingBlock(table=f"receptors/nmda_{s}").with_values(own), s, ports) for s in subtypes)
    system, times = System("mk801", parts), np.linspace(0.0, hours, 481)
    names = tuple(f"{s}.block" for s in subtypes)
    individual = system.individual({}, {}, 1)
    found = solver("native")(system.program, individual, Edges.empty(1), times, names)
    b = dict(zip(subtypes, found.values[0], strict=True))

    def mixed(name: str, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        share = ParameterTable.load(f"receptors/{name}")
        w_a, w_b = share["w_a"].value, share["w_b"].value
        return np.asarray((w_a * first + w_b * second) / (w_a + w_b))

    sst = mixed("sst", b["2B_sst"], mixed("sst_2cd", b["2C_sst"], b["2D_sst"]))
    held = np.stack([mixed("pyramidal", b["2A"], b["2B"]), mixed("pv", b["2A"], b["2D"]), sst])
    return Recruitment(60 * times, held.T, spectra(np.vstack([held, np.zeros_like(times)])).rates)


def firing_order() -> float:
    """1 where interneurones fall first and pyramids rise later under MK-801, else 0.

    First means: pyramids have made less than a quarter of their rise when the falling class has made half of its fall.
    """
    change = (course := mk801().rates) - course[0]
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
