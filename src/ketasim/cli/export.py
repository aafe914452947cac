"""export: a model with its doses, as other tools read it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True)
USUAL = "0.5 mg/kg iv over 40 min"

Scenario = Annotated[Path | None, typer.Argument(help="A scenario file (TOML); flags replace what it says.")]
Dose = Annotated[str | None, typer.Option(help=f'What is given (default: "{USUAL}").')]
ModelName = Annotated[str | None, typer.Option(help="Name of the model (default: ketamine).")]
Weight = Annotated[float | None, typer.Option(help="Weight, kg.")]
Height = Annotated[float | None, typer.Option(help="Height, cm.")]
Age = Annotated[float | None, typer.Option(help="Age, years.")]
Sex = Annotated[str | None, typer.Option(help="female or male.")]
More = Annotated[list[str] | None, typer.Option(help="Anything else about the patient, as name=value.")]
Output = Annotated[list[str] | None, typer.Option(help="Output to keep (default: all); may be repeated.")]
Out = Annotated[Path | None, typer.Option(help="File to write (default: standard output).")]


@app.command()
def sbml(
    scenario: Scenario = None,
    dose: Dose = None,
    model: ModelName = None,
    weight: Weight = None,
    height: Height = None,
    age: Age = None,
    sex: Sex = None,
    patient: More = None,
    output: Output = None,
    out: Out = None,
) -> None:
    """SBML Level 3 Version 2: equations, the patient's numbers, doses as events; time in hours."""
    from ketasim.cli import files
    from ketasim.exchange.sbml import sbml as write

    files.check_target("--out", out, (".xml", ".sbml"))
    body = {"weight_kg": weight, "height_cm": height, "age_y": age, "sex": sex}
    _give(write(*_one_person(scenario, dose, model, body, patient, output)), out)


@app.command()
def javascript(
    scenario: Scenario = None,
    dose: Dose = None,
    model: ModelName = None,
    weight: Weight = None,
    height: Height = None,
    age: Age = None,
    sex: Sex = None,
    patient: More = None,
    output: Output = None,
    out: Out = None,
) -> None:
    """A JavaScript module: equations, the patient's numbers, the doses and a solver; runs in a browser or in node."""
    from ketasim.cli import files
    from ketasim.exchange.javascript import javascript as write

    files.check_target("--out", out, (".js", ".mjs"))
    body = {"weight_kg": weight, "height_cm": height, "age_y": age, "sex": sex}
    _give(write(*_one_person(scenario, dose, model, body, patient, output)), out)


def _one_person(
    scenario: Path | None,
    dose: str | None,
    model: str | None,
    body: dict[str, Any],
    more: list[str] | None,
    output: list[str] | None,
) -> tuple[Any, Any, Any]:
    """System, numbers and doses of one person, as a file and flags describe them."""
    from ketasim.cli.run import read
    from ketasim.cli.simulate import pairs, words
    from ketasim.core.errors import InputError
    from ketasim.exchange.assembled import assemble
    from ketasim.patients import Patient

    flags = {
        "regimen": dose or (USUAL if scenario is None else None),
        "model": model,
        "outputs": words(output) if output else None,
    }
    run = read(scenario, flags, {**pairs("--patient", more), **body})
    if not isinstance(run.who, Patient):
        raise InputError("population", "given", "one patient: an exported model describes one person")
    return assemble(run.model, run.regimen, run.who, run.outputs)


@app.command()
def latex(scenario: Scenario = None, dose: Dose = None, model: ModelName = None, out: Out = None) -> None:
    """A LaTeX document: every equation, what it reads, its numbers and their sources."""
    from ketasim.cli import files
    from ketasim.cli.run import read
    from ketasim.exchange.assembled import assemble
    from ketasim.exchange.latex import latex as write

    files.check_target("--out", out, (".tex",))
    run = read(scenario, {"regimen": dose or (USUAL if scenario is None else None), "model": model}, {})
    _give(write(assemble(run.model, run.regimen)[0]), out)


def _give(text: str, out: Path | None) -> None:
    from ketasim.cli import files

    if out is None:
        print(text, end="")
        return
    files.write(out, text)
    print(f"ketasim: written to {out}", file=sys.stderr)
