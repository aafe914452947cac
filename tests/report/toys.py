"""Results with known numbers, for tests of the report."""

import numpy as np

from ketasim.core.parameters import Parameter
from ketasim.core.result import Result


def dose(start_h=0.0, duration_h=2 / 3, **more):
    return {
        "drug": "ketamine",
        "route": "iv",
        "amount": 0.5,
        "basis": "mg/kg",
        "start_h": start_h,
        "duration_h": duration_h,
        "device_index": 0,
        "session_index": 0,
        **more,
    }


def number(name, status="verified", **more):
    given = {"kind": "fitted", "source": "domino1984", "where": "Table 1", "printed": (2.0, "1/h"), **more}
    return Parameter(name=name, value=2.0, unit="1/h", status=status, table="kinetics/toy", **given)


def course(n=20, starts=(0.0,), until=24.0, seed=0, **more):
    """One-compartment infusions: volume 100 L, clearance around 50 L/h, 35 mg over 40 min; ng/mL."""
    rng = np.random.default_rng(seed)
    cl = 50 * np.exp((0.3 if n > 1 else 0.0) * rng.standard_normal(n))
    k = cl[:, None] / 100
    fine = np.concatenate([np.arange(0, 2, 1 / 30), np.arange(2, 24, 0.25)])
    t = np.unique(np.round(np.concatenate([[0.0, until], *(s + np.append(fine, 2 / 3) for s in starts)]), 9))
    t = t[t <= until]
    c = np.zeros((n, len(t)))
    for s in starts:
        up = 35_000 / (2 / 3) / cl[:, None] * (1 - np.exp(-k * np.clip(t - s, 0, 2 / 3)))
        c += np.where(t >= s, up * np.exp(-k * np.clip(t - s - 2 / 3, 0, None)), 0.0)
    outputs = {
        "ketamine.arterial": c,
        "ketamine.venous": 0.8 * c,
        "norketamine.arterial": 0.3 * c,
        "DHNK.arterial": 0 * c,
        "ketamine.brain": c * 0.55 / 237.7,
        "gadget": 98 - c / 10,
    }
    units = {o: "umol/L" if o.endswith("brain") else "ng/mL" for o in outputs} | {"gadget": "bispectral"}
    given = {
        "outputs": outputs,
        "units": units,
        "times_h": t,
        "subjects": np.arange(n),
        "manifest": {
            "ketasim": "0",
            "model": "toy",
            "regimen": "0.5 mg/kg iv over 40 min",
            "seed": 4,
            "vary": ["between"] if n > 1 else [],
        },
        "parameters": {
            "p.k": number("k"),
            "p.ke0": number("ke0", "assumed", source="assumed", kind="assumed", note="a guess"),
        },
        "covariates": {"weight_kg": np.full(n, 70.0), "age_y": np.full(n, 40.0), "female": np.zeros(n)},
        "doses": tuple(dose(s, session_index=i) for i, s in enumerate(starts)),
    }
    return Result(**{**given, **more})
