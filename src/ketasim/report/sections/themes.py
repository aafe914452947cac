"""What the drug does to brain, body and mind: groups of outputs by theme, each on the time scale it moves on.

To show a new output in its place, add its id to a panel of the table below; outputs in no panel are drawn by `others`.
What a section above has shown already is not drawn twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.figure import figure
from ketasim.report.numbers import output_name
from ketasim.report.profiles import profile_chart
from ketasim.report.registry import Section
from ketasim.report.text import paragraph


@dataclass(frozen=True)
class Panel:
    """One chart: a title, outputs of one unit with the names they go by, whether to look at one session, and whether
    a curve is drawn only where it moves (in people it does not concern it stands still)."""

    title: str
    outputs: dict[str, str]
    session: bool = True
    moving: bool = False


@dataclass(frozen=True)
class Theme:
    """One section: its panels and a sentence to read first."""

    id: str
    title: str
    lead: str
    panels: tuple[Panel, ...]


def _own(*names: str) -> dict[str, str]:
    return {n: n.replace("p_", "", 1).replace("_", " ") for n in names}


THEMES = (
    Theme(
        "circuits", "Transmitters and EEG", "Ratios are to the same person before the dose.",
        (
            Panel("Transmitters", {"glutamate": "glutamate", "dopamine": "dopamine", "serotonin": "serotonin",
                                   "noradrenaline.brain": "noradrenaline"}),
            Panel("EEG power", {f"eeg.{b}": b for b in ("delta", "theta", "alpha", "beta", "gamma")}),
            Panel("EEG slope", {"eeg.slope": "slope"}),
        ),
    ),
    Theme(
        "plasticity", "Plasticity", "Ratios to before the dose; hypotheses rather than measurements in people.",
        (
            Panel("Growth factor and its receptor", {"bdnf": "BDNF", "trkb": "TrkB"}, False),
            Panel("Protein synthesis", {"mtorc1": "mTORC1", "eef2k": "eEF2K"}, False),
            Panel("Connections", {"spines": "spines", "synapse": "synaptic strength"}, False),
        ),
    ),
    Theme(
        "mind", "Acute effects on the mind",
        "How the hours after the first dose are felt and how well people function. MOAA/S 5 is awake.",
        (
            Panel("Dissociation (CADSS)", {"cadss": "CADSS"}),
            Panel("Feelings, 0 to 100", {"drug_high": "drug high", "unreality": "unreality", "liking": "liking"}),
            Panel("Sedation (MOAA/S)", {"sedation": "MOAA/S"}),
            Panel("Losing contact", {"p_unresponsive": "unresponsive", "p_amnesia": "no memory of it"}),
            Panel("Thinking, 1 is one's own baseline", _own("memory", "attention", "executive", "psychomotor")),
            Panel("Anxiety", {"anxiety": "anxiety"}),
        ),
    ),
    Theme(
        "tolerability", "Tolerability", "Probability that the event has begun by that time of the session.",
        (
            Panel("Stomach and balance", _own("p_nausea", "p_vomiting", "p_dizziness", "p_vertigo", "p_headache")),
            Panel("Confusion", _own("p_confusion", "p_emergence", "p_delirium")),
        ),
    ),
    Theme(
        "pain", "Pain", "",
        (
            Panel("Pain, 0 to 10", {"pain_nrs": "pain"}),
            Panel("Pressure pain threshold", {"pressure_pain": "threshold"}),
            Panel("Opioid need", {"opioid_need": "need"}),
            Panel("Hyperalgesia after opioids", {"hyperalgesia": "area"}, moving=True),
            Panel("Chronic pain, 0 to 10", {"pain_chronic": "pain"}, False),
            Panel("Migraine, 0 to 10", {"migraine_pain": "headache"}, False),
            Panel("Aura, 1 is one's own", {"migraine_aura": "severity"}, moving=True),
        ),
    ),
    Theme(
        "heart", "Heart and circulation", "",
        (
            Panel("Blood pressure", {"sbp": "systolic", "map": "mean", "dbp": "diastolic"}),
            Panel("Heart rate", {"heart_rate": "heart rate"}),
            Panel("Cardiac output", {"cardiac_output": "cardiac output"}),
            Panel("Vascular resistance", {"svr": "resistance"}),
            Panel("Noradrenaline in plasma", {"noradrenaline.plasma": "noradrenaline"}),
            Panel("Blood flow of the brain", {"cbf": "flow"}),
        ),
    ),
    Theme(
        "breath", "Breathing and depth of anaesthesia", "",
        (
            Panel("Ventilation", {"ventilation": "ventilation"}),
            Panel("Rate of breathing", {"resp_rate": "rate"}),
            Panel("Response to carbon dioxide", {"co2_slope": "slope"}),
            Panel("Oxygen saturation", {"spo2": "saturation"}),
            Panel("End-tidal carbon dioxide", {"etco2": "CO₂"}),
            Panel("Apnoea", {"p_apnoea": "apnoea"}),
            Panel("Bispectral index", {"bis": "index"}),
            Panel("Need of another anaesthetic", {"mac": "MAC"}),
        ),
    ),
    Theme(
        "mood", "Mood and anxiety over weeks",
        "Scores with their spread between people; placebo and expectancy are part of them.",
        (
            Panel("Depression (MADRS)", {"madrs": "MADRS"}, False),
            Panel("Depression (HDRS, QIDS)", {"hdrs": "HDRS", "qids": "QIDS"}, False),
            Panel("Suicidal ideation", {"p_suicidal_ideation": "probability"}, False),
            Panel("Post-traumatic stress (CAPS-5)", {"caps5": "CAPS-5"}, False),
            Panel("Obsessions (Y-BOCS)", {"ybocs": "Y-BOCS"}, False),
            Panel("Social anxiety (LSAS)", {"lsas": "LSAS"}, False),
            Panel("Generalised anxiety (HAM-A)", {"hama": "HAM-A"}, False),
            Panel("Fear, 1 is one's own", {"fear": "Fear Questionnaire"}, False, True),
            Panel("Answer of the amygdala to threat", {"fear_circuit": "response"}),
            Panel("Relapse", {"relapse_hazard": "hazard"}, False),
        ),
    ),
    Theme(
        "use", "Substance use, and what years of it go with",
        "Memory and cortex: from surveys of heavy users, an association, not shown to be a cause.",
        (
            Panel("Craving", {"craving": "craving"}, False),
            Panel("Lapse", {"lapse_hazard": "hazard"}, False),
            Panel("Days without use", {"abstinence": "share"}, False, True),
            Panel("Ketamine use disorder", {"p_use_disorder": "probability"}, False),
            Panel("Tolerance of liking", {"liking_tolerance": "tolerance"}, False),
            Panel("Craving for ketamine", {"ketamine_craving": "craving"}, False),
            Panel("Spatial memory", {"spatial_memory_z": "z"}, False),
            Panel("Cortical thickness", {"cortical_thickness": "ratio"}, False, True),
        ),
    ),
    Theme(
        "organs", "Bladder, liver and gut", "Medical courses lie far below the exposure that harms these organs.",
        (
            Panel("Bladder lining", {"urothelial_injury": "injury", "fibrosis": "fibrosis"}, False),
            Panel("Urinary symptoms", {"p_luts": "symptoms", "p_cystitis": "cystitis"}, False),
            Panel("Bladder capacity", {"bladder_capacity": "capacity"}, False),
            Panel("Liver injury", {"p_liver_injury": "probability"}, False),
            Panel("Bile ducts", {"biliary": "injury"}, False),
            Panel("Abdominal pain", {"p_abdominal_pain": "probability"}, False),
        ),
    ),
)  # fmt: skip


def section(theme: Theme) -> Section:
    """The Section of one theme: it shows and claims the outputs of its panels."""
    outputs = tuple(dict.fromkeys(o for panel in theme.panels for o in panel.outputs))
    return Section(theme.id, theme.title, _renderer(theme), needs=outputs)


def _renderer(theme: Theme) -> Callable[[Result, Context], str]:
    def render(result: Result, context: Context) -> str:
        figures = []
        for i, panel in enumerate(theme.panels):
            by_unit: dict[str, list[str]] = {}
            for o in panel.outputs:
                if o in context.shown and o not in context.claimed and not (panel.moving and _still(result, o)):
                    by_unit.setdefault(result.units[o], []).append(o)
            for k, found in enumerate(by_unit.values()):
                figures.append(_figure(context, panel, found, f"{theme.id}-{i + 1}{'abcdef'[k] if k else ''}"))
        lead = paragraph(theme.lead) if theme.lead else ""
        return f'{lead}<div class="pair">{"".join(figures)}</div>' if figures else ""

    return render


def _still(result: Result, output: str) -> bool:
    """Whether nobody's curve moves by a thousandth of it."""
    values = result[output]
    return bool(
        np.all(np.nanmax(values, axis=1) - np.nanmin(values, axis=1) <= 1e-3 * np.nanmax(np.abs(values), axis=1))
    )


def _figure(context: Context, panel: Panel, outputs: list[str], name: str) -> str:
    views = context.windows(outputs)
    window = next((w for w in views if w.detail == panel.session), views[0])
    one = len(outputs) == 1
    names = [output_name(o) if panel.outputs[o] == "" else panel.outputs[o] for o in outputs]
    chart = profile_chart(context, outputs, window, title=panel.title, names=names, bands=one, doubt=one)
    return figure(context, name, chart, size="half", flags=context.flags(outputs))


SECTIONS = tuple(section(t) for t in THEMES)
