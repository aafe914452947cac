"""Run again what a file says was run, and compare number by number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ketasim import __version__
from ketasim.core.errors import InputError


@dataclass(frozen=True)
class Reproduced:
    """Outcome of a comparison. identical : every number has the same bits. differences : column → (how many numbers
    differ, largest difference, largest relative difference). versions : what was written, what runs now, where they
    differ. notes : what could not be compared, and why."""

    what: str
    numbers: int
    differences: dict[str, tuple[int, float, float]]
    versions: dict[str, tuple[str, str]]
    notes: tuple[str, ...] = ()

    @property
    def identical(self) -> bool:
        """Whether everything could be compared and has the same bits."""
        return not self.differences and not self.notes


def reproduce(path: str | Path) -> Reproduced:
    """Rerun a result and compare: a trial's folder, a population run's folder, or a Parquet or JSON file of `simulate`.

    Raises InputError for anything else, or a result whose manifest does not say enough.
    """
    source = Path(path)
    if source.is_dir():
        if (source / "design.json").is_file():
            return _trial(source)
        if (source / "plan.json").is_file():
            return _population(source)
        raise InputError("result", str(path), "a folder of a trial (design.json) or of a population run (plan.json)")
    if source.suffix == ".parquet":
        return _result(source, *_parquet(source))
    if source.suffix == ".json":
        return _result(source, *_json(source))
    raise InputError("result", str(path), "a .parquet or .json file of simulate, or the folder of a run")


def compare(before: Mapping[str, np.ndarray], after: Mapping[str, np.ndarray]) -> tuple[int, dict[str, Any], list[str]]:
    """(numbers compared, differences, notes) of two tables; NaN equals NaN."""
    numbers, notes = 0, list[str]()
    found: dict[str, tuple[int, float, float]] = {}
    for name, old in before.items():
        if name not in after:
            notes.append(f"{name} is not given any more")
            continue
        a, b = np.asarray(old), np.asarray(after[name])
        if a.shape != b.shape:
            notes.append(f"{name} has {b.size} numbers instead of {a.size}")
            continue
        numbers += a.size
        if a.dtype.kind not in "fiub":
            if (a != b).any():
                found[name] = int((a != b).sum()), float("nan"), float("nan")
            continue
        a, b = a.astype(float), b.astype(float)
        differ = ~((a == b) | (np.isnan(a) & np.isnan(b)))
        if differ.any():
            with np.errstate(invalid="ignore", divide="ignore"):
                gap = np.abs(a - b)[differ]
                share = gap / np.maximum(np.abs(a), np.abs(b))[differ]
            found[name] = int(differ.sum()), float(np.nanmax(gap, initial=0)), float(np.nanmax(share, initial=0))
    return numbers, found, notes


def _versions(manifest: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    import platform

    now = {"ketasim": __version__, "python": platform.python_version(), "numpy": np.__version__}
    return {k: (str(manifest[k]), v) for k, v in now.items() if k in manifest and str(manifest[k]) != v}


def _trial(folder: Path) -> Reproduced:
    from .trials import table
    from .trials.batch import chunks, run_chunk
    from .trials.design import make

    held = json.loads((folder / "design.json").read_text(encoding="utf-8"))
    design = make(held["design"], str(folder))
    files = sorted((folder / "chunks").glob("*.parquet"))
    if not files:
        raise InputError("result", str(folder), "the folder of a trial with at least one finished chunk")
    numbers, notes = 0, list[str]()
    found: dict[str, tuple[int, float, float]] = {}
    for file in files:
        before, _ = table.read(file)
        after, _, _ = run_chunk(design, int(file.stem))
        n, differences, said = compare(before, after)
        numbers, notes = numbers + n, notes + said
        for name, (count, gap, share) in differences.items():
            old = found.get(name, (0, 0.0, 0.0))
            found[name] = old[0] + count, max(old[1], gap), max(old[2], share)
    if len(files) < len(chunks(design)):
        notes.append(f"{len(files)} of {len(chunks(design))} chunks are there; the others were not compared")
    return Reproduced(f"trial {design.title}", numbers, found, _versions(held), tuple(dict.fromkeys(notes)))


def _population(folder: Path) -> Reproduced:
    import tempfile

    from .population.chunk import run_chunk
    from .population.plan import Plan
    from .trials.table import read

    plan = Plan.read(folder)
    numbers, notes = 0, list[str]()
    found: dict[str, tuple[int, float, float]] = {}
    files = sorted(p for p in folder.rglob("*.parquet") if not p.name.startswith("."))
    if not files:
        raise InputError("result", str(folder), "the folder of a population run with at least one finished chunk")
    with tempfile.TemporaryDirectory() as other:
        plan.write(other)
        for chunk in range(plan.chunks):
            run_chunk(plan, chunk, other)
        for file in files:
            twin = Path(other) / file.relative_to(folder)
            if not twin.is_file():
                notes.append(f"{file.name} is not made by the plan")
                continue
            n, differences, said = compare(read(file)[0], read(twin)[0])
            numbers, notes = numbers + n, notes + said
            found |= {f"{file.name}: {k}": v for k, v in differences.items()}
    return Reproduced("population run", numbers, found, _versions({"ketasim": plan.version}), tuple(notes))


def _parquet(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    from .trials.table import read

    columns, meta = read(path)
    if "ketasim" not in meta or "output" not in columns:
        raise InputError("result", str(path), "a Parquet file written by ketasim simulate, with its manifest")
    found: dict[str, np.ndarray] = {}
    for name in dict.fromkeys(columns["output"].tolist()):
        rows = columns["output"] == name
        people = len(np.unique(columns["subject"][rows]))
        found[name] = columns["value"][rows].reshape(people, -1)
        found.setdefault("time_h", columns["time_h"][rows].reshape(people, -1)[0])
    return json.loads(meta["ketasim"]), found


def _json(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("result", str(path), f"a readable JSON file ({error})") from None
    if not isinstance(content, dict) or not {"manifest", "outputs"} <= set(content):
        raise InputError("result", str(path), "JSON written by ketasim simulate --json, with outputs and manifest")
    found: dict[str, np.ndarray] = {}
    for name, output in content["outputs"].items():
        found[name] = np.atleast_2d(np.array(output["value"], dtype=float))
        found.setdefault("time_h", np.array(output["time_h"], dtype=float))
    return content["manifest"], found


def _result(path: Path, manifest: dict[str, Any], before: dict[str, np.ndarray]) -> Reproduced:
    """Rerun a simulation from its manifest: the people are those of the patient or population it names."""
    from ketasim.simulate import simulate

    needed = {"regimen", "seed", "vary", "subjects", "engine", "model"}
    if missing := sorted(needed - set(manifest)):
        raise InputError("manifest", ", ".join(missing), "there, as simulate writes it")
    if any(isinstance(v, str) for v in manifest.get("values", {}).values()):
        raise InputError("manifest values", "one a subject", "numbers; values of each person are not in a manifest")
    patient = _people(manifest)
    times = before.pop("time_h")
    asked = manifest.get("outputs", tuple(before))
    result = simulate(
        manifest["model"], patient, manifest["regimen"], times, int(manifest["seed"]),
        subjects=None if _is_cohort(patient) else int(manifest["subjects"]), vary=tuple(manifest["vary"]),
        outputs=asked, until=manifest.get("until_h"), engine=manifest["engine"],
        options=manifest.get("options"), values=manifest.get("values"), settings=manifest.get("settings"),
        **manifest.get("tolerance", {}),
    )  # fmt: skip
    numbers, found, notes = compare(before, dict(result.outputs))
    for name, word in (("equations", "equations"), ("parameters", "values of parameters, or the people,")):
        if name in manifest and result.manifest.get(name) != manifest[name]:
            notes.append(f"the {word} are not those of the manifest")
    return Reproduced(str(path.name), numbers, found, _versions(manifest), tuple(notes))


def _people(manifest: Mapping[str, Any]) -> Any:
    from ketasim.patients import Patient, sample

    told = manifest.get("people") or {}
    if "patient" in told:
        return Patient(**told["patient"])
    if "population" in told:
        return sample(told["population"], int(manifest["subjects"]), int(told["seed"]), int(told["start"]))
    raise InputError(
        "manifest people", "not said", "one patient or a named population", "A cohort made by hand is not repeated."
    )


def _is_cohort(people: Any) -> bool:
    from ketasim.patients import Cohort

    return isinstance(people, Cohort)
