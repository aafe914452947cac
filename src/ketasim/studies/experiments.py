"""Bench experiments that are no arm of people: receptors in a dish, circuits, networks. A row names one, its arm sets
the conditions.

Each entry is (module, function); the function takes the arm's settings as keywords and returns a number in the row's
unit.
"""

from __future__ import annotations

import difflib
from importlib import import_module

from ketasim.core.errors import InputError, KetasimError

from .study import Arm, Observation

EXPERIMENTS: dict[str, tuple[str, str]] = {
    "nmda.trapped": ("ketasim.studies.bench.nmda", "trapped"),
    "nmda.block": ("ketasim.studies.bench.nmda", "block"),
    "nmda.current": ("ketasim.studies.bench.nmda", "current"),
    "nmda.ic50": ("ketasim.studies.bench.nmda", "ic50"),
    "nmda.hnk_ic50": ("ketasim.studies.bench.nmda", "hnk_ic50"),
    "nmda.difference": ("ketasim.studies.bench.nmda", "difference"),
    "nmda.synaptic_difference": ("ketasim.studies.bench.nmda", "synaptic_difference"),
    "circuits.state_duration": ("ketasim.studies.bench.circuits", "state_duration"),
    "circuits.firing_order": ("ketasim.studies.bench.circuits", "firing_order"),
    "circuits.visual_gamma": ("ketasim.studies.bench.circuits", "visual_gamma"),
    "circuits.glutamate_dose": ("ketasim.studies.bench.circuits", "glutamate_dose"),
    "networks.placebo_fit": ("ketasim.studies.bench.networks", "placebo_fit"),
    "networks.gbc_mean": ("ketasim.studies.bench.networks", "gbc_mean"),
    "networks.gbc_contrast": ("ketasim.studies.bench.networks", "gbc_contrast"),
    "networks.gbc_network": ("ketasim.studies.bench.networks", "gbc_network"),
    "networks.pc1": ("ketasim.studies.bench.networks", "pc1"),
    "networks.fc_change": ("ketasim.studies.bench.networks", "fc_change"),
    "target.racemic_K": ("ketasim.studies.bench.targets", "racemic"),
}
PLANNED: tuple[str, ...] = ()  # names the format knows ahead of their code


class NotAvailable(KetasimError):
    """An experiment the format knows and the project cannot perform yet."""


def perform(row: Observation, arm: Arm) -> float:
    """Result of the row's experiment. Raises InputError on an unknown name, NotAvailable on one still missing."""
    name = row.experiment
    if name in PLANNED and name not in EXPERIMENTS:
        raise NotAvailable(f"the experiment {name} is not available yet")
    if name not in EXPERIMENTS:
        close = difflib.get_close_matches(name, [*EXPERIMENTS, *PLANNED], 1)
        raise InputError(
            f"experiment of {row.id}", name, ", ".join(EXPERIMENTS), f"Did you mean {close[0]!r}?" if close else ""
        )
    module, function = EXPERIMENTS[name]
    try:
        return float(getattr(import_module(module), function)(**arm.settings))
    except TypeError as error:
        raise InputError(f"settings of arm {arm.id}", str(dict(arm.settings)), f"what {name} takes ({error})") from None
