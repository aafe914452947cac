"""Answer behind the brain networks of Explore: connectivity without and with the drug, averaged over named networks."""

from __future__ import annotations

import numpy as np

from ketasim.core.errors import InputError
from ketasim.server import messages as m
from ketasim.server.explore import simulate
from ketasim.server.frames import encode
from ketasim.server.scenes import offered


def network(asked: m.Network) -> bytes:
    """fc (2, networks, networks): mean correlation without and with the drug at at_h; gbc (2, networks): mean Fisher z.

    InputError where the model has no NMDA block or no connectome is installed: it says what to install.
    """
    from ketasim.circuits.regions import NEEDS, brain

    scene = asked.scene
    if len(offered(scene, dict.fromkeys(NEEDS))) < len(NEEDS):
        raise InputError("model", scene.model, "a model with receptors, such as ketamine")
    made = brain("")[0]
    at = min(asked.at_h, scene.until_h)
    run = scene.model_copy(update={"options": {**scene.options, "network_at_h": at}})
    times = np.unique([0.0, at, scene.until_h])
    found = simulate(run, times, (*NEEDS, "fc")).array("fc")
    fc = found.values[0]
    names = list(dict.fromkeys(made.labels))
    member = np.array([[label == name for label in made.labels] for name in names], float)
    pairs = member @ (1.0 - np.eye(len(made.labels))) @ member.T
    off = fc * (1.0 - np.eye(len(made.labels)))
    mean = np.einsum("ai,kij,bj->kab", member, off, member) / np.maximum(pairs, 1.0)
    z = np.arctanh(np.clip(off, -0.999999, 0.999999)).sum(axis=2) / (len(made.labels) - 1)
    header = {
        "type": "network",
        "id": asked.id,
        "networks": names,
        "regions": len(made.labels),
        "at_h": at,
        "words": list(found.words),
    }
    return encode(header, {"fc": mean, "gbc": z @ member.T / member.sum(axis=1)})
