"""Hepatic extraction: what age, disease, immaturity and comedication do to flow, intrinsic clearance and gut loss."""

from __future__ import annotations

import numpy as np

from ketasim.core.component import Component, par
from ketasim.kinetics.size import covariate

ONSET_Y = 60.0
ADULT_Y = 18.0
LOWEST_FLOW = 0.2
TERM_WEEKS = 40.0
WEEKS_A_YEAR = 52.18


class Liver(Component):
    """The well-stirred liver that every route shares: relative hepatic flow, intrinsic clearance and gut loss.

    Equation    flow = 1 − 2.19 (age − 60)/151 above 60 years
                intrinsic = maturation · impairment · (fm2B6·a2B6 + fm3A·a3A + 1 − fm2B6 − fm3A)
                maturation = PMA^h / (TM50^h + PMA^h), relative to 18 years; gut = gut3A·a3A_gut + 1 − gut3A
                extraction: of S-ketamine at q = f = 1, the same for the default parent by every route
    Assumes     inhibitors and inducers act fully while they are taken; CYP2B6 genotype has no effect (rao2016);
                two drugs of one class do not add; grapefruit reaches the gut wall alone; born at term
    Fails when  a drug's interaction with ketamine is known better than its class; itraconazole and grapefruit: no
                share of CYP3A explains that the first does nothing and the second triples oral exposure
    """

    table = "kinetics/liver"
    outputs = {"flow": "ratio", "intrinsic": "ratio", "gut": "ratio", "extraction": "fraction"}
    linear = True
    extraction: float = par("fraction", "share of S-ketamine taken in one passage", low=0.0, high=1.0)
    Qh: float = par("L/h", "hepatic flow on which the fall with age was fitted", low=0.0)
    Qh_decline: float = par("L/h/year", "fall of hepatic flow per year above 60")
    flow: float = par("ratio", "hepatic flow over that at 60 years or less", low=0.0)
    intrinsic: float = par("ratio", "intrinsic clearance over normal", low=0.0)
    gut: float = par("ratio", "gut-wall metabolism over normal", low=0.0)
    fm2B6: float = par("fraction", "share of intrinsic clearance by CYP2B6", low=0.0, high=1.0)
    fm3A: float = par("fraction", "share of intrinsic clearance by CYP3A", low=0.0, high=1.0)
    gut3A: float = par("fraction", "share of gut-wall loss by CYP3A", low=0.0, high=1.0)
    mild: float = par("ratio", "intrinsic clearance in Child-Pugh A", low=0.0)
    moderate: float = par("ratio", "intrinsic clearance in Child-Pugh B", low=0.0)
    severe: float = par("ratio", "intrinsic clearance in Child-Pugh C", low=0.0)
    mature50: float = par("week", "postmenstrual age of half-mature enzymes", low=0.0)
    mature_hill: float = par("ratio", "steepness of maturation", low=0.0)
    inhibited2B6: float = par("ratio", "CYP2B6 activity under an inhibitor", low=0.0)
    inhibited3A: float = par("ratio", "hepatic CYP3A activity under an inhibitor", low=0.0)
    inhibited3A_gut: float = par("ratio", "gut-wall CYP3A activity under an inhibitor", low=0.0)
    ticlopidine2B6: float = par("ratio", "CYP2B6 activity under ticlopidine, which destroys it", low=0.0)
    grapefruit3A_gut: float = par("ratio", "gut-wall CYP3A activity under grapefruit", low=0.0)
    induced2B6: float = par("ratio", "CYP2B6 activity under an inducer", low=0.0)
    induced3A: float = par("ratio", "hepatic CYP3A activity under an inducer", low=0.0)
    induced3A_gut: float = par("ratio", "gut-wall CYP3A activity under an inducer", low=0.0)

    def read(self, x, u):
        return {"flow": self.flow, "intrinsic": self.intrinsic, "gut": self.gut, "extraction": self.extraction}

    def derive(self, cov):
        age = covariate(cov, "age_y", 40.0)
        flow = np.maximum(1.0 - self.Qh_decline * np.maximum(age - ONSET_Y, 0.0) / self.Qh, LOWEST_FLOW)
        grown = _mature(ADULT_Y, self.mature50, self.mature_hill)
        maturation = np.minimum(_mature(age, self.mature50, self.mature_hill) / grown, 1.0)
        stage = covariate(cov, "child_pugh", 0.0)
        impairment = np.select([stage == 1, stage == 2, stage == 3], [self.mild, self.moderate, self.severe], 1.0)
        ticlopidine, juice = (covariate(cov, f"takes.{drug}", 0.0) > 0.5 for drug in ("ticlopidine", "grapefruit"))
        inhibited2B6 = np.where(ticlopidine, np.minimum(self.ticlopidine2B6, self.inhibited2B6), self.inhibited2B6)
        a2B6 = _activity(cov, "cyp2b6", inhibited2B6, self.induced2B6)
        a3A = _activity(cov, "cyp3a", self.inhibited3A, self.induced3A)
        juice_left = np.where(juice, self.grapefruit3A_gut, 1.0)
        gut = _activity(cov, "cyp3a", self.inhibited3A_gut, self.induced3A_gut, juice_left)
        rest = np.maximum(1.0 - self.fm2B6 - self.fm3A, 0.0)
        total = self.fm2B6 + self.fm3A + rest
        enzymes = (self.fm2B6 * a2B6 + self.fm3A * a3A + rest) / total
        return {
            "flow": flow,
            "intrinsic": maturation * impairment * enzymes,
            "gut": self.gut3A * gut + 1.0 - self.gut3A,
        }


def _mature(age_y, half_weeks, hill):
    """Share of adult enzyme activity at an age, for somebody born at term."""
    weeks = age_y * WEEKS_A_YEAR + TERM_WEEKS
    return weeks**hill / (half_weeks**hill + weeks**hill)


def _activity(cov, enzyme, inhibited, induced, least=1.0):
    """Activity of an enzyme over normal; with both an inhibitor and an inducer the two multiply."""
    left = np.where(covariate(cov, f"class.{enzyme}_inhibitor", 0.0) > 0.5, inhibited, 1.0)
    raised = np.where(covariate(cov, f"class.{enzyme}_inducer", 0.0) > 0.5, induced, 1.0)
    return np.minimum(left, least) * raised
