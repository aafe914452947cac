"""The JavaScript module, run in node, against the reference solver."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from ketasim.core.errors import InputError
from ketasim.core.solvers import solver
from ketasim.exchange import javascript, to_javascript
from ketasim.exchange.assembled import assemble

from .test_sbml import every_edge, everything

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


def run(folder, text, times, options="", call=None):
    (folder / "model.mjs").write_text(text, encoding="utf-8")
    body = call or f"const r = m.simulate({{times: {json.dumps(list(times))}, rtol: 1e-9, atol: 1e-12 {options}}});"
    (folder / "run.mjs").write_text(
        f"import * as m from './model.mjs';\n{body}\n"
        "console.log(JSON.stringify(Object.fromEntries(Object.entries(r.values).map(([k, v]) => [k, [...v]]))));",
        encoding="utf-8",
    )
    done = subprocess.run([NODE, "run.mjs"], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return {k: np.array(v, float) for k, v in json.loads(done.stdout).items()}


def worst(got, want, names):
    stack = np.array([got[n] for n in names])
    return float(np.max(np.abs(stack - want) / (np.abs(want).max(axis=1, keepdims=True) + 1e-30)))


@needs_node
@pytest.mark.parametrize("model, regimen", [
    ("ketamine", "0.5 mg/kg iv over 40 min, 2/week for 1 weeks"),
    ("domino1984", "2 mg/kg iv"),
    ("simons2022", "50 mg esketamine sublingual"),
])  # fmt: skip
def test_models_run_in_node_as_here(tmp_path, model, regimen):
    wanted = ("ketamine.arterial", "ketamine.venous", "nmda.block.2A") if model == "ketamine" else None
    system, parameters, edges = assemble(model, regimen, outputs=wanted)
    names, times = tuple(system.program.outputs), np.linspace(0, 24, 49)
    want = solver("reference")(system.program, parameters, edges, times, names).values[0]
    got = run(tmp_path, javascript.javascript(system, parameters, edges), times)
    assert worst(got, want, names) < 1e-6


@needs_node
def test_every_kind_of_node_and_edge(tmp_path):
    """Also at the edges themselves, where a value is the one after the edge."""
    system, edges = everything(), every_edge()
    times = np.sort(np.concatenate([np.arange(0.05, 10, 0.25), [0.0, 1.5, 2.0, 3.0, 7.0]]))
    names = tuple(system.program.outputs)
    want = solver("reference")(system.program, system.typical[None], edges, times, names).values[0]
    got = run(tmp_path, javascript.javascript(system, None, edges), times)
    assert worst(got, want, names) < 1e-6


@needs_node
def test_tolerance_is_kept_and_tighter_is_closer(tmp_path):
    system, parameters, edges = assemble("simons2022", "50 mg esketamine sublingual")
    names, times = tuple(system.program.outputs), np.linspace(0, 24, 25)
    want = solver("reference")(system.program, parameters, edges, times, names).values[0]
    text = javascript.javascript(system, parameters, edges)
    loose, tight = (
        worst(run(tmp_path, text, times, f", rtol: {r}, atol: {r * 1e-3}"), want, names) for r in (1e-4, 1e-8)
    )
    assert loose < 1e-2
    assert tight < 1e-6
    assert tight < loose


@needs_node
def test_parameters_and_edges_can_be_replaced(tmp_path):
    text = to_javascript("domino1984", "2 mg/kg iv")
    call = (
        "const p = m.typical(); const i = m.parameters.findIndex(q => q.name === 'plasma.CL');"
        "if (i >= 0) p[i] *= 1; const r = m.simulate({times: [0, 1, 2], p, edges: []});"
    )
    assert run(tmp_path, text, [], call=call)["ketamine.arterial"].tolist() == [0.0, 0.0, 0.0]


def test_the_module_stands_alone():
    text = to_javascript("domino1984", "2 mg/kg iv")
    assert "import " not in text.replace("    import", "").replace("ES2020, no import", "")
    assert "http" not in text
    assert "require(" not in text
    assert '"source": "domino1984"' in text


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(InputError, match="JavaScript file"):
        javascript.write(everything(), tmp_path / "no" / "m.mjs")
