"""Ratios between two analyses of the same person: accumulation and bioavailability."""

from __future__ import annotations

import math

from ketasim.analysis.nca.plasma import Sheet
from ketasim.analysis.nca.result import NcaResult
from ketasim.core.errors import InputError


def _pick(result: NcaResult, code: str, subject: str) -> float:
    return result.row(code, subject).value


def _ratio(a: float, b: float) -> float:
    return a / b if b else math.nan


def _same_units(a: NcaResult, b: NcaResult, code_a: str, code_b: str) -> None:
    if a.unit(code_a) != b.unit(code_b):
        raise InputError("units", f"{a.unit(code_a)} and {b.unit(code_b)}", "the same units in both analyses")


def accumulation(first: NcaResult, steady: NcaResult) -> NcaResult:
    """Steady state over first dose: ARAUC and ARCMAX.

    `first` is a single-dose analysis with the partial area (0, tau) asked for; `steady` one with tau.
    """
    _same_units(first, steady, "AUCINT", "AUCTAU")
    out = []
    for subject in steady.subjects:
        sheet = Sheet(subject)
        area = first.row("AUCINT", subject)
        sheet.add("ARAUC", _ratio(_pick(steady, "AUCTAU", subject), area.value), "1", "an area is missing or 0")
        sheet.add("ARCMAX", _ratio(_pick(steady, "CMAX", subject), _pick(first, "CMAX", subject)), "1", "no Cmax")
        out += sheet.rows
    return NcaResult(tuple(out))


def bioavailability(test: NcaResult, reference: NcaResult, *, absolute: bool) -> NcaResult:
    """Dose-normalised AUC to infinity, test over reference: FABS against an intravenous, FREL against another dose."""
    _same_units(test, reference, "AUCIFOD", "AUCIFOD")
    out = []
    for subject in test.subjects:
        sheet = Sheet(subject)
        ratio = _ratio(_pick(test, "AUCIFOD", subject), _pick(reference, "AUCIFOD", subject))
        sheet.add("FABS" if absolute else "FREL", ratio, "1", "an area to infinity is missing")
        out += sheet.rows
    return NcaResult(tuple(out))
