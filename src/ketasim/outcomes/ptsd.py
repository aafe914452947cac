"""Post-traumatic stress."""

from ketasim.core.component import par
from ketasim.outcomes.scale import _Scale, own


class PTSD(_Scale):
    """Clinician-administered PTSD scale for DSM-5 (0 to 80).

    Equation    v = (Σ vᵢ^m)^(1/m) over drug (s f benefit), control course and felt confirmation
                caps5 = B (e^(−v) + drift) within 0 … 80;   s of veterans = veteran · s
    Assumes     civilians gained (one trial of thirty), veterans did not (one of 158): the factor of the circumstance
                `veteran` rests on that null alone
    Fails when  the trauma goes on
    """

    table = "outcomes/weeks/ptsd"
    outputs = {"caps5": "points"}
    scale = "caps5"
    top = 80.0
    veteran: float = par("ratio", "gain of veterans over that of civilians", low=0.0)

    def derive(self, cov):
        factor = 1.0 + cov.get("setting_veteran", 0.0) * (self.veteran - 1.0)
        return {"base": own(cov, "caps5", self.base), "s": self.s * factor + 0.0 * cov["age_y"]}

    def read(self, x, u):
        return {"caps5": self.score(u)}
