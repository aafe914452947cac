"""The covariates of a person as numbers: stable names, units and codes that every model reads.

`documented()` is the whole list; `Cohort.covariates` holds an array (n,) for each. Flags are 0 or 1. `class.<name>`
says that the person takes a drug of that class and `takes.<name>` one of a few drugs by name, both from
data/patients/comedication.toml; `diagnosis.<name>` says which disorder the person is treated for. A score nobody
measured is filled with the typical baseline of the diagnosis.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ketasim.core.errors import InputError
from ketasim.patients import body
from ketasim.patients.comedication import catalogue

Sex = Literal["female", "male"]
Ancestry = Literal[
    "unknown", "european", "african", "east_asian", "japanese", "south_asian", "hispanic", "middle_eastern", "other"
]
ChildPugh = Literal["none", "A", "B", "C"]
Smoking = Literal["never", "former", "current"]
Diagnosis = Literal[
    "healthy", "mdd", "trd", "bipolar", "ptsd", "ocd", "sad", "gad", "aud", "cud", "oud",
    "crps", "chronic_pain", "surgery", "icu", "other",
]  # fmt: skip
SEX, ANCESTRY, CHILD_PUGH, SMOKING, DIAGNOSIS = (get_args(t) for t in (Sex, Ancestry, ChildPugh, Smoking, Diagnosis))
ASIAN = ("east_asian", "japanese")

SCORES: dict[str, tuple[float, float, str]] = {
    "madrs": (0.0, 60.0, "Montgomery-Asberg depression rating scale"),
    "hdrs": (0.0, 52.0, "Hamilton depression rating scale, 17 items"),
    "qids": (0.0, 27.0, "quick inventory of depressive symptomatology"),
    "ssi": (0.0, 38.0, "scale for suicide ideation"),
    "caps5": (0.0, 80.0, "clinician-administered PTSD scale"),
    "ybocs": (0.0, 40.0, "Yale-Brown obsessive compulsive scale"),
    "lsas": (0.0, 144.0, "Liebowitz social anxiety scale"),
    "hama": (0.0, 56.0, "Hamilton anxiety scale"),
    "pain_nrs": (0.0, 10.0, "pain, numeric rating"),
    "craving": (0.0, 100.0, "craving, visual analogue"),
}
FLAGS: dict[str, str] = {
    "hypertension": "known hypertension",
    "heart_failure": "heart failure",
    "ischaemia": "ischaemic heart disease",
    "aneurysm": "aneurysm, arteriovenous malformation or past intracerebral haemorrhage",
    "raised_icp": "raised intracranial pressure",
    "raised_iop": "raised intraocular pressure",
    "seizures": "seizure disorder",
    "psychosis_history": "psychosis now or before",
    "mania_history": "mania now or before",
    "substance_use": "active substance use disorder",
    "bladder_disease": "cystitis or other disease of the bladder",
    "sleep_apnoea": "obstructive sleep apnoea",
    "hypersensitivity": "past allergic reaction to ketamine",
    "pregnant": "pregnancy",
    "breastfeeding": "breastfeeding",
    "ventilated": "mechanically ventilated",
}

LIMITS: dict[str, tuple[float, float]] = {
    "weight_kg": (0.4, 400.0),
    "height_cm": (20.0, 250.0),
    "age_y": (0.0, 110.0),
    "egfr": (0.0, 250.0),
    "sbp": (50.0, 260.0),
    "dbp": (25.0, 160.0),
    "heart_rate": (25.0, 220.0),
    "prior_failures": (0.0, 30.0),
    "expectancy": (0.0, 1.0),
    "child_pugh": (0.0, 3.0),
    "ancestry": (0.0, float(len(ANCESTRY) - 1)),
    "diagnosis": (0.0, float(len(DIAGNOSIS) - 1)),
    "smoking": (0.0, 2.0),
    "cyp2b6_reduced": (0.0, 2.0),
    "cyp2b6_increased": (0.0, 2.0),
    "female": (0.0, 1.0),
    **dict.fromkeys(FLAGS, (0.0, 1.0)),
    **{name: (low, high) for name, (low, high, _) in SCORES.items()},
}

Row = tuple[str, str]
TABLE: dict[str, Row] = {
    "weight_kg": ("kg", "actual body weight"),
    "height_cm": ("cm", "height; recumbent length below two years"),
    "age_y": ("y", "age"),
    "female": ("1", "1 female, 0 male"),
    "bmi": ("kg/m^2", "body mass index"),
    "ibw_kg": ("kg", "ideal body weight (Devine); actual weight below 18 years"),
    "lbw_kg": ("kg", "lean body weight (Janmahasatian)"),
    "bsa_m2": ("m^2", "body surface area (Mosteller)"),
    "egfr": ("mL/min/1.73m^2", "estimated glomerular filtration rate"),
    "child_pugh": ("1", "liver: 0 none, 1 A, 2 B, 3 C"),
    "ancestry": ("1", "index in: " + ", ".join(ANCESTRY)),
    "asian": ("1", "1 for east_asian or japanese"),
    "japanese": ("1", "1 for japanese"),
    "cyp2b6_reduced": ("1", "CYP2B6 alleles of decreased or no function: 0, 1, 2"),
    "cyp2b6_increased": ("1", "CYP2B6 alleles of increased function: 0, 1, 2"),
    "smoker": ("1", "1 for current smokers"),
    "smoking": ("1", "0 never, 1 former, 2 current"),
    "sbp": ("mmHg", "systolic blood pressure at rest"),
    "dbp": ("mmHg", "diastolic blood pressure at rest"),
    "heart_rate": ("1/min", "heart rate at rest"),
    "expectancy": ("1", "belief that the treatment will help, 0 to 1; 0.5 typical"),
    "prior_failures": ("1", "adequate treatments that failed in this episode"),
    "diagnosis": ("1", "index in: " + ", ".join(DIAGNOSIS)),
    **{name: ("1", f"flag: {text}") for name, text in FLAGS.items()},
    **{name: ("1", f"{text}, {low:g} to {high:g}, before treatment") for name, (low, high, text) in SCORES.items()},
}

# CPIC allele functions (desta2019); alleles not listed are refused.
CYP2B6_FUNCTION = {
    "*1": 0, "*2": 0, "*5": 0, "*17": 0, "*4": 1, "*22": 1,
    "*6": -1, "*7": -1, "*9": -1, "*19": -1, "*20": -1, "*26": -1,
    "*8": -1, "*12": -1, "*13": -1, "*16": -1, "*18": -1, "*28": -1,
}  # fmt: skip


def alleles(genotype: str) -> tuple[int, int]:
    """(alleles of reduced function, alleles of increased function) of a CYP2B6 diplotype such as `*1/*6`."""
    found = [CYP2B6_FUNCTION[a] for a in genotype.split("/")]
    return sum(f < 0 for f in found), sum(f > 0 for f in found)


def genotype(reduced: float, increased: float) -> str:
    """A diplotype with these numbers of reduced (written *6) and increased (written *4) alleles."""
    names = ["*6"] * int(reduced) + ["*4"] * int(increased)
    return "/".join(sorted((["*1"] * 2 + names)[-2:], key=lambda a: int(a[1:])))


def check(raw: Mapping[str, ArrayLike]) -> None:
    """Refuse primary covariates outside `LIMITS`, naming the first person that is wrong (counted from 0)."""
    for name, values in raw.items():
        if name not in LIMITS:
            continue
        low, high = LIMITS[name]
        arr = np.atleast_1d(np.asarray(values, dtype=np.float64))
        bad = np.flatnonzero(~((arr >= low) & (arr <= high)))
        if bad.size:
            i = bad[0]
            raise InputError(name, float(arr[i]), f"{low:g} to {high:g}", f"This is person {i} of the cohort.")


def documented() -> dict[str, Row]:
    """Every covariate name with its unit and meaning, the classes and diagnoses included."""
    table = dict(TABLE)
    for name in catalogue().classes:
        table[f"class.{name}"] = ("1", f"takes a drug of class {name}")
    for name in catalogue().named:
        table[f"takes.{name}"] = ("1", f"takes {name}")
    for name in DIAGNOSIS:
        table[f"diagnosis.{name}"] = ("1", f"1 when treated for {name}")
    return table


def complete(raw: Mapping[str, ArrayLike], drugs: Mapping[str, ArrayLike], n: int) -> dict[str, NDArray[np.float64]]:
    """All covariates (n,) from the primary ones: derives body size, codes and one-hot flags.

    Args:
        raw: primary covariates by the names of `TABLE`, arrays (n,) or numbers; flags and codes may be left out (0).
        drugs: comedication, flags (n,) by the catalogue's name of the drug; unknown names act on nothing.
        n: number of people.
    """
    zero = np.zeros(n)
    zero.flags.writeable = False
    out: dict[str, NDArray[np.float64]] = {}

    def put(name: str, values: ArrayLike) -> None:
        arr = np.broadcast_to(np.asarray(values, dtype=np.float64), (n,))
        out[name] = zero if arr is zero or (n and not arr.any()) else np.ascontiguousarray(arr)

    derived = {
        "bmi": lambda: body.bmi(out["weight_kg"], out["height_cm"]),
        "ibw_kg": lambda: body.ideal_weight(out["height_cm"], out["female"], out["weight_kg"], out["age_y"]),
        "lbw_kg": lambda: body.lean_weight(out["weight_kg"], out["height_cm"], out["female"]),
        "bsa_m2": lambda: body.surface(out["weight_kg"], out["height_cm"]),
        "asian": lambda: np.isin(out["ancestry"], [ANCESTRY.index(a) for a in ASIAN]),
        "japanese": lambda: out["ancestry"] == ANCESTRY.index("japanese"),
        "smoker": lambda: out["smoking"] == SMOKING.index("current"),
    }
    for name in TABLE:
        if name not in derived:
            put(name, raw.get(name, zero))
    for name, make in derived.items():
        put(name, make())
    classes: dict[str, NDArray[np.bool_]] = {}
    for name, flags in drugs.items():
        taken = np.asarray(flags, dtype=bool)
        for group in catalogue().drugs.get(name, ()):
            classes[group] = classes[group] | taken if group in classes else taken
    for name in catalogue().classes:
        put(f"class.{name}", classes.get(name, zero))
    for name in catalogue().named:
        put(f"takes.{name}", drugs.get(name, zero))
    for i, name in enumerate(DIAGNOSIS):
        put(f"diagnosis.{name}", out["diagnosis"] == i)
    return out
