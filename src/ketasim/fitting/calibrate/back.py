"""From a calibration back into the parameter tables: value, kind, doubt and rows, nothing else of the text."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ketasim.core import parameters
from ketasim.core.errors import InputError, KetasimError
from ketasim.fitting.calibrate.prior import Prior
from ketasim.fitting.calibrate.spreads import written_spread
from ketasim.fitting.calibrate.writing import edited, rounded, with_correlations, write_files

if TYPE_CHECKING:
    from ketasim.fitting.calibrate.result import Calibration, Estimate

LEAST = 0.05  # correlations of a table are kept where one of them is at least so large
TEXTS = ("where", "note", "source", "status")


def write_back(
    calibration: Calibration, folder: str | Path | None, texts: Mapping[str, Mapping[str, str]], script: str,
    even_if_not_converged: bool,
) -> list[Path]:  # fmt: skip
    """Write every table concerned, all or none; each is read again before any file is touched.

    KetasimError where the calibration has not converged and nobody insisted.
    """
    if not calibration.converged and not even_if_not_converged:
        raise KetasimError("the calibration has not converged; its values are not written")
    root = Path(str(resources.files("ketasim"))) / "data" / "parameters" if folder is None else Path(folder)
    wrong = set(texts) - {e.name for e in calibration.estimates}
    if wrong:
        raise InputError("texts", sorted(wrong)[0], ", ".join(e.name for e in calibration.estimates))
    changes: dict[str, dict[str, dict[str, Any]]] = {}
    for prior, estimate in zip(calibration.bench.priors, calibration.estimates, strict=True):
        fields = _fields(prior, estimate, calibration.rows_of(estimate.name), calibration.settings["seed"], script)
        for name, text in texts.get(estimate.name, {}).items():
            if name not in TEXTS:
                raise InputError(f"text of {estimate.name}", name, ", ".join(TEXTS))
            fields[name] = text
        name, _, path = prior.name.partition(".")
        entry = changes.setdefault(prior.table, {}).setdefault(name, {})
        if path:
            record = {**fields["doubt"], "rows": fields["rows"]}
            between = entry.get("between") or dict(_entry(root, prior.table, name).between or {})
            fields["between"] = written_spread(between, path, fields["value"], record)
            fields = {k: v for k, v in fields.items() if k == "between" or k in TEXTS}
        entry.update(fields)
    files: dict[Path, str] = {}
    for table, entries in changes.items():
        old = _text(root, table)
        new = with_correlations(edited(old, entries, table), _correlations(calibration, table, old))
        parameters.parse_table(new, table)
        files[_path(root, table)] = new
    write_files(files)
    parameters._load.cache_clear()
    return list(files)


def _correlations(calibration: Calibration, table: str, text: str) -> list[tuple[str, str, float]]:
    """Correlations of the doubt that a table shall hold: those of this posterior, and old ones of other numbers.

    Numbers of one table only; those of a spread between people are no doubt and have none. A set that rounding made
    impossible is drawn a little towards zero.
    """
    here = [(i, p.name) for i, p in enumerate(calibration.bench.priors) if p.table == table and "." not in p.name]
    names = {name for _, name in here}
    kept = [pair for pair in parameters.parse_table(text, table).doubt if not names & set(pair[:2])]
    full = calibration.correlation
    new = [(a, b, float(full[i, j])) for n, (i, a) in enumerate(here) for j, b in here[n + 1 :]]
    if not any(abs(r) >= LEAST for _, _, r in new):
        return kept
    block = full[np.ix_([i for i, _ in here], [i for i, _ in here])]
    shrink = 1.0
    while shrink > 0.5:
        matrix = np.round(block * shrink, 3)
        np.fill_diagonal(matrix, 1.0)
        if np.linalg.eigvalsh(matrix).min() > 1e-6:
            break
        shrink -= 0.002
    return kept + [(a, b, float(f"{r * shrink:.3f}")) for a, b, r in new if float(f"{r * shrink:.3f}")]


def _path(root: Path, table: str) -> Path:
    return root.joinpath(*f"{table}.toml".split("/"))


def _text(root: Path, table: str) -> str:
    path = _path(root, table)
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return stream.read()
    except OSError as error:
        raise InputError("parameter table", str(path), f"a file that can be read ({error.strerror})") from None


def _entry(root: Path, table: str, name: str) -> parameters.Parameter:
    return parameters.parse_table(_text(root, table), table)[name]


def _fields(prior: Prior, e: Estimate, rows: tuple[str, ...], seed: int, script: str) -> dict[str, Any]:
    doubt = {k: rounded(v, 3) if isinstance(v, float) and k not in ("low", "high") else v for k, v in e.doubt.items()}
    kept = {k: v for k, v in prior.given.items() if k not in ("value", "prior")}
    before = {k: _plain(v) for k, v in {"value": rounded(prior.value, 6), **kept}.items()}
    doubt = {k: _plain(v) for k, v in doubt.items()} | {"prior": before, "seed": seed}
    if script:
        doubt["script"] = script
    return {"value": rounded(e.value), "kind": "fitted", "doubt": doubt, "rows": list(rows)}


def _plain(value: Any) -> Any:
    """Whole numbers of a TOML file stay whole."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e6 else value
