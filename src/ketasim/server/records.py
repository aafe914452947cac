"""Files of a session, of a course and of a view of weeks: tables (CSV, Parquet), JSON, and a page to print."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np

from ketasim.core.errors import InputError, KetasimError
from ketasim.server import messages as m
from ketasim.server.frames import decode
from ketasim.server.limits import EXPORT_VALUES

Rows = list[dict[str, Any]]
SESSION = ("min", "kind", "name", "value", "words")
CONTACT = (
    "who", "day", "what", "phase", "score", "improved", "given_mg", "held", "checked", "flagged", "decision", "action",
    "interval_days",
)  # fmt: skip
NOTICE = "A simulation for research and teaching. Not advice on dosing."


def record(asked: m.Export) -> bytes:
    """The file of what was asked beside a scene; InputError where it would be too large."""
    if asked.session is not None:
        return session(asked.session, asked.format)
    if asked.course is not None:
        return course(asked.course, asked.format)
    assert asked.weeks is not None
    return weeks(asked.weeks, asked.format)


def session(asked: m.Session, kind: str) -> bytes:
    """What the monitor showed and what happened, a row each (min, kind, name, value, words); or the printed record."""
    from ketasim.server.sessions import alarms, events, replay

    played = replay(asked)
    s = played.session
    if kind == "html":
        from ketasim.report.session_page import page

        return page(s).encode()
    rows: Rows = [
        {"min": float(r["min"]), "kind": "reading", "name": n, "value": float(v), "words": ""}
        for r in s.readings
        for n, v in r.items()
        if n != "min"
    ]
    rows += [
        {"min": a["min"], "kind": "alarm", "name": a["name"], "value": a["reading"], "words": a["action"]}
        for a in alarms(s)
    ]
    rows += [{"min": e["min"], "kind": e["kind"], "name": "", "value": None, "words": e["words"]} for e in events(s)]
    rows += [
        {"min": float(c["min"]), "kind": "true", "name": n, "value": float(c[n]), "words": ""}
        for c in s.curves
        for n in s.body.outputs
    ]
    rows.sort(key=lambda r: r["min"])
    account = {f"{k}_mg": float(getattr(s.account, k)) for k in ("drawn", "given", "wasted")}
    about = {"protocol": s.protocol.name, "planned": str(s.plan.regimen), "seed": asked.seed, "account": account}
    return table(rows, SESSION, kind, about)


def course(asked: m.Course, kind: str) -> bytes:
    """Every contact of this person (who 0 is the person, 1 and on are people drawn around); or the printed course."""
    from ketasim.server.courses import contacts, told

    own, crowd = told(asked)
    if kind == "html":
        from ketasim.report.session_page import STYLE, course_section

        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>Course</title><style>{STYLE}</style><h1>Course of a simulated patient</h1>"
            f'<p class="n">{NOTICE}</p><p>{own.protocol.title}: {own.protocol.dose.regimen}, seed {asked.seed}.</p>'
            f"{course_section(own)}{_forecast(crowd.forecast())}</html>"
        ).encode()
    found = [(0, row) for row in contacts(own)]
    found += [(k + 1, row) for k in range(len(crowd.ids)) for row in contacts(crowd, k)]
    rows = [
        {n: who if n == "who" else ", ".join(row[n]) if n in ("checked", "flagged") else row[n] for n in CONTACT}
        for who, row in found
    ]
    about = {"protocol": own.protocol.name, "dose": own.protocol.dose.regimen, "seed": asked.seed}
    return table(rows, CONTACT, kind, {**about, "forecast": crowd.forecast()})


def _forecast(f: dict[str, Any]) -> str:
    body = "".join(
        f"<tr><td>{w['week']:g}</td><td>{w['score'][1]:.0f} ({w['score'][0]:.0f} to {w['score'][2]:.0f})</td>"
        f"<td>{w['response']:.0%}</td><td>{w['relapsed']:.0%}</td><td>{w['treated']:.0%}</td></tr>"
        for w in f["weeks"]
    )
    heads = "<th>week</th><th>score, 5 to 95 of 100</th><th>in response</th><th>relapsed so far</th><th>treated</th>"
    return f"<h2>Forecast, {f['people']} people drawn around</h2><table><tr>{heads}</tr>{body}</table>"


def weeks(asked: m.Weeks, kind: str) -> bytes:
    """Every curve of Weeks as rows (hypothesis, day, output, value); HTML: the report of the first hypothesis."""
    from ketasim.server import weeks as answers

    if kind == "html":
        return _report(asked)
    head, a = decode(answers.weeks(asked))
    days = (a["times"] / 24).tolist()
    rows: Rows = []

    def add(hypothesis: str, output: str, values: np.ndarray) -> None:
        rows.extend(
            {"hypothesis": hypothesis, "day": d, "output": output, "value": v}
            for d, v in zip(days, values.tolist(), strict=True)
        )

    for i, hypothesis in enumerate(head["hypotheses"]):
        for k, name in enumerate(head["outputs"]):
            add(hypothesis, name, a["values"][i, k])
        if "mood" in a:
            for k, q in enumerate(head["quantiles"]):
                add(hypothesis, f"madrs, {100 * q:g} % of people", a["mood"][i, k])
            for k, name in enumerate(("share with response", "share in remission")):
                add(hypothesis, name, a["shares"][i, k])
            add(hypothesis, "responders not relapsed", a["kept"][i])
    if "tablet" in a:
        add("new tablet", "madrs", a["tablet"])
    about = {"regimen": asked.scene.regimen, "people": asked.people, "seed": asked.scene.seed}
    return table(rows, ("hypothesis", "day", "output", "value"), kind, about)


def _report(asked: m.Weeks) -> bytes:
    import tempfile
    from pathlib import Path

    from ketasim.report import write_html
    from ketasim.server.catalogue import WEEKS
    from ketasim.server.scenes import offered, person, window
    from ketasim.server.weeks import times_of
    from ketasim.simulate import simulate

    scene = asked.scene
    regimen = window(scene.regimen, scene.until_h)
    options = {**scene.options, "hypothesis": asked.hypotheses[0]}
    people = max(asked.people, 1)
    result = simulate(
        scene.model, person(scene.patient), regimen, times_of(regimen, scene.until_h), scene.seed, subjects=people,
        vary=("between",) if people > 1 else (), outputs=offered(scene, WEEKS), settings=dict(scene.settings),
        options=options,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "weeks.html"
        write_html(result, target)
        return target.read_bytes()


def table(rows: Rows, columns: tuple[str, ...], kind: str, about: dict[str, Any]) -> bytes:
    """Rows as CSV, Parquet (`about` in the file's metadata) or JSON."""
    if len(rows) * len(columns) > EXPORT_VALUES:
        raise InputError("people", len(rows), f"fewer: {EXPORT_VALUES} values at most")
    if kind == "json":
        return json.dumps({"notice": NOTICE, **about, "rows": rows}, ensure_ascii=False).encode()
    if kind == "csv":
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns)
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode()
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise KetasimError("writing Parquet needs the frames extra: pip install 'ketasim[frames]'") from None
    held = pa.table({c: [r[c] for r in rows] for c in columns})
    out = io.BytesIO()
    pq.write_table(held.replace_schema_metadata({b"ketasim": json.dumps(about).encode()}), out)
    return out.getvalue()
