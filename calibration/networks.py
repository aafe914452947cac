"""The whole brain without drug: coupling, recurrence, common input and mended fibres from row e01 alone.

Largest correlation of the model's connectivity with the measured one of 706 people, less the squared difference of
their means, where the slowest mode decays at 4 per second or faster (below that the state of 3 Hz does not survive the
published noise). The other 303 people of the package are never fitted to. Needs cubnm (--no-deps).

python calibration/networks.py            print the numbers
python calibration/networks.py --write    and put them into data/parameters/circuits/mean_field.toml
"""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

import ketasim as ks
from ketasim.circuits.connectome import schaefer100
from ketasim.circuits.network import Brain, MeanField, connectivity, fixed_point
from ketasim.core.errors import InputError

TABLE = Path(ks.__file__).parent / "data/parameters/circuits/mean_field.toml"
NAMES = ("G", "shared", "homotopic", "local", "local_mm", "w_plus")
START = (1.0, 0.25, 0.3, 1.5, 26.0, 0.6)
LEAST_W, SLOWEST = 0.333, -4.0


def brain(x: np.ndarray) -> Brain:
    c = schaefer100()
    values = dict(zip(NAMES, map(float, x), strict=True))
    return Brain.of(c.strength, c.density, c.labels, length_mm=c.length_mm, field=replace(MeanField(), **values))


def loss(x: np.ndarray) -> float:
    if (x <= 0).any() or x[-1] < LEAST_W:
        return 1.0
    made, c = brain(x), schaefer100()
    n = len(c.strength)
    try:
        _, jacobian = fixed_point(made, np.ones(n), np.ones(n))
        upper = np.triu_indices(n, 1)
        model, seen = connectivity(made)[upper], c.empirical[upper]
    except InputError:
        return 1.0
    slow = max(0.0, float(np.linalg.eigvals(jacobian).real.max()) - SLOWEST)
    return float(-np.corrcoef(model, seen)[0, 1] + (model.mean() - seen.mean()) ** 2 + 0.2 * slow)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    found = minimize(loss, START, method="Nelder-Mead", options={"maxfev": 350, "adaptive": True})
    values = {name: f"{value:.3g}" for name, value in zip(NAMES, found.x, strict=True)}
    print("\n".join(f"{name} = {value}" for name, value in values.items()))
    c = schaefer100()
    upper = np.triu_indices(len(c.strength), 1)
    model = connectivity(brain(found.x))[upper]
    for label, seen in (("706 people", c.empirical), ("303 held out", c.held_out)):
        print(f"r with {label}: {np.corrcoef(model, seen[upper])[0, 1]:.3f}")
    if given.write:
        text = TABLE.read_text()
        for name, value in values.items():
            text = re.sub(rf"(\[{name}\]\nvalue = )[^\n]+", rf"\g<1>{value}", text)
        TABLE.write_text(text)


if __name__ == "__main__":
    main()
