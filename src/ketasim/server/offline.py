"""One HTML file that runs the acute model without a server: the exported JavaScript, three sliders, some charts.

What a person's weight changes is worked out here, for a list of weights, because the rules from a person to their
numbers are Python and not part of the traced equations.
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

from ketasim import __version__
from ketasim.core.errors import InputError
from ketasim.core.whole import write_whole

WEIGHTS = tuple(range(40, 131, 5))
PLANNED = {"mg": 35.0, "minutes": 40.0}
SHOWN: tuple[tuple[str, str, float, bool], ...] = (
    ("ketamine.venous", "Ketamine in a vein", 1.0, True),
    ("norketamine.venous", "Norketamine in a vein", 1.0, True),
    ("ketamine.brain", "Ketamine in the brain, unbound", 1.0, True),
    ("nmda.block.2B", "NMDA channels blocked (GluN2B)", 100.0, True),
    ("glutamate", "Glutamate", 1.0, False),
    ("cadss", "Dissociation (CADSS, of 92)", 1.0, True),
    ("sedation", "Alertness (5 awake)", 1.0, False),
    ("memory", "Memory, share of own baseline", 100.0, False),
    ("sbp", "Systolic pressure", 1.0, False),
    ("heart_rate", "Heart rate", 1.0, False),
    ("ventilation", "Ventilation", 1.0, False),
    ("p_nausea", "Chance of nausea so far", 100.0, True),
)


def page() -> str:
    """The whole file as text."""
    from ketasim.dosing import Regimen
    from ketasim.exchange.javascript import javascript
    from ketasim.patients import Cohort, Patient
    from ketasim.server.explore import ASSUMED
    from ketasim.simulate import build, dose_edges, individuals

    regimen = Regimen.parse(f"{PLANNED['mg']:g} mg iv over {PLANNED['minutes']:g} min")
    names = tuple(name for name, *_ in SHOWN)
    built, _ = build("ketamine", regimen.fixed_doses, names)
    cohort = Cohort.from_patients([Patient(weight_kg=float(w)) for w in WEIGHTS])
    table = individuals(built.system, cohort, 0, ())
    middle = WEIGHTS.index(70)
    people = {
        w: {i: float(v) for i, v in enumerate(row) if v != table[middle, i]}
        for w, row in zip(WEIGHTS, table, strict=True)
    }
    edges = dose_edges(built, regimen.fixed_doses, table[middle : middle + 1], cohort[middle].covariates)
    module = javascript(built.system, table[middle], edges)
    shown: list[dict[str, Any]] = []
    for name, words, factor, zero in SHOWN:
        unit = "%" if factor == 100.0 else built.system.program.outputs[name][1]
        assumed = any(w in flag for flag in built.flags.get(name, ()) for w in ASSUMED)
        shown.append({"id": name, "words": words, "unit": unit, "factor": factor, "zero": zero, "assumed": assumed})
    text = (resources.files("ketasim.server") / "offline.html").read_text(encoding="utf-8")
    for key, value in {
        "states": len(built.system.program.state_names),
        "version": __version__,
        "low": WEIGHTS[0],
        "high": WEIGHTS[-1],
        "step": WEIGHTS[1] - WEIGHTS[0],
        "people": json.dumps(people),
        "shown": json.dumps(shown),
        "planned": json.dumps(PLANNED),
        "module": module,
    }.items():
        text = text.replace("{" + key + "}", str(value), 1)
    return text


def write(path: str | Path) -> Path:
    """Write the page; InputError where the path cannot be written or is no HTML file."""
    target = Path(path)
    if target.suffix.lower() != ".html":
        raise InputError("offline page", str(path), "a path that ends in .html")
    return write_whole(target, page(), "offline page", folders=False)
