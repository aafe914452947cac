"""How far published models disagree about what the default composition is made of: its doubt of structure.

A published model is right about its own study and off for the next one. How far off is what the models, set beside
each other, show: for each quantity the root mean square of ln(theirs / ours) over the complete published sets of adults
outside intensive care, ours left out. No observation of a study is read here. Nothing is written into the tables by
itself; `tests/kinetics/test_between_models.py` holds them to these numbers.

Run: python calibration/between_models.py
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from ketasim.core.parameters import ParameterTable

KG = 70.0
UNITS = {"CL": "L/h", "CLN": "L/h", "CLH": "L/h"}
HASAN = 1.7  # area of (2S,6S)-hydroxynorketamine over that of S-ketamine by vein, hasan2021 (PK196)


def value(table: str, name: str) -> float:
    """A number of a parameter table, clearances in L/h."""
    entry = ParameterTable.load(f"kinetics/{table}")[name]
    return float(entry.to(UNITS[name]).value if name in UNITS else entry.value)


def resting_S() -> float:
    """Clearance of S in the default composition, L/h at 70 kg."""
    return value("kamp2020", "CL") * (1.0 + 1.0 / value("kamp2020", "R_to_S")) / 2.0


def racemic(S_clearance: float) -> float:
    """Clearance of the racemate's mean exposure that goes with a clearance of S, as in the default parent."""
    return S_clearance * value("kamp2020", "CL") / resting_S()


def per_kg(table: str) -> tuple[float, float]:
    """Clearance, L/h, and steady-state volume, L, of a set of rate constants, at 70 kg."""
    k = ParameterTable.load(f"kinetics/{table}").parameters
    V1, rate = k["V1"].value * KG, {name: p.to("1/h").value for name, p in k.items() if name.startswith("k")}
    ways = [("k12", "k21"), ("k13", "k31")] if "k13" in rate else [("k12", "k21")]
    return V1 * rate["k10"], V1 * (1.0 + sum(rate[out] / rate[back] for out, back in ways))


def of_S(table: str) -> tuple[float, float]:
    """The same of a three-compartment set of S-ketamine, as the racemate."""
    return racemic(value(table, "CL")), sum(value(table, name) for name in ("V1", "V2", "V3"))


def nasal() -> tuple[float, float]:
    """The same of perezruixo2021: the clearance of its well-stirred liver."""
    p = {name: value("perezruixo2021", name) for name in ("kel", "kmet", "Vh", "Qh", "Vc", "Vp1", "Vp2")}
    intrinsic = (p["kel"] + p["kmet"]) * p["Vh"]
    return racemic(p["Qh"] * intrinsic / (p["Qh"] + intrinsic)), p["Vc"] + p["Vp1"] + p["Vp2"]


PARENTS: Mapping[str, Callable[[], tuple[float, float]]] = {
    "domino1984": lambda: per_kg("domino1984"),
    "clements1981": lambda: per_kg("clements1981"),
    "simons2022": lambda: of_S("simons2022"),
    "fanta2015": lambda: of_S("fanta2015"),
    "perezruixo2021": nasal,
}


def norketamine() -> dict[str, float]:
    """Clearance of S-norketamine over the share of S-ketamine that becomes it, L/h of moles."""
    kel, kmet = value("perezruixo2021", "kel"), value("perezruixo2021", "kmet")
    return {
        "otto2021": value("otto2021", "CL") * value("otto2021", "mass_ratio"),
        "perezruixo2021": value("perezruixo2021", "CLn") * value("perezruixo2021", "mass_ratio") * (kel + kmet) / kmet,
    }


def spread(ours: float, theirs: Mapping[str, float]) -> float:
    """Root mean square of ln(theirs / ours)."""
    return math.sqrt(sum(math.log(x / ours) ** 2 for x in theirs.values()) / len(theirs))


def deep(total: float) -> float:
    """Spread of the deep volume alone that gives the volume at steady state that spread about its published value."""
    V1, V2, V3 = (value("kamp2020", name) for name in ("V1", "V2", "V3"))
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)

    def of(s: float) -> float:
        logs = np.log((V1 + V2 + V3 * np.exp(s * nodes)) / (V1 + V2 + V3))
        return math.sqrt(float((weights * logs**2).sum() / weights.sum()))

    low, high = 0.0, 3.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if of(middle) < total else (low, middle)
    return 0.5 * (low + high)


def doubts(without: str = "") -> dict[str, float]:
    """Parameter → SD of its doubt on the log scale; `without` leaves a published model out."""
    found = {name: of() for name, of in PARENTS.items() if name != without}
    volume = sum(value("kamp2020", name) for name in ("V1", "V2", "V3"))
    shares = value("simons2022", "fN") * value("simons2022", "fH")
    mass = value("plasma", "M_HNK") / value("plasma", "M_ketamine")
    return {
        "kamp2020.models_CL": spread(value("kamp2020", "CL"), {n: cl for n, (cl, _) in found.items()}),
        "kamp2020.models_V3": deep(spread(volume, {n: v for n, (_, v) in found.items()})),
        "simons2022.models_CLN": spread(
            value("simons2022", "CLN") / value("simons2022", "fN"),
            {n: x for n, x in norketamine().items() if n != without},
        ),
        "simons2022.models_CLH": spread(
            shares * resting_S() / value("simons2022", "CLH") * mass, {"hasan2021": HASAN}
        ),
    }


def main() -> None:
    """Print what each model says and the doubts that follow."""
    print(f"{'model':16s} CL (racemate) L/h   Vss L, 70 kg")
    for name, of in PARENTS.items():
        CL, V = of()
        print(f"{name:16s} {CL:10.1f} {V:14.0f}")
    print("norketamine, clearance over share formed, L/h:", {n: round(x, 1) for n, x in norketamine().items()})
    print("doubts:", {n: round(x, 3) for n, x in doubts().items()})
    for name in PARENTS:
        print(f"  without {name}:", {n: round(x, 3) for n, x in doubts(name).items()})


if __name__ == "__main__":
    main()
