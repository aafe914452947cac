"""Binding assays on the other targets."""

from __future__ import annotations


def racemic(target: str = "mu") -> float:
    """Constant of the racemate in µmol/L from those of S and R: the harmonic mean (each is half of the racemate)."""
    from ketasim.core.parameters import ParameterTable

    table = ParameterTable.load(f"receptors/target_{target}")
    return 2 / (1 / table["K_S_ketamine"].value + 1 / table["K_R_ketamine"].value)
