"""Patient: one person as a user describes them, checked for range and contradiction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ketasim.core.errors import InputError
from ketasim.patients import body, growth, typical
from ketasim.patients.comedication import catalogue
from ketasim.patients.covariates import (
    ANCESTRY,
    CHILD_PUGH,
    CYP2B6_FUNCTION,
    DIAGNOSIS,
    FLAGS,
    LIMITS,
    SCORES,
    SMOKING,
    Ancestry,
    ChildPugh,
    Diagnosis,
    Sex,
    Smoking,
    alleles,
    complete,
)

FERTILE = (10.0, 60.0)
ADULT_BMI = (10.0, 100.0)
ADULT_HEIGHT = (80.0, 250.0)
_SEX = {"f": "female", "m": "male", "woman": "female", "man": "male", "girl": "female", "boy": "male"}


def _number(name: str, default: float, text: str) -> Any:
    low, high = LIMITS[name]
    return Field(default, ge=low, le=high, description=text)


def _no_switch(name: str, value: Any) -> Any:
    """A switch given for a number reads as a word, so that it is refused and not taken for 0 or 1."""
    return str(value).lower() if isinstance(value, bool) and name in {*LIMITS, *SCORES} - set(FLAGS) else value


def _score(name: str) -> Any:
    low, high, text = SCORES[name]
    return Field(None, ge=low, le=high, description=text)


class Patient(BaseModel):
    """One person. Everything but the weight can be left out; what was filled in is named by `imputed`.

    Weights and heights left out are the chart median of the age and sex below 20 years, 70 kg and the mean height of
    the sex above. Wrong or contradictory input raises InputError with what is allowed; what is merely unusual is in
    `notes`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)

    weight_kg: float = _number("weight_kg", 70.0, "actual body weight, kg")
    height_cm: float = _number("height_cm", 170.0, "height, cm")
    age_y: float = _number("age_y", 40.0, "age, years")
    sex: Sex = "male"
    ancestry: Ancestry = "unknown"
    child_pugh: ChildPugh = "none"
    egfr: float = _number("egfr", 100.0, "glomerular filtration, mL/min/1.73 m²")
    cyp2b6: str = Field("*1/*1", description="CYP2B6 diplotype, for example *1/*6")
    smoking: Smoking = "never"

    hypertension: bool = False
    heart_failure: bool = False
    ischaemia: bool = False
    aneurysm: bool = False
    raised_icp: bool = False
    raised_iop: bool = False
    seizures: bool = False
    psychosis_history: bool = False
    mania_history: bool = False
    substance_use: bool = False
    bladder_disease: bool = False
    sleep_apnoea: bool = False
    hypersensitivity: bool = False
    pregnant: bool = False
    breastfeeding: bool = False
    ventilated: bool = False

    sbp: float = _number("sbp", 116.0, "systolic blood pressure at rest, mmHg")
    dbp: float = _number("dbp", 69.0, "diastolic blood pressure at rest, mmHg")
    heart_rate: float = _number("heart_rate", 72.0, "heart rate at rest, 1/min")

    diagnosis: Diagnosis = "healthy"
    prior_failures: int = _number("prior_failures", 0, "adequate treatments that failed in this episode")
    expectancy: float = _number("expectancy", 0.5, "belief that the treatment will help; 0.5 typical")
    comedication: tuple[str, ...] = ()

    madrs: float | None = _score("madrs")
    hdrs: float | None = _score("hdrs")
    qids: float | None = _score("qids")
    ssi: float | None = _score("ssi")
    caps5: float | None = _score("caps5")
    ybocs: float | None = _score("ybocs")
    lsas: float | None = _score("lsas")
    hama: float | None = _score("hama")
    pain_nrs: float | None = _score("pain_nrs")
    craving: float | None = _score("craving")

    imputed: tuple[str, ...] = ()

    def __init__(self, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise _first(error) from None

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Patient:
        """A patient from a table of a scenario file; the same checks and messages."""
        return cls(**dict(data))

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, data: Any) -> Any:
        """Fill what was left out from age, sex and hypertension; remember which."""
        if not isinstance(data, Mapping):
            return data
        given = {k: _no_switch(k, v) for k, v in data.items() if v is not None}
        if isinstance(given.get("sex"), str):
            word = given["sex"].strip().lower()
            given["sex"] = _SEX.get(word, word)
        try:
            age = float(given.get("age_y", 40.0))
            female = float(given.get("sex", "male") == "female")
        except (TypeError, ValueError):
            return given
        if not 0.0 <= age <= 110.0:
            return given
        high = given.get("hypertension") is True
        if "diagnosis" in given and given["diagnosis"] == "trd" and "prior_failures" not in given:
            given["prior_failures"] = 2
            filled = ["prior_failures"]
        else:
            filled = []
        for name, value in typical.body(age, female, high).items():
            if name not in given:
                given[name] = value
                filled.append(name)
        earlier = given.get("imputed", ())
        if isinstance(earlier, (list, tuple)):
            given["imputed"] = tuple(dict.fromkeys([*map(str, earlier), *filled]))
        return given

    @field_validator("cyp2b6")
    @classmethod
    def _genotype(cls, value: str) -> str:
        parts = value.replace(" ", "").split("/")
        if len(parts) != 2 or any(p not in CYP2B6_FUNCTION for p in parts):
            known = sorted(CYP2B6_FUNCTION, key=lambda a: int(a[1:]))
            raise InputError("cyp2b6", value, f"two of {', '.join(known)} joined by /, for example *1/*6")
        return "/".join(sorted(parts, key=lambda a: int(a[1:])))

    @field_validator("comedication", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = [v for v in value.split(",") if v.strip()]
        if not isinstance(value, (list, tuple, set, frozenset)):
            raise InputError("comedication", value, "a list of drug names")
        if not all(isinstance(v, str) and v.strip() for v in value):
            raise InputError("comedication", list(value), "a list of drug names, none empty")
        return tuple(dict.fromkeys(catalogue().normal(v) for v in value))

    @model_validator(mode="after")
    def _consistent(self) -> Patient:
        female = self.sex == "female"
        if self.age_y < growth.ADULT_FROM:
            for measure, field in (("weight", "weight_kg"), ("height", "height_cm")):
                value = getattr(self, field)
                low, high = growth.band(measure, self.age_y, female)
                if not low <= value <= high:
                    unit = field.rsplit("_", 1)[1]
                    who = "girl" if female else "boy"
                    raise InputError(
                        field, value, f"{low:.3g} to {high:.3g} {unit} for a {who} of {self.age_y:g} years",
                        "The limits are those the CDC growth charts use for implausible values.",
                    )  # fmt: skip
        else:
            low, high = ADULT_HEIGHT
            if not low <= self.height_cm <= high:
                raise InputError("height_cm", self.height_cm, f"{low:g} to {high:g} cm for an adult")
            low, high = ADULT_BMI
            if not low <= self.bmi <= high:
                squared = (self.height_cm / 100.0) ** 2
                raise InputError(
                    "weight_kg", self.weight_kg,
                    f"{low * squared:.3g} to {high * squared:.3g} kg at a height of {self.height_cm:g} cm "
                    f"(body mass index {low:g} to {high:g})",
                )  # fmt: skip
        for flag in ("pregnant", "breastfeeding"):
            if getattr(self, flag):
                if not female:
                    raise InputError(flag, True, "false with sex male")
                if not FERTILE[0] <= self.age_y <= FERTILE[1]:
                    ages = f"{FERTILE[0]:g} to {FERTILE[1]:g}"
                    raise InputError(flag, True, f"false at age {self.age_y:g}, true from {ages} years")
        if self.dbp >= self.sbp:
            raise InputError("dbp", self.dbp, f"below sbp ({self.sbp:g} mmHg)")
        if self.diagnosis == "trd" and self.prior_failures < 2:
            raise InputError("prior_failures", self.prior_failures, "2 or more with diagnosis trd")
        return self

    def replace(self, **changes: Any) -> Patient:
        """The same person with other values, checked anew; values that were filled in are filled in again."""
        own = {k: v for k, v in self.model_dump().items() if k not in self.imputed and k != "imputed"}
        return Patient(**{**own, **changes})

    # ---- derived
    @property
    def female(self) -> bool:
        """Whether the sex is female."""
        return self.sex == "female"

    @property
    def bmi(self) -> float:
        """Body mass index, kg/m²."""
        return float(body.bmi(self.weight_kg, self.height_cm))

    @property
    def ibw_kg(self) -> float:
        """Ideal body weight, kg (Devine)."""
        return float(body.ideal_weight(self.height_cm, float(self.female), self.weight_kg, self.age_y))

    @property
    def lbw_kg(self) -> float:
        """Lean body weight, kg (Janmahasatian)."""
        return float(body.lean_weight(self.weight_kg, self.height_cm, float(self.female)))

    @property
    def bsa_m2(self) -> float:
        """Body surface area, m² (Mosteller)."""
        return float(body.surface(self.weight_kg, self.height_cm))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know: unknown drugs, unusual bodies, values that were filled in."""
        filled = ("filled in: " + ", ".join(self.imputed),) if self.imputed else ()
        return (*self.cautions, *filled)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What a result must say: drugs nobody modelled, unusual bodies, scores that fit no diagnosis."""
        out = [f"comedication {n!r} is not in the catalogue: kept, no effect modelled" for n in self.unknown_drugs]
        if self.age_y < growth.ADULT_FROM:
            for measure, value in (("weight", self.weight_kg), ("height", self.height_cm)):
                z = float(growth.z_score(measure, value, self.age_y, float(self.female)))
                if abs(z) > 3.0:
                    out.append(f"{measure} is {z:+.1f} standard deviations from the chart median for age and sex")
        elif not 15.0 <= self.bmi <= 60.0:
            out.append(f"body mass index {self.bmi:.1f} is outside 15 to 60")
        if self.diagnosis == "healthy" and (self.madrs or 0.0) >= 20.0:
            out.append(f"diagnosis is healthy with MADRS {self.madrs:g}")
        return tuple(out)

    @property
    def unknown_drugs(self) -> tuple[str, ...]:
        """Comedication no part of the model knows."""
        return tuple(n for n in self.comedication if not catalogue().known(n))

    def takes(self, name: str) -> bool:
        """Whether the person takes a drug of this name or class."""
        key = catalogue().normal(name)
        return key in self.comedication or name in catalogue().classes_of(self.comedication)

    def primary(self) -> dict[str, float]:
        """The covariates a patient states (or that were filled in), as numbers; see covariates.TABLE."""
        reduced, increased = alleles(self.cyp2b6)
        scores = typical.scores(self.diagnosis)
        out = {
            "weight_kg": self.weight_kg,
            "height_cm": self.height_cm,
            "age_y": self.age_y,
            "female": float(self.female),
            "egfr": self.egfr,
            "child_pugh": float(CHILD_PUGH.index(self.child_pugh)),
            "ancestry": float(ANCESTRY.index(self.ancestry)),
            "cyp2b6_reduced": float(reduced),
            "cyp2b6_increased": float(increased),
            "smoking": float(SMOKING.index(self.smoking)),
            "sbp": self.sbp,
            "dbp": self.dbp,
            "heart_rate": self.heart_rate,
            "expectancy": self.expectancy,
            "prior_failures": float(self.prior_failures),
            "diagnosis": float(DIAGNOSIS.index(self.diagnosis)),
        }
        out.update({name: float(getattr(self, name)) for name in FLAGS})
        for name in SCORES:
            value = getattr(self, name)
            out[name] = scores[name] if value is None else value
        return out

    def covariates(self) -> dict[str, float]:
        """Every covariate as a number, by the names, units and codes of `covariates.documented()`."""
        full = complete(self.primary(), dict.fromkeys(self.comedication, True), 1)
        return {name: float(values[0]) for name, values in full.items()}


def _first(error: ValidationError) -> InputError:
    """One sentence from the first thing pydantic found wrong."""
    item = error.errors()[0]
    inner = item.get("ctx", {}).get("error")
    if isinstance(inner, InputError):
        return inner
    name = ".".join(str(p) for p in item["loc"]) or "patient"
    kind, ctx = item["type"], item.get("ctx", {})
    field = Patient.model_fields.get(str(item["loc"][0])) if item["loc"] else None
    if kind == "extra_forbidden":
        import difflib

        close = difflib.get_close_matches(name, list(Patient.model_fields), 1)
        hint = f"Did you mean {close[0]}?" if close else ""
        return InputError("patient field", name, ", ".join(f for f in Patient.model_fields if f != "imputed"), hint)
    if kind == "literal_error":
        return InputError(name, item["input"], str(ctx["expected"]).replace("'", ""))
    if kind.startswith("bool"):
        return InputError(name, item["input"], "true or false")
    bounds = {type(m).__name__: m for m in field.metadata} if field else {}
    low = getattr(bounds.get("Ge"), "ge", None)
    high = getattr(bounds.get("Le"), "le", None)
    allowed = item["msg"][0].lower() + item["msg"][1:]
    if low is not None and high is not None:
        what = "a whole number" if kind.startswith("int") else "a number"
        meaning = f" ({field.description})" if field and field.description else ""
        allowed = f"{what} from {low:g} to {high:g}{meaning}"
    return InputError(name, item["input"], allowed)
