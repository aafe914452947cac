"""Patch-clamp protocols on the fifteen-state channel: block, trapping, relief, half-inhibiting concentration."""

from __future__ import annotations

from typing import Any

import numpy as np

_SECOND = 1 / 3600
_AGONIST = 1000.0  # µmol/L glutamate, saturating


def _channel(drug: str, **fields: float) -> Any:
    from ketasim.core.parameters import ParameterTable
    from ketasim.receptors.nmda_full import FifteenStates

    if drug != "ketamine":
        table = ParameterTable.load(f"receptors/{drug}")
        fields |= {"Kd": table["Kd"].value, "k_esc": table["k_esc"].to("1/h").value}
    return FifteenStates(**fields)


def _hold(channel: Any, c: float, glu: float, seconds: float, start: Any = None) -> tuple[Any, float, float]:
    """State, blocked and open fraction after some seconds at constant drug (µmol/L) and agonist."""
    from ketasim.core.schedule import Edges
    from ketasim.core.solvers import solver
    from ketasim.core.system import Part, System

    system = System("patch", (Part(channel, "r", {"c": c, "glu": glu}),))
    times = np.array([0.0, seconds]) * _SECOND
    out = solver("exact" if system.program.linear else "native")(
        system.program, system.individual({}, {}, 1), Edges.empty(1), times, ("r.blocked", "r.open"), y0=start
    )
    return out.final_state, float(out.values[0, 0, -1]), float(out.values[0, 1, -1])


def trapped(
    drug: str = "ketamine", concentration: float = 10.0, on_s: float = 60, off_s: float = 120, agonist: bool = False
) -> float:
    """Percentage of the block that is left after washing the drug out, with or without agonist."""
    channel = _channel(drug)
    state, before, _ = _hold(channel, concentration, _AGONIST, on_s)
    return 100 * _hold(channel, 0.0, _AGONIST if agonist else 0.0, off_s, state)[1] / before


def block(drug: str = "ketamine", concentration: float = 10.0, seconds: float = 120) -> float:
    """Blocked percentage of channels in steady agonist."""
    return 100 * _hold(_channel(drug), concentration, _AGONIST, seconds)[1]


def current(drug: str = "ketamine", concentration: float = 1.0, seconds: float = 120) -> float:
    """Conducting fraction as a percentage of control."""
    channel = _channel(drug)
    return 100 * _hold(channel, concentration, _AGONIST, seconds)[2] / _hold(channel, 0.0, _AGONIST, seconds)[2]


def difference(
    first: str = "ketamine", second: str = "memantine", concentration: float = 10.0, seconds: float = 30
) -> float:
    """Block by the first drug minus block by the second at the same concentration, percentage points."""
    return block(first, concentration, seconds) - block(second, concentration, seconds)


def synaptic(drug: str = "ketamine", concentration: float = 10.0, pulses: int = 20, every_s: float = 10.0) -> float:
    """Percentage by which the charge of the last current of a train is less than without drug.

    Each current is raised by 1 mmol/L glutamate for 1 ms; the drug is there from before the first.
    """
    return 100 * (1 - _last_charge(drug, concentration, pulses, every_s) / _last_charge(drug, 0.0, pulses, every_s))


def _last_charge(drug: str, c: float, pulses: int, every_s: float) -> float:
    from ketasim.core.schedule import Edges
    from ketasim.core.solvers import solver
    from ketasim.core.system import Part, System

    on, off = (System("patch", (Part(_channel(drug), "r", {"c": c, "glu": g}),)) for g in (_AGONIST, 0.0))
    after = np.concatenate([np.linspace(0, 1, 201), np.linspace(1, every_s, 101)[1:]]) * _SECOND
    state, charge = None, 0.0
    for _ in range(pulses):
        for system, times in ((on, np.array([0.0, 1e-3]) * _SECOND), (off, after)):
            solve = solver("exact" if system.program.linear else "native")
            individual = system.individual({}, {}, 1)
            out = solve(system.program, individual, Edges.empty(1), times, ("r.open",), y0=state)
            state = out.final_state
        charge = float(np.trapezoid(out.values[0, 0], after))
    return charge


def synaptic_difference(
    first: str = "ketamine", second: str = "memantine", concentration: float = 10.0, pulses: int = 20
) -> float:
    """Inhibition of a train of synaptic currents by the first drug minus by the second, percentage points."""
    return synaptic(first, concentration, pulses) - synaptic(second, concentration, pulses)


def ic50(subtype: str = "2A", Mg: float = 0.0) -> float:
    """Racemic ketamine that halves the steady current of a subtype at −66 mV, µmol/L: where f·R = 1 in the reduced
    scheme."""
    from ketasim.receptors.nmda import LIGANDS, TrappingBlock

    channel = TrappingBlock(table=f"receptors/nmda_{subtype}", Mg=Mg, V=-66.0)
    unit = dict.fromkeys(LIGANDS, 0.0) | {"S_ketamine": 0.5, "R_ketamine": 0.5}
    ratio, free = channel.drive(unit)
    return float(1 / (free * ratio))


def hnk_ic50(Mg: float = 0.0) -> float:
    """(2R,6R)-hydroxynorketamine that halves the current through free channels, µmol/L, by bisection."""
    from ketasim.receptors.nmda_sites import HydroxynorketamineBlock

    site = HydroxynorketamineBlock(Mg=Mg)
    low, high = 1e-3, 1e6
    for _ in range(60):
        middle = float(np.sqrt(low * high))
        blocked = float(site.read({}, {"block": 0.0, "S": 0.0, "R": middle})["block"])
        low, high = (middle, high) if blocked < 0.5 else (low, middle)
    return low
