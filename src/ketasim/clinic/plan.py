"""Plan: the dose by protocol, the pump's programme in mL/h, the syringe or the devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim.clinic.protocol import Protocol
from ketasim.core.errors import InputError
from ketasim.dosing import Dose, Regimen
from ketasim.patients import Cohort, Patient

PERIOD_S = 30.0


@dataclass(frozen=True)
class PumpStep:
    """The pump runs at ml_h from start_min to end_min."""

    start_min: float
    end_min: float
    ml_h: float
    mg_h: float


@dataclass(frozen=True)
class Plan:
    """What one session gives. weight_used says whose weight; volume and devices as they are drawn or opened; doses in
    order of time, those of a target-controlled pump as one infusion a period."""

    regimen: Regimen
    dose_mg: float
    weight_used: str
    pump: tuple[PumpStep, ...]
    volume_ml: float
    concentration_mg_ml: float
    devices: int
    end_min: float
    draw_mg: float
    doses: tuple[Dose, ...]


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
    doses = tuple(sorted((*regimen.fixed_doses, *_pumped(regimen, patient, protocol)), key=lambda d: d.start_h))
    total, steps = 0.0, []
    for d in doses:
        mg = dose_mg(d, patient)
        total += mg
        if d.route == "iv" and d.duration_h > 0:
            ml_h = mg / rule.concentration_mg_ml / d.duration_h
            if ml_h > rule.max_ml_h * (1 + 1e-9):
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
    devices = sum(1 for d in doses if d.route == "intranasal")
    draw = rule.draw_mg if rule.draw_mg is not None else total
    if draw < total - 1e-9:
        raise InputError("draw_mg", draw, f"at least the planned {total:.4g} mg")
    return Plan(
        regimen, total, used, tuple(steps), volume, rule.concentration_mg_ml, devices, 60 * regimen.end_h, draw, doses
    )


def _pumped(regimen: Regimen, patient: Patient, protocol: Protocol) -> list[Dose]:
    """What a target-controlled pump will give this patient by its own model, as infusions of one period each."""
    from ketasim.dosing.target_control import Hold, programme
    from ketasim.dosing.target_control import Pump as Limits
    from ketasim.pump import DEFAULT_MODEL, pump_model

    out: list[Dose] = []
    cov = Cohort.from_patient(patient).covariates
    limits = Limits(protocol.dose.max_ml_h, protocol.dose.concentration_mg_ml, PERIOD_S)
    for drug in dict.fromkeys(a.drug for a in regimen.targets):
        holds = [Hold(a.start_h, a.duration_h, a.ng_ml, a.site) for a in regimen.targets if a.drug == drug]
        starts, rates = programme(pump_model(DEFAULT_MODEL, drug, cov, 1), holds, limits)
        for start, end, rate in zip(starts, starts[1:], rates[:, 0], strict=False):
            if rate > 0:
                took = float(end - start)
                out.append(Dose(drug, "iv", float(rate) * took, "mg", float(start), took))
    return out
