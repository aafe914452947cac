"""Hydroxynorketamine and the allosteric site: off by default, exact where they can be, small where they must be."""

import numpy as np
import pytest

import ketasim as ks
from ketasim.core.errors import InputError
from ketasim.receptors.nmda_sites import AllostericSite, HydroxynorketamineBlock

DOSE = "0.5 mg/kg iv over 40 min"
BLOCKS = [f"nmda.block.{x}" for x in ("2A", "2B", "2C", "2D", "pyramidal", "pv", "sst")]
TIMES = np.linspace(0, 6, 25)


def blocks(**options):
    return ks.simulate(regimen=DOSE, times_h=TIMES, outputs=BLOCKS, options=options)


def test_two_ligands_of_one_pore_add_in_the_competitive_equilibrium():
    """Ketamine at R = 1 and the metabolite at r = 1 without magnesium: two thirds blocked (analytic)."""
    site = HydroxynorketamineBlock(Mg=0.0)
    assert site.read({}, {"block": 0.5, "S": 0.0, "R": site.Kd_R})["block"] == pytest.approx(2 / 3)
    assert site.read({}, {"block": 0.5, "S": 0.0, "R": 0.0})["block"] == pytest.approx(0.5)


def test_half_block_at_the_printed_level_and_magnesium_outcompetes():
    """Abbott and Popescu 2020: 46 umol/L without magnesium (row a12); with 1 mmol/L sixteen times as much."""
    site = HydroxynorketamineBlock(Mg=0.0)
    assert site.read({}, {"block": 0.0, "S": 0.0, "R": 46.0})["block"] == pytest.approx(0.5)
    with_mg = HydroxynorketamineBlock()
    assert with_mg.read({}, {"block": 0.0, "S": 0.0, "R": 46.0 * (1 + 1 / 0.066)})["block"] == pytest.approx(0.5)


def test_the_metabolite_adds_almost_nothing_at_clinical_doses():
    """Well below the inhibitory range (Lumsden 2019): less than half a point of block over a session."""
    plain, with_hnk = blocks(), blocks(nmda_hnk="on")
    for name in BLOCKS:
        more = with_hnk[name][0] - plain[name][0]
        assert 0 <= more.min() and 0 < more.max() < 0.005


def test_the_allosteric_site_lowers_tonic_current_incompletely():
    """Never more than the tonic share times Emax, half of it at K; it acts beside the pore and off means off."""
    site = AllostericSite()
    most = site.tonic * site.Emax
    assert site.read({}, {"block": 0.0, "S": 1e6, "R": 0.0})["block"] == pytest.approx(most, rel=1e-4)
    assert site.read({}, {"block": 0.0, "S": site.K / 2, "R": site.K / 2})["block"] == pytest.approx(most / 2)
    plain, on, off = blocks(), blocks(nmda_allosteric="on"), blocks(nmda_allosteric="off")
    for name in BLOCKS:
        assert (off[name] == plain[name]).all()
        assert (on[name][0, 1:] > plain[name][0, 1:]).all() and (on[name] - plain[name]).max() < most


def test_both_together_and_bad_words():
    both, one = blocks(nmda_hnk="on", nmda_allosteric="on"), blocks(nmda_allosteric="on")
    assert (both["nmda.block.2A"][0, 1:] > one["nmda.block.2A"][0, 1:]).all()
    with pytest.raises(InputError, match="nmda_hnk"):
        blocks(nmda_hnk="perhaps")
