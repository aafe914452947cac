"""Units of a non-compartmental analysis, composed from the units of its three inputs.

Time, concentration and dose each come with a unit; every result carries a unit built from them. Areas keep the
units as given (``h*ng/mL``). Clearances and volumes are turned into litres (``L/h``, ``L``), and per body size when
the dose was (``L/h/kg``). A dose by mass with a concentration by mole needs the molar mass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ketasim.core.errors import InputError

_PREFIX = {"k": 1e3, "": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}
_HOURS = {"s": 1 / 3600, "sec": 1 / 3600, "min": 1 / 60, "h": 1.0, "hr": 1.0, "hour": 1.0, "d": 24.0, "day": 24.0}
_VOLUME = {"L": 1.0, "dL": 0.1, "cL": 0.01, "mL": 1e-3, "uL": 1e-6, "cc": 1e-3, "cm^3": 1e-3, "m^3": 1e3}
_SIZE = ("kg", "m^2", "m2")
_TIMES_TEXT = "s, min, h or d"


def _plain(unit: str) -> str:
    """The same unit in ASCII with the micro sign and the litre written one way."""
    text = unit.strip().replace("µ", "u").replace("μ", "u").replace(" ", "").replace("mcg", "ug")
    return re.sub(r"(?<![A-Za-z])([dcmun]?)l(?![A-Za-z])", r"\1L", text)


def _quantity(unit: str, field: str, whole: str) -> tuple[str, float]:
    """("mass", grams per unit) or ("mole", moles per unit)."""
    for ending, kind in (("mol", "mole"), ("g", "mass")):
        if unit.endswith(ending) and unit[: -len(ending)] in _PREFIX:
            return kind, _PREFIX[unit[: -len(ending)]]
    raise InputError(field, whole, "a mass (g, mg, ug, ng, pg …) or an amount (mol, mmol, umol, nmol …)")


def hours_per(unit: str, field: str = "units.time") -> float:
    """Hours in one `unit` of time."""
    text = _plain(unit)
    for candidate in (text, text.removesuffix("s") if text != "s" else text):
        if candidate in _HOURS:
            return _HOURS[candidate]
    raise InputError(field, unit, _TIMES_TEXT)


def litres_per(unit: str, field: str) -> float:
    """Litres in one `unit` of volume."""
    text = _plain(unit)
    if text not in _VOLUME:
        raise InputError(field, unit, "a volume: L, dL, mL or uL")
    return _VOLUME[text]


def split_amount(unit: str, field: str = "units.dose") -> tuple[str, float, str]:
    """("mass" | "mole", grams or moles per unit, "" | "kg" | "m^2") of a dose unit such as ``mg`` or ``mg/kg``."""
    amount, *size = _plain(unit).split("/")
    if len(size) > 1 or (size and size[0] not in _SIZE):
        raise InputError(field, unit, "an amount such as mg or umol, or that per kg or per m^2")
    kind, factor = _quantity(amount, field, unit)
    return kind, factor, size[0].replace("m2", "m^2") if size else ""


def split_concentration(unit: str, field: str = "units.conc") -> tuple[str, float]:
    """("mass" | "mole", grams or moles per litre) of a concentration unit such as ``ng/mL`` or ``uM``."""
    text = _plain(unit)
    if text.endswith("M") and text[:-1] in _PREFIX:
        return "mole", _PREFIX[text[:-1]]
    parts = text.split("/")
    if len(parts) != 2:
        raise InputError(field, unit, "an amount per volume such as ng/mL, ug/L or umol/L")
    kind, factor = _quantity(parts[0], field, unit)
    return kind, factor / litres_per(parts[1], field)


@dataclass(frozen=True)
class Units:
    """The units of one analysis.

    Parameters
    ----------
    time : unit of the sampling times (s, min, h, d).
    conc : unit of the concentrations (ng/mL, ug/L, umol/L, nM …).
    dose : unit of the dose (mg, ug/kg, umol …).
    volume : unit of a urine volume.
    molar_mass_g_mol : needed only where the dose is a mass and the concentration molar, or the reverse.
    """

    time: str = "h"
    conc: str = "ng/mL"
    dose: str = "mg"
    volume: str = "mL"
    molar_mass_g_mol: float | None = None

    def __post_init__(self) -> None:
        hours_per(self.time)
        split_concentration(self.conc)
        split_amount(self.dose)
        litres_per(self.volume, "units.volume")
        if self.molar_mass_g_mol is not None and not self.molar_mass_g_mol > 0:
            raise InputError("units.molar_mass_g_mol", self.molar_mass_g_mol, "a positive number of g/mol")

    @property
    def auc(self) -> str:
        return f"{self.time}*{self.conc}"

    @property
    def aumc(self) -> str:
        return f"{self.time}^2*{self.conc}"

    @property
    def size(self) -> str:
        """ "" or "/kg" or "/m^2", as the dose was given."""
        size = split_amount(self.dose)[2]
        return f"/{size}" if size else ""

    @property
    def clearance(self) -> str:
        return f"L/{self.time}{self.size}"

    @property
    def distribution(self) -> str:
        return f"L{self.size}"

    @property
    def per_time(self) -> str:
        return f"1/{self.time}"

    def per_dose(self, unit: str) -> str:
        """`unit` divided by the unit of the dose, written without a doubtful second slash."""
        return f"{unit}/({self.dose})" if "/" in self.dose else f"{unit}/{self.dose}"

    def litres_per_ratio(self) -> float:
        """Litres in one (dose unit)/(concentration unit); raises where one is a mass and the other molar."""
        dose_kind, dose, _ = split_amount(self.dose)
        conc_kind, conc = split_concentration(self.conc)
        return dose / conc * self._bridge(dose_kind, conc_kind)

    def dose_per_excreted(self) -> float:
        """Dose units in one (concentration unit) × (urine volume unit)."""
        dose_kind, dose, _ = split_amount(self.dose)
        conc_kind, conc = split_concentration(self.conc)
        return conc * litres_per(self.volume, "units.volume") / dose / self._bridge(dose_kind, conc_kind)

    def _bridge(self, dose_kind: str, conc_kind: str) -> float:
        if dose_kind == conc_kind:
            return 1.0
        if self.molar_mass_g_mol is None:
            raise InputError(
                "units.molar_mass_g_mol", None, "the molar mass in g/mol",
                f"The dose is in {self.dose} and the concentration in {self.conc}: one by mass, the other by mole.",
            )  # fmt: skip
        return 1 / self.molar_mass_g_mol if dose_kind == "mass" else self.molar_mass_g_mol
