"""What the documents say is tried out: links lead somewhere, commands run, Python examples run, versions agree."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import ketasim

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in PAGES if "_build" not in page.parts and "generated" not in page.parts]


def label(value: object) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else ""


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[str]:
    """Every ketasim command shown in a page, continued lines joined. An ellipsis is the reader's to fill in; the app
    would not end, and validation has tests of its own."""
    text = page.read_text("utf-8")
    shown = re.findall(r"^    (ketasim .*)$", text, re.MULTILINE)
    for block in blocks(page, "bash"):
        shown += [line for line in block.replace("\\\n", " ").splitlines() if line.startswith("ketasim ")]
    lines = [line.partition("  #")[0].strip() for line in shown]
    return [x for x in lines if "…" not in x and not x.startswith(("ketasim serve", "ketasim validate"))]


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with the files the examples speak of, and a copy of the package, so that no example writes into ours."""
    scenario = next(block for block in blocks(ROOT / "docs/how-to/describe-a-patient.md", "toml"))
    for name in ("elderly.toml", "course.toml"):
        (tmp_path / name).write_text(scenario, "utf-8")
    (tmp_path / "mine.csv").write_text(blocks(ROOT / "docs/how-to/overlay-observations.md", "text")[0], "utf-8")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copytree(Path(ketasim.__file__).parent, tmp_path / "ketasim")
    shutil.copytree(tmp_path / "ketasim/data/studies/motov2015", tmp_path / "my_studies/motov2015")
    return tmp_path


def run(desk: Path, *words: str) -> str:
    """What Python prints in the folder, whose own copy of the package comes first. `claims` ends with 1 where the model
    disagrees with one; which ones may is said in test_claims."""
    done = subprocess.run(
        [sys.executable, *words], cwd=desk, capture_output=True, text=True, timeout=600,
        env=os.environ | {"PYTHONPATH": str(desk)},
    )  # fmt: skip
    fine = (0, 1) if words[2:3] == ("claims",) else (0,)
    assert done.returncode in fine, f"{' '.join(words)}\n{done.stderr}"
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=label)
def test_commands_run(page, desk):
    """A page from top to bottom, as a reader would."""
    for line in commands(page):
        words, _, after = line.partition(" > ")
        printed = run(desk, "-m", *shlex.split(words.partition(" | ")[0]))
        if after:
            (desk / after.strip()).write_text(printed, "utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=label)
def test_python_examples_run(page, desk):
    (desk / "example.py").write_text("\n".join(blocks(page, "python")), "utf-8")
    run(desk, "example.py")


def test_the_two_commands_are_there():
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in ("run", "check"):
        assert f"./{name} " in readme
        assert os.access(ROOT / name, os.X_OK)


def test_readme_fits_one_screen():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 60


def test_versions_agree():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert re.search(rf"^version: {re.escape(ketasim.__version__)}$", citation, re.MULTILINE)


def test_extras_named_in_the_readme_exist():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    line = re.search(r"Extras: (.*?)\.\[all\]", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert line
    named = set(re.findall(r"`(\w+)`", line[1]))
    assert named <= set(extras)
    assert {"frames", "plot", "sbml", "fit"} <= named


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/adr").glob("0*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.slow
def test_reference_shows_every_mechanism(tmp_path):
    from docs.generate_reference import FLOORS, classes, write

    pages = {path.stem: path.read_text("utf-8") for path in write(tmp_path)}
    for floor in FLOORS:
        for cls in classes(floor):
            assert f"## {cls.__name__}" in pages[floor]
    assert r"\frac{\mathrm{d}" in pages["kinetics"]
    assert "## simulate" in pages["command-line"]
