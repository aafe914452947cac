"""Liebowitz social anxiety scale."""

from ketasim.outcomes.scale import _Scale


class SocialAnxiety(_Scale):
    """Liebowitz social anxiety scale (0 to 144); generalised anxiety reads the same gain.

    Equation    v = (Σ vᵢ^m)^(1/m) over drug (s f benefit), control course and felt confirmation
                lsas = B (e^(−v) + drift) within 0 … 144
    Assumes     carried by the same benefit, fading sooner
    Fails when  a feared occasion comes (the scale asks about the week)
    """

    table = "outcomes/weeks/social_anxiety"
    outputs = {"lsas": "points"}
    scale = "lsas"
    top = 144.0

    def read(self, x, u):
        return {"lsas": self.score(u)}
