"""claims: what is said about ketamine, what the model shows of it, and the papers."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer


def command(
    ids: Annotated[
        list[str] | None, typer.Argument(help="Claims by id, such as CVS1 (all when none is given).")
    ] = None,
    system: Annotated[str | None, typer.Option(help="Only claims about this system, such as mood.")] = None,
    list_only: Annotated[bool, typer.Option("--list", help="List the claims without running anything.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a list of rows with a verdict as JSON.")] = False,
) -> int:
    """Show what the model makes of each claim: number, interval, grade, verdict and papers.

    Exits 1 where the model contradicts a claim that evidence supports. "not supported" is a finding, not a failure.
    """
    from ketasim.core.errors import InputError
    from ketasim.studies.claims import claims, show

    table = claims()
    known = {c.system for c in table.values()}
    if system is not None and system not in known:
        raise InputError("--system", system, ", ".join(sorted(known)))
    upper = [i.upper() for i in ids or ()]
    for name in upper:
        if name not in table:
            raise InputError("claim", name, ", ".join(table))
    chosen = [c for c in table.values() if (not upper or c.id in upper) and system in (None, c.system)]
    if list_only:
        if json:
            import json as encoder

            print(
                encoder.dumps(
                    [
                        {"id": c.id, "system": c.system, "claim": c.claim, "evidence": c.stands, "grade": c.grade}
                        for c in chosen
                    ],
                    ensure_ascii=False,
                )
            )
        else:
            for c in chosen:
                print(f"{c.id}\t{c.system}\t{c.claim}")
        return 0
    rows = []
    for claim in chosen:
        rows.append(show(claim.id))
        if not json:
            print("\n".join(lines(rows[-1])) + "\n", flush=True)
    if json:
        import json as encoder

        print(encoder.dumps(rows, ensure_ascii=False))
    counts = {v: sum(r["verdict"] == v for r in rows) for v in dict.fromkeys(r["verdict"] for r in rows)}
    print("ketasim: " + ", ".join(f"{n} {verdict}" for verdict, n in counts.items()), file=sys.stderr)
    return 1 if counts.get("model disagrees") else 0


def lines(row: dict[str, Any]) -> list[str]:
    """A row as plain lines."""
    out = [f"{row['id']}  {row['claim']}", f"      {row['verdict']} (evidence grade {row['grade']})"]
    if row["shows"]:
        out.append(f"      {row['shows']}")
        interval = f", {row['low']:.3g} to {row['high']:.3g} ({row['interval']})" if row["low"] is not None else ""
        out.append(f"      {row['number']:.4g} {row['unit']}{interval}; looked for: {row['rule']}")
        out.append(f"      {row['call']}")
    if row["missing"]:
        out.append(f"      {row['missing']}")
    if row["but"]:
        out.append(f"      But: {row['but']}")
    papers = "; ".join(" ".join(x for x in (p["short"], p["link"]) if x) for p in row["papers"])
    out.append(f"      Papers: {papers or 'none'}")
    return out
