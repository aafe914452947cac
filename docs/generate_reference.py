"""Writes docs/reference/generated/: one page a floor, made from the components themselves.

Each mechanism is shown with its docstring, its equations in LaTeX (printed by SymPy from the very code that runs), its
ports with units, and its parameters with value, spread, knowledge and source.

    python docs/generate_reference.py
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ketasim.core import citations
from ketasim.core.component import Component
from ketasim.core.errors import KetasimError
from ketasim.core.parameters import Parameter, ParameterTable
from ketasim.exchange.latex import equations

FLOORS = ("kinetics", "receptors", "circuits", "plasticity", "organs", "outcomes")
HERE = Path(__file__).resolve().parent
TABLES = HERE.parent / "src" / "ketasim" / "data" / "parameters"


def modules(floor: str) -> Iterator[Any]:
    """Every module of a floor."""
    package = importlib.import_module(f"ketasim.{floor}")
    yield package
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        yield importlib.import_module(found.name)


def classes(floor: str) -> list[type[Component]]:
    """Concrete components defined in a floor: those whose name has no leading underscore."""
    found = {
        f"{module.__name__}.{name}": member
        for module in modules(floor)
        for name, member in vars(module).items()
        if inspect.isclass(member) and issubclass(member, Component) and member.__module__ == module.__name__
        and not name.startswith("_")
    }  # fmt: skip
    return [found[key] for key in sorted(found)]


def instances(broken: dict[str, str] | None = None) -> dict[type[Component], list[Component]]:
    """Components as the named models use them, one of each (class, table); those with a table of their own first.

    broken : where given, what cannot be made is noted there (name → reason) and left out; else it raises.
    """
    found: dict[type[Component], dict[str, Component]] = {}
    for floor in FLOORS:
        for cls in classes(floor):
            try:
                found[cls] = {cls.table: cls()} if cls.table or not cls._par_fields() else {}
            except KetasimError as error:
                if broken is None:
                    raise
                broken[f"{cls.__module__}.{cls.__name__}"] = str(error)
    try:
        for component in composed():
            found.setdefault(type(component), {}).setdefault(component.table, component)
    except KetasimError as error:
        if broken is None:
            raise
        broken["a named model"] = str(error)
    return {cls: list(by_table.values()) for cls, by_table in found.items()}


def composed() -> Iterator[Component]:
    """Every component that stands in one of the named models, for each route that the model accepts."""
    from ketasim.models import MODELS
    from ketasim.models.model import Need

    for model in MODELS.values():
        for fast in (False, True):
            for pair in sorted(model.routes):
                built = model.build(Need(given=frozenset({pair}), fast=fast))
                yield from (part.component for part in built.system.parts)


def spread(layer: Any) -> str:
    """One spread in a few words."""
    if not layer:
        return ""
    size = next((f"{name} {layer[name]:g}" for name in ("cv", "omega2", "sd") if name in layer), "")
    return " ".join(word for word in (layer["dist"], size) if word)


def source(parameter: Parameter) -> str:
    """The paper, linked, and the place in it."""
    known = citations.references()
    if parameter.source not in known or parameter.source == "assumed":
        return f"{parameter.source}: {parameter.note}" if parameter.note else parameter.source
    reference = known[parameter.source]
    name = f"[{reference.short}]({reference.link})" if reference.link else reference.short
    return ", ".join(word for word in (name, parameter.where) if word)


def cell(text: str) -> str:
    """Text that cannot break a Markdown table."""
    return re.sub(r"\s+", " ", text).replace("|", r"\|")


def parameter_rows(parameters: dict[str, Parameter], meanings: dict[str, str]) -> list[str]:
    """A Markdown table of numbers."""
    lines = [
        "| parameter | value | unit | meaning | between people | doubt | kind, status | source |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, p in parameters.items():
        value, unit = p.printed if p.printed[1] or p.printed[0] else (p.value, p.unit)
        columns = [
            f"`{name}`",
            f"{value:g}",
            unit,
            meanings.get(name, ""),
            spread(p.between),
            spread(p.doubt),
            f"{p.kind}, {p.status}",
            source(p),
        ]
        lines.append("| " + " | ".join(cell(c) for c in columns) + " |")
    return lines


def section(cls: type[Component], used: list[Component]) -> list[str]:
    """One mechanism."""
    lines = [f"## {cls.__name__}", "", f"`{cls.__module__}`", ""]
    doc = inspect.cleandoc(cls.__doc__ or "")
    summary, _, rest = doc.partition("\n\n")
    lines += [summary, ""]
    if rest:
        lines += ["```text", rest, "```", ""]
    if used and cls.exportable:
        written = [rf"{left} &= {right}" for left, right in equations(used[0])]
        if written:
            lines += ["$$", r"\begin{aligned}", " \\\\\n".join(written), r"\end{aligned}", "$$", ""]
    ports = [("reads", cls.inputs), ("states", cls.states), ("gives", cls.outputs)]
    for word, table in ports:
        if table:
            lines.append(f"- {word}: " + ", ".join(f"`{name}` ({unit or '1'})" for name, unit in table.items()))
    if cls.ports:
        lines.append("- dose ports: " + ", ".join(f"`{port}` into `{state}`" for port, state in cls.ports.items()))
    if cls.site:
        lines.append(f"- sampled: {cls.site}")
    if not cls.exportable:
        lines.append("- cannot be exported: it is a read-out, not an equation of states")
    lines.append("")
    meanings = {field.name: field.metadata["doc"] for field in cls._par_fields()}
    for component in used:
        parameters = component.parameters()
        if parameters:
            lines += [
                f"Values: `{component.table or 'given in the model'}`",
                "",
                *parameter_rows(parameters, meanings),
                "",
            ]
    return lines


def page(floor: str, used: dict[type[Component], list[Component]]) -> str:
    """All mechanisms of a floor."""
    package = importlib.import_module(f"ketasim.{floor}")
    lines = [f"# {floor.capitalize()}", "", inspect.cleandoc(package.__doc__ or ""), ""]
    for cls in classes(floor):
        lines += section(cls, used.get(cls, []))
    return "\n".join(lines)


def tables() -> Iterator[ParameterTable]:
    """Every parameter table of the package."""
    for path in sorted(TABLES.rglob("*.toml")):
        yield ParameterTable.load(path.relative_to(TABLES).with_suffix("").as_posix())


def overview() -> str:
    """How many numbers there are, by what we know of each."""
    counts: dict[tuple[str, str], int] = {}
    for table in tables():
        for parameter in table:
            key = (table.name.partition("/")[0], parameter.status)
            counts[key] = counts.get(key, 0) + 1
    statuses = ("verified", "secondary", "recalled", "assumed")
    lines = [
        "# Numbers by status",
        "",
        "How each number reached the project: seen in the paper (verified), seen in somebody else's",
        "transcription (secondary), from memory (recalled), or our own choice (assumed).",
        "",
        "| floor | " + " | ".join(statuses) + " | all |",
        "|---|" + "---|" * (len(statuses) + 1),
    ]
    for floor in sorted({floor for floor, _ in counts}):
        row = [counts.get((floor, status), 0) for status in statuses]
        lines.append(f"| {floor} | " + " | ".join(map(str, row)) + f" | {sum(row)} |")
    total = [sum(n for (_, s), n in counts.items() if s == status) for status in statuses]
    lines.append("| all | " + " | ".join(map(str, total)) + f" | {sum(total)} |")
    return "\n".join(lines) + "\n"


def outputs() -> str:
    """Every output of the default model: id, unit, system, grade, what it is and what to keep in mind."""
    import ketasim as ks
    from ketasim.core.note import GRADES

    result = ks.simulate(regimen="0.5 mg/kg iv over 40 min", times_h=[0.0, 1.0])
    lines = ["# Outputs of the default model", "", "Evidence grades:", ""]
    lines += [f"- {letter}: {words}" for letter, words in GRADES.items()]
    lines += ["", "| output | unit | system | grade | what | mind |", "|---|---|---|---|---|---|"]
    for name in sorted(result, key=lambda o: (FLOORS.index(result.notes[o].system), o)):
        note = result.notes[name]
        flags = "; ".join(result.flags.get(name, ()))
        row = (f"`{name}`", result.units[name], note.system, note.grade, note.what, flags)
        lines.append("| " + " | ".join(cell(c) for c in row) + " |")
    return "\n".join(lines) + "\n"


def commands() -> str:
    """The command line, from its own help."""
    import contextlib
    import io

    from ketasim.cli.application import build
    from ketasim.cli.verbs import VERBS

    lines = ["# Command line", ""]
    for name, verb in VERBS.items():
        text = io.StringIO()
        with contextlib.redirect_stdout(text), contextlib.suppress(SystemExit):
            build([name, "--help"])(args=[name, "--help"], prog_name="ketasim")
        lines += [f"## {name}", "", verb.help, "", "```text", text.getvalue().strip("\n"), "```", ""]
    return "\n".join(lines)


def write(folder: Path) -> list[Path]:
    """Write all pages; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    used = instances()
    pages = {floor: page(floor, used) for floor in FLOORS if classes(floor)}
    pages |= {"numbers": overview(), "outputs": outputs(), "command-line": commands()}
    written = []
    for name, text in pages.items():
        path = folder / f"{name}.md"
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    for path in write(HERE / "reference" / "generated"):
        print(path.relative_to(HERE.parent))
