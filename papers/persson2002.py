"""Persson 2002, abstract: arterial and venous levels drawn together after 7 mg of an enantiomer's hydrochloride.

Volumes and mean residence times came out 40 % smaller from arterial than from venous samples. The default has one
clearance for both sites (as it must: the areas are equal) and its first-order link moves the venous mean residence time
by eleven minutes only, so the published difference is not reached.
"""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks

WHY = "(known: one first-order link cannot hold back a volume)"


def reproduce() -> list[Reproduced]:
    """Clearances of the enantiomers (ratio 0.83), and the arterial over venous residence time."""
    times = np.concatenate([np.arange(0, 4, 1 / 240), np.linspace(4, 60, 5601)])
    areas, ratio = {}, 0.0
    for drug, e in (("esketamine", "S"), ("arketamine", "R")):
        outputs = (f"{e}_ketamine.arterial", f"{e}_ketamine.venous")
        run = ks.simulate(regimen=f"{drug} 7 mg hcl iv over 30 min", times_h=times, engine="exact", outputs=outputs)
        areas[e] = run.auc(outputs[0])[0]
        stay = [np.trapezoid(run[o][0] * times, times) / run.auc(o)[0] - 15 / 60 for o in outputs]
        ratio = stay[0] / stay[1]
    return [
        Reproduced("clearance of R over S", 0.83, float(areas["S"] / areas["R"]), 0.05),
        Reproduced("residence time, arterial over venous", 0.6, float(ratio), 0.10, "", WHY),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
