"""How to get the same numbers again."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.registry import Section
from ketasim.report.text import details, esc, paragraph, table

LABELS = {
    "ketasim": "ketasim version",
    "python": "Python",
    "numpy": "NumPy",
    "vary": "drawn",
    "tolerance": "tolerances",
    "until_h": "end of the run, h",
    "values": "values set by hand",
    "equations": "hash of the equations",
    "parameters": "hash of the individual parameters",
}


def render(result: Result, context: Context) -> str:
    """The command and everything the manifest holds."""
    manifest = result.manifest
    rows = [[LABELS.get(k, k.replace("_", " ")), _shown(v)] for k, v in manifest.items() if k != "stats" and _shown(v)]
    if not rows:
        return ""
    command = manifest.get("command") or _command(result)
    html = paragraph("The same version, seed and input give the same numbers, on any number of threads.")
    html += f"<pre><code>{esc(command)}</code></pre>" + table(
        ["", ""], rows, kind="manifest", caption="Manifest of the run"
    )
    text = json.dumps(manifest, indent=1, default=str)
    return html + details("Manifest as JSON", f"<pre><code>{esc(text)}</code></pre>")


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _command(result: Result) -> str:
    """A command line that runs the same thing, as far as the manifest tells."""
    m, cov = result.manifest, result.covariates
    words = ["ketasim simulate"]
    if m.get("regimen"):
        words.append(f'--dose "{m["regimen"]}"')
    for key, flag in (("weight_kg", "--weight"), ("age_y", "--age")):
        if key in cov and len(set(cov[key].tolist())) == 1:
            words.append(f"{flag} {float(cov[key][0]):g}")
    if m.get("until_h"):
        words.append(f"--until {float(m['until_h']):g}h")
    if len(result) > 1:
        words.append(f"--subjects {len(result)}")
    if m.get("seed") is not None:
        words.append(f"--seed {m['seed']}")
    return " ".join(words)


SECTION = Section("repeat", "How to repeat this run", render, nav="Repeat")
