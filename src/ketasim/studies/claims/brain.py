"""Demonstrations: glutamate, plasticity, networks, rhythms."""

# ruff: noqa: E501  sentences stay whole

from __future__ import annotations

import numpy as np

from ketasim.core.errors import KetasimError
from ketasim.studies.claims.runs import INFUSION, at, call, run, spread
from ketasim.studies.claims.shown import NotAvailable, Shown, shows

DAY = 24.0


@shows("GLU1")
def surge() -> Shown:
    """Glutamate over dose: up at low dose, not at a very high one."""
    result = run(INFUSION, ["glutamate"], 4.0, people=100)
    middle, low, high = spread(result.cmax("glutamate"))
    ladder = {
        d: float(run(f"{d} mg/kg iv over 40 min", ["glutamate"], 2.0).cmax("glutamate")[0]) for d in (0.25, 0.5, 1.0)
    }
    deep = run("10 mg/kg iv over 10 min", ["glutamate"], 1.0)
    very = float(at(deep, "glutamate", 10 / 60)[0])
    return Shown(
        middle,
        "ratio",
        f"Cortical glutamate peaks at {middle:.2f} times its baseline; at 20 times the dose it stands at {very:.2f}.",
        middle > 1.0 and very < max(ladder.values()),
        "up at 0.5 mg/kg, lower again at a very high dose (inverted U in rats)",
        low,
        high,
        more=tuple((f"{d} mg/kg", v) for d, v in ladder.items()),
        call=call(INFUSION, "glutamate"),
    )


@shows("GLU2")
def too_much() -> Shown:
    """Whether glutamate and dissociation move together, and the warning band above published doses."""
    together = run(INFUSION, ["glutamate", "cadss"], 4.0)
    r = float(np.corrcoef(together["glutamate"][0], together["cadss"][0])[0, 1])
    bands = {
        d: float(run(f"{d} mg/kg iv over 40 min", ["surge_warning"], 2.0).cmax("surge_warning")[0]) for d in (0.5, 2.0)
    }
    return Shown(
        r,
        "correlation",
        f"Over a session glutamate and dissociation move together (r = {r:.2f}); no harm is modelled at this dose.",
        r > 0.5 and bands[0.5] < 0.05,
        "they rise and fall together, and the warning is silent at 0.5 mg/kg",
        more=tuple((f"warning at {d} mg/kg", v) for d, v in bands.items()),
        call=call(INFUSION, "glutamate"),
    )


@shows("PLA1")
def contacts() -> Shown:
    """Spines over two weeks after one infusion, under two explanations."""
    result = run(INFUSION, ["spines", "synapse", "bdnf"], 14 * DAY, people=100, points=336)
    early, day, late = (spread(at(result, "spines", h)) for h in (4.0, DAY, 14 * DAY))
    other = run(INFUSION, ["spines"], 14 * DAY, points=336, options={"hypothesis": "rest_block"})
    return Shown(
        day[0],
        "ratio",
        f"One day after an infusion spines stand at {day[0]:.3f} times baseline, at {early[0]:.3f} after 4 hours and "
        f"{late[0]:.3f} after two weeks. That nerve cells of people are protected is not supported, and nothing here computes it.",
        day[0] > 1.0 and early[0] - 1 < 0.5 * (day[0] - 1) and late[0] < day[0],
        "little change at 3 to 6 h, up at 12 to 24 h, fading over about two weeks (mice)",
        day[1],
        day[2],
        more=(("4 h", early[0]), ("14 d", late[0]), ("rest_block, 24 h", float(at(other, "spines", DAY)[0]))),
        call=call(INFUSION, "spines"),
    )


@shows("NET1")
def networks() -> Shown:
    """Connectivity of association against sensory cortex at the block an infusion reaches."""
    from ketasim.circuits import connectome, network

    try:
        wires = connectome.schaefer100()
    except KetasimError as error:
        raise NotAvailable(str(error)) from None
    brain = network.Brain.of(wires.strength, wires.density, wires.labels, length_mm=wires.length_mm)
    blocks = run(INFUSION, ["nmda.block.pyramidal", "nmda.block.pv"], 1.0)
    e, i = (float(at(blocks, f"nmda.block.{cell}", 40 / 60)[0]) for cell in ("pyramidal", "pv"))
    rest, drug = (
        network.global_brain_connectivity(network.connectivity(brain, *pair, global_signal=False))
        for pair in ((0.0, 0.0), (e, i))
    )
    means = network.network_means(drug - rest, wires.labels)
    value = (means["frontoparietal"] + means["default mode"] - means["somatomotor"] - means["visual"]) / 2
    return Shown(
        value,
        "z",
        f"Under the block of an infusion connectivity of association cortex moves by {value:+.4f} against sensory cortex (global signal removed). {wires.acknowledgement}",
        value > 0.0,
        "association cortex up against sensory cortex (40 volunteers, global signal removed)",
        more=tuple(means.items()),
        call="ketasim.circuits.network.connectivity(brain, block_e, block_i, global_signal=False)",
    )


@shows("EEG1")
def rhythms() -> Shown:
    """Bands of the EEG at the end of the usual infusion."""
    names = [f"eeg.{b}" for b in ("delta", "theta", "alpha", "beta", "gamma")]
    result = run(INFUSION, names, 2.0, points=24)
    end = {n: float(at(result, n, 40 / 60)[0]) for n in names}
    return Shown(
        end["eeg.gamma"],
        "dB",
        f"At the end of the infusion gamma stands {end['eeg.gamma']:+.2f} dB, alpha {end['eeg.alpha']:+.2f} dB and "
        f"beta {end['eeg.beta']:+.2f} dB from baseline.",
        end["eeg.gamma"] > 0 > end["eeg.alpha"] and end["eeg.beta"] < 0,
        "gamma up, alpha down, beta down",
        more=tuple(end.items()),
        call=call(INFUSION, "eeg.gamma"),
    )
