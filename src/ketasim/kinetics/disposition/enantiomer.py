"""The default parent: the Kamp set with its clearance divided between the enantiomers and taken apart by a liver."""

from __future__ import annotations

from typing import Any

from ketasim.core import ops
from ketasim.core.component import par
from ketasim.kinetics.mammillary import _Three
from ketasim.kinetics.size import covariate

HIGHEST_EXTRACTION = 0.99


class _Enantiomer(_Three):
    """One enantiomer of ketamine on the Kamp distribution, with the liver that meets it by vein and by mouth.

    Equation    as Kamp2020 with CL' = q·f·CL / (q(1 − E) + f·E); of what the portal vein brings,
                E' = f·E / (q(1 − E) + f·E) is metabolised and 1 − E' enters A1; E ≤ 0.99 for this enantiomer
    Assumes     S and R share distribution (henthorn2018) and hepatic flow, so that E goes with their clearances; all
                clearance hepatic and well stirred, q the relative flow and f the relative intrinsic clearance; at
                q = f = 1 the published clearance is unchanged
    Fails when  the liver is not well stirred or drug leaves by another way
    """

    inputs = {
        "input": "umol/h", "portal": "umol/h", "flow": "ratio", "intrinsic": "ratio", "extraction": "fraction",
    }  # fmt: skip
    optional = {"input": 0.0, "portal": 0.0, "flow": 1.0, "intrinsic": 1.0, "extraction": 0.722}
    table = "kinetics/kamp2020"
    site = "arterial"
    models_CL: float = par("ratio", "clearance over the published one: how far models disagree", low=0.0)
    models_V3: float = par("ratio", "deep volume over the published one: how far models disagree", low=0.0)
    R_to_S: float = par("ratio", "clearance of R over that of S", low=0.0)
    women: float = par("ratio", "clearance of women over that of men", low=0.0)

    def over_S(self) -> Any:
        """Clearance of this enantiomer over that of S alone."""
        raise NotImplementedError

    def resting(self) -> Any:
        """Clearance without comedication or disease, L/h: the racemate keeps the exposure of CL."""
        return self.CL * (1.0 + 1.0 / self.R_to_S) / 2.0 * self.over_S()

    def _liver(self, u: Any) -> tuple[Any, Any]:
        """What passes the liver and what it takes, before they are made shares: q(1 − E) and f·E."""
        E = ops.minimum(u["extraction"] * self.over_S(), HIGHEST_EXTRACTION)
        return u["flow"] * (1.0 - E), u["intrinsic"] * E

    def clearance(self, u):
        passed, taken = self._liver(u)
        return u["flow"] * u["intrinsic"] * self.resting() / (passed + taken)

    def rates(self, x, u):
        passed, taken = self._liver(u)
        first_pass = u["portal"] * passed / (passed + taken)
        rates = super().rates(x, u)
        return rates | {"A1": rates["A1"] + first_pass}

    def read(self, x, u):
        passed, taken = self._liver(u)
        out = super().read(x, u)
        return out | {"eliminated": out["eliminated"] + u["portal"] * taken / (passed + taken)}

    def derive(self, cov):
        scaled = super().derive(cov)
        female = covariate(cov, "female", 0.0)
        CL, V3 = scaled.get("CL", self.CL), scaled.get("V3", self.V3)
        return scaled | {"CL": CL * self.women**female * self.models_CL, "V3": V3 * self.models_V3}


class KampS(_Enantiomer):
    """S-ketamine on the Kamp set: CL_S = CL(1 + 1/r)/2, 91.4 L/h at 70 kg.

    Equation    as the base, CL_S = CL (1 + 1/R_to_S) / 2 × S_with_R
    Assumes     the racemate's mean exposure is that of the published clearance
    Fails when  the last phase matters: half-life 3.1 h
    """

    S_with_R: float = par("ratio", "clearance of S in the racemate over that of S alone", low=0.0)

    def over_S(self):
        return self.S_with_R


class KampR(_Enantiomer):
    """R-ketamine on the Kamp set: CL_R = CL(1 + r)/2, 77.7 L/h at 70 kg.

    Equation    as the base, CL_R = CL (1 + R_to_S) / 2
    Assumes     the racemate's mean exposure is that of the published clearance
    Fails when  the last phase matters: half-life 3.1 h
    """

    def over_S(self):
        return self.R_to_S
