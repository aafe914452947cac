"""The table of verbs. To add one: write ketasim/cli/<module>.py with a function `command` and add a line here.

The help is repeated here so that ``ketasim --help`` needs to load no verb. A verb that has verbs of its own (export)
offers a typer application `app` instead of `command`.
"""

from __future__ import annotations

from typing import NamedTuple


class Verb(NamedTuple):
    """A word of the command line: its module and one line of help."""

    module: str
    help: str


VERBS: dict[str, Verb] = {
    "simulate": Verb("ketasim.cli.simulate", "Simulate a regimen in one person or many."),
    "explain": Verb("ketasim.cli.explain", "Say where a number or an output comes from."),
    "cite": Verb("ketasim.cli.cite", "Print BibTeX of exactly the papers a model uses."),
    "export": Verb("ketasim.cli.export", "Write a model with its doses as SBML, LaTeX or JavaScript."),
    "clinic": Verb("ketasim.cli.clinic", "Run one treatment session of a virtual patient, screening to discharge."),
    "fit": Verb("ketasim.cli.fit", "Fit a population model to a NONMEM-style data set."),
    "vpc": Verb("ketasim.cli.vpc", "Check a population model on a data set by simulation."),
    "nca": Verb("ketasim.cli.nca", "Noncompartmental analysis of a data set."),
    "population": Verb("ketasim.cli.population", "Simulate very many people in chunks, here or on a cluster."),
    "sensitivity": Verb("ketasim.cli.sensitivity", "Rank the numbers that drive an output."),
    "validate": Verb("ketasim.cli.validate", "Simulate published studies as they were run and compare."),
    "calibrate": Verb("ketasim.cli.calibrate", "Fit numbers of the parameter tables to published rows."),
    "compare": Verb("ketasim.cli.compare", "Fit rival explanations to the same rows and say what tells them apart."),
    "trial": Verb("ketasim.cli.trial", "Simulate a trial many times over: effects, power, size, blinding."),
    "optimise": Verb("ketasim.cli.optimise", "Look for regimens that reach a goal within limits."),
    "reproduce": Verb("ketasim.cli.reproduce", "Run a result again from its manifest and compare."),
    "claims": Verb("ketasim.cli.claims", "Run what is said about ketamine and say what holds."),
    "serve": Verb("ketasim.cli.serve", "Open the app in a browser on this machine."),
    "bench": Verb("ketasim.cli.bench", "Time the engine beside other solvers and print ratios."),
}
