"""Plan: the dose by protocol, the pump's programme in mL/h, the syringe or the devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim.clinic.protocol import Protocol
from ketasim.core.errors import InputError
from ketasim.dosing import Regimen
from ketasim.patients import Patient


@dataclass(frozen=True)
class PumpStep:
    """The pump runs at ml_h from start_min to end_min."""

    start_min: float
    end_min: float
    ml_h: float
    mg_h: float


@dataclass(frozen=True)
class Plan:
    """What one session gives. weight_used says whose weight; volume and devices as they are drawn or opened."""

    regimen: Regimen
    dose_mg: float
    weight_used: str
    pump: tuple[PumpStep, ...]
    volume_ml: float
    concentration_mg_ml: float
    devices: int
    end_min: float
    draw_mg: float


def dose_mg(dose: Any, patient: Patient) -> float:
    """Milligrams of one dose for one patient."""
    return float(np.asarray(dose.amount_mg(patient.weight_kg, patient.ibw_kg)).reshape(-1)[0])


def plan(patient: Patient, protocol: Protocol) -> Plan:
    """The plan of one session; InputError where the pump or the syringe cannot do it."""
    rule = protocol.dose
    text = rule.regimen
    if rule.elderly_regimen and patient.age_y >= rule.elderly_from:
        text = rule.elderly_regimen
    used = "actual weight"
    bmi = patient.bmi
    if rule.ideal_weight_from_bmi is not None and bmi >= rule.ideal_weight_from_bmi and "mg/kg" in text:
        text = text.replace("mg/kg", "mg/kg ibw", 1) if "ibw" not in text else text
        used = f"ideal body weight (BMI {bmi:.0f})"
    regimen = Regimen.parse(text)
    if regimen.targets:
        raise InputError(
            "protocol dose", text, "doses and infusions of a known size",
            "A target-controlled pump runs in ketasim simulate, not yet in a session.",
        )  # fmt: skip
    total, steps = 0.0, []
    for d in regimen.fixed_doses:
        mg = dose_mg(d, patient)
        total += mg
        if d.route == "iv" and d.duration_h > 0:
            ml_h = mg / rule.concentration_mg_ml / d.duration_h
            if ml_h > rule.max_ml_h:
                raise InputError(
                    "pump rate",
                    f"{ml_h:.0f} mL/h",
                    f"at most {rule.max_ml_h:g} mL/h",
                    "Use a stronger solution or a longer infusion.",
                )
            steps.append(PumpStep(60 * d.start_h, 60 * (d.start_h + d.duration_h), ml_h, mg / d.duration_h))
    volume = total / rule.concentration_mg_ml if steps else 0.0
    if volume > rule.syringe_ml:
        raise InputError(
            "syringe",
            f"{volume:.0f} mL needed",
            f"at most {rule.syringe_ml:g} mL",
            "Use a stronger solution or a larger syringe.",
        )
    devices = sum(1 for d in regimen.fixed_doses if d.route == "intranasal")
    draw = rule.draw_mg if rule.draw_mg is not None else total
    if draw < total - 1e-9:
        raise InputError("draw_mg", draw, f"at least the planned {total:.4g} mg")
    return Plan(regimen, total, used, tuple(steps), volume, rule.concentration_mg_ml, devices, 60 * regimen.end_h, draw)
