"""explain: why is this number what it is, and which papers stand behind this output?"""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

USUAL = "0.5 mg/kg iv over 40 min"


def command(
    name: Annotated[
        str,
        typer.Argument(
            help="A parameter (CL, part.CL), an output (ketamine.venous), a part, a table or a paper's key."
        ),
    ],
    model: Annotated[str, typer.Option(help="Model in which to look.")] = "ketamine",
    dose: Annotated[
        str, typer.Option(help="Regimen for which the model is built (all: every drug and route at once).")
    ] = USUAL,
    json: Annotated[bool, typer.Option("--json", help="Print a list of findings as JSON.")] = False,
) -> None:
    """Say where a number or an output comes from."""
    found = find(name, model, "" if dose.strip().lower() == "all" else dose)
    if json:
        import json as encoder

        print(encoder.dumps(found, ensure_ascii=False, default=str))
        return
    print("\n\n".join("\n".join(_lines(item)) for item in found))


def find(name: str, model: str, dose: str = USUAL) -> list[dict[str, Any]]:
    """Everything of that name: the parts behind an output, a part, parameters, tables, numbers taken from a paper.

    Raises InputError, with the closest names, where there is nothing.
    """
    from difflib import get_close_matches

    from ketasim.cli import composition
    from ketasim.core.errors import InputError
    from ketasim.core.note import upstream

    system = composition.system(model, dose)
    for part in system.parts:
        if name in [part.signal(output) for output in part.component.outputs]:
            chain = upstream(system, [name])
            return [_part(part, name), *(_part(other) for other in reversed(chain) if other is not part)]
    for readout in composition.built(model, "" if dose.strip().lower() == "all" else dose).readouts:
        if name in readout.provides:
            return [_readout(readout, name), *(_part(other) for other in reversed(upstream(system, readout.needs)))]
    found = [_part(part) for part in system.parts if name in (part.name, type(part.component).__name__)]
    found = found or [_number(key, p) for key, p in system.parameters.items() if name in (key, key.rpartition(".")[2])]
    if not found:
        for table in composition.tables().values():
            found += [_number(p.key, p) for p in table if name in (table.name, p.key, p.name, p.source)]
    if found:
        return found
    names = [*system.parameters, *system.program.outputs, *(p.name for p in system.parts), *composition.tables()]
    names += [p.name for table in composition.tables().values() for p in table]
    close = get_close_matches(name, sorted(set(names)), 4, 0.5)
    hint = f"Did you mean {' or '.join(close)}?" if close else ""
    raise InputError("name", name, f"a parameter, output, part, table or paper of model {model}", hint)


def _part(part: Any, signal: str = "") -> dict[str, Any]:
    component = part.component
    doc = inspect.cleandoc(type(component).__doc__ or "")
    return {
        "kind": "output" if signal else "part",
        "name": signal or part.name,
        "part": part.name,
        "mechanism": type(component).__name__,
        **_standing(signal),
        "description": doc,
        "reads": {port: wire for port in component.inputs if (wire := part.wire.get(port)) not in (None, ())},
        "parameters": [_number(f"{part.name}.{key}", p) for key, p in component.parameters().items()],
    }


def _readout(readout: Any, output: str) -> dict[str, Any]:
    """An output that is computed from finished curves."""
    from ketasim.models.catalogue import note

    about = note(output)
    return {
        "kind": "output",
        "name": output,
        "part": readout.name,
        "mechanism": "a read-out of finished curves",
        **_standing(output),
        "description": f"{about.what[:1].upper()}{about.what[1:]}." if about else "",
        "reads": {need: need for need in readout.needs},
        "parameters": [_number(key, p) for key, p in readout.parameters.items()],
    }


def _standing(output: str) -> dict[str, str]:
    """System and grade of an output, empty for a part."""
    from ketasim.core.note import GRADES
    from ketasim.models.catalogue import note

    about = note(output) if output else None
    return {"system": about.system, "grade": about.grade, "support": GRADES[about.grade]} if about else {}


def _number(name: str, p: Any) -> dict[str, Any]:
    from ketasim.core import citations

    value, unit = p.printed if p.printed[1] or p.printed[0] else (p.value, p.unit)
    paper = citations.references().get(p.source)
    fields = {
        "kind": "number", "name": name, "value": value, "unit": unit, "how": p.kind, "status": p.status,
        "source": p.source, "paper": paper.short if paper else "", "link": paper.link if paper else "",
        "where": p.where, "note": p.note, "table": p.table,
    }  # fmt: skip
    for layer in ("between", "occasion", "doubt"):
        if getattr(p, layer):
            fields[layer] = dict(getattr(p, layer))
    if p.valid:
        fields["valid"] = dict(p.valid)
    if p.rows:
        fields["fitted_to"] = list(p.rows)
    return fields


def _lines(item: dict[str, Any]) -> list[str]:
    if item["kind"] == "number":
        return _number_lines(item)
    head = f"{item['name']} is given by {item['part']}" if item["kind"] == "output" else item["name"]
    head += f" ({item['mechanism']})"
    if item.get("grade"):
        head += f"; {item['system']}, evidence grade {item['grade']}: {item['support']}"
    lines = [head, "", *(f"    {line}" if line else "" for line in item["description"].splitlines()), ""]
    for port, where in item["reads"].items():
        lines.append(f"    reads {port} from {', '.join(where) if isinstance(where, (tuple, list)) else where}")
    for number in item["parameters"]:
        lines += [f"    {line}" for line in _number_lines(number)]
    return lines


def _number_lines(item: dict[str, Any]) -> list[str]:
    lines = [f"{item['name']} = {item['value']:g} {item['unit']}   {item['how']}, {item['status']}"]
    origin = ", ".join(word for word in (item["paper"] or item["source"], item["where"], item["link"]) if word)
    lines.append(f"    from {origin}")
    for layer, words in (("between", "between people"), ("occasion", "between occasions"), ("doubt", "doubt")):
        if layer in item:
            lines.append(f"    {words}: " + ", ".join(f"{k} {v}" for k, v in item[layer].items()))
    if "valid" in item:
        lines.append("    valid for " + ", ".join(f"{k} {v}" for k, v in item["valid"].items()))
    if item["note"]:
        lines.append(f"    {item['note']}")
    return lines
