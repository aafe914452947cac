"""The committed page: what the sources gave (digests), small at first load, and asking nobody else for anything."""

import gzip
import hashlib
import re

from ketasim.server.static import bundle

FIRST_LOAD = 150_000  # bytes compressed, from the issue


def test_the_bundle_is_the_one_that_was_recorded(root):
    folder = root / "src" / "ketasim" / "server" / "static"
    listed = dict(reversed(line.split("  ")) for line in (root / "web" / "bundle.sha256").read_text().splitlines())
    found = {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        if p.is_file()
    }
    assert found == listed


def test_first_load_is_small():
    page = bundle()["index.html"].plain.decode()
    first = ["index.html", *re.findall(r'(?:src|href)="\./([^"]+)"', page)]
    size = sum(len(gzip.compress(bundle()[name].plain, 9)) for name in first)
    assert len(first) >= 3 and size <= FIRST_LOAD, f"{size} bytes"


def test_nothing_is_asked_of_anybody_else():
    allowed = ("http://www.w3.org/", "https://svelte.dev/")
    for name, held in bundle().items():
        for url in re.findall(r"https?://[^\s\"'`)]+", held.plain.decode()):
            assert url.startswith(allowed), f"{name}: {url}"
        assert not re.search(r"\beval\(|new Function\(", held.plain.decode()), name


def test_each_place_is_loaded_on_its_own():
    names = " ".join(bundle())
    assert all(
        re.search(rf"assets/{place}-\S+\.js", names)
        for place in ("Session", "Weeks", "Population", "Evidence", "Learn")
    )
