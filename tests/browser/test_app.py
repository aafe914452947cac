"""The app in a browser: each place, sliders that move curves, the address, keyboard, phone, dark mode, axe."""

# ruff: noqa: E501  scripts for the browser stay on their lines

import json
import os
import re

import pytest

pytestmark = pytest.mark.browser
AXE = "web/node_modules/axe-core/axe.min.js"
PLACES = ("explore", "session", "weeks", "population", "evidence", "learn")
READY = {
    "explore": "[data-panel=mind] path[data-line=cadss]",
    "session": "[data-do=start]",
    "weeks": "path[data-line^=madrs]",
    "population": "[data-do=trial]",
    "evidence": "table td",
    "learn": "[data-live=level]",
}


def slide(page, field, value):
    page.eval_on_selector(
        f"[data-field={field}]",
        "(e, v) => { e.value = v; for (const k of ['input', 'change']) e.dispatchEvent(new Event(k, {bubbles: true})); }",
        value,
    )


def curve(page, line):
    return page.get_attribute(f"path[data-line='{line}']", "d")


def moved(page, line, before):
    page.wait_for_function(
        "([l, d]) => document.querySelector(`path[data-line='${l}']`)?.getAttribute('d') !== d", arg=[line, before]
    )


@pytest.mark.parametrize("place_id", PLACES)
def test_each_place_opens_and_says_what_it_is_for(visit, place_id):
    page = visit(f"#{place_id}")
    page.wait_for_selector(READY[place_id])
    assert "Research and teaching" in page.inner_text(".banner") and "Not advice on dosing" in page.inner_text(
        ".banner"
    )
    assert page.get_attribute("nav[aria-label=Places] button[aria-current=page]", "aria-current") == "page"


def test_a_slider_moves_curves_numbers_and_the_address(visit):
    page = visit("#explore?bands=false")
    page.wait_for_selector(READY["explore"])
    before, level = curve(page, "cadss"), float(page.inner_text("[data-output='ketamine.venous']"))
    slide(page, "amount", "1")
    moved(page, "cadss", before)
    page.wait_for_function("() => location.hash.includes('dose=1')")
    assert float(page.inner_text("[data-output='ketamine.venous']")) == pytest.approx(
        2 * level, rel=0.03
    )  # linear kinetics


def frames(page, path, moves=25):
    """Milliseconds from moving the weight slider to the end of the frame that shows the changed path, sorted."""
    return page.evaluate(
        """async ([path, moves]) => {
        const slider = document.querySelector('[data-field=weight_kg]'), out = [];
        const now = () => document.querySelector(path)?.getAttribute('d');
        for (let i = 0; i < moves; i++) {
            const before = now(), begun = performance.now();
            slider.value = 60 + i; slider.dispatchEvent(new Event('input', {bubbles: true}));
            while (now() === before && performance.now() - begun < 5000) await new Promise(r => requestAnimationFrame(r));
            await new Promise(r => { const c = new MessageChannel(); c.port1.onmessage = r; c.port2.postMessage(0); });
            out.push(performance.now() - begun);
            await new Promise(r => setTimeout(r, 260 + 17 * Math.random()));
        }
        return out.slice(4).sort((a, b) => a - b);
    }""",
        [path, moves],
    )


