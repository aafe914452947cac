"""Occupancy of other targets: fast, competitive binding at equilibrium."""

from collections.abc import Mapping

from ketasim.core.component import Component


class Target(Component):
    """Base of targets bound fast and competitively by drug and metabolites; subclasses declare K_<ligand>.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k over the unbound ligands in the brain
    Assumes     equilibrium within seconds, one site, no endogenous competitor; K from binding or functional assays
                stands for affinity in man
    Fails when  the assay measured function with spare receptors, or a ligand is an agonist of high efficacy
    """

    outputs = {"occupancy": "fraction"}
    default_on = False
    grade = "C"

    def read(self, x: Mapping, u: Mapping) -> dict:
        s = sum(u[name] / getattr(self, f"K_{name}") for name in self.inputs)
        return {"occupancy": s / (1.0 + s)}
