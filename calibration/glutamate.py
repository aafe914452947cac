"""Surge of glutamate: gain and fall such that rows d02 and d01 are met.

python calibration/glutamate.py            print the numbers
python calibration/glutamate.py --write    and put them into data/parameters/circuits/glutamate.toml
python calibration/glutamate.py --left-out what each study's row would be foretold from the other alone

Two numbers, two conditions on the project's own kinetics: a typical adult's peak is +37.8 % at 0.5 mg/kg over 40 min
(Milak 2016), and the mean change of the first 100 min at 50 mg/kg of the rat is none (Moghaddam 1997, dose by body
surface). Gain of GABA is set equal. Rows d03 to d06 and d13 take no part.

Leaving a study out takes away one of two conditions; the number it set is then held at what one would believe without
it (loss 1: release falls as the share of channels left), and the other condition finds the gain.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
from scipy.optimize import brentq, fsolve

import ketasim as ks
from ketasim.studies.bench.circuits import FLAT, RAT_TO_MAN, SESSION, glutamate_change

TABLE = Path(ks.__file__).parent / "data/parameters/circuits/glutamate.toml"
PEAK = 0.378
NAMES = ("cortex.g", "cortex.loss")


def misses(numbers: np.ndarray) -> np.ndarray:
    """Peak of the infusion against Milak, and mean change at 50 mg/kg against none, for (log g, log loss)."""
    values = dict(zip(NAMES, np.exp(numbers), strict=True))
    infusion = ks.simulate(regimen=SESSION, times_h=np.arange(0, 2, 1 / 60), outputs=["glutamate"], values=values)
    rat = ks.simulate(
        regimen=f"{FLAT[0] * RAT_TO_MAN:.4f} mg/kg im", times_h=np.linspace(0, 100 / 60, 101), outputs=["glutamate"],
        values=values,
    )  # fmt: skip
    return np.array([infusion["glutamate"][0].max() - 1 - PEAK, rat["glutamate"][0].mean() - 1])


def left_out() -> None:
    """Print each row beside what the other study and loss = 1 foretell."""

    def gain(which: int) -> float:
        return float(brentq(lambda log_g: misses(np.array([log_g, 0.0]))[which], np.log(1.0), np.log(60.0)))

    for left, kept, row, seen in ((0, 1, "milak2016, peak", PEAK), (1, 0, "moghaddam1997, 50 mg/kg", 0.0)):
        told = misses(np.array([gain(kept), 0.0]))[left] + seen
        print(f"{row}: seen {100 * seen:+.0f} %, foretold {100 * told:+.0f} %")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--left-out", action="store_true")
    given = parser.parse_args()
    if given.left_out:
        left_out()
        return
    found, _, status, words = fsolve(misses, np.log([6.0, 1.0]), full_output=True)
    if status != 1:
        raise SystemExit(f"no solution: {words}")
    g, loss = np.round(np.exp(found), 3)
    print(f"g = a = {g}, loss = {loss}; misses {misses(np.log([g, loss]))}")
    if given.write:
        text = TABLE.read_text()
        for name, value in (("g", g), ("a", g), ("loss", loss)):
            text = re.sub(rf"(\[{name}\]\nvalue = )[^\n]+", rf"\g<1>{value}", text)
        TABLE.write_text(text)
    for dose in (10.0, 20.0, 30.0, 50.0, 200.0):
        print(f"rat {dose:g} mg/kg: {100 * glutamate_change(dose):+.0f} %")


if __name__ == "__main__":
    main()
