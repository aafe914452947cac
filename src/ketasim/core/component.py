"""Component: one mechanism as a small frozen dataclass whose equations are written once.

The same `rates` and `read` are called with graph expressions (to trace), with arrays (to check), with JAX arrays (to
differentiate) and with pint quantities (to check units). Values live in TOML; a field declared with `par` is filled
from the table named by `table` unless the caller gives a number.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ketasim.core.errors import InputError, ModelError
from ketasim.core.parameters import Parameter, ParameterTable

Values = Mapping[str, Any]


def par(unit: str, doc: str, *, low: float | None = None, high: float | None = None, key: str = "") -> Any:
    """A number of the model: its unit inside the equations and what it means.

    `key` names the entry of the TOML table where it differs from the field; `low` and `high` bound the individual
    value: a spread is drawn within them, by its distribution function; a value that covariates or a user put outside
    is refused by name, never clipped.
    """
    return dataclasses.field(
        default=None, metadata={"unit": unit, "doc": doc, "low": low, "high": high, "key": key, "par": True}
    )


@dataclass(frozen=True)
class DoseInput:
    """What one administered dose is, as a component's `dose` sees it. Arrays have one entry a subject."""

    amount: np.ndarray
    start_h: float
    duration_h: float
    device_index: int = 0
    session_index: int = 0
    clock_h: float | None = None


@dataclass(frozen=True)
class Input:
    """An amount entering a state: at once (duration 0) or at a constant rate. Arrays have one entry a subject."""

    state: str
    amount: np.ndarray
    start_h: np.ndarray | float
    duration_h: np.ndarray | float = 0.0


class Component:
    """Base of every mechanism. See docs: "add a mechanism"."""

    inputs: ClassVar[Mapping[str, str]] = {}
    optional: ClassVar[Mapping[str, float]] = {}
    states: ClassVar[Mapping[str, str]] = {}
    outputs: ClassVar[Mapping[str, str]] = {}
    ports: ClassVar[Mapping[str, str]] = {}
    jump_events: ClassVar[tuple[str, ...]] = ()
    conserves: ClassVar[tuple[Mapping[str, float], ...]] = ()
    positive: ClassVar[tuple[str, ...]] = ()
    site: ClassVar[str] = ""
    linear: ClassVar[bool] = False
    exportable: ClassVar[bool] = True
    table: str = ""

    if TYPE_CHECKING:  # every subclass is a keyword-only dataclass of its parameters

        def __init__(self, **values: Any) -> None: ...

    else:

        def __init__(self, **values: Any) -> None:
            for field in dataclasses.fields(self):
                if field.name in values:
                    value = values.pop(field.name)
                elif field.default is not dataclasses.MISSING:
                    value = field.default
                elif field.default_factory is not dataclasses.MISSING:
                    value = field.default_factory()
                else:
                    raise TypeError(f"{type(self).__name__} needs {field.name}")
                object.__setattr__(self, field.name, value)
            if values:
                raise TypeError(f"{type(self).__name__} has no parameter {', '.join(values)}")
            self.__post_init__()

        def __setattr__(self, name: str, value: Any) -> None:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

        def __delattr__(self, name: str) -> None:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        annotations = inspect.get_annotations(cls)
        if "table" in cls.__dict__ or "table" not in annotations:
            annotations = {**annotations, "table": str}
            if "table" not in cls.__dict__:
                cls.table = cls.table
        cls.__annotations__ = annotations
        dataclass(init=False, repr=False, eq=False, match_args=False, kw_only=True)(cls)  # no code to generate: quick

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            if field.metadata.get("par") and getattr(self, field.name) is None:
                object.__setattr__(self, field.name, self._tabled(field).value)

    @classmethod
    def _par_fields(cls) -> list[Any]:
        return [f for f in dataclasses.fields(cls) if f.metadata.get("par")]  # type: ignore[arg-type]

    def _tabled(self, field: Any) -> Parameter:
        if not self.table:
            raise ModelError(f"{type(self).__name__}.{field.name} has no value and the component names no table")
        of, table = field.metadata, ParameterTable.load(self.table)
        entry = table[of["key"] or field.name]
        try:
            return table.converted(entry, of["unit"], of["low"], of["high"])
        except InputError as error:
            raise ModelError(f"{self.table}.{field.name}: {error}") from None

    # ---- what readers ask
    def parameters(self) -> dict[str, Parameter]:
        """Field name → Parameter, in the component's units; a number given by the caller shows as assumed."""
        out = {}
        for field in self._par_fields():
            value = getattr(self, field.name)
            if self.table:
                try:
                    entry = self._tabled(field)
                except InputError:
                    entry = None
                if entry is not None and (not np.isscalar(value) or entry.value == value):
                    out[field.name] = entry
                    continue
            out[field.name] = Parameter(
                name=field.name,
                value=float(value),
                unit=field.metadata["unit"],
                kind="assumed",
                source="user",
                status="assumed",
                table=self.table or type(self).__name__,
                note="given by the caller",
            )
        return out

    def bounds(self) -> dict[str, tuple[float | None, float | None]]:
        """Declared limits of individual values."""
        return {f.name: (f.metadata["low"], f.metadata["high"]) for f in self._par_fields()}

    def omega(self) -> tuple[tuple[str, str, float], ...]:
        """Covariances between people, by parameter name of the table."""
        return ParameterTable.load(self.table).omega if self.table else ()

    def with_values(self, values: Values) -> Any:
        """The same component holding other numbers (expressions, arrays, quantities)."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__.update(values)
        return new

    # ---- what a mechanism writes
    def rates(self, x: Values, u: Values) -> dict[str, Any]:
        """d(state)/dt per hour for every state."""
        return {}

    def read(self, x: Values, u: Values) -> dict[str, Any]:
        """Outputs from states and inputs; by default the states of the same name."""
        return {name: x[name] for name in self.outputs}

    def initial(self) -> dict[str, Any]:
        """States at time zero (0 where not named)."""
        return {}

    def jump(self, event: str, x: Values, u: Values) -> dict[str, Any]:
        """States after a named event (unchanged where not named)."""
        return {}

    def derive(self, cov: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Individual parameters from covariates; arrays of one entry a subject; not traced."""
        return {}

    def dose(self, port: str, d: DoseInput) -> list[Input]:
        """Inputs that one dose at a port makes; bioavailability, lag and splitting go here."""
        return [Input(self.ports[port], d.amount, d.start_h, d.duration_h)]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.table})" if self.table else type(self).__name__
