"""A trial's printed numbers beside the replicates: reproduced within sampling error, or not."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketasim.core.errors import InputError

from .conduction import TrialData
from .design import Design
from .endpoints import analyse, values

FIELDS = {"endpoint", "arm", "difference", "value", "low", "high", "where", "why"}


def beside(design: Design, data: TrialData) -> list[dict[str, Any]]:
    """One row for each printed number: observed, the replicates' median and 95 % range, and whether it lies inside.

    A row of [[published]] has endpoint and arm, and `value` (mean or share in the arm) or `difference` (arm − control).
    The range over replicates is the sampling error of a trial of this size (and doubt, where the design varies it).
    """
    out = []
    for row in design.published:
        if unknown := set(row) - FIELDS:
            raise InputError("published", sorted(unknown)[0], ", ".join(sorted(FIELDS)))
        endpoint = next((e for e in design.tested if e.name == row.get("endpoint")), None)
        number = next((i for i, a in enumerate(design.arms) if a.id == row.get("arm")), None)
        if endpoint is None or number is None or ("value" in row) == ("difference" in row):
            raise InputError("published", str(row), "endpoint and arm of the trial, and value or difference")
        if "difference" in row:
            if number == design.control:
                raise InputError("published, arm", row["arm"], "an active arm, as it is a difference")
            got = analyse(design, data, endpoint).estimate[:, design.active.index(number)]
        else:
            v = np.where(data.arm == number, values(design, data, endpoint), np.nan)
            got = np.nanmean(v, axis=1)
        low, mid, high = (float(x) for x in np.nanquantile(got, (0.025, 0.5, 0.975)))
        seen = float(row.get("difference", row.get("value", np.nan)))
        inside = low <= seen <= high
        out.append(
            {
                "endpoint": endpoint.name, "arm": row["arm"], "what": "difference" if "difference" in row else "value",
                "observed": seen, "simulated": mid, "low": low, "high": high,
                "verdict": "inside" if inside else "outside",
                **({"why": row["why"]} if not inside and "why" in row else {}),
            }
        )  # fmt: skip
    return out
