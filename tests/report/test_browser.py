"""The page in a real browser: it fits a phone, its buttons work, nothing complains."""

import json
import re
import shutil
import subprocess
from html import unescape

import pytest

from ketasim.report import write_html

from .toys import course

CHROMIUM = next((c for c in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if c), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
PROBE = """
<script>
const trouble = []; addEventListener("error", e => trouble.push(e.message));
addEventListener("load", () => {
  const fig = document.querySelector(".fig"), visible = s => getComputedStyle(s).display !== "none";
  const shown = () => [...fig.querySelectorAll("svg")].filter(visible).map(s => s.getAttribute("class"));
  const before = shown();
  fig.querySelector('button[data-scale="log"]').click();
  const after = shown();
  const sheet = fig.querySelector(".sheet"), box = sheet.getBoundingClientRect();
  const at = { clientX: box.left + box.width / 2, clientY: box.top + 50, bubbles: true };
  sheet.dispatchEvent(new PointerEvent("pointermove", at));
  const tip = fig.querySelector(".tip").textContent;
  let saved = ""; HTMLAnchorElement.prototype.click = function () { saved = this.download; };
  fig.querySelector('[data-save="csv"]').click(); const csv = saved;
  fig.querySelector('[data-save="svg"]').click();
  const wide = document.documentElement.scrollWidth;
  const out = { before, after, tip, csv, svg: saved, wide, inner: innerWidth, trouble };
  document.body.setAttribute("data-probe", JSON.stringify(out));
});
</script>
"""


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    path = write_html(course(starts=tuple(84.0 * i for i in range(4)), until=480.0), folder / "r.html")
    path.write_text(path.read_text("utf-8").replace("<head>", "<head>" + PROBE, 1), encoding="utf-8")

    def _probe(width):
        done = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={width},900",
             f"--user-data-dir={folder / str(width)}", "--virtual-time-budget=3000", "--dump-dom", path.as_uri()],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        return json.loads(unescape(re.search(r'data-probe="([^"]*)"', done.stdout).group(1)))

    return _probe


@pytest.mark.parametrize(("width", "fit"), [(1200, "wide"), (500, "narrow")])
def test_buttons_pointer_and_width(probe, width, fit):
    seen = probe(width)
    assert seen["trouble"] == []
    assert seen["before"] == [f"{fit} linear"]
    assert seen["after"] == [f"{fit} log"]
    assert "median" in seen["tip"]
    assert "ng/mL" in seen["tip"]
    assert (seen["csv"], seen["svg"]) == ("concentration-1.csv", "concentration-1.svg")
    assert seen["wide"] <= seen["inner"], "nothing sticks out sideways"
