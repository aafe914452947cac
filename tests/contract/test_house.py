"""Rules of the house that a machine can check: file lengths, paths, floors, start-up costs, public names."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src" / "ketasim").rglob("*.py"))
WRITTEN = SOURCES + sorted(
    path for folder in ("tests", "papers", "benchmarks", "docs", "examples") for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".md", ".toml", ".csv"} and "_build" not in path.parts
)  # fmt: skip
LONGEST = 400
# Loaded on the way to every result: nothing else may be, or the command line would start slowly.
LIGHT = {"numpy", "llvmlite", "pydantic", "typer", "rich"}
HEAVY = {
    "scipy", "sympy", "pint", "polars", "pyarrow", "duckdb", "pandas", "matplotlib", "jax", "numpyro", "rdkit",
    "roadrunner", "libsbml", "fastapi", "uvicorn", "dask", "lifelines", "statsmodels", "SALib",
}  # fmt: skip


def python(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, timeout=120)


def test_no_file_is_longer_than_one_idea():
    long = {str(p.relative_to(ROOT)): n for p in SOURCES if (n := len(p.read_text("utf-8").splitlines())) > LONGEST}
    assert not long, f"longer than {LONGEST} lines: {long}"


def test_every_module_says_what_it_is():
    mute = [str(p.relative_to(ROOT)) for p in SOURCES if not ast.get_docstring(ast.parse(p.read_text("utf-8")))]
    assert not mute, f"no docstring at the top of {mute}"


def test_no_absolute_paths():
    place = re.compile(r"""["'(\s](/(?:home|root|work|opt|tmp|Users|mnt)/[\w.]|[A-Z]:\\\\?[A-Za-z])""")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in WRITTEN if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1) if place.search(line)
    ]  # fmt: skip
    assert not found, f"absolute paths in {found}"


def test_no_drawer_for_odds_and_ends():
    names = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
    found = [str(p.relative_to(ROOT)) for p in SOURCES if p.stem in names or p.parent.name in names]
    assert not found, f"name the idea, not the drawer: {found}"


def test_floors_hold():
    pytest.importorskip("importlinter", reason="import-linter is in the extra [dev]")
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_costs_next_to_nothing():
    done = python("import sys, ketasim; print(*sys.modules)")
    assert done.returncode == 0, done.stderr
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & (HEAVY | LIGHT), f"import ketasim loads {sorted(loaded & (HEAVY | LIGHT))}"


@pytest.mark.parametrize("module", sorted(
    ".".join(p.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
    for p in SOURCES if p.name == "__init__.py"
))  # fmt: skip
def test_packages_import_alone_and_lightly(module):
    """Each package can be the first one imported (no import circles) and loads nothing heavy by itself."""
    done = python(f"import sys, {module}; print(*sys.modules)")
    if "No module named" in done.stderr and not re.search(r"No module named '(ketasim|numpy)", done.stderr):
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    if module.startswith(("ketasim.server", "ketasim.cli.")):
        return
    loaded = {name.partition(".")[0] for name in done.stdout.split()} & HEAVY
    assert not loaded, f"import {module} loads {sorted(loaded)}"


def test_public_names_resolve():
    import ketasim

    assert set(ketasim.__all__) == {"__version__", *ketasim._PUBLIC}
    for name in ketasim.__all__:
        assert getattr(ketasim, name) is not None
    assert callable(ketasim.simulate)


def test_the_verb_outlives_the_module_of_its_name():
    done = python("import ketasim, ketasim.simulate; assert callable(ketasim.simulate), ketasim.simulate")
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="processor time of a child process")
def test_help_is_quick():
    """Under 0.3 s on a quiet machine; processor time is asked here, with some room, since CI is seldom quiet."""
    import resource

    def spent() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    best = float("inf")
    for _ in range(5):
        begin = spent()
        done = subprocess.run([sys.executable, "-m", "ketasim", "--help"], capture_output=True, text=True, timeout=60)
        best = min(best, spent() - begin)
        assert done.returncode == 0, done.stderr
        assert "simulate" in done.stdout
    assert best < 0.4, f"--help took {best:.2f} s of processor time"


def test_help_loads_nothing_of_the_model():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ketasim", "--help"], capture_output=True, text=True, timeout=60
    )
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert not loaded & (HEAVY | {"numpy", "llvmlite", "pydantic"})
