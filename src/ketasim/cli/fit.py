"""fit: a population model fitted to a NONMEM-style data set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ketasim.core.errors import InputError


def command(
    specification: Annotated[Path, typer.Argument(help="Python file that defines `model` and `structure(records)`.")],
    data: Annotated[Path, typer.Argument(help="NONMEM-style data set (CSV).")],
    method: Annotated[str, typer.Option(help="fo, foce-i, laplace, saem or bayes.")] = "foce-i",
    seed: Annotated[int, typer.Option(help="Seed (saem, predictive checks).")] = 0,
    report: Annotated[Path | None, typer.Option(help="Write goodness of fit and predictive check (.html).")] = None,
    table: Annotated[Path | None, typer.Option(help="Write PRED, IPRED, IWRES, CWRES (.csv).")] = None,
    covariance: Annotated[
        str, typer.Option(help="Standard errors: r (curvature), s (gradients), rsr (robust) or none.")
    ] = "r",
    compare: Annotated[
        list[Path] | None,
        typer.Option("--compare", help="Another specification to fit to the same data; may be repeated."),
    ] = None,
    replicates: Annotated[int, typer.Option(min=20, help="Simulated data sets of the predictive check.")] = 200,
    json: Annotated[bool, typer.Option("--json", help="Print the fit as JSON.")] = False,
    progress: Annotated[bool, typer.Option("--progress", help="Show how far the run is, on standard error.")] = False,
) -> int:
    """Fit a population model. Exit status 1 where the fit did not converge, with the reasons."""
    from ketasim.cli import files
    from ketasim.cli.simulate import bar
    from ketasim.fitting import fit
    from ketasim.fitting.population.load import load

    files.check_target("--report", report, (".html",))
    files.check_target("--table", table, (".csv",))
    if compare and (json or method == "bayes"):
        raise InputError("--compare", "with --json or bayes", "a fit by maximum likelihood, printed as text")
    model, structure = load(specification, data)
    with bar(progress) as moved:
        heard = (lambda k, _: moved(k, 0)) if moved else None
        seeded: dict[str, Any] = {"seed": seed} if method in ("saem", "bayes") else {}
        if method != "bayes":
            seeded["covariance"] = False if covariance == "none" else covariance
        found = fit(model, structure, method, progress=heard, **seeded)
    for problem in found.problems:
        print(f"ketasim: {problem}", file=sys.stderr)
    if table is not None:
        _table(table, found)
    if report is not None:
        from ketasim.analysis.fit_report import page
        from ketasim.analysis.predictive import npde, vpc

        bands = vpc(found.model, structure, found.point, replicates=replicates, seed=seed)
        doses = vpc(found.model, structure, found.point, replicates=replicates, seed=seed, corrected=True)
        errors = npde(found.model, structure, found.point, replicates=max(replicates, 500), seed=seed)
        text = page(found, bands, errors, f"{specification.stem}: {data.stem}", corrected=doses)
        files.write(report, text)
        print(f"ketasim: report in {report}", file=sys.stderr)
    _print(found, json)
    good = found.converged
    if compare:
        fits = {specification.stem: found}
        for other in compare:
            fits[other.stem if other.stem not in fits else str(other)] = one = fit(*load(other, data), method, **seeded)
            good = good and one.converged
            for problem in one.problems:
                print(f"ketasim: {other.stem}: {problem}", file=sys.stderr)
        _print_compared(fits)
    return 0 if good else 1


def _print_compared(fits: dict[str, Any]) -> None:
    from ketasim.fitting.population.comparison import compared

    print("\nmodel                     numbers   objective      change           p         AIC         BIC")
    for row in compared(fits):
        p = "" if row.p != row.p else f"{row.p:.3g}"
        print(f"{row.name:24s} {row.numbers:8d} {row.objective:11.3f} {row.change:+11.3f} {p:>11s} "
              f"{row.aic:11.3f} {row.bic:11.3f}{'' if row.converged else '  not converged'}")  # fmt: skip
    print("p: likelihood-ratio test against the first model, where one is a special case of the other")


def _table(path: Path, found: Any) -> None:
    import csv
    import io

    from ketasim.cli import files
    from ketasim.fitting.population.diagnostics import table

    columns, text = table(found), io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow(["." if isinstance(v, float) and v != v else v for v in row])
    files.write(path, text.getvalue())


def _print(found: Any, as_json: bool) -> None:
    if found.method == "bayes":
        _print_posterior(found, as_json)
        return
    if as_json:
        import json

        clean = dict(found.shrinkage)
        print(
            json.dumps(
                {
                    "method": found.method,
                    "objective": found.objective,
                    "converged": found.converged,
                    "problems": list(found.problems),
                    "estimates": found.rows(),
                    "shrinkage": clean,
                    "covariance": found.kind,
                    "condition": found.condition,
                    "sampling": dict(found.sampling),
                    "seconds": found.seconds,
                },
                default=str,
            )
        )
        return
    print(f"{found.method}: objective {found.objective:.4f} ({'converged' if found.converged else 'NOT converged'})")
    for r in found.rows():
        print(
            f"  {r['name']:24s} {r['estimate']:12.6g}  SE {r['se']:.3g}  RSE {r['rse_percent']:.1f} %"
            f"  robust SE {r['robust_se']:.3g}"
        )
    shrinkage = ((k, v) for k, v in found.shrinkage.items() if k != "objective_error")
    print("  shrinkage " + ", ".join(f"{k} {v:.3f}" for k, v in shrinkage))
    if found.sampling:
        print("  sampling " + ", ".join(f"{k} {v:.3g}" for k, v in found.sampling.items()))


def _print_posterior(found: Any, as_json: bool) -> None:
    rows = found.rows()
    if as_json:
        import json

        print(json.dumps({"method": "bayes", "converged": found.converged, "problems": list(found.problems),
                          "estimates": rows, "seconds": found.seconds}))  # fmt: skip
        return
    print(f"bayes ({'converged' if found.converged else 'NOT converged'})")
    for r in rows:
        print(f"  {r['name']:24s} {r['mean']:12.6g}  SD {r['sd']:.3g}  95 % {r['q2.5']:.4g} to {r['q97.5']:.4g}"
              f"  R-hat {r['rhat']:.3f}  effective {r['ess']:.0f}")  # fmt: skip
