"""Anxiety during the session, and whether the experience is pleasant or frightening."""

from ketasim.core import ops
from ketasim.core.component import par
from ketasim.outcomes.endpoint import LOSS, SITE, _Endpoint


class Anxiety(_Endpoint):
    """Anxiety on a visual analogue scale (0 to 100) and the valence of the experience (−1 frightening to 1 pleasant).

    Equation    anxiety = (base + rise level (1 − support)) (1 − ease calm);   level = D^n/(C50^n + D^n)
                valence = felt (mood + support − fear level) + r R/(C_v + S + R),   felt = D/(C_v + D), kept within ±1
    Assumes     rise and mood are traits that differ widely between people; R is the gentler form (Vollenweider), so
                racemate is somewhat more pleasant than S alone (Passie); a guided session supports
    Fails when  expectation, company or surroundings decide, which is often
    """

    table = "outcomes/acute/anxiety"
    site = "arterial"
    inputs = {**SITE, **LOSS, "calm": "fraction", "damp": "fraction"}
    optional = {"calm": 0.0, "damp": 1.0}
    outputs = {"anxiety": "points", "valence": "score"}
    base: float = par("points", "anxiety without drug", low=0.0, high=100.0)
    rise: float = par("points", "largest rise", low=0.0, high=100.0)
    C50: float = par("ng/mL", "S-ketamine level of half the rise", low=0.0)
    n: float = par("1", "steepness", low=0.0)
    ease: float = par("fraction", "what a full benzodiazepine effect takes", low=0.0, high=1.0)
    C_v: float = par("ng/mL", "S-ketamine level at which half the experience is there", low=0.0)
    mood: float = par("score", "how pleasant the experience is for this person", low=-2.0, high=2.0)
    gentle: float = par("score", "what R-ketamine alone would add", low=0.0)
    fear: float = par("score", "what the full anxious effect takes away", low=0.0)
    guided: float = par("fraction", "what guidance gives and takes from fear", low=0.0, high=1.0)
    support: float = par("fraction", "guidance in this session (0 to 1)", low=0.0, high=1.0)

    def derive(self, cov):
        return {"support": cov.get("setting_psychotherapy", 0.0 * cov["age_y"])}

    def read(self, x, u):
        D = self.drive(u)
        level = ops.hill(D, self.C50, self.n) * u["damp"]
        help_ = self.guided * self.support
        anxiety = (self.base + self.rise * level * (1.0 - help_)) * (1.0 - self.ease * u["calm"])
        total = ops.positive(u["S"]) + ops.positive(u["R"])
        mild = self.gentle * ops.positive(u["R"]) / (self.C_v + total)  # R relaxes even where it is not psychoactive
        tone = self.mood + help_ - self.fear * level
        valence = (ops.hill(D, self.C_v) * tone + mild) * u["damp"]
        return {
            "anxiety": ops.minimum(anxiety, 100.0),
            "valence": ops.minimum(ops.maximum(valence, -1.0), 1.0),
        }
