"""Yale-Brown obsessive compulsive scale."""

from ketasim.outcomes.scale import _Scale


class OCD(_Scale):
    """Yale-Brown obsessive compulsive scale (0 to 40).

    Equation    v = (Σ vᵢ^m)^(1/m) over drug (s f benefit), control course and felt confirmation
                ybocs = B (e^(−v) + drift) within 0 … 40
    Assumes     no felt confirmation beyond that of other scales; drug-free people
    Fails when  an antidepressant or therapy is started with it (one trial of fifteen people is all there is)
    """

    table = "outcomes/weeks/ocd"
    outputs = {"ybocs": "points"}
    scale = "ybocs"
    top = 40.0

    def read(self, x, u):
        return {"ybocs": self.score(u)}
