"""Whole brain: `fc` and `gbc`, arrays over regions computed from NMDA block when somebody reads them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ketasim.circuits.network import HYPOTHESES, MeanField
from ketasim.circuits.regions import MAPS, NEEDS, SIGNALS, regional
from ketasim.core.arrays import ArrayOutput
from ketasim.core.errors import InputError
from ketasim.models.model import Layer, Need

NAMES = ("fc", "gbc")


def arrays(need: Need) -> Mapping[str, ArrayOutput]:
    """Options: connectome (a file), network_block (a hypothesis), network_map (uniform, nmda), global_signal (kept,
    removed), network_at_h (hours; default: deepest block)."""
    block, density, signal = (
        _one_of(need, name, allowed)
        for name, allowed in (("network_block", tuple(HYPOTHESES)), ("network_map", MAPS), ("global_signal", SIGNALS))
    )
    at: Any = need.option("network_at_h", None)
    if at is not None:
        try:
            at = float(at)
        except (TypeError, ValueError):
            at = -1.0
        if not 0.0 <= at < float("inf"):
            raise InputError("option network_at_h", need.option("network_at_h", None), "hours from 0 upwards")
    path = str(need.option("connectome", ""))
    used = {f"mean_field.{k}": p for k, p in MeanField().parameters().items()}
    return {name: ArrayOutput(NEEDS, partial(regional, name, path, block, density, signal, at), used) for name in NAMES}


def _one_of(need: Need, name: str, allowed: tuple[str, ...]) -> str:
    value = str(need.option(name, allowed[0]))
    if value not in allowed:
        raise InputError(f"option {name}", value, ", ".join(allowed))
    return value


NETWORKS = Layer("networks", (), lambda need, signals: (), requires=("receptors",), arrays=arrays, array_names=NAMES)
