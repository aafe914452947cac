"""Tables kept parsed say what TOML says, whatever has become of the file they are kept in."""

import json
import tomllib
from importlib import resources

import pytest

from ketasim.core import disk, parsed

PATH = "parameters/kinetics/kamp2020.toml"
TRUTH = tomllib.loads(resources.files("ketasim").joinpath("data", *PATH.split("/")).read_text("utf-8"))


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """A cache folder of this test's own, and nothing remembered."""
    monkeypatch.setenv("KETASIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(parsed, "_missed", set())
    parsed._held.cache_clear()
    yield
    parsed._held.cache_clear()


def kept(monkeypatch):
    """Tables in the cache file, and TOML forbidden from now on."""
    parsed._keep()
    parsed._held.cache_clear()

    def refuse(text):
        raise AssertionError("parsed again")

    monkeypatch.setattr(parsed.tomllib, "loads", refuse)


def test_kept_tables_are_not_parsed_again(fresh, monkeypatch):
    kept(monkeypatch)
    assert parsed.load(PATH) == TRUTH


def test_many_unknown_tables_are_kept(fresh):
    names = sorted(p.name for p in resources.files("ketasim").joinpath("data/parameters/kinetics").iterdir())[:20]
    for name in (n for n in names if n.endswith(".toml")):
        parsed.load(f"parameters/kinetics/{name}")
    assert parsed._held()[PATH][1] == TRUTH


def test_a_changed_text_is_read_anew(fresh):
    parsed._keep()
    held = json.loads(disk.read(parsed._key())[1])
    held[PATH][1]["meta"] = {"title": "another"}
    held[PATH][0] = "0" * 64
    disk.write(parsed._key(), {}, json.dumps(held).encode())
    parsed._held.cache_clear()
    assert parsed.load(PATH) == TRUTH


@pytest.mark.parametrize("torn", [b"", b"torn", b"ketasim-object-1\n" + bytes(60)])
def test_a_torn_file_is_as_good_as_none(fresh, torn):
    parsed._keep()
    parsed._held.cache_clear()
    (disk.cache_folder() / f"{parsed._key()}.ko").write_bytes(torn)
    assert parsed.load(PATH) == TRUTH


def test_a_file_others_could_write_is_not_believed(fresh):
    parsed._keep()
    parsed._held.cache_clear()
    (disk.cache_folder() / f"{parsed._key()}.ko").chmod(0o666)
    assert parsed._held() == {}
    assert parsed.load(PATH) == TRUTH


def test_no_folder_to_keep_in(fresh, monkeypatch):
    monkeypatch.setenv("KETASIM_CACHE", "")
    parsed._keep()
    assert parsed.load(PATH) == TRUTH
    with pytest.raises(FileNotFoundError):
        parsed.load("parameters/none.toml")
