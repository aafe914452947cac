"""Every script in papers/ runs and meets what it says, except the misses it declares."""

import importlib.util
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "papers"
SCRIPTS = sorted(p for p in FOLDER.glob("*.py") if "def reproduce" in p.read_text("utf-8"))


def load(path: Path):
    sys.path.insert(0, str(FOLDER))
    try:
        spec = importlib.util.spec_from_file_location(f"papers_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
    return module


def test_there_are_papers():
    assert SCRIPTS


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_paper_is_reproduced(path, request):
    rows = load(path).reproduce()
    assert rows
    missed = [f"{r.what}: printed {r.printed:g}, ours {r.ours:g}" for r in rows if not r.met and not r.expected_miss]
    assert not missed, "\n".join(missed)
    assert any(r.met for r in rows), "a script all of whose rows are declared misses reproduces nothing"
