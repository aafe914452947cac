"""Answers behind Explore: curves of one person, bands, spectrum, other models, published levels, inverse entry."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ketasim.core.errors import InputError, KetasimError
from ketasim.core.result import Result
from ketasim.server import messages as m
from ketasim.server.catalogue import ACUTE
from ketasim.server.frames import encode
from ketasim.server.limits import THREADS
from ketasim.server.scenes import described, grid, offered, person, window

AMOUNT = re.compile(r"\d+(?:\.\d+)?(?=\s*(?:mg|mcg|ug|µg)\b)")
UNBANDED = ("receptors", "brain levels")
ASSUMED = ("assumed", "grade D", "grade: D", "extrapolated", "placeholder")


def simulate(
    scene: m.Scene, times: np.ndarray, outputs: tuple[str, ...], people: int = 1, vary: Any = None, threads: int = 1
) -> Result:
    """The scene as a Result."""
    from ketasim.simulate import simulate as run

    return run(
        scene.model,
        person(scene.patient),
        window(scene.regimen, scene.until_h),
        times,
        scene.seed,
        subjects=people,
        vary=vary,
        outputs=outputs,
        settings=dict(scene.settings),
        options=dict(scene.options),
        threads=threads,
    )


def frame(kind: str, asked: Any, result: Result, values: np.ndarray, **more: Any) -> bytes:
    """A frame with the outputs of a result in the order of `values`' first axis."""
    names = tuple(result)
    flags = {n: list(result.flags.get(n, ())) for n in names if result.flags.get(n)}
    header = {
        "type": kind,
        "id": asked.id,
        "outputs": list(names),
        "units": [result.units[n] for n in names],
        "flags": flags,
        "assumed": [n for n in names if any(w in f for f in flags.get(n, ()) for w in ASSUMED)],
        "extrapolated": any(w.startswith("extrapolated") for w in result.warnings),
        "warnings": list(result.warnings),
        "failures": list(result.failures[:5]),
        **more,
    }
    return encode(header, {"times": np.asarray(result.times_h, float), "values": values})


def curves(asked: m.Curves) -> bytes:
    """values (outputs, times)."""
    scene = asked.scene
    regimen = window(scene.regimen, scene.until_h)
    names = tuple(n for n in offered(scene, ACUTE))
    result = simulate(scene, grid(regimen.doses, scene.until_h), names)
    who = person(scene.patient)
    more = {
        "doses": described(regimen.doses),
        "regimen": str(regimen),
        "notes": list(who.notes),
        "weight_kg": who.weight_kg,
    }
    return frame("curves", asked, result, np.stack([result[n][0] for n in result]), **more)


def bands(asked: m.Bands) -> bytes:
    """values (outputs, 3, times): 5th, 50th and 95th percentile."""
    scene = asked.scene
    names = tuple(n for n in offered(scene, ACUTE) if ACUTE[n].group not in UNBANDED)
    vary = ("between", "doubt") if asked.vary == "both" else (asked.vary,)
    result = simulate(
        scene, grid(window(scene.regimen, scene.until_h).doses, scene.until_h, 120), names, asked.people, vary, THREADS
    )
    stack = np.stack([result[n] for n in result], axis=0)
    done = ~np.isnan(stack).any(axis=(0, 2))
    ordered = np.sort(stack if done.all() else stack[:, done], axis=1)
    at = np.array([0.05, 0.5, 0.95]) * (ordered.shape[1] - 1)
    low, part = np.floor(at).astype(int), (at % 1.0)[None, :, None]
    values = ordered[:, low] * (1 - part) + ordered[:, np.minimum(low + 1, ordered.shape[1] - 1)] * part
    return frame("bands", asked, result, values, people=int(done.sum()), vary=asked.vary)


