"""FHIR R4B resources of a simulated session: MedicationAdministration and Observation, as a Bundle.

This content uses codes of LOINC (Regenstrief Institute), available at no cost under the licence at loinc.org/license.
No SNOMED codes and no texts of rating scales are used. The patient is simulated and carries no identifier.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

LOINC = {
    "sbp": ("8480-6", "Systolic blood pressure", "mm[Hg]"),
    "dbp": ("8462-4", "Diastolic blood pressure", "mm[Hg]"),
    "heart_rate": ("8867-4", "Heart rate", "/min"),
    "resp_rate": ("9279-1", "Respiratory rate", "/min"),
    "spo2": ("59408-5", "Oxygen saturation in arterial blood by pulse oximetry", "%"),
}
NOTICE = (
    "This content uses LOINC codes (Regenstrief Institute and the LOINC Committee), available at no cost under the "
    "licence at https://loinc.org/license. The patient is simulated."
)
VITAL = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}
START = datetime(2000, 1, 1, tzinfo=UTC)


def bundle(session: Any) -> str:
    """JSON text of a Bundle (type collection); checked with fhir.resources where that is installed."""
    entries = [{"resource": r} for r in (*_administrations(session), *_observations(session))]
    tag = {"system": "https://loinc.org", "display": NOTICE}
    out = {"resourceType": "Bundle", "type": "collection", "meta": {"tag": [tag]}, "entry": entries}
    try:
        from fhir.resources.R4B.bundle import Bundle
    except ImportError:
        return json.dumps(out, indent=1)
    Bundle.model_validate(out)
    return json.dumps(out, indent=1)


def _when(minute: float) -> str:
    return (START + timedelta(minutes=minute)).isoformat()


def _administrations(session: Any) -> list[dict[str, Any]]:
    out, patient = [], {"display": "simulated patient"}
    drug = session.plan.doses[0].drug
    if session.start_min == session.start_min:
        ended = session.end_min == session.end_min
        how = next((e["how"] for e in session.log.events if e["kind"] == "end of dosing"), "")
        period = {"start": _when(session.start_min), **({"end": _when(session.end_min)} if ended else {})}
        out.append({
            "resourceType": "MedicationAdministration", "subject": patient,
            "status": "in-progress" if not ended else "stopped" if how == "stopped" else "completed",
            "medicationCodeableConcept": {"text": drug}, "effectivePeriod": period,
            "dosage": {"text": str(session.plan.regimen),
                       "dose": {"value": round(session.account.given, 4), "unit": "mg", "code": "mg",
                                "system": "http://unitsofmeasure.org"}},
        })  # fmt: skip
    for e in session.log.events:
        if e["kind"] == "given" and e["drug"] != drug:
            out.append({
                "resourceType": "MedicationAdministration", "status": "completed", "subject": patient,
                "medicationCodeableConcept": {"text": e["drug"]}, "effectiveDateTime": _when(e["min"]),
                "dosage": {"dose": {"value": e["mg"], "unit": "mg", "code": "mg", "system": "http://unitsofmeasure.org"}},
            })  # fmt: skip
    return out


def _observations(session: Any) -> list[dict[str, Any]]:
    out = []
    for row in session.readings:
        for name, value in row.items():
            if name in LOINC:
                code, text, unit = LOINC[name]
                out.append({
                    "resourceType": "Observation", "status": "final", "subject": {"display": "simulated patient"},
                    "category": [{"coding": [VITAL]}],
                    "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": text}]},
                    "effectiveDateTime": _when(row["min"]),
                    "valueQuantity": {"value": value, "unit": unit, "code": unit, "system": "http://unitsofmeasure.org"},
                })  # fmt: skip
    return out
