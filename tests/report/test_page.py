"""The page: whole, self-contained, accessible, honest about what went wrong."""

import dataclasses
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from ketasim.core.errors import InputError, KetasimError
from ketasim.core.result import Result
from ketasim.report import Section, register, registry, write_figures, write_html
from ketasim.report.charts import png

from .toys import course, dose, number

VOID = {"meta", "br", "link", "img", "input", "hr", "rect", "circle", "path", "stop"}


class Reader(HTMLParser):
    """Checks that tags nest, and collects ids, links and text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.ids, self.links, self.words, self.tags = [], [], [], [], []
        self.feed(text)
        self.close()
        assert not self.stack, f"left open: {self.stack}"

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.tags.append((tag, a))
        self.ids += [a["id"]] if "id" in a else []
        self.links += [a[k] for k in ("href", "src") if k in a]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.stack and self.stack.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        if not self.stack or self.stack[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def page(tmp_path):
    def _page(result, **more):
        return Reader(write_html(result, tmp_path / "r.html", **more).read_text("utf-8"))

    _page.folder = tmp_path
    return _page


def test_a_page_is_well_formed_and_asks_nothing_of_anybody(page, tmp_path):
    read = page(course(), doubt=course(seed=3), title="My run")
    source = (tmp_path / "r.html").read_text("utf-8")
    assert len(read.ids) == len(set(read.ids)), "ids are unique"
    assert not [t for t, a in read.tags if t in ("link", "img", "iframe") or (t == "script" and "src" in a)]
    assert "@import" not in source
    assert not re.search(r"url\((?!#)", source)
    assert "fetch(" not in source
    assert all(link.startswith(("#", "https://doi.org/", "https://pubmed", "data:")) for link in read.links)
    for link in read.links:
        assert not link.startswith("#") or link[1:] in read.ids, f"{link} leads nowhere"
    assert source.count("<h1>My run</h1>") == 1
    assert "Not advice on dosing" in read.text


def test_every_chart_has_a_title_a_description_and_a_table(page):
    read = page(course())
    figures = [a for t, a in read.tags if t == "figure"]
    charts = [a for t, a in read.tags if t == "svg"]
    assert len(figures) >= 5
    for a in charts:
        assert a["role"] == "img"
        assert all(name in read.ids for name in a["aria-labelledby"].split())
    assert sum(t == "details" for t, _ in read.tags) >= len(figures)
    assert all("Numbers behind this chart" in read.text for _ in figures)


def test_the_summary_says_what_was_given_to_whom_and_how_high(page):
    r = course(n=1)
    text = page(r).text
    peak = 35_000 / (2 / 3) / 50 * (1 - np.exp(-1 / 3))
    assert "Given: racemic ketamine into a vein, 0.5 mg/kg, over 40 min." in text
    assert "To one person: 70 kg, 40 years old, male." in text
    assert f"peaks at {peak:.0f} ng/mL, 40 min after the first dose begins" in text
    assert "one typical person" in text
    many = page(course(n=40)).text
    assert "in nine of ten people" in many
    assert "To 40 simulated people" in many
    assert "differences between people" in many


def test_failures_warnings_and_flags_come_first(page):
    r = course(
        n=4,
        failures=("subject 2 failed at 3 h: too many steps",),
        warnings=("Age 90 is outside 18 to 65: extrapolated.",),
        flags={"ketamine.venous": ("venous link assumed",)},
    )
    for values in r.outputs.values():
        values[2, 50:] = np.nan
    text = page(r).text
    assert text.index("1 subject could not be finished and is in no figure or table") < text.index("Given: ")
    assert text.index("extrapolated") < text.index("Given: ")
    assert text.index("venous link assumed") < text.index("Given: ")
    assert "To 3 simulated people" in text, "the failed subject is in no number"


def test_when_nobody_could_be_finished_the_page_says_so(page):
    r = course(n=2, failures=("subject 0 failed at 3 h: x", "subject 1 failed at 3 h: x"))
    for values in r.outputs.values():
        values[:, 80:] = np.nan
    assert "Nobody could be followed to the end" in page(r).text


def test_numbers_behind_the_chart_are_those_of_the_result(page, tmp_path):
    r = course(n=1)
    page(r)
    source = (tmp_path / "r.html").read_text("utf-8")
    first = re.search(r'<script type="application/json">(.*?)</script>', source).group(1)
    (series,) = [s for s in json.loads(first)["series"] if "y" in s]
    hours = np.array(series["x"])
    want = np.interp(hours, r.times_h, r["ketamine.arterial"][0])
    assert np.array(series["y"]) == pytest.approx(want, rel=2e-3, abs=1e-3)
    assert json.loads(first)["unit"] == "ng/mL"


def test_what_comes_from_outside_cannot_become_markup(page, tmp_path):
    evil = "<script>alert(1)</script>&\"'"
    r = course(
        n=2,
        warnings=(evil,),
        failures=(),
        flags={"gadget": (evil,)},
        manifest={"regimen": evil, "model": evil, "seed": 1, "vary": ["between"]},
        parameters={f"p.{evil}": number("k", "assumed", note=evil, where=evil, source="user", kind="assumed")},
    )
    read = page(r, title=evil)
    assert evil in read.text
    assert sum(t == "script" and a.get("type") != "application/json" for t, a in read.tags) == 1


def test_series_do_not_differ_by_colour_alone(page, tmp_path):
    page(course())
    source = (tmp_path / "r.html").read_text("utf-8")
    chart = re.search(r'<svg[^>]*aria-labelledby="sites-1-wide-linear-t.*?</svg>', source, re.S).group()
    lines = re.findall(r'stroke:var\(--(c\d)\);stroke-width:2;stroke-linejoin:round(;stroke-dasharray:[^"]*)?"', chart)
    assert len({dash for colour, dash in lines}) == len({colour for colour, dash in lines}) == 2


def test_nothing_asked_for_is_missing(page):
    read = page(course())
    assert "Other outputs" in read.text
    assert "gadget" in read.text.lower()
    assert "DHNK.arterial" in read.text, "an output without a value is named"


def test_a_long_course_has_an_overview_and_two_sessions(page):
    read = page(course(starts=tuple(84.0 * i for i in range(8)), until=1440.0))
    assert "the whole run" in read.text
    assert "First session" in read.text
    assert "Session 8, the last" in read.text
    assert "8 sessions over" in read.text


def test_the_ensemble_keeps_sites_apart_and_says_who_was_left_out(page):
    r = course(n=1)
    y = r["ketamine.arterial"][0]
    read = page(
        r,
        ensemble={
            "arterial": [
                ("Domino 1984", r.times_h, y * 0.8),
                ("Kamp 2020", r.times_h, y * 1.2),
                ("Herd 2007", None, "age 40"),
            ],
            "venous": [("Clements 1981", r.times_h, y)],
        },
    )
    assert "Ketamine, arterial plasma: 2 published models" in read.text
    assert "Ketamine, venous plasma: 1 published model" in read.text
    assert "a factor of 1.5" in read.text
    assert "Left out, arterial: Herd 2007: age 40" in read.text


def test_observations_are_drawn_and_scored(page, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("time_h,output,value\n0.5,ketamine.venous,120\n1,ketamine.venous,150\n", encoding="utf-8")
    read = page(course(), observed=path)
    assert "2 observations from mine.csv" in read.text
    assert "Your observations" in read.text
    assert any(t == "circle" for t, _ in read.tags)


def test_standing_of_numbers_and_papers(page):
    read = page(course())
    assert "1 verified" in read.text
    assert "1 assumed" in read.text
    assert "a guess" in read.text
    assert "Domino" in read.text
    data = [link for link in read.links if link.startswith("data:text/x-bibtex")]
    assert len(data) == 1


def test_empty_and_odd_results_still_make_a_page(page):
    nothing = Result(outputs={}, units={}, times_h=np.zeros(0), subjects=np.zeros(0))
    assert "Nothing was given" in page(nothing).text
    t = np.linspace(0, 1, 5)
    odd = Result(outputs={"z": np.zeros((1, 5))}, units={"z": "1"}, times_h=t, subjects=np.arange(1), doses=(dose(),))
    assert "z" in page(odd).text
    constant = Result(outputs={"z": np.full((3, 5), 2.0)}, units={"z": "dB"}, times_h=t, subjects=np.arange(3))
    assert "Z" in page(constant).text
    negative = Result(
        outputs={"z": np.array([[-1.0, np.nan, -3.0, -2.0, -1.0]])}, units={"z": "dB"}, times_h=t, subjects=np.arange(1)
    )
    assert "Z" in page(negative).text


def test_themes_show_outputs_in_their_place(page):
    r = course(n=12)
    t = r.times_h
    more = {
        "cadss": 30 * np.exp(-t) * np.ones((12, 1)) * np.linspace(0.5, 1.5, 12)[:, None],
        "p_nausea": np.linspace(0.0, 0.11, 12)[:, None] * np.ones_like(t) + 0.01,
        "madrs": np.linspace(30, 20, len(t)) * np.ones((12, 1)),
    }
    more["caps5"] = more["madrs"]
    units = {"cadss": "points", "p_nausea": "fraction", "madrs": "points", "caps5": "points"}
    rich = dataclasses.replace(
        r, outputs={**r.outputs, **more}, units={**r.units, **units}, flags={"cadss": ("grade B",)}
    )
    read = page(rich)
    assert {"mind", "tolerability", "mood", "weeks"} <= set(read.ids)
    assert read.ids.count("fig-mood-1") == 0  # MADRS stands in the section of the weeks, not twice
    assert not any(i.startswith(("fig-other-cadss", "fig-other-madrs")) for i in read.ids)
    assert "Dissociation (CADSS) peaks at 30 points (16 to 44 in nine of ten people) (grade B)." in read.text
    assert "Depression (MADRS) goes from 30 points" in read.text
    source = (page.folder / "r.html").read_text("utf-8")
    nausea = re.search(r'id="fig-tolerability-1".*?"label":"mean".*?"y":\[([\d.]+)', source, re.S).group(1)
    assert float(nausea) == pytest.approx(0.01 + 0.055, rel=1e-3), "of a probability the mean is drawn"


def test_a_section_of_ones_own(page):
    section = Section(
        "mine", "My section", lambda result, context: f"<p>peak {result.cmax('gadget')[0]:.0f}</p>", needs=("gadget",)
    )
    register(section, before="sources")
    try:
        read = page(course(n=1))
        assert read.ids.index("mine") < read.ids.index("sources")
        assert f"peak {course(n=1).cmax('gadget')[0]:.0f}" in read.text
        assert "fig-other-gadget" not in read.ids, "what a section claims is not drawn again"
    finally:
        registry._ADDED.clear()
    assert "fig-other-gadget" in page(course(n=1)).ids
    with pytest.raises(InputError, match="before is 'nowhere'"):
        register(section, before="nowhere")


def test_unwritable_paths_are_refused_and_leave_nothing(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(InputError, match="report is"):
        write_html(course(n=1), tmp_path / "taken")
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_figures_as_files(tmp_path):
    paths = write_figures(course(), tmp_path / "figures")
    names = {p.name for p in paths}
    assert {"concentration-1.svg", "concentration-1-log.svg"} <= names
    for path in paths:
        text = path.read_text("utf-8")
        assert "var(" not in text, "a file has colours of its own"
        assert "<title" in text
        Reader(text)


def test_figures_as_png(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is in the extra [plot]")
    paths = write_figures(course(n=1), tmp_path, formats=("png",))
    data = paths[0].read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(data[k : k + 4], "big") for k in (16, 20))
    assert (width, height) == (1720, 760)


def test_png_without_matplotlib_names_the_extra(tmp_path, monkeypatch):
    import builtins

    real = builtins.__import__

    def no_matplotlib(name, *args, **options):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", no_matplotlib)
    with pytest.raises(KetasimError, match=r"ketasim\[plot\]"):
        write_figures(course(n=1), tmp_path, formats=("png",))
    assert png.available() in (True, False)
    with pytest.raises(InputError, match="figure format is 'gif'"):
        write_figures(course(n=1), tmp_path, formats=("gif",))
