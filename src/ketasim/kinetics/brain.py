"""Unbound concentration in the brain."""

from __future__ import annotations

from ketasim.core.component import Component, par


class _BrainUnbound(Component):
    """Unbound brain concentration in step with arterial plasma.

    Equation    brain = fu · Kpuu · C
    Assumes     equilibrium within a minute; ordinary levels of binding proteins; no active transport
    Fails when  binding proteins are high (inflammation) or a bolus is followed second by second
    """

    table = "kinetics/plasma"
    inputs = {"C": "umol/L"}
    outputs = {"brain": "umol/L"}
    linear = True
    site = "arterial"
    fu: float = par("fraction", "unbound share in plasma", low=0.0, high=1.0)
    Kpuu: float = par("ratio", "unbound brain over unbound plasma", low=0.0)

    def read(self, x, u):
        return {"brain": self.fu * self.Kpuu * u["C"]}


class KetamineBrain(_BrainUnbound):
    """Unbound ketamine in the brain.

    Equation    brain = fu · Kpuu · C
    Assumes     fu 0.55 (43–45 % bound), the same for both enantiomers; Kpuu 1
    Fails when  binding proteins are high
    """

    fu: float = par("fraction", "unbound share in plasma", low=0.0, high=1.0, key="fu_ketamine")
    Kpuu: float = par("ratio", "unbound brain over unbound plasma", low=0.0, key="Kpuu_ketamine")


class NorketamineBrain(_BrainUnbound):
    """Unbound norketamine in the brain.

    Equation    brain = fu · Kpuu · C
    Assumes     both numbers
    Fails when  its contribution must be known within a factor of two
    """

    fu: float = par("fraction", "unbound share in plasma", low=0.0, high=1.0, key="fu_norketamine")
    Kpuu: float = par("ratio", "unbound brain over unbound plasma", low=0.0, key="Kpuu_norketamine")


class HNKBrain(_BrainUnbound):
    """Unbound hydroxynorketamine in the brain.

    Equation    brain = fu · Kpuu · C
    Assumes     both numbers
    Fails when  its contribution must be known within a factor of two
    """

    fu: float = par("fraction", "unbound share in plasma", low=0.0, high=1.0, key="fu_HNK")
    Kpuu: float = par("ratio", "unbound brain over unbound plasma", low=0.0, key="Kpuu_HNK")


class DHNKBrain(_BrainUnbound):
    """Unbound dehydronorketamine in the brain.

    Equation    brain = fu · Kpuu · C
    Assumes     both numbers
    Fails when  its contribution must be known
    """

    fu: float = par("fraction", "unbound share in plasma", low=0.0, high=1.0, key="fu_DHNK")
    Kpuu: float = par("ratio", "unbound brain over unbound plasma", low=0.0, key="Kpuu_DHNK")