@pytest.mark.parametrize(
    ("address", "size", "path", "target", "words"),
    [
        ("?bands=false", (1300, 900), "path[data-line='ketamine.venous']", 50, "one person"),
        ("?bands=false", (1400, 3400), "path[data-line='ketamine.venous']", 50, "one person, every panel in view"),
        ("", (1300, 900), "path[data-band='ketamine.venous']", 150, "bands of 100 people"),
    ],
)
def test_the_slider_is_fast(visit, address, size, path, target, words):
    """Targets (p95, quiet machine): 50 ms for one person, 150 ms with bands; asserted with room for a busy machine."""
    page = visit(f"#explore{address}", size=size)
    page.wait_for_selector(READY["explore"])
    page.wait_for_selector(path, state="attached")
    page.wait_for_timeout(1500)
    took = frames(page, path)
    room = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    middle, late = took[len(took) // 2], took[int(0.95 * len(took))]
    print(f"slider to frame, {words}: p50 {middle:.0f} ms, p95 {late:.0f} ms at load {room:.1f} a core")
    assert middle < 2 * target * room


def test_undo_redo_and_the_address_bring_everything_back(visit):
    # dissociation bends with the dose; levels are proportional, so that on an axis of their own they draw one path
    page = visit("#explore?bands=false")
    page.wait_for_selector(READY["explore"])
    first = curve(page, "cadss")
    slide(page, "amount", "0.8")
    moved(page, "cadss", first)
    page.wait_for_function("() => location.hash.includes('0.8')")
    page.select_option("[data-field=sex]", "female")
    page.wait_for_function("() => location.hash.includes('female')")
    address = page.evaluate("location.hash")
    page.wait_for_timeout(600)
    shown = curve(page, "cadss")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.wait_for_function("() => !location.hash.includes('0.8')")
    page.wait_for_function(
        "d => document.querySelector(\"path[data-line='cadss']\").getAttribute('d') === d", arg=first
    )
    page.keyboard.press("Control+Shift+z")
    page.wait_for_function("() => location.hash.includes('0.8')")
    again = visit(address)
    again.wait_for_selector(READY["explore"])
    again.wait_for_function(
        "d => document.querySelector(\"path[data-line='cadss']\").getAttribute('d') === d", arg=shown
    )
    assert again.evaluate("location.hash") == address


def test_pin_and_compare_copy_and_units(visit):
    page = visit("#explore?bands=false")
    page.wait_for_selector(READY["explore"])
    page.click("text=Pin A")
    slide(page, "amount", "1.5")
    page.wait_for_selector("path[data-line='A cadss']")
    assert curve(page, "A cadss") != curve(page, "cadss")
    page.wait_for_timeout(1000)
    page.click("summary:has-text('Copy') >> nth=0")
    page.click("text=as command")
    command = page.evaluate("navigator.clipboard.readText()")
    assert command.startswith("ketasim simulate --dose '1.5 mg/kg iv over 40 min'")
    page.click("text=as Python")
    code = page.evaluate("navigator.clipboard.readText()")
    assert "ks.simulate(" in code and compile(code, "copied", "exec")
    number = float(page.inner_text("[data-output='ketamine.venous']"))
    page.click("button:has-text('ng/mL')")
    page.wait_for_function(
        "n => Number(document.querySelector(\"[data-output='ketamine.venous']\").textContent) < n / 100", arg=number
    )
    assert float(page.inner_text("[data-output='ketamine.venous']")) == pytest.approx(number / 237.73, rel=0.02)


def test_a_table_stands_behind_every_chart_and_the_keyboard_reaches_the_dose(visit):
    page = visit("#explore")
    page.wait_for_selector(READY["explore"])
    assert (
        page.locator("figure.chart").count()
        == page.locator("figure.chart details:has(summary:text-is('Table'))").count()
        > 8
    )
    page.locator("figure.chart summary:text-is('Table')").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("figure.chart table td")
    before = curve(page, "cadss")
    page.focus("[role=slider][aria-label=Amount]")
    page.keyboard.press("ArrowUp")
    moved(page, "cadss", before)
    assert page.get_attribute("[role=slider][aria-label=Amount]", "aria-valuenow") == "0.55"
    page.focus("[data-field=cursor]")
    now = page.inner_text("[data-output=cadss]")
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("n => document.querySelector('[data-output=cadss]').textContent !== n", arg=now)
    page.locator("body").press("3")
    page.wait_for_selector(READY["weeks"])


def test_a_session_runs_to_discharge(visit):
    page = visit("#session?speed=240")
    page.click("[data-do=start]")
    page.wait_for_function("() => document.querySelector('[data-state]').textContent === 'infusing'")
    page.click("[data-do=pause]")
    page.wait_for_function("() => document.querySelector('[data-state]').textContent === 'paused'")
    page.click("[data-do=resume]")
    for _ in range(60):
        if page.inner_text("[data-state]") == "ready to leave":
            break
        if page.inner_text("[data-do=clock]") == "Let the clock run":
            page.click("[data-do=clock]")
        page.wait_for_timeout(500)
    assert page.inner_text("[data-state]") == "ready to leave"
    hours, minutes = map(int, page.inner_text("[role=timer]").split(":"))
    assert 60 * hours + minutes >= 100  # forty minutes and an hour of watching at the least
    assert re.fullmatch(r"\d:\d\d", page.inner_text("[data-discharge]"))


def test_the_infusion_is_dragged_the_clock_rewound_and_a_moment_kept(visit):
    page = visit("#session?speed=60")
    page.click("[data-do=start]")
    page.wait_for_function("() => Number(document.querySelector('[data-field=minute]').value) >= 5")
    page.click("[data-do=clock]")
    page.click("[data-do=bookmark]")
    end = page.locator("[role=slider][aria-label='End of the infusion']")
    assert end.get_attribute("aria-valuenow") == "40"
    end.focus()
    page.keyboard.press("PageUp")  # five minutes later: what is left at a lower rate
    page.wait_for_function("() => document.querySelector('.grip')?.getAttribute('aria-valuenow') === '45'")
    assert "actions" in page.evaluate("location.hash") or page.wait_for_function(
        "() => location.hash.includes('actions')"
    )
    slide(page, "minute", "30")
    page.wait_for_function("() => document.querySelector('[role=timer]').textContent === '0:30'")
    assert page.inner_text("[data-output=sbp] + span").endswith("read 0:30")  # a cuff reads every five minutes
    page.click("[data-mark]")
    page.wait_for_function("() => Number(document.querySelector('[data-field=minute]').value) < 30")
    page.click("[data-do=rewind]")
    page.wait_for_selector("[data-do=start]")


def test_networks_are_worked_out_or_say_what_they_need(visit):
    page = visit("#explore?bands=false")
    page.wait_for_selector(READY["explore"])
    page.click("[data-do=network]")
    page.wait_for_selector("[data-gbc], [data-missing]")
    if page.locator("[data-missing]").count():
        assert "connectome" in page.inner_text("[data-missing]")
    else:
        assert page.locator("[data-gbc]").count() == 7  # the seven networks of the parcellation


def test_pinned_and_new_stand_side_by_side_in_numbers(visit):
    page = visit("#explore?bands=false")
    page.wait_for_selector("[data-glance]")
    page.click("text=Pin A")
    slide(page, "amount", "1")
    row = page.locator("[data-compare] tr:has-text('highest level')")
    row.wait_for()
    page.wait_for_function(
        "() => Math.abs(Number(document.querySelector('[data-compare] tbody td:last-child').textContent) - 2) < 0.02"
    )  # twice the dose, linear kinetics


def test_the_page_without_a_server_opens_from_a_file_and_moves(chromium, tmp_path):
    from ketasim.server import offline

    place = offline.write(tmp_path / "page.html")
    page = chromium.new_context(viewport={"width": 390, "height": 844}).new_page()
    trouble = []
    page.on("pageerror", lambda e: trouble.append(str(e)))
    page.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else trouble.append(r.url))
    page.goto(place.as_uri())
    page.wait_for_selector("svg path", state="attached")
    before = page.eval_on_selector_all("svg path", "p => p.map(x => x.getAttribute('d')).join()")
    page.eval_on_selector(
        "input[type=range]", "e => { e.value = e.max; e.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    page.wait_for_function(
        "d => [...document.querySelectorAll('svg path')].map(x => x.getAttribute('d')).join() !== d", arg=before
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert "Not advice on dosing" in page.inner_text("body") and not trouble, trouble
    page.close()


def test_a_session_by_the_label_of_the_spray_and_its_files(visit):
    page = visit("#session")
    page.wait_for_selector(READY["session"])
    page.select_option("[data-field=protocol]", "esketamine_label")
    page.wait_for_function(
        "() => document.querySelector('[data-planned]')?.textContent === 'esketamine 56 mg intranasal'"
    )
    assert page.locator("[data-do=start]").inner_text() == "Give the dose"
    page.click("[data-do=start]")
    slide(page, "minute", "6")
    page.wait_for_function("() => Number(document.querySelector('[data-given]')?.textContent) === 56")
    assert page.locator("[data-do=pause]").count() == 0  # there is no pump
    assert "2:00" <= page.inner_text("[data-discharge]") < "4:00"  # the label's two hours
    page.click("[data-save=ketasim-session] summary")
    with page.expect_download() as got:
        page.click("[data-save=ketasim-session] [data-format=csv]")
    assert got.value.path().read_text().startswith("min,kind,name,value,words")


def test_a_course_is_followed_from_a_session(visit):
    page = visit("#session")
    page.wait_for_selector(READY["session"])
    page.click("[data-do=course]")
    page.wait_for_selector("[data-forecast] tbody tr")
    assert page.locator("path[data-line='course story']").count() == 1
    before = curve(page, "course story")
    page.click("[data-do=story]")
    moved(page, "course story", before)
    page.click("summary:has-text('Every contact')")
    words = page.inner_text("[data-contacts]")
    assert all(w in words for w in ("cognition", "urinary symptoms", "clear", "next in"))
    page.select_option("[data-field=course-weeks]", "12")
    page.wait_for_function("() => document.querySelectorAll('[data-forecast] tbody tr').length === 5")  # 1 2 4 8 12
    assert "follow=12" in page.evaluate("location.hash") or page.wait_for_function(
        "() => location.hash.includes('follow=12')"
    )
    page.click("[data-save=ketasim-course] summary")
    with page.expect_download() as got:
        page.click("[data-save=ketasim-course] [data-format=html]")
    assert "Not advice on dosing" in got.value.path().read_text()


def test_weeks_carries_rival_explanations_and_a_tablet(visit):
    page = visit(
        "#weeks?hypotheses=" + json.dumps(["disinhibition", "expectancy"]).replace('"', "%22") + "&tablet=true"
    )
    page.wait_for_selector("path[data-line='madrs expectancy']")
    page.wait_for_selector("path[data-line=tablet]")
    before = curve(page, "madrs disinhibition")
    page.select_option("[data-field=keep]", "1/week x12")
    moved(page, "madrs disinhibition", before)


def test_a_job_shows_progress_and_can_be_stopped(visit):
    page = visit("#population")
    page.fill("input[max='2000']", "2000")
    page.click("[data-do=trial]")
    page.click("[data-do=cancel]")
    page.wait_for_function("() => document.querySelector('[data-job]').textContent === 'cancelled'")
    page.fill("input[max='2000']", "50")
    page.click("[data-do=trial]")
    page.wait_for_selector("text=Waterfall")
    assert page.locator("text=ketamine − midazolam").count() == 1


def test_evidence_filters_what_is_assumed(visit):
    page = visit("#evidence")
    page.wait_for_selector("tbody tr")
    page.click("[data-do=assumed]")
    page.wait_for_function(
        "() => [...document.querySelectorAll('tbody tr td:nth-child(4)')].every(c => c.textContent.includes('assumed'))"
    )
    page.click("text=/^Claims/")
    page.fill("[data-field=find]", "OPI1")
    page.click("text=Show it")
    page.wait_for_selector("[data-claim=OPI1] .chip:text-is('not supported')")
    page.wait_for_selector("[data-claim=OPI1] >> text=mu receptors")


def test_studies_are_simulated_beside_what_was_seen(visit):
    page = visit("#evidence")
    page.click("text=Studies")
    page.select_option("[data-field=layer]", "plasticity")
    page.click("[data-do=qualify]")
    page.wait_for_selector("text=/inside tolerance/")
    assert page.locator("tbody tr").count() >= 3


def test_learn_is_live(visit):
    page = visit("#learn")
    page.wait_for_selector("[data-live=level]")
    page.wait_for_function("() => Number(document.querySelector('[data-live=level]').textContent) > 100")
    before = float(page.inner_text("[data-live=level]"))
    slide(page, "story-dose", "1")
    page.wait_for_function("n => Number(document.querySelector('[data-live=level]').textContent) > 1.8 * n", arg=before)
    page.wait_for_selector("dt:has-text('1970')")
    page.wait_for_selector("[data-law] tr:has-text('United Kingdom')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place_id", [*PLACES, "weeks?follow=12", "session?protocol=%22esketamine_label%22"])
def test_axe_finds_nothing_serious(visit, root, place_id, scheme):
    script = root / AXE
    if not script.is_file():
        pytest.skip("axe-core is not installed (npm ci in web/)")
    page = visit(f"#{place_id}", color_scheme=scheme, bypass_csp=True)
    page.wait_for_selector(READY[place_id.partition("?")[0]])
    if "follow" in place_id:
        page.click("summary:has-text('Every contact')")
    page.wait_for_timeout(800)
    page.add_script_tag(path=str(script))
    found = page.evaluate(
        "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})).violations"
    )
    serious = [
        (v["id"], [n["target"] for n in v["nodes"][:4]]) for v in found if v["impact"] in ("serious", "critical")
    ]
    assert not serious, serious


@pytest.mark.parametrize("place_id", [*PLACES, "weeks?follow=12", "session?protocol=%22esketamine_label%22"])
def test_a_phone_holds_every_place(visit, place_id):
    page = visit(f"#{place_id}", size=(390, 844), has_touch=True)
    page.wait_for_selector(READY[place_id.partition("?")[0]])
    if "follow" in place_id:
        page.click("summary:has-text('Every contact')")
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate("""() => [...document.querySelectorAll('button, select, input, summary')].filter(e => e.offsetParent && !e.closest('p'))
        .map(e => [e.textContent.slice(0, 20) || e.dataset.field || e.type, e.getBoundingClientRect()])
        .filter(([n, r]) => r.width && r.height < 24 && !/checkbox/.test(n)).map(([n, r]) => `${n}: ${r.height}`)""")
    assert not small, small
    if place_id == "explore":
        page.click("button.rails")
        page.wait_for_selector("[data-field=amount]", state="visible")


def test_reduced_motion_and_dark_mode(visit):
    page = visit("#explore", reduced_motion="reduce", color_scheme="dark")
    page.wait_for_selector(READY["explore"])
    assert page.evaluate("getComputedStyle(document.querySelector('button')).transitionDuration") in ("0s", "")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("button[aria-label='Light or dark']")
    page.wait_for_function("d => getComputedStyle(document.body).backgroundColor !== d", arg=dark)


def test_the_page_says_so_when_the_server_is_gone_and_recovers(chromium):
    from tests.server.running import start

    running, server, thread = start()
    page = chromium.new_context().new_page()
    page.goto(running.http)
    page.wait_for_selector(READY["explore"], timeout=60_000)
    server.should_exit = server.force_exit = True
    thread.join(15)
    page.wait_for_selector("[role=alert]:has-text('server is gone')", timeout=30_000)
    _, again, waiting = start(port=running.port)
    page.wait_for_selector("[role=alert]:has-text('server is gone')", state="detached", timeout=60_000)
    before = curve(page, "cadss")
    slide(page, "amount", "1.2")
    moved(page, "cadss", before)
    page.close()
    again.should_exit = again.force_exit = True
    waiting.join(15)
