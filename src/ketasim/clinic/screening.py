"""Screening: what speaks against treatment, with reasons; what is unknown is said."""

from __future__ import annotations

from dataclasses import dataclass

from ketasim.clinic.protocol import Protocol
from ketasim.patients import Patient


@dataclass(frozen=True)
class Finding:
    """One finding: verdict (exclude, caution, inform, unknown), what and why."""

    verdict: str
    field: str
    value: object
    reason: str
    source: str


@dataclass(frozen=True)
class Screening:
    """All findings; eligible unless something excludes."""

    findings: tuple[Finding, ...]

    @property
    def eligible(self) -> bool:
        """Whether nothing excludes."""
        return not any(f.verdict == "exclude" for f in self.findings)


def screen(patient: Patient, protocol: Protocol) -> Screening:
    """Apply a protocol's rules to a patient's covariates and medicines."""
    cov = patient.covariates()
    found = []
    for rule in protocol.screening:
        if rule.field not in cov:
            found.append(Finding("unknown", rule.field, None, f"not recorded: {rule.reason}", rule.source))
            continue
        value = cov[rule.field]
        beyond = value > rule.above if rule.above is not None else value < float(rule.below or 0.0)
        if beyond:
            found.append(Finding(rule.verdict, rule.field, value, rule.reason, rule.source))
    for drug in patient.unknown_drugs:
        found.append(
            Finding(
                "unknown",
                "comedication",
                drug,
                "unknown drug: no effect and no interaction of it is in any number",
                "assumed",
            )
        )
    return Screening(tuple(found))
