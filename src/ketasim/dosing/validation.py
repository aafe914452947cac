"""Turns the first complaint of a pydantic model into one sentence naming the field, the value and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from ketasim.core.errors import InputError
from ketasim.dosing.catalogue import did_you_mean

_ALLOWED = {
    "string_type": "text in quotation marks",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a table",
    "list_type": "a list",
    "tuple_type": "a list",
    "model_type": "a table",
    "mapping_type": "a table",
}


def field_name(path: Iterable[Any], prefix: str = "") -> str:
    """regimen.doses[0].amount"""
    out = prefix
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f"{'.' if out else ''}{part}"
    return out


def input_error(error: ValidationError, model: type[BaseModel], prefix: str = "") -> InputError:
    """The first problem as an InputError."""
    problem = error.errors(include_url=False)[0]
    name = field_name(problem["loc"], prefix)
    kind = problem["type"]
    context = problem.get("ctx", {})
    if kind == "extra_forbidden":
        known = [f.alias or n for n, f in model.model_fields.items()]
        hint = did_you_mean(str(problem["loc"][-1]), known)
        return InputError(f"key {name}", shown(problem["input"]), f"one of the keys {', '.join(known)}", hint)
    if kind == "missing":
        return InputError(name, "missing", "a value")
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        words = {"ge": "at least", "le": "at most", "gt": "above", "lt": "below"}
        limits = " and ".join(f"{words[k]} {v}" for k, v in context.items() if k in words)
        return InputError(name, shown(problem["input"]), f"a number {limits}")
    allowed = _ALLOWED.get(kind) or problem["msg"][0].lower() + problem["msg"][1:]
    return InputError(name, shown(problem["input"]), allowed)


def shown(value: Any) -> Any:
    """A value short enough for one line."""
    if isinstance(value, (str, int, float, bool)) or value is None:
        text = " ".join(value.split()) if isinstance(value, str) else value
        return text if len(str(text)) <= 60 else f"{str(text)[:57]}…"
    return "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else type(value).__name__
