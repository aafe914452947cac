"""The page without a server: its JavaScript gives what the engine gives, for a dose and weight moved by the sliders."""

# ruff: noqa: E501  scripts for the browser stay on their lines

import json
import re
import shutil
import subprocess

import pytest

import ketasim as ks
from ketasim.server import offline

NODE = shutil.which("node")


@pytest.fixture(scope="module")
def page():
    return offline.page()


@pytest.mark.skipif(NODE is None, reason="node is not installed")
@pytest.mark.parametrize(("dose", "minutes", "weight"), [(0.5, 40, 70), (1.0, 15, 95), (0.25, 90, 50)])
def test_the_page_solves_what_the_engine_solves(page, tmp_path, dose, minutes, weight):
    module = re.search(r'<script type="module">(.*)</script>', page, re.S).group(1)
    (tmp_path / "page.mjs").write_text(module, encoding="utf-8")
    (tmp_path / "run.mjs").write_text(
        f'import {{ curves }} from "./page.mjs"; const r = curves({dose}, {minutes}, {weight});'
        "console.log(JSON.stringify({time_h: [...r.time_h], values: Object.fromEntries(Object.entries(r.values).map(([k, v]) => [k, [...v]]))}));",
        encoding="utf-8",
    )
    done = subprocess.run([NODE, tmp_path / "run.mjs"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-400:]
    answer = json.loads(done.stdout)
    names = [name for name, *_ in offline.SHOWN]
    result = ks.simulate(
        patient=ks.Patient(weight_kg=weight), regimen=f"{dose} mg/kg iv over {minutes} min", times_h=answer["time_h"],
        outputs=names, engine="reference",
    )  # fmt: skip
    for name in names:
        assert answer["values"][name] == pytest.approx(result[name][0], rel=1e-4, abs=1e-4 * abs(result[name]).max()), (
            name
        )


def test_the_page_asks_nobody_and_says_what_it_is(page):
    assert "Not advice on dosing" in page and "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//|fetch\(|import\(|XMLHttpRequest|WebSocket""", page)
    assert not re.search(r"\{(states|version|low|high|people|shown|planned|module)\}", page)


def test_only_html_is_written(tmp_path):
    with pytest.raises(ks.InputError, match=r"\.html"):
        offline.write(tmp_path / "page.txt")
    assert offline.write(tmp_path / "page.html").stat().st_size < 400_000
