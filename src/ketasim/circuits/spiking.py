"""A small spiking network in Brian2, an independent check of rates: pyramidal, PV and SST cells with AMPA, NMDA, GABA.

C dV/dt = g_L (E_L − V) + g_A (0 − V) + g_N u(V) (0 − V) + g_G (−70 − V) + I,   u(V) = 1/(1 + [Mg] e^{−0.062 V}/3.57)

Integrate-and-fire cells with the passive properties and the synaptic time constants of Wang (2002) and Brunel and Wang
(2001), connected at random. Block of NMDA channels scales g_N of each class. It shares no equation and no fitted number
with the mean field or the column: what is compared is the direction of each class's rate, not its size. Inhibition by
PV cells is fast; SST cells get more of their drive through NMDA channels.

Assumes     independent Poisson input to every cell, one conductance a synapse class, no adaptation
Fails when  sizes matter: weights are chosen for asynchronous firing at a few hertz, not measured
Needs       Brian2 (extra `spiking`), imported when it runs
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ketasim.core.errors import InputError, KetasimError

CELLS = ("pyramidal", "pv", "sst")
SIZE = {"pyramidal": 400, "pv": 60, "sst": 40}
# capacitance nF, leak nS, refractory ms, NMDA share of recurrent drive, Poisson input Hz, its weight nS
CLASS = {
    "pyramidal": (0.5, 25.0, 2.0, 0.5, 2400.0, 2.1),
    "pv": (0.2, 20.0, 1.0, 0.5, 2400.0, 1.62),
    "sst": (0.2, 20.0, 1.0, 0.8, 2400.0, 1.0),
}
PROBABILITY = 0.2
EXCITE_A, EXCITE_N = 0.8, 0.35  # nS a spike at full share, AMPA and NMDA
INHIBIT = {("pv", "pyramidal"): 3.0, ("pv", "pv"): 2.0, ("sst", "pyramidal"): 3.0, ("sst", "pv"): 1.5}
EQUATIONS = """
dv/dt = (gL*(-70*mV - v) - (gA + gN*mg + gX)*v + gI*(-70*mV - v))/Cm : volt (unless refractory)
mg = 1/(1 + exp(-0.062*v/mV)/3.57) : 1
dgA/dt = -gA/(2*ms) : siemens
dgX/dt = -gX/(2*ms) : siemens
dgN/dt = -gN/(100*ms) : siemens
dgI/dt = -gI/(10*ms) : siemens
gL : siemens (shared)
Cm : farad (shared)
pause : second (shared)
"""


@dataclass(frozen=True)
class Rates:
    """Mean rates in Hz of each class after a second to settle."""

    pyramidal: float
    pv: float
    sst: float


def rates(
    block: dict[str, float] | None = None, *, seconds: float = 1.0, settle: float = 0.5, seed: int = 1,
    size: float = 1.0,
) -> Rates:  # fmt: skip
    """Rates of the spiking network with a fraction of NMDA channels blocked on each class.

    block : class → fraction (default: none). size : scales the number of cells (weights are scaled against it).
    Raises KetasimError without Brian2, InputError for an unknown class or a fraction outside 0 to 1.
    """
    blocked = dict.fromkeys(CELLS, 0.0) | dict(block or {})
    for cell, fraction in blocked.items():
        if cell not in CELLS:
            raise InputError("cell class", cell, ", ".join(CELLS))
        if not 0.0 <= fraction <= 1.0:
            raise InputError(f"block of {cell} cells", fraction, "0 to 1")
    if not 0.25 <= size <= 10:
        raise InputError("size", size, "0.25 to 10")
    try:
        import brian2 as b
    except (ImportError, AttributeError) as error:  # Brian2 2.9 ends on an attribute that NumPy 2 no longer has
        raise KetasimError(
            "the spiking network needs Brian2 (pip install 'ketasim[spiking]') and a NumPy it works with (Brian2 2.9: "
            f"below 2, in an environment of its own): {error}"
        ) from None
    return _run(b, blocked, seconds, settle, seed, size)


def _run(b: Any, blocked: dict[str, float], seconds: float, settle: float, seed: int, size: float) -> Rates:
    b.prefs.codegen.target = "numpy"
    b.start_scope()
    b.seed(seed)
    b.defaultclock.dt = 0.1 * b.ms
    groups, parts = {}, []
    for cell in CELLS:
        capacitance, leak, quiet_ms, _, input_hz, weight = CLASS[cell]
        g = b.NeuronGroup(
            round(SIZE[cell] * size), EQUATIONS, threshold="v > -50*mV", reset="v = -55*mV", refractory="pause",
            method="euler", name=cell,
        )  # fmt: skip
        g.gL, g.Cm, g.pause = leak * b.nS, capacitance * b.nF, quiet_ms * b.ms
        g.v = "-70*mV + 20*mV*rand()"
        parts += [g, b.PoissonInput(g, "gX", 100, input_hz / 100 * b.Hz, weight * b.nS)]
        groups[cell] = g
    for target in CELLS:
        share = CLASS[target][3]
        scale = b.nS / size
        weights = {
            "w_ampa": EXCITE_A * (1 - share) * scale, "w_nmda": EXCITE_N * share * (1 - blocked[target]) * scale,
        }  # fmt: skip
        s = b.Synapses(
            groups["pyramidal"], groups[target], on_pre="gA_post += w_ampa; gN_post += w_nmda", namespace=weights
        )
        s.connect(p=PROBABILITY)
        parts.append(s)
    for (source, target), weight in INHIBIT.items():
        s = b.Synapses(groups[source], groups[target], on_pre="gI_post += w", namespace={"w": weight * b.nS / size})
        s.connect(p=PROBABILITY)
        parts.append(s)
    network = b.Network(parts)
    network.run(settle * b.second)
    monitors = {cell: b.SpikeMonitor(g, record=False) for cell, g in groups.items()}
    network.add(*monitors.values())
    network.run(seconds * b.second)
    return Rates(*(float(monitors[c].num_spikes / len(groups[c]) / seconds) for c in CELLS))


def check(pyramidal: float, pv: float, sst: float, *, seconds: float = 1.0, seed: int = 1) -> dict[str, Any]:
    """Rates without and with block, and the direction of the pyramidal rate here, in the column and in the mean field.

    Directions: +1 rises, −1 falls, 0 within 2 %. They need not agree: that is what the check is for.
    """
    import numpy as np

    from ketasim.circuits import eeg
    from ketasim.circuits.connectome import random_connectome
    from ketasim.circuits.network import Brain, blocks, fixed_point

    rest = rates(seconds=seconds, seed=seed)
    drug = rates({"pyramidal": pyramidal, "pv": pv, "sst": sst}, seconds=seconds, seed=seed)
    column = eeg.spectra(np.array([[0.0, 0.0, 0.0, 0.0], [pyramidal, pv, sst, 0.0]]).T).rates[:, 0]
    c = random_connectome(20, seed=3)
    brain = Brain.of(c.strength, c.density, c.labels)
    e, i = blocks(pyramidal, pv, sst)
    gate = fixed_point(brain, brain.gains(e, False), brain.gains(i, False))[0][:20].mean() / brain.rest()[0]
    changes = {"spiking": drug.pyramidal / rest.pyramidal, "column": column[1] / column[0], "mean field": float(gate)}
    directions = {k: 0 if abs(v - 1) < 0.02 else int(np.sign(v - 1)) for k, v in changes.items()}
    return {"rest": rest, "drug": drug, "pyramidal_ratio": changes, "direction": directions}
