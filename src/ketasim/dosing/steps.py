"""What one step of a regimen is: something given, a concentration aimed at, or a pause. A step that exists is valid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from ketasim.core.errors import InputError
from ketasim.dosing.catalogue import (
    INFUSION_ROUTES,
    Drug,
    Product,
    default_product,
    find_drug,
    find_product,
    find_route,
    hcl_to_base,
    products,
)
from ketasim.dosing.quantities import MG, Span, Unit, mg_per_ml, number_text, per_hour

TARGET_UNITS = {"ng/mL": 1.0, "ug/mL": 1000.0, "mg/mL": 1e6, "ng/L": 1e-3, "ug/L": 1.0, "mg/L": 1000.0}
SITES = ("plasma", "effect")


@dataclass(frozen=True)
class Give:
    """A drug given once: an amount (at once or over a time) or a rate for a time.

    value, unit : as written; unit None is a placebo without an amount. duration : None means at once.
    concentration : (value, mass unit) per mL, of an amount or rate in mL. hcl : the amount is of hydrochloride.
    ibw : per kg of ideal instead of actual body weight. product : filled in by default_product when empty.
    apart : time between the devices of a divided product. Raises InputError on anything that contradicts itself.
    """

    drug: str
    value: float
    unit: Unit | None
    route: str
    duration: Span | None = None
    concentration: tuple[float, str] | None = None
    hcl: bool = False
    ibw: bool = False
    product: str = ""
    apart: Span | None = None

    def __post_init__(self) -> None:
        drug = find_drug(self.drug)
        route = find_route(self.route)
        if route not in drug.routes:
            raise InputError("route", self.route, f"{', '.join(drug.routes)} for {drug.name}")
        object.__setattr__(self, "drug", drug.name)
        object.__setattr__(self, "route", route)
        object.__setattr__(self, "value", float(self.value))
        self._check_amount(drug)
        self._check_time()
        self._check_form(drug)
        if drug.kind != "placebo" and not 1e-15 < self.amount < 1e15:
            raise InputError("amount", f"{number_text(self.value)} {self.unit}", "a possible amount")

    # ------------------------------------------------------------------ checks

    def _check_amount(self, drug: Drug) -> None:
        placebo = drug.kind == "placebo"
        if self.unit is None:
            if not placebo or self.value != 0:
                raise InputError("amount", "missing", "an amount with its unit, as in 0.5 mg/kg")
            return
        if not (math.isfinite(self.value) and self.value > 0):
            raise InputError("amount", f"{number_text(self.value)} {self.unit}", "a number above 0")
        if placebo and self.unit.quantity != "mL":
            raise InputError("amount", f"{number_text(self.value)} {self.unit}", f"mL or no amount for {drug.name}")

    def _check_time(self) -> None:
        rate = self.unit is not None and bool(self.unit.per)
        if rate and self.duration is None:
            raise InputError("duration", "missing", "`for` and a time after a rate, as in 0.3 mg/kg/h for 4 h")
        if self.duration is None:
            return
        if self.duration.value == 0:
            raise InputError("duration", str(self.duration), "a time above 0", "Leave it out for a dose given at once.")
        if self.route not in INFUSION_ROUTES:
            raise InputError(
                "duration", str(self.duration), f"none for {self.route}; {', '.join(INFUSION_ROUTES)} may take time"
            )

    def _check_form(self, drug: Drug) -> None:
        if self.hcl and drug.kind != "ketamine":
            raise InputError("hcl", drug.name, "ketamine, esketamine, arketamine", "Other drugs are dosed as labelled.")
        if self.ibw and not (self.unit and self.unit.per_kg):
            raise InputError("ibw", str(self.unit or "no unit"), "an amount per kg")
        if self.product:
            object.__setattr__(self, "product", find_product(self.product, self.drug, self.route).name)
        else:
            object.__setattr__(self, "product", default_product(self.drug, self.route))
        self._check_volume(drug)
        form = self.form
        if form is not None and form.divided:
            self._check_devices(form)
            if self.apart is None:
                object.__setattr__(self, "apart", Span(form.interval_min, "min"))
        elif self.apart is not None:
            raise InputError("sprays", str(self.apart), "a time between devices of a nasal device product")

    def _check_volume(self, drug: Drug) -> None:
        volume = self.unit is not None and self.unit.quantity == "mL"
        if self.concentration is None:
            if volume and drug.kind != "placebo" and not (self.form and self.form.concentration_mg_ml):
                raise InputError("concentration", "missing", "`of` and a strength after mL, as in 10 mL/h of 1 mg/mL")
            return
        value, quantity = self.concentration
        shown = f"{number_text(value)} {quantity}/mL"
        if not volume or drug.kind == "placebo":
            raise InputError("concentration", shown, "a strength of a drug given in mL, as in 10 mL/h of 1 mg/mL")
        if quantity not in MG:
            raise InputError("concentration", shown, "ng, ug, mg or g in each mL")
        if not (math.isfinite(value) and value > 0):
            raise InputError("concentration", shown, "a strength above 0")
        object.__setattr__(self, "concentration", (float(value), quantity))

    def _check_devices(self, form: Product) -> None:
        assert self.unit is not None and form.unit_mg is not None
        size = number_text(form.unit_mg)
        hint = "Name another form for other amounts, as in `as nasal_solution`."
        allowed = f"whole {size} mg devices ({', '.join(number_text(n * form.unit_mg) for n in (1, 2, 3))} mg …)"
        if self.unit.per_kg or self.unit.per or self.unit.quantity == "mL":
            raise InputError("amount", f"{number_text(self.value)} {self.unit}", allowed, hint)
        count = self._base_mg() / form.unit_mg
        if round(count) < 1 or abs(count - round(count)) > (2e-3 if self.hcl else 1e-9):
            raise InputError("amount", f"{number_text(self.value)} {self.unit}", allowed, hint)
        if round(count) > 100:
            raise InputError("amount", f"{number_text(self.value)} {self.unit}", "at most 100 devices at a time")

    # ------------------------------------------------------------------ readings

    @property
    def form(self) -> Product | None:
        """The product, where one matters."""
        return products()[self.product] if self.product else None

    @property
    def devices(self) -> int:
        """Number of devices the amount is split into; 1 for everything that is not divided."""
        form = self.form
        if form is None or not form.divided or form.unit_mg is None:
            return 1
        return round(self._base_mg() / form.unit_mg)

    @property
    def is_rate(self) -> bool:
        return self.unit is not None and bool(self.unit.per)

    @property
    def duration_h(self) -> float:
        """Hours of the infusion; 0 when given at once."""
        return self.duration.hours if self.duration else 0.0

    @property
    def length_h(self) -> float:
        """Hours from the start to the end of giving, device intervals included."""
        return self.duration_h if self.apart is None else (self.devices - 1) * self.apart.hours

    @property
    def basis(self) -> str:
        """ "mg", "mg/kg" or "mg/kg_ibw": what `amount` is counted in."""
        if self.unit is None or not self.unit.per_kg:
            return "mg"
        return "mg/kg_ibw" if self.ibw else "mg/kg"

    def _base_mg(self) -> float:
        """Value as written in mg of base (per time unit for a rate)."""
        if self.unit is None or find_drug(self.drug).kind == "placebo":
            return 0.0
        if self.unit.quantity == "mL":
            form = self.form
            if self.concentration is not None:
                mg = self.value * mg_per_ml(*self.concentration, "mL")
            else:
                assert form is not None and form.concentration_mg_ml is not None
                mg = self.value * form.concentration_mg_ml
        else:
            mg = self.unit.mg(self.value)
        return mg * hcl_to_base() if self.hcl else mg

    @property
    def amount(self) -> float:
        """The whole amount of base, in the basis: rate × time for a rate, all devices together."""
        mg = self._base_mg()
        form = self.form
        if form is not None and form.divided and form.unit_mg is not None:
            return self.devices * form.unit_mg
        if self.unit is None or not self.unit.per or self.duration is None:
            return mg
        return per_hour(mg, self.unit.per) * self.duration.hours


@dataclass(frozen=True)
class Target:
    """A pump asked to hold a concentration: total arterial drug in plasma, or at the effect site, for a time."""

    drug: str
    site: str
    value: float
    unit: str
    duration: Span

    def __post_init__(self) -> None:
        drug = find_drug(self.drug)
        if drug.kind == "placebo":
            raise InputError("drug", self.drug, "a drug with a concentration")
        if self.site not in SITES:
            raise InputError("tci", self.site, "plasma or effect")
        if self.unit not in TARGET_UNITS:
            raise InputError("target", f"{number_text(self.value)} {self.unit}", ", ".join(TARGET_UNITS))
        if not (math.isfinite(self.value) and self.value > 0):
            raise InputError("target", f"{number_text(self.value)} {self.unit}", "a concentration above 0")
        if self.duration.value == 0:
            raise InputError("duration", str(self.duration), "a time above 0")
        object.__setattr__(self, "drug", drug.name)
        object.__setattr__(self, "value", float(self.value))

    @property
    def ng_ml(self) -> float:
        return self.value * TARGET_UNITS[self.unit]

    @property
    def length_h(self) -> float:
        return self.duration.hours


@dataclass(frozen=True)
class Pause:
    """Nothing given for a time."""

    duration: Span

    def __post_init__(self) -> None:
        if self.duration.value == 0:
            raise InputError("pause", str(self.duration), "a time above 0")

    @property
    def length_h(self) -> float:
        return self.duration.hours


Given: TypeAlias = Give | Target
Step: TypeAlias = Give | Target | Pause
