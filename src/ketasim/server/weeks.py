"""Answers behind Weeks: mood, plasticity and relapse under rival explanations, with a tablet beside."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.server import messages as m
from ketasim.server.catalogue import WEEKS
from ketasim.server.explore import ASSUMED
from ketasim.server.frames import encode
from ketasim.server.scenes import described, offered, person, window

PER_DAY = 6
MOST = 1_200
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def times_of(regimen: Any, until_h: float) -> np.ndarray:
    """Six times a day, fewer in long courses, and an hour after each dose."""
    step = max(24.0 / PER_DAY, until_h / (MOST / 2))
    after = [d.start_h + 1.0 for d in regimen.fixed_doses if d.start_h + 1.0 < until_h][: MOST // 2]
    return np.unique(np.concatenate([np.arange(0.0, until_h, step), after, [until_h]]))


def weeks(asked: m.Weeks) -> bytes:
    """values (hypotheses, outputs, times) of one person; mood (hypotheses, quantiles, times), response and remission
    shares and the share not relapsed (hypotheses, times) of people; tablet (times) for comparison."""
    from ketasim.models.layers.plasticity import HYPOTHESES
    from ketasim.simulate import simulate

    scene = asked.scene
    unknown = [h for h in asked.hypotheses if h not in HYPOTHESES]
    if unknown:
        raise InputError("hypotheses", unknown[0], ", ".join(HYPOTHESES))
    if scene.until_h < 24:
        raise InputError("until_h", scene.until_h, "a day or more")
    regimen, who = window(scene.regimen, scene.until_h), person(scene.patient)
    times = times_of(regimen, scene.until_h)
    names = offered(scene, WEEKS)
    settings = dict(scene.settings)
    one, mood, shares, kept, flags, units = [], [], [], [], {}, {}
    for hypothesis in asked.hypotheses:
        options = {**scene.options, "hypothesis": hypothesis}
        run: dict[str, Any] = {"seed": scene.seed, "settings": settings, "options": options}
        result = simulate(scene.model, who, regimen, times, outputs=names, **run)
        one.append(np.stack([result[n][0] for n in names]))
        flags, units = {n: list(result.flags.get(n, ())) for n in names}, dict(result.units)
        if asked.people > 1 and "madrs" in names:
            crowd = simulate(
                scene.model,
                who,
                regimen,
                times,
                outputs=("madrs", "relapse_hazard"),
                subjects=asked.people,
                vary=("between",),
                **run,
            )
            score, hazard = crowd["madrs"], crowd["relapse_hazard"]
            mood.append(np.quantile(score, QUANTILES, axis=0))
            shares.append([(score <= 0.5 * score[:, :1]).mean(axis=0), (score <= 10).mean(axis=0)])
            kept.append(_kept(times, score, hazard))
    arrays = {"times": times, "values": np.array(one)}
    if mood:
        arrays |= {"mood": np.array(mood), "shares": np.array(shares), "kept": np.array(kept)}
    if asked.tablet and "madrs" in names:
        run = {"seed": scene.seed, "settings": {**settings, "new_antidepressant": 1.0}, "options": dict(scene.options)}
        arrays["tablet"] = simulate(scene.model, who, "saline oral", times, outputs=("madrs",), **run)["madrs"][0]
    header = {
        "type": "weeks",
        "id": asked.id,
        "outputs": list(names),
        "units": [units[n] for n in names],
        "flags": flags,
        "assumed": [
            n for n in names if any(w in f for f in flags[n] for w in ASSUMED) or WEEKS[n].group == "plasticity"
        ],
        "hypotheses": asked.hypotheses,
        "quantiles": list(QUANTILES),
        "people": asked.people,
        "doses": described(regimen.fixed_doses),
    }
    return encode(header, arrays)


def _kept(times: np.ndarray, score: np.ndarray, hazard: np.ndarray) -> np.ndarray:
    """Share of responders not relapsed (times,): each from the first time the score is halved, by the modelled rate."""
    well = score <= 0.5 * score[:, :1]
    who = well.any(axis=1)
    if not who.any():
        return np.zeros(len(times))
    first = np.argmax(well[who], axis=1)
    step = np.concatenate([[0.0], np.diff(times)]) / 24.0
    rate = np.where(np.arange(len(times))[None, :] > first[:, None], hazard[who] * step, 0.0)
    alive = np.exp(-np.cumsum(rate, axis=1))
    started = np.arange(len(times))[None, :] >= first[:, None]
    total = started.sum(axis=0)
    return np.where(total > 0, (alive * started).sum(axis=0) / np.maximum(total, 1), 1.0)
