"""The default parent: the Kamp set with its clearance divided between the enantiomers and taken apart by a liver."""

from __future__ import annotations

from typing import Any

from ketasim.core import ops
from ketasim.core.component import par
from ketasim.kinetics.mammillary import _Three
from ketasim.kinetics.size import covariate

HIGHEST_EXTRACTION = 0.95


class _Enantiomer(_Three):
    """One enantiomer of ketamine on the Kamp distribution.

    Equation    as Kamp2020 with CL' = q·f·CL / (q(1 − E) + f·E), E = CL/Qh ≤ 0.95
    Assumes     S and R share distribution (henthorn2018); all clearance hepatic and well stirred, q the relative
                flow and f the relative intrinsic clearance; at q = f = 1 the published clearance is unchanged
    Fails when  clearance comes near hepatic flow: extraction is then capped and an inducer can add little
    """

    inputs = {"input": "umol/h", "flow": "ratio", "intrinsic": "ratio", "Qh": "L/h"}
    optional = {"input": 0.0, "flow": 1.0, "intrinsic": 1.0, "Qh": 151.0}
    table = "kinetics/kamp2020"
    site = "arterial"
    R_to_S: float = par("ratio", "clearance of R over that of S", low=0.0)
    women: float = par("ratio", "clearance of women over that of men", low=0.0)

    def enantiomer_clearance(self) -> Any:
        """Clearance of this enantiomer without comedication or disease, L/h."""
        raise NotImplementedError

    def clearance(self, u):
        CL = self.enantiomer_clearance()
        E = ops.minimum(CL / u["Qh"], HIGHEST_EXTRACTION)
        q, f = u["flow"], u["intrinsic"]
        return q * f * CL / (q * (1.0 - E) + f * E)

    def derive(self, cov):
        scaled = super().derive(cov)
        female = covariate(cov, "female", 0.0)
        return scaled | {"CL": scaled.get("CL", self.CL) * self.women**female}


class KampS(_Enantiomer):
    """S-ketamine on the Kamp set: CL_S = CL(1 + 1/r)/2, 91.4 L/h at 70 kg.

    Equation    as the base, CL_S = CL (1 + 1/R_to_S) / 2 × S_with_R
    Assumes     the racemate's mean exposure is that of the published clearance
    Fails when  the last phase matters: half-life 3.1 h
    """

    S_with_R: float = par("ratio", "clearance of S in the racemate over that of S alone", low=0.0)

    def enantiomer_clearance(self):
        return self.CL * (1.0 + 1.0 / self.R_to_S) / 2.0 * self.S_with_R


class KampR(_Enantiomer):
    """R-ketamine on the Kamp set: CL_R = CL(1 + r)/2, 77.7 L/h at 70 kg.

    Equation    as the base, CL_R = CL (1 + R_to_S) / 2
    Assumes     the racemate's mean exposure is that of the published clearance
    Fails when  the last phase matters: half-life 3.1 h
    """

    def enantiomer_clearance(self):
        return self.CL * (1.0 + self.R_to_S) / 2.0
