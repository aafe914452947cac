"""A headless Chromium on a real server."""

import shutil

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")
CHROMIUM = next((c for c in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if c), None)


@pytest.fixture(scope="session")
def place():
    from tests.server.running import start

    running, server, thread = start(warm=True)
    yield running.http
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, place):
    """A function (address, size, scheme) → page; anything the page complains about fails the test."""
    opened, trouble = [], []

    def _visit(address="", size=(1300, 900), **options):
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda e: trouble.append(str(e)))
        page.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
        own = (place, "data:", "blob:", place.replace("http", "ws"))
        page.on("request", lambda r: None if r.url.startswith(own) else trouble.append(f"asked {r.url}"))
        page.goto(f"{place}/{address}")
        opened.append(context)
        return page

    yield _visit
    for context in opened:
        context.close()
    assert not trouble, trouble
