"""The outputs the app shows: id, words, group, and in which place."""

from __future__ import annotations

from typing import NamedTuple


class Shown(NamedTuple):
    """How an output is named in the app."""

    words: str
    group: str


ACUTE: dict[str, Shown] = {
    "ketamine.venous": Shown("Ketamine, venous", "levels"),
    "ketamine.arterial": Shown("Ketamine, arterial", "levels"),
    "S_ketamine.venous": Shown("S-ketamine, venous", "levels"),
    "R_ketamine.venous": Shown("R-ketamine, venous", "levels"),
    "norketamine.venous": Shown("Norketamine, venous", "levels"),
    "HNK.venous": Shown("Hydroxynorketamine, venous", "levels"),
    "ketamine.brain": Shown("Ketamine in the brain, unbound", "brain levels"),
    "norketamine.brain": Shown("Norketamine in the brain, unbound", "brain levels"),
    **{f"nmda.block.{s}": Shown(f"NMDA, GluN{s}", "receptors") for s in ("2A", "2B", "2C", "2D")},
    **{
        f"nmda.block.{cell}": Shown(f"NMDA on {words}", "receptors")
        for cell, words in (("pyramidal", "pyramidal cells"), ("pv", "PV cells"), ("sst", "SST cells"))
    },
    **{
        f"occupancy.{target}": Shown(words, "receptors")
        for target, words in (
            ("mu", "mu opioid"),
            ("kappa", "kappa opioid"),
            ("delta", "delta opioid"),
            ("SERT", "serotonin transporter"),
            ("NET", "noradrenaline transporter"),
            ("DAT", "dopamine transporter"),
            ("HCN1", "HCN1 channel"),
            ("alpha7", "nicotinic alpha7"),
            ("M1", "muscarinic M1"),
            ("sigma1", "sigma-1"),
            ("D2High", "dopamine D2"),
            ("5HT2", "serotonin 5-HT2"),
            ("TrkB", "TrkB"),
        )
    },
    "glutamate": Shown("Glutamate", "transmitters"),
    "gaba": Shown("GABA", "transmitters"),
    "dopamine": Shown("Dopamine", "transmitters"),
    "serotonin": Shown("Serotonin", "transmitters"),
    "noradrenaline.brain": Shown("Noradrenaline, brain", "transmitters"),
    "cadss": Shown("Dissociation (CADSS)", "mind"),
    "drug_high": Shown("Feeling high", "mind"),
    "unreality": Shown("Feeling of unreality", "mind"),
    "anxiety": Shown("Anxiety", "mind"),
    "liking": Shown("Drug liking", "mind"),
    "sedation": Shown("Alertness (MOAA/S, 5 awake)", "wakefulness"),
    "p_unresponsive": Shown("Chance of not responding", "wakefulness"),
    "p_amnesia": Shown("Chance of amnesia", "wakefulness"),
    "bis": Shown("Bispectral index", "wakefulness"),
    "memory": Shown("Memory", "thinking"),
    "attention": Shown("Attention", "thinking"),
    "executive": Shown("Planning", "thinking"),
    "psychomotor": Shown("Speed", "thinking"),
    "pain_nrs": Shown("Pain (0 to 10)", "pain"),
    "pressure_pain": Shown("Pressure pain threshold", "pain"),
    "sbp": Shown("Systolic pressure", "circulation"),
    "dbp": Shown("Diastolic pressure", "circulation"),
    "map": Shown("Mean pressure", "circulation"),
    "heart_rate": Shown("Heart rate", "circulation"),
    "cardiac_output": Shown("Cardiac output", "circulation"),
    "noradrenaline.plasma": Shown("Noradrenaline, plasma", "circulation"),
    "cbf": Shown("Blood flow of the brain", "circulation"),
    "ventilation": Shown("Ventilation", "breathing"),
    "resp_rate": Shown("Breaths", "breathing"),
    "spo2": Shown("Oxygen saturation", "breathing"),
    "etco2": Shown("End-tidal carbon dioxide", "breathing"),
    "p_apnoea": Shown("Chance of a pause in breathing", "breathing"),
    **{
        f"p_{event}": Shown(words, "side effects")
        for event, words in (
            ("nausea", "Nausea"),
            ("vomiting", "Vomiting"),
            ("dizziness", "Dizziness"),
            ("headache", "Headache"),
            ("confusion", "Confusion"),
            ("delirium", "Delirium"),
        )
    },
}
WEEKS: dict[str, Shown] = {
    "madrs": Shown("Depression (MADRS)", "mood"),
    "p_suicidal_ideation": Shown("Chance of suicidal ideation", "mood"),
    "relapse_hazard": Shown("Rate of relapse", "mood"),
    "benefit": Shown("Latent benefit", "plasticity"),
    "bdnf": Shown("BDNF", "plasticity"),
    "mtorc1": Shown("mTORC1", "plasticity"),
    "eef2k": Shown("eEF2K", "plasticity"),
    "spines": Shown("Spines", "plasticity"),
    "synapse": Shown("Synaptic strength", "plasticity"),
}
ONLY_LEVELS = ("ketamine.venous", "ketamine.arterial", "norketamine.venous")


def listed() -> list[dict[str, str]]:
    """The catalogue as rows for the page."""
    places = (("acute", ACUTE), ("weeks", WEEKS))
    return [{"id": k, "words": s.words, "group": s.group, "place": p} for p, table in places for k, s in table.items()]
