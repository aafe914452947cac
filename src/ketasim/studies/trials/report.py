"""What a virtual trial says: arms, endpoints with power, guesses, safety, and the size that would be enough."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketasim import __version__
from ketasim.outcomes.courses import MINIMAL_DIFFERENCE

from ..endpoints.risk import number_needed
from .conduction import TrialData
from .design import Design, Endpoint
from .endpoints import analyse, times, values
from .power import power, proportion, required

NOTE = "Simulation result for study design; not advice for any person."
BETTER = {"change": -1.0, "response": 1.0, "remission": 1.0, "relapse": -1.0, "dropout": 0.0, "safety": 0.0}


def summarise(design: Design, data: TrialData) -> dict[str, Any]:
    """The whole result as plain data (for JSON and for printing)."""
    endpoints = [_endpoint(design, data, e) for e in design.tested]
    out: dict[str, Any] = {
        "title": design.title, "ketasim": __version__, "note": NOTE, "seed": design.seed, "vary": list(design.vary),
        "replicates": int(data.arm.shape[0]), "people": design.people, "alpha": design.alpha,
        "screened_per_person": data.screened / data.arm.size, "failed": data.failed,
        "arms": [_arm(design, data, i) for i in range(len(design.arms))],
        "endpoints": endpoints,
    }  # fmt: skip
    if design.looks:
        from .sequential import sequential

        out["looks"] = sequential(design, data)
    if design.adaptive:
        from .adaptive import adaptive

        out["adaptive"] = adaptive(design, data)
    if "doubt" in design.vary:
        from .doubt import drivers

        out["doubt"] = drivers(design, data)
    if design.published:
        from .published import beside

        out["published"] = beside(design, data)
    return out


def _endpoint(design: Design, data: TrialData, endpoint: Endpoint) -> dict[str, Any]:
    found = analyse(design, data, endpoint)
    rows = []
    for column, number in enumerate(design.active):
        sign = BETTER[endpoint.kind]
        one = power(found.p[:, column], found.estimate[:, column], found.se[:, column], design.alpha, sign)
        row: dict[str, Any] = {"arm": design.arms[number].id, **one.__dict__}
        if endpoint.kind in ("response", "remission"):
            row["number_needed"] = number_needed(one.estimate)
        if endpoint.kind == "change" and design.visits.output in MINIMAL_DIFFERENCE:
            row["minimal_difference"] = MINIMAL_DIFFERENCE[design.visits.output]
        if endpoint.method in ("ancova", "mmrm"):
            pair = design.arms[number].n + design.arms[design.control].n
            for target in (0.8, 0.9):
                n, low, high = required(found, column, pair, design.alpha, target, design.seed)
                row[f"people_for_{target:.0%}"] = {"people": n, "low": low, "high": high}
        rows.append(row)
    return {
        "name": endpoint.name, "kind": endpoint.kind, "analysis": endpoint.method, "day": design.day(endpoint),
        "primary": endpoint is design.primary, "against": design.arms[design.control].id, "contrasts": rows,
    }  # fmt: skip


def _arm(design: Design, data: TrialData, number: int) -> dict[str, Any]:
    mine = data.arm == number
    arm = design.arms[number]
    last = design.visits.days[-1]
    share, error, _, _ = proportion(data.guess[mine])
    out: dict[str, Any] = {
        "id": arm.id, "regimen": arm.regimen, "n": arm.n, "start": float(np.mean(data.start[mine])),
        "visits": [
            {"day": d, "mean": _mean(data.scores[:, :, i][mine]), "sd": _sd(data.scores[:, :, i][mine]),
             "seen": float(np.isfinite(data.scores[:, :, i][mine]).mean())}
            for i, d in enumerate(design.visits.days)
        ],
        "believes_active": share, "believes_active_error": error, "bang_index": _bang(design, share, number),
        "felt": _mean(data.felt[mine]), "left": float((data.left[mine] <= last).mean()),
        "rescued": float(np.isfinite(data.rescued[mine]).mean()), "doses_given": _mean(data.given[mine]),
        "peaks": {k: {"mean": _mean(v[mine]), "p95": float(np.nanquantile(v[mine], 0.95))}
                  for k, v in data.peaks.items()},
    }  # fmt: skip
    if data.watched:
        out["watched"] = {k: _mean(v[mine]) for k, v in data.watched.items()}
    for e in design.tested:
        if e.kind in ("response", "remission", "safety"):
            out[e.name] = _mean(values(design, data, e)[mine])
        elif e.kind in ("relapse", "dropout"):
            time, event = times(design, data, e)
            fine = mine & np.isfinite(time)
            out[e.name] = _kept(design, e, time[fine], event[fine])
    return out


def _kept(design: Design, endpoint: Endpoint, time: np.ndarray, event: np.ndarray) -> float:
    """Share without the event at the end, Kaplan and Meier."""
    if not len(time):
        return float("nan")
    from ..endpoints.survival import kaplan_meier

    span = design.visits.days[-1] - (design.day(endpoint) if endpoint.kind == "relapse" else 0.0)
    return float(kaplan_meier(time, event, np.array([span]))[0])


def _bang(design: Design, believes_active: float, number: int) -> float:
    """Blinding index of Bang 2004 for two answers: share of right guesses above chance, −1 … 1."""
    right = 1.0 - believes_active if number == design.control else believes_active
    return 2.0 * right - 1.0


def _mean(x: np.ndarray) -> float:
    return float(np.nanmean(x)) if np.isfinite(x).any() else float("nan")


def _sd(x: np.ndarray) -> float:
    return float(np.nanstd(x, ddof=1)) if np.isfinite(x).sum() > 1 else float("nan")


def text(result: dict[str, Any]) -> str:
    """The result in words and tables."""
    lines = [
        result["title"],
        f"{result['replicates']} replicates of {result['people']} people, seed {result['seed']}, "
        f"drawn: {', '.join(result['vary']) or 'nothing'}; {result['screened_per_person']:.2f} screened for each let in"
        + (f"; {result['failed']} runs failed" if result["failed"] else ""),
        "",
    ]
    for arm in result["arms"]:
        course = ", ".join(f"d{v['day']:g} {v['mean']:.1f} (SD {v['sd']:.1f})" for v in arm["visits"])
        lines.append(f"{arm['id']} (n {arm['n']}): {arm['regimen']}")
        more = "".join(f", {word} {arm[key]:.0%}" for key, word in (("rescued", "rescued"),) if arm[key])
        more += f", doses given {arm['doses_given']:.0%}" if arm["doses_given"] < 1 else ""
        lines.append(f"    start {arm['start']:.1f}, {course}; left {arm['left']:.0%}{more}")
        lines.append(f"    believe in the drug {arm['believes_active']:.0%}; blinding index {arm['bang_index']:+.2f}")
        if watched := arm.get("watched"):
            lines.append("    a person: " + ", ".join(f"{k.replace('_', ' ')} {v:.2f}" for k, v in watched.items()))
        known = {"id", "regimen", "n", "start", "visits", "believes_active", "believes_active_error", "bang_index",
                 "felt", "left", "rescued", "doses_given", "peaks", "watched"}  # fmt: skip
        free = {e["name"] for e in result["endpoints"] if e["kind"] in ("relapse", "dropout")}
        said = {k: f"free of {k}" if k in free else k for k in arm}
        if shares := [f"{said[k]} {v:.0%}" for k, v in arm.items() if k not in known]:
            lines.append("    " + ", ".join(shares))
    for e in result["endpoints"]:
        lines += ["", f"{e['name']} (day {e['day']:g}, {e['analysis']}{', primary' if e['primary'] else ''})"]
        for c in e["contrasts"]:
            more = "".join(
                f"; {k[11:]} power with {v['people']:.0f} people ({v['low']:.0f} to {v['high']:.0f})"
                for k, v in c.items() if k.startswith("people_for_")
            )  # fmt: skip
            if "number_needed" in c:
                more += f"; number needed to treat {c['number_needed']:.1f}"
            if "minimal_difference" in c:
                reaches = "does not reach" if abs(c["estimate"]) < c["minimal_difference"] else "reaches"
                more += f"; {reaches} {c['minimal_difference']:g} points, the least that counts (recalled)"
            lines.append(
                f"    {c['arm']} against {e['against']}: {c['estimate']:+.3g} "
                f"(SD over trials {c['sd']:.3g}, SE {c['se']:.3g}), "
                f"power {c['power']:.1%} ± {c['error']:.1%}{more}"
            )
    for part in ("looks", "adaptive", "doubt", "published", "hypotheses"):
        if part in result and not result[part]:
            lines += ["", f"{part}: nothing beyond chance"]
        elif part in result:
            lines += ["", part, *(f"    {_row(row)}" for row in result[part])]
    return "\n".join([*lines, "", result["note"]])


def _row(row: dict[str, Any]) -> str:
    return ", ".join(f"{k} {v:.3g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items())
