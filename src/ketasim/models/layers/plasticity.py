"""Plasticity: rival explanations of how hours of drug become days of benefit, over shared states."""

from ketasim.core.errors import InputError
from ketasim.core.system import Part
from ketasim.models.model import Layer, Need
from ketasim.plasticity.cascade import Benefit, Cascade, DirectResponse, NoBenefit
from ketasim.plasticity.drive import Disinhibition, Hydroxynorketamine, OpioidGated, RestBlock, TrkBDirect

HYPOTHESES = ("disinhibition", "rest_block", "trkb", "hnk", "opioid", "direct", "expectancy")
DRIVES = {
    "disinhibition": Disinhibition,
    "rest_block": RestBlock,
    "trkb": TrkBDirect,
    "hnk": Hydroxynorketamine,
    "opioid": OpioidGated,
    "direct": Disinhibition,
    "expectancy": Disinhibition,
}
LEVELS = {
    "S": "S_ketamine.venous",
    "R": "R_ketamine.venous",
    "H": "HNK.venous",
    "R_HNK": "R_HNK.venous",
    "S_HNK": "S_HNK.venous",
}
STATES = ("bdnf", "trkb", "mtorc1", "eef2k", "spines", "synapse")
RIVAL = "one of several rival explanations (option hypothesis); no published model validates this layer"
MICE = "sizes from rodents or assumed; protection of neurones in people is not supported by any of it"


def chosen(need: Need) -> str:
    """The explanation in use. InputError on an unknown one."""
    name = str(need.option("hypothesis", "disinhibition"))
    if name not in HYPOTHESES:
        raise InputError("option hypothesis", name, ", ".join(HYPOTHESES))
    return name


def parts(need: Need, signals: frozenset[str]) -> list[Part]:
    """What starts it, the shared cascade, and the latent benefit."""
    hypothesis = chosen(need)
    drive = DRIVES[hypothesis]()
    out = [
        Part(drive, "plasticity_drive", {port: LEVELS[port] for port in drive.inputs}, {"drive": "bdnf_drive"}),
        Part(
            Cascade(**({"i": 0.8} if hypothesis == "rest_block" else {})),
            "cascade",
            {"drive": "bdnf_drive", "rest": "plasticity_drive.rest"},
            {**{name: name for name in STATES}, "formation": "spine_formation"},
        ),
    ]
    if hypothesis == "direct":
        levels = {"S": LEVELS["S"], "R": LEVELS["R"]}
        out.append(Part(DirectResponse(), "benefit", levels, {"benefit": "benefit"}))
    elif hypothesis == "expectancy":
        out.append(Part(NoBenefit(), "benefit", {}, {"benefit": "benefit"}))
    else:
        wire = {"early": "cascade.early", "late": "cascade.late"}
        out.append(Part(Benefit(), "benefit", wire, {"benefit": "benefit"}))
    return out


PLASTICITY = Layer(
    "plasticity",
    (*STATES, "spine_formation", "bdnf_drive", "benefit"),
    parts,
    flags={
        **dict.fromkeys((*STATES, "spine_formation"), (RIVAL, MICE)),
        **dict.fromkeys(("bdnf_drive", "benefit"), (RIVAL,)),
    },
)
