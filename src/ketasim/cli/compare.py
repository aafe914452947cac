"""compare: rival explanations of the antidepressant effect on the same rows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ketasim.analysis.hypotheses import Comparison

NEARLY_PRIOR = 0.85


def command(
    hypotheses: Annotated[
        bool, typer.Option("--hypotheses", help="Compare the explanations of the antidepressant effect (the default).")
    ] = True,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only these explanations; may be repeated (disinhibition, rest_block, trkb, hnk, opioid, "
                          "direct, expectancy)."),
    ] = None,
    study: Annotated[list[str] | None, typer.Option(help="Fit to these studies only; may be repeated.")] = None,
    draws: Annotated[int, typer.Option(min=40, help="Size of each fitted ensemble.")] = 160,
    seed: Annotated[int, typer.Option(help="Seed.")] = 1,
    refit: Annotated[
        bool, typer.Option("--refit", help="Fit again without each study whose importance weights are too rough.")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="Write a page with figures (.html).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    progress: Annotated[bool, typer.Option("--progress", help="Say which explanation is being fitted.")] = False,
) -> int:  # fmt: skip
    """Fit every explanation to the same published rows, say what each predicts, and rank studies that would decide.

    "Not distinguishable" is an answer: the difference of the scores of studies left out is within twice its error.
    """
    from ketasim.analysis.hypotheses import compare
    from ketasim.cli import files

    files.check_target("--report", report, (".html",))

    def said(name: str) -> None:
        print(f"ketasim: {name}", file=sys.stderr)

    found = compare(only, draws=draws, seed=seed, studies=study, refit=refit, progress=said if progress else None)
    if report is not None:
        from ketasim.report.results.rivals import write_rivals

        print(f"ketasim: report in {write_rivals(as_dict(found), report)}", file=sys.stderr)
    if json:
        import json as encoder

        print(encoder.dumps(as_dict(found), ensure_ascii=False))
    else:
        for line in lines(found):
            print(line)
    return 0


def as_dict(found: Comparison) -> dict[str, Any]:
    """Everything as plain numbers and words."""
    import numpy as np

    from ketasim.analysis.hypotheses.priors import WORDS

    out: dict[str, Any] = {"explanations": [], "pairs": [], "studies": []}
    best = max(found.fitted.values(), key=lambda f: f.score).name
    for name, f in found.fitted.items():
        low, middle, high = np.quantile(f.posterior.rows, (0.05, 0.5, 0.95), axis=0)
        out["explanations"].append({
            "name": name, "words": WORDS[name], "score": f.score, "inside": f.inside,
            "left_out": [{"study": s.study, "score": s.score, "k": s.k, "refitted": s.refitted, "rough": s.rough}
                         for s in f.left],
            "rows": [{"row": r, "printed": float(o), "predicted": float(m), "low": float(a), "high": float(b)}
                     for r, o, m, a, b in zip(found.rows.ids, found.rows.printed, middle, low, high, strict=True)],
            "numbers": [{"name": p.name, "overlap": float(v)} for p, v in zip(f.freedoms, f.posterior.overlap)],
            "predictions": [{"design": c.design.name, "words": c.design.words, "difference": c.mean, "sd": c.sd,
                             "error_of_trial": c.error} for c in found.contrasts[name]],
        })  # fmt: skip
        if name != best:
            d, e, verdict = found.against(best, name)
            out["pairs"].append({"first": best, "second": name, "difference": d, "error": e, "verdict": verdict})
    if len(found.fitted) > 1 and found.contrasts[best]:
        out["studies"] = [
            {"design": d.name, "words": d.words, "people_an_arm": d.n, "decibans": v, "separates": list(pair),
             "decibans_of_pair": w} for d, v, pair, w in found.ranking()
        ]  # fmt: skip
    return out


def lines(found: Comparison) -> list[str]:
    """The same as tab-separated text."""
    d = as_dict(found)
    count = len(d["explanations"][0]["left_out"])
    out = [
        f"explanation\trows inside\tlog score, {count} studies left out\tof these scores\t"
        "numbers the rows say little about"
    ]
    for e in sorted(d["explanations"], key=lambda e: -e["score"]):
        vague = [n["name"] for n in e["numbers"] if n["overlap"] > NEARLY_PRIOR]
        again, rough = (sum(s[key] for s in e["left_out"]) for key in ("refitted", "rough"))
        warn = f"{rough} rough (k above 0.7; see --refit)" if rough else f"none rough, {again} refitted"
        out.append(f"{e['words']}\t{e['inside']:.0%}\t{e['score']:.1f}\t{warn}\t{', '.join(vague) or 'none'}")
    out += ["", "best against\tdifference of scores\terror\tverdict"]
    out += [f"{p['second']}\t{p['difference']:.1f}\t{p['error']:.1f}\t{p['verdict']}" for p in d["pairs"]]
    names = [e["name"] for e in d["explanations"]]
    out += ["", "difference of MADRS changes (SD)\t" + "\t".join(names)]
    for i, c in enumerate(d["explanations"][0]["predictions"]):
        cells = [
            f"{e['predictions'][i]['difference']:.1f} ({e['predictions'][i]['sd']:.1f})" for e in d["explanations"]
        ]
        out.append(c["words"] + "\t" + "\t".join(cells))
    out += ["", "study\tpeople an arm\tmean decibans\tseparates best"]
    for s in d["studies"]:
        pair = " from ".join(s["separates"])
        out.append(f"{s['words']}\t{s['people_an_arm']}\t{s['decibans']:.1f}\t{pair} ({s['decibans_of_pair']:.0f})")
    return out
