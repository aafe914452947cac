"""A target-controlled pump at work: its own model decides the rates, the person's model sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ketasim.core.component import DoseInput
from ketasim.core.errors import InputError
from ketasim.core.parameters import ParameterTable
from ketasim.core.schedule import RATE, EdgeList
from ketasim.core.system import System
from ketasim.dosing.records.linear import matrices
from ketasim.dosing.target_control import Hold, Pump, PumpModel, programme, with_effect_site
from ketasim.models.model import Built, Need
from ketasim.models.moieties import moieties

DEFAULT_MODEL = "kamp2020"
LEVEL = "ketamine.arterial"


def pump_of(options: Mapping[str, Any]) -> tuple[str, Pump]:
    """The pump's model and limits, from options pump.model, pump.max_ml_h, pump.mg_ml and pump.period_s."""
    known = {"model", "max_ml_h", "mg_ml", "period_s"}
    given = {k.removeprefix("pump."): v for k, v in options.items() if k.startswith("pump.")}
    for name in set(given) - known:
        raise InputError(f"option pump.{name}", given[name], ", ".join(f"pump.{k}" for k in sorted(known)))
    model = str(given.pop("model", DEFAULT_MODEL))
    return model, Pump(**{k: float(v) for k, v in given.items()})


def pump_model(name: str, drug: str, cov: Mapping[str, np.ndarray], n: int) -> PumpModel:
    """The pump's linear model of n people: typical values and their covariates, nothing drawn."""
    from ketasim import models

    chosen = models.get(name)
    if (drug, "iv") not in chosen.routes or not moieties(drug):
        known = sorted(d for d, r in chosen.routes if r == "iv" and moieties(d))
        raise InputError(
            "tci drug", drug, ", ".join(known) or "a model with an intravenous route", f"Pump model {name}."
        )
    built = chosen.build(Need(frozenset({(drug, "iv")})))
    system, program = built.system, built.system.program
    if not program.linear:
        raise InputError("option pump.model", name, "a linear kinetic model with an intravenous route")
    parameters = system.individual({}, cov, n)
    a, _ = matrices(program, parameters)
    b = np.zeros((n, len(program.state_names)))
    for state, amount in _entries(built, system, drug, np.ones(n), parameters):
        b[:, state] += amount
    if LEVEL not in program.outputs:
        raise InputError("option pump.model", name, f"a model that gives {LEVEL}")
    level = program.function((program.outputs[LEVEL][0],))
    c = np.stack(
        [np.broadcast_to(level(unit[:, None], parameters.T, 0.0)[0], (n,)) for unit in np.eye(len(b[0]))], axis=1
    )
    ke0 = float(np.log(2.0) / ParameterTable.load("kinetics/effect_site")["half_time"].to("h").value)
    return with_effect_site(a, b, c, ke0)


def add_pumped(
    edges: EdgeList, built: Built, aims: Sequence[Any], individual: np.ndarray, cov: Mapping[str, np.ndarray],
    options: Mapping[str, Any],
) -> None:  # fmt: skip
    """Add what the pump gives for all targets of a regimen to the people's edges."""
    name, pump = pump_of(options)
    n, system, program = len(individual), built.system, built.system.program
    for drug in dict.fromkeys(a.drug for a in aims):
        holds = [Hold(a.start_h, a.duration_h, a.ng_ml, a.site) for a in aims if a.drug == drug]
        starts, rates = programme(pump_model(name, drug, cov, n), holds, pump)
        per_mg = _entries(built, system, drug, np.ones(n), individual)
        change = np.diff(rates, axis=0, prepend=np.zeros((1, n)))
        for start, delta in zip(starts, change, strict=True):
            if delta.any():
                for state, amount in per_mg:
                    edges.add(RATE, program.channel(state), start, delta * amount)


def _entries(
    built: Built, system: System, drug: str, mg: np.ndarray, parameters: np.ndarray
) -> list[tuple[int, np.ndarray]]:
    """(state, µmol) that `mg` of a drug by vein put in."""
    out = []
    for target in built.targets_of(drug, "iv"):
        amount = mg * target.fraction * 1000.0 / target.molar_mass
        for one in system.dose_inputs(target.part, target.port, DoseInput(amount, 0.0, 1.0), parameters):
            out.append((system.program.state_names.index(one.state), np.asarray(one.amount)))
    return out