def spectrum(asked: m.Spectrum) -> bytes:
    """Power against rest in dB (times, frequencies), and the band curves (bands, times)."""
    from ketasim.circuits import eeg

    scene = asked.scene
    names = tuple(n for n in (*(f"eeg.{b}" for b in eeg.BANDS), *eeg.INPUTS))
    found = offered(scene, dict.fromkeys(names))
    if len(found) < len(names):
        raise InputError("output", "eeg", "a model with circuits, such as ketamine")
    result = simulate(scene, grid(window(scene.regimen, scene.until_h).doses, scene.until_h, 120), names)
    variant = str(scene.options.get("eeg", "column"))
    power = eeg.session({n: result[n] for n in eeg.INPUTS}, 0, variant).power
    rest = eeg.spectra(np.zeros((4, 1))).power[0]
    header = {
        "type": "spectrum",
        "id": asked.id,
        "bands": list(eeg.BANDS),
        "unit": "dB re rest",
        "variant": variant,
        "flags": list(result.flags.get("eeg.gamma", ())),
        "pipeline": "linear noise around one cortical column",
    }
    return encode(
        header,
        {
            "times": np.asarray(result.times_h, float),
            "frequencies": eeg.FREQUENCIES,
            "power": 10 * np.log10(power / rest),
            "values": np.stack([result[f"eeg.{b}"][0] for b in eeg.BANDS]),
        },
    )


def ensemble(asked: m.Ensemble) -> bytes:
    """Total ketamine (models, times) by every published model that applies, with the site of each."""
    from ketasim import models
    from ketasim.report.companions import label

    scene = asked.scene
    regimen, who = window(scene.regimen, scene.until_h), person(scene.patient)
    given = frozenset(
        (d.drug, models.way(d.drug, d.route, d.product)) for d in regimen.fixed_doses if d.drug != "saline"
    )
    times = grid(regimen.doses, scene.until_h, 120)
    rows: list[dict[str, Any]] = []
    values: list[np.ndarray] = []
    for site, names in models.ensemble(given, who.covariates()).items():
        for name in names:
            one = scene.model_copy(update={"model": name, "options": {}, "settings": {}})
            try:
                result = simulate(one, times, (f"ketamine.{site}",))
            except KetasimError as error:
                rows.append({"model": name, "label": label(name), "site": site, "missing": str(error)})
                continue
            rows.append({"model": name, "label": label(name), "site": site, "row": len(values)})
            values.append(result[f"ketamine.{site}"][0])
    header = {"type": "ensemble", "id": asked.id, "models": rows, "unit": "ng/mL"}
    return encode(header, {"times": times, "values": np.array(values).reshape(len(values), len(times))})


def observed(asked: m.Observed) -> bytes:
    """Published levels and peaks after the same regimen."""
    from ketasim.server.published import matching

    return encode({"type": "observed", "id": asked.id, "rows": matching(asked.scene.regimen)}, {})


def inverse(asked: m.Inverse) -> bytes:
    """The factor on every dose that brings the peak of an output to the target, by bisection; linear or not."""
    scene = asked.scene
    if asked.output not in ACUTE:
        raise InputError("output", asked.output, ", ".join(ACUTE))
    found = AMOUNT.findall(scene.regimen)
    if len(found) != 1:
        raise InputError("regimen", f"{len(found)} amounts", "one amount, for a wanted peak")
    amount = AMOUNT.search(scene.regimen)
    assert amount is not None
    base = float(amount.group())
    times = grid(window(scene.regimen, scene.until_h).doses, scene.until_h, 120)

    def peak(factor: float) -> float:
        text = f"{scene.regimen[: amount.start()]}{base * factor:.6g}{scene.regimen[amount.end() :]}"
        return float(simulate(scene.model_copy(update={"regimen": text}), times, (asked.output,)).cmax(asked.output)[0])

    low, high = 1e-3, 1.0
    while peak(high) < asked.target and high < 64:
        high *= 2
    if peak(high) < asked.target:
        raise InputError("target", asked.target, f"at most {peak(high):.4g}, what 64 times this dose reaches")
    for _ in range(24):
        middle = (low + high) / 2
        low, high = (middle, high) if peak(middle) < asked.target else (low, middle)
    text = f"{scene.regimen[: amount.start()]}{base * high:.4g}{scene.regimen[amount.end() :]}"
    header = {
        "type": "inverse",
        "id": asked.id,
        "regimen": text,
        "factor": high,
        "peak": peak(high),
        "output": asked.output,
    }
    return encode(header, {})
