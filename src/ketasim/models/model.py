"""Model: a named way to compose parts for the drugs, routes and outputs at hand.

Kinetic models build the parts that turn doses into concentrations. Layers stand on top of them: each adds parts (or a
read-out computed afterwards from finished curves) that provide further outputs. Only what is asked for is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ketasim.core.arrays import ArrayOutput
from ketasim.core.errors import InputError
from ketasim.core.system import Part, System


@dataclass(frozen=True)
class Need:
    """What a system has to be built for.

    given : (drug, route) pairs of the regimen. outputs : ids wanted, or None for everything the model offers.
    fast : the regimen holds a bolus or an input under ten minutes. options : named switches of the model.
    """

    given: frozenset[tuple[str, str]]
    outputs: tuple[str, ...] | None = None
    fast: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def option(self, name: str, default: Any) -> Any:
        """A switch, or its default."""
        return self.options.get(name, default)


@dataclass(frozen=True)
class Target:
    """Where a share of a dose goes: a port of a part, the mole fraction of the dose, its molar mass in g/mol."""

    part: str
    port: str
    fraction: float
    molar_mass: float


@dataclass(frozen=True)
class Built:
    """A system for one need: its parts, where each (drug, route) goes, and words to show beside outputs."""

    system: System
    targets: Mapping[tuple[str, str], tuple[Target, ...]]
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    readouts: tuple[Readout, ...] = ()
    outputs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    arrays: Mapping[str, ArrayOutput] = field(default_factory=dict)

    def targets_of(self, drug: str, route: str) -> tuple[Target, ...]:
        """Where a dose goes; InputError where this model has no such route."""
        try:
            return self.targets[(drug, route)]
        except KeyError:
            known = ", ".join(f"{d} {r}" for d, r in sorted(self.targets))
            raise InputError("dose", f"{drug} {route}", known or "no dose", f"Model {self.system.name}.") from None


@dataclass(frozen=True)
class Readout:
    """Outputs computed from finished curves (spectra, connectivity): not traced, not exportable.

    compute(curves, times_h, parameters, context) → {output: (subjects, times) array}; `needs` are the output ids it
    reads, `units` the unit of everything it provides, `parameters` what it used, for the record. `few` : for more
    people than this it is computed only when one of its outputs is asked for by name (0: no limit).
    """

    name: str
    needs: tuple[str, ...]
    units: Mapping[str, str]
    compute: Callable[
        [Mapping[str, np.ndarray], np.ndarray, Mapping[str, np.ndarray], Mapping[str, Any]], Mapping[str, np.ndarray]
    ]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    few: int = 0

    @property
    def provides(self) -> tuple[str, ...]:
        """Ids of the outputs."""
        return tuple(self.units)


@dataclass(frozen=True)
class Layer:
    """Parts that stand on earlier ones.

    name : used in options and errors. provides : ids of the outputs it adds. requires : names of layers it reads
    (the kinetics are always there). parts : (need, signals published so far) → parts in order. readouts : likewise.
    flags : words to show beside its outputs (grades, assumptions). arrays : need → outputs over regions by id;
    array_names : their ids.
    """

    name: str
    provides: tuple[str, ...]
    parts: Callable[[Need, frozenset[str]], Sequence[Part]]
    requires: tuple[str, ...] = ()
    readouts: Callable[[Need, frozenset[str]], Sequence[Readout]] | None = None
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    arrays: Callable[[Need], Mapping[str, ArrayOutput]] | None = None
    array_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """A named model: what it can take, where it was sampled, whom it holds for, and how it is built.

    site : "arterial" or "venous", where its data were drawn ("both" for the default composition).
    routes : (drug, route) pairs it accepts. valid : ranges of covariates ({"age_y": (18, 65)}); outside them a result
    is marked extrapolated. source : citation key. build : Need → Built. setting : circumstances a person must
    be in for the model to be shown beside others ("intensive care", "heart disease"), "" for any.
    remarks : (system, covariates) → sentences a reader must see.
    """

    name: str
    title: str
    source: str
    site: str
    routes: frozenset[tuple[str, str]]
    build: Callable[[Need], Built]
    valid: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    population: str = ""
    note: str = ""
    setting: str = ""
    remarks: Callable[[System, Mapping[str, np.ndarray]], tuple[str, ...]] | None = None

    def check(self, need: Need) -> None:
        """InputError where a (drug, route) of the need is not one of the model's."""
        for drug, route in sorted(need.given - self.routes):
            known = ", ".join(f"{d} {r}" for d, r in sorted(self.routes))
            raise InputError("dose", f"{drug} {route}", f"{known} (model {self.name})")

    def extrapolations(self, covariates: Mapping[str, np.ndarray], system: System | None = None) -> tuple[str, ...]:
        """One sentence for each covariate outside the model's range, and the model's own remarks on a built system."""
        out = list(self.remarks(system, covariates)) if self.remarks is not None and system is not None else []
        for name, (low, high) in self.valid.items():
            if name in covariates:
                values = np.asarray(covariates[name], float)
                outside = int(((values < low) | (values > high)).sum())
                if outside:
                    who = "the patient" if len(values) == 1 else f"{outside} of {len(values)} subjects"
                    out.append(
                        f"extrapolated: {name} of {who} lies outside {low:g} to {high:g}, where {self.name} was fitted"
                    )
        return tuple(out)


def stack(layers: Sequence[Layer], wanted: Sequence[str] | None, signals: frozenset[str]) -> tuple[Layer, ...]:
    """Layers needed for the wanted outputs (all of them for None), in their given order."""
    if wanted is None:
        return tuple(layers)
    by_name = {layer.name: layer for layer in layers}
    chosen: set[str] = set()

    def take(layer: Layer) -> None:
        if layer.name not in chosen:
            chosen.add(layer.name)
            for needed in layer.requires:
                take(by_name[needed])

    for output in wanted:
        if output not in signals:
            owner = next((layer for layer in layers if output in (*layer.provides, *layer.array_names)), None)
            if owner is not None:
                take(owner)
    return tuple(layer for layer in layers if layer.name in chosen)
