"""Other drugs of the body: which of those given have a site here, and what each is read as."""

from ketasim.core.component import Component
from ketasim.core.system import Part
from ketasim.organs.codrugs import DrugSite, LabetalolSite

Wire = dict[str, float | tuple[str, ...]]
ACTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "cardiovascular": {
        "beta": ("labetalol", "esmolol", "propranolol"),
        "alpha1": ("labetalol",),
        "alpha2": ("clonidine", "dexmedetomidine"),
        "dilator": ("hydralazine",),
        "hypnotic": ("propofol", "midazolam", "lorazepam", "diazepam"),
        "propofol": ("propofol",),
    },
    "respiration": {
        "opioid": ("remifentanil", "fentanyl", "alfentanil", "morphine"),
        "benzodiazepine": ("midazolam", "lorazepam", "diazepam"),
        "propofol": ("propofol",),
    },
    "anaesthesia": {
        "opioid": ("remifentanil", "fentanyl", "alfentanil", "morphine"),
        "benzodiazepine": ("midazolam", "lorazepam", "diazepam"),
        "propofol": ("propofol",),
        "alpha2": ("clonidine", "dexmedetomidine"),
    },
}


def sites(layer: str, signals: frozenset[str]) -> tuple[list[Part], Wire]:
    """(a site for each drug of the layer that has a level and no site yet, port → signals it is read from)."""
    parts: list[Part] = []
    wire: Wire = {}
    for action, drugs in ACTIONS[layer].items():
        found = []
        for drug in drugs:
            level = next((s for s in (f"{drug}.arterial", f"{drug}.venous") if s in signals), None)
            if level is None:
                continue
            name, output = f"site_{drug}", action if drug == "labetalol" else "units"
            if f"{name}.{output}" not in signals and name not in {p.name for p in parts}:
                component: Component = LabetalolSite() if drug == "labetalol" else DrugSite(table=f"organs/site_{drug}")
                parts.append(Part(component, name, {"C": level}))
            found.append(f"{name}.{output}")
        wire[action] = tuple(found) if found else 0.0
    return parts, wire
