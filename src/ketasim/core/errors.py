"""What goes wrong, said in one sentence that names the field, the value and what is allowed."""

from __future__ import annotations


class KetasimError(Exception):
    """Base of every error ketasim raises on purpose."""


class InputError(KetasimError, ValueError):
    """Input that cannot be used.

    Parameters
    ----------
    field : the name of the thing that is wrong, as the user wrote it.
    value : what was given.
    allowed : what would have been accepted, in words.
    hint : one further sentence, where it helps.
    """

    def __init__(self, field: str, value: object, allowed: str, hint: str = "") -> None:
        self.field = field
        self.value = value
        self.allowed = allowed
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        shown = repr(self.value) if isinstance(self.value, str) else f"{self.value}"
        text = f"{self.field} is {shown}; allowed: {self.allowed}"
        return f"{text}. {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.field, self.value, self.allowed, self.hint)


class ModelError(KetasimError):
    """A component or system that contradicts itself (a missing signal, a doubled name, a unit that cannot fit)."""


class SolverError(KetasimError):
    """A run that could not be finished; names the subject and the time."""
