"""Demonstrations: NMDA block, opioid receptors, monoamines."""

from __future__ import annotations

import numpy as np

from ketasim.studies.claims.runs import INFUSION, call, run, spread
from ketasim.studies.claims.shown import Shown, shows

MU = tuple(f"occupancy.{n}" for n in ("mu", "kappa", "delta"))
TRANSPORTERS = tuple(f"occupancy.{n}" for n in ("SERT", "NET", "DAT"))


@shows("NMD1")
def block() -> Shown:
    """Peak block of NMDA channels by subtype, at the usual infusion and at an anaesthetic dose."""
    names = [f"nmda.block.{s}" for s in ("2A", "2B", "2C", "2D")]
    usual, deep = run(INFUSION, names, 6.0, people=100), run("2 mg/kg iv over 2 min", names, 1.0)
    middle, low, high = spread(np.mean([usual.cmax(n) for n in names], axis=0))
    more = tuple((n, f"{np.median(usual.cmax(n)):.0%} at 0.5 mg/kg, {deep.cmax(n)[0]:.0%} at 2 mg/kg") for n in names)
    return Shown(
        middle,
        "fraction",
        f"The usual infusion blocks {middle:.0%} of the channels at its peak (mean of four subtypes).",
        0.02 < middle < 0.9 and all(deep.cmax(n)[0] > np.median(usual.cmax(n)) for n in names),
        "part of the channels at 0.5 mg/kg, more at an anaesthetic dose",
        low,
        high,
        more=more,
        call=call(INFUSION, "nmda.block.2A"),
    )


@shows("OPI1")
def opioid() -> Shown:
    """Direct binding to opioid receptors at the usual infusion."""
    result = run(INFUSION, MU, 6.0, people=100)
    middle, low, high = spread(result.cmax("occupancy.mu"))
    rest = tuple((n, float(np.median(result.cmax(n)))) for n in MU)
    return Shown(
        middle,
        "fraction",
        f"At the usual infusion ketamine holds {middle:.1%} of mu receptors at its peak: very little.",
        all(v < 0.1 for _, v in rest),
        "under 10 % at every opioid receptor (Ki 28 to 42 µmol/L)",
        low,
        high,
        more=rest,
        call=call(INFUSION, "occupancy.mu"),
    )


@shows("MON1")
def monoamines() -> Shown:
    """Occupancy of the transporters, and what dopamine does by each of the studies."""
    result = run(INFUSION, TRANSPORTERS, 6.0, people=100)
    middle, low, high = spread(result.cmax("occupancy.SERT"))
    more = [(n, float(np.median(result.cmax(n)))) for n in TRANSPORTERS]
    for name in ("dopamine", "serotonin", "noradrenaline.brain"):
        more.append((name, float(run(INFUSION, [name], 6.0).cmax(name)[0])))
    return Shown(
        middle,
        "fraction",
        f"At the usual infusion {middle:.2%} of serotonin transporters are held at the peak; imaging saw none.",
        high < 0.10,
        "upper end under 10 % for the serotonin transporter",
        low,
        high,
        more=tuple(more),
        call=call(INFUSION, "occupancy.SERT"),
    )
