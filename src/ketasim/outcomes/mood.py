"""Depression scales: MADRS from the latent benefit, HDRS and QIDS by published conversion."""

from ketasim.core import ops
from ketasim.core.component import par
from ketasim.outcomes.scale import _Scale, own


class Mood(_Scale):
    """Montgomery-Asberg scale (0 to 60), with the Hamilton scale and the quick inventory beside it.

    Equation    v = (Σ vᵢ^m)^(1/m) over drug (s f benefit), control course and felt confirmation
                madrs = B (e^(−v) + drift) within 0 … 60;   hdrs = r_H (h0 + h1 madrs);   qids = r_Q (q0 + q1 madrs)
    Assumes     a mixture of sensitive and weak responders (s); improvements overlap (m > 1), so that a strong control
                course leaves less for the drug; r rescales a conversion to the person's own baseline, where known
    Fails when  items move apart (sleep and appetite under a new antidepressant), or the conversion is used for a person
    """

    table = "outcomes/weeks/mood"
    outputs = {"madrs": "points", "hdrs": "points", "qids": "points", "improvement": "fraction"}
    scale = "madrs"
    top = 60.0
    elderly: float = par("fraction", "gain lost from 55 to 75 years", low=0.0, high=1.0)
    h0: float = par("points", "HDRS at a MADRS of 0")
    h1: float = par("ratio", "HDRS points a MADRS point", low=0.0)
    q0: float = par("points", "QIDS at a MADRS of 0")
    q1: float = par("ratio", "QIDS points a MADRS point", low=0.0)
    r_H: float = par("ratio", "own baseline of HDRS over the converted one", low=0.0)
    r_Q: float = par("ratio", "own baseline of QIDS over the converted one", low=0.0)

    def derive(self, cov):
        import numpy as np

        base = own(cov, "madrs", self.base)
        old = np.clip((np.asarray(cov["age_y"], float) - 55.0) / 20.0, 0.0, 1.0)
        out = {"base": base, "s": self.s * (1.0 - self.elderly * old)}
        for name, at, ratio in (
            ("hdrs", self.h0 + self.h1 * base, "r_H"),
            ("qids", self.q0 + self.q1 * base, "r_Q"),
        ):
            known = own(cov, name, 0.0)
            out[ratio] = np.where((known > 0.0) & (at > 0.0), known / np.maximum(at, 1e-6), 1.0)
        return out

    def read(self, x, u):
        madrs = self.score(u)
        return {
            "madrs": madrs,
            "hdrs": ops.minimum(ops.positive(self.r_H * (self.h0 + self.h1 * madrs)), 52.0),
            "qids": ops.minimum(ops.positive(self.r_Q * (self.q0 + self.q1 * madrs)), 27.0),
            "improvement": 1.0 - ops.exp(-self.improvement(u)),
        }
