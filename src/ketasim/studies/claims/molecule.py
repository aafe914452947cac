"""Demonstrations: the molecule, its mirror images, its history, the ways of giving it."""

from __future__ import annotations

import numpy as np

from ketasim.core.errors import KetasimError
from ketasim.studies.claims.runs import INFUSION, call, run, spread
from ketasim.studies.claims.shown import NotAvailable, Shown, shows

ROUTES = (
    "0.5 mg/kg iv over 40 min", "0.5 mg/kg im", "0.5 mg/kg sc", "50 mg intranasal", "50 mg oral", "50 mg sublingual",
    "50 mg buccal", "50 mg rectal", "20 mg inhaled over 20 min",
)  # fmt: skip


_FORMS = ("esketamine", "arketamine")


@shows("MOL1")
def formula() -> Shown:
    """Formula and mass, read from the stored structure."""
    from ketasim.kinetics.molecule import substance

    ketamine = substance("ketamine")
    mass, formula = ketamine.molar_mass, ketamine.formula
    try:
        read = ketamine.computed()
        formula, source = str(read["formula"]), "computed from the stored structure"
    except KetasimError:
        source = "from the stored formula"
    return Shown(
        mass,
        "g/mol",
        f"{formula}, {mass:.2f} g/mol ({source}).",
        formula == "C13H16ClNO" and abs(mass - 237.73) < 0.02,
        "formula C13H16ClNO and 237.73 g/mol",
        more=(("structure", ketamine.smiles),),
        call='substance("ketamine")',
    )


@shows("MOL2")
def mirror_images() -> Shown:
    """S against R at equal doses: pain and consciousness."""
    dose = "{} 1 mg/kg iv over 2 min"
    pain = {n: run(dose.format(n), ["pressure_pain"], 2.0, points=120)["pressure_pain"][0] for n in _FORMS}
    lost = {n: run(dose.format(n), ["p_unresponsive"], 2.0, points=120)["p_unresponsive"][0] for n in _FORMS}
    gain = {n: float(np.max(np.abs(v - v[0]))) for n, v in pain.items()}
    ratio = gain["arketamine"] / gain["esketamine"]
    more = {n: float(v.max()) for n, v in lost.items()}
    return Shown(
        ratio,
        "ratio",
        f"At equal doses R-ketamine changes pressure pain {ratio:.2f} times as much as S-ketamine, and the "
        f"chance of not responding reaches {more['esketamine']:.0%} against {more['arketamine']:.0%}.",
        ratio < 0.25 and more["esketamine"] > more["arketamine"],
        "R under a quarter of S for pain (volunteers), S stronger for loss of consciousness",
        more=(("p_unresponsive S", more["esketamine"]), ("p_unresponsive R", more["arketamine"])),
        call=call("esketamine 1 mg/kg iv over 2 min", "pressure_pain"),
    )


@shows("MOL3")
def dates() -> Shown:
    """The dated, sourced history."""
    from ketasim.kinetics.molecule import history

    events = history()
    approved = [e.year for e in events if e.source == "fda1970ketalar"]
    made = min(e.year for e in events)
    return Shown(
        float(approved[0]),
        "year",
        f"Made in {made}, approved in {approved[0]}; {len(events)} dated entries with sources.",
        made < 1970 and approved == [1970] and all(e.source for e in events),
        "made in the 1960s, approved in 1970",
        more=tuple((str(e.year), e.text) for e in events),
        call="history()",
    )


@shows("ROU1")
def routes() -> Shown:
    """Each way of giving it, with its peak."""
    peaks = {}
    for sentence in ROUTES:
        result = run(sentence, ["ketamine.venous"], 8.0)
        peaks[sentence] = (float(result.cmax("ketamine.venous")[0]), float(result.tmax("ketamine.venous")[0]))
    routes = run(INFUSION, ["ketamine.venous"], 8.0, people=100)
    low = spread(routes.cmax("ketamine.venous"))
    if len(peaks) < len(ROUTES):
        raise NotAvailable("a route is missing")
    return Shown(
        float(len(peaks)),
        "routes",
        f"{len(peaks)} ways of giving it are modelled; the usual infusion peaks at {low[0]:.0f} ng/mL in venous blood.",
        len(peaks) == 9 and all(c > 0 for c, _ in peaks.values()),
        "each route reaches the blood",
        more=tuple((k, f"{c:.0f} ng/mL after {t * 60:.0f} min") for k, (c, t) in peaks.items()),
        call=call(INFUSION, "ketamine.venous"),
    )
