"""Switches of a run (`options`, ``--option``): their names, what each may be, and what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ketasim.core.errors import InputError

ON, OFF = ("on", "true", "1", "yes"), ("off", "false", "0", "no")


@dataclass(frozen=True)
class Switch:
    """One switch.

    allowed : its words; ``("on", "off")`` is read as yes or no. number : a finite number, not below `low`. With
    neither, any text is taken (a file).
    """

    about: str
    allowed: tuple[str, ...] = ()
    number: bool = False
    low: float = 0.0

    @property
    def words(self) -> str:
        """What it may be, in words."""
        if self.number:
            return "a number above 0" if self.low > 0.0 else "a number from 0 upwards"
        return ", ".join(self.allowed) or "a file"

    def read(self, name: str, value: Any) -> Any:
        """The value as layers read it. InputError where it is not allowed."""
        if self.number:
            try:
                number = float(value)
            except (TypeError, ValueError):
                number = float("nan")
            if isinstance(value, bool) or not isfinite(number) or number < self.low:
                raise InputError(f"option {name}", value, self.words)
            return number
        if self.allowed == ("on", "off"):
            said = str(value).lower().removesuffix(".0")
            if said not in (*ON, *OFF):
                raise InputError(f"option {name}", value, "on or off")
            return said in ON
        if self.allowed and str(value) not in self.allowed:
            raise InputError(f"option {name}", value, self.words)
        return value


YES_NO = ("on", "off")
SWITCHES: Mapping[str, Switch] = {
    "hypothesis": Switch(
        "which explanation of the antidepressant effect acts",
        ("disinhibition", "rest_block", "trkb", "hnk", "opioid", "direct", "expectancy"),
    ),
    "dopamine": Switch(
        "which of three human imaging studies sets release of dopamine",
        ("aalto2002", "breier1998", "vollenweider2000"),
    ),
    "eeg": Switch("what the cortical column reads", ("column", "disinhibition", "hcn1", "direct")),
    "nmda_hnk": Switch("hydroxynorketamine blocks the NMDA pore", YES_NO),
    "nmda_allosteric": Switch("a second, allosteric site of ketamine on the NMDA receptor", YES_NO),
    "cardiovascular": Switch("the circulation, with or without its baroreflex", ("baroreflex", "direct")),
    "network_block": Switch(
        "which cells' block the whole-brain network feels", ("receptors", "disinhibition", "direct", "sst")
    ),
    "network_map": Switch("how NMDA receptors lie over the cortex", ("uniform", "nmda")),
    "global_signal": Switch("the global signal of connectivity", ("kept", "removed")),
    "network_at_h": Switch("time of the scan, h (default: deepest block)", number=True),
    "connectome": Switch("a connectome of your own"),
    "dhnk": Switch("dehydronorketamine is built", YES_NO),
    "ihmsen": Switch("R-ketamine slows S-ketamine (recalled, contradicted)", YES_NO),
    "women_clearance": Switch("clearance of women over that of men (1.2 as in sigtermans2009)", number=True, low=1e-9),
    "pump.model": Switch("model by which a target-controlled pump decides (default kamp2020)"),
    "pump.max_ml_h": Switch("highest rate of the pump, mL/h (1200)", number=True),
    "pump.mg_ml": Switch("strength in its syringe, mg/mL (10)", number=True),
    "pump.period_s": Switch("time between its decisions, s (10)", number=True),
}
OF_DEFAULT_ALONE = frozenset(name for name in SWITCHES if not name.startswith("pump."))


def checked(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options, their values read. InputError on an unknown name or a value that is not allowed."""
    out = {}
    for name, value in options.items():
        if name not in SWITCHES:
            raise InputError("option", name, ", ".join(SWITCHES))
        out[name] = SWITCHES[name].read(name, value)
    return out


def idle(options: Mapping[str, Any], model: str, pumped: bool) -> tuple[str, ...]:
    """One sentence for each option that changes nothing in this run."""
    out = []
    for name in options:
        if name in OF_DEFAULT_ALONE and model != "ketamine":
            out.append(f"option {name} has no effect in model {model}")
        if name.startswith("pump.") and not pumped:
            out.append(f"option {name} has no effect: no dose of this regimen is a target (tci …)")
    return tuple(out)
