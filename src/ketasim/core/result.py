"""Result: labelled outputs of a run with units, sources and a manifest that can repeat it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ketasim.core import citations
from ketasim.core.arrays import ArrayOutput, Labelled
from ketasim.core.errors import InputError, KetasimError
from ketasim.core.note import GRADES, Note, upstream
from ketasim.core.parameters import Parameter
from ketasim.core.whole import write_whole

WRITTEN = "output file"  # how an error names it


@dataclass(frozen=True, eq=False)
class Result:
    """Outputs of a simulation.

    outputs : id → (subjects, times) array. units : id → unit. times_h : (times,). subjects : ids.
    failures : one sentence for each subject that could not be finished; its rows are NaN and never averaged.
    flags : id → words a reader must see beside the output (assumed, extrapolated, site approximated …).
    parameters : what was used, with sources. manifest : seed, versions, tolerances, hashes, the regimen, the patient.
    notes : id → the system an output belongs to and its evidence grade. system : what was solved. read_from : id of an
    output computed from finished curves → (curves it reads, parameters it used). `about` brings these together.
    arrays : outputs over brain regions (fc, gbc), computed when first read; those named in `outputs` of the call are in
    `asked` and go into tables and JSON. `array` gives one with its axes and labels.
    """

    outputs: Mapping[str, np.ndarray]
    units: Mapping[str, str]
    times_h: np.ndarray
    subjects: np.ndarray
    manifest: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    individual: np.ndarray | None = None
    covariates: Mapping[str, np.ndarray] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    doses: tuple[Mapping[str, Any], ...] = ()
    final_state: np.ndarray | None = None
    reductions: Mapping[str, np.ndarray] = field(default_factory=dict)
    notes: Mapping[str, Note] = field(default_factory=dict)
    system: Any = None
    read_from: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    arrays: Mapping[str, ArrayOutput] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    _held: dict[str, Labelled] = field(default_factory=dict, init=False, repr=False)

    def __getitem__(self, name: str) -> np.ndarray:
        if name in self.outputs:
            return self.outputs[name]
        return self.array(name).values

    def __contains__(self, name: object) -> bool:
        return name in self.outputs or name in self.arrays

    def array(self, name: str) -> Labelled:
        """An output over brain regions with its axes, labels and times. InputError where it cannot be had."""
        if name not in self.arrays:
            raise InputError("output", name, ", ".join([*self.outputs, *self.arrays]))
        if name not in self._held:
            missing = [n for n in self.arrays[name].needs if n not in self.outputs]
            if missing:
                raise InputError("output", name, f"a run that keeps {', '.join(missing)}")
            self._held[name] = self.arrays[name].compute(self.outputs, self.times_h)
        return self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.outputs)

    def __len__(self) -> int:
        return len(self.subjects)

    # ---- reductions over time, per subject
    def cmax(self, name: str) -> np.ndarray:
        """Largest value over the times asked, (subjects,)."""
        return np.nanmax(self[name], axis=1)

    def tmax(self, name: str) -> np.ndarray:
        """Time of the largest value, h, (subjects,)."""
        safe = np.where(np.isnan(self[name]), -np.inf, self[name])
        return self.times_h[np.argmax(safe, axis=1)]

    def auc(self, name: str, start_h: float | None = None, end_h: float | None = None) -> np.ndarray:
        """Linear trapezoid over the times asked, unit × h, (subjects,)."""
        keep = np.ones(len(self.times_h), bool)
        keep &= True if start_h is None else self.times_h >= start_h
        keep &= True if end_h is None else self.times_h <= end_h
        y, t = self[name][:, keep], self.times_h[keep]
        return ((y[:, 1:] + y[:, :-1]) / 2 * np.diff(t)).sum(axis=1)

    def quantiles(self, name: str, q: tuple[float, ...] = (0.05, 0.5, 0.95)) -> np.ndarray:
        """Quantiles over finished subjects, (len(q), times)."""
        rows = self[name][~np.isnan(self[name]).all(axis=1)]
        gaps = np.isnan(rows)
        if len(rows) and not gaps.any():
            return np.quantile(rows, q, axis=0)
        out = np.full((len(q), len(self.times_h)), np.nan)  # slow, and only where something is missing
        some = ~gaps.all(axis=0) if len(rows) else np.zeros(len(self.times_h), bool)
        if some.any():
            out[:, some] = np.nanquantile(rows[:, some], q, axis=0)
        return out

    # ---- where it came from
    def sources(self) -> list[dict[str, str]]:
        """One row a parameter: name, value, unit, kind, status, source, where."""
        rows = []
        for name, p in self.parameters.items():
            value, unit = p.printed if p.printed[1] or p.printed[0] else (p.value, p.unit)
            rows.append(
                {
                    "parameter": name,
                    "value": f"{value:.6g}",
                    "unit": unit,
                    "kind": p.kind,
                    "status": p.status,
                    "source": p.source,
                    "where": p.where,
                    "note": p.note,
                }
            )
        return rows

    def about(self, name: str) -> dict[str, Any]:
        """What an output is: unit, system, evidence grade and its words, flags, parts, parameters, papers (short
        citations of everything upstream of it) and how many of its parameters are assumed. InputError if not there.
        """
        if name not in self.outputs:
            raise InputError("output", name, ", ".join(self.outputs))
        reads, own = self.read_from.get(name, ((name,), ()))
        parts = [p.name for p in upstream(self.system, reads)] if self.system is not None else []
        used = [k for k in self.parameters if k in own or k.rpartition(".")[0] in parts]
        keys = dict.fromkeys(self.parameters[k].source for k in used)
        known, note = citations.references(), self.notes.get(name)
        return {
            "output": name,
            "unit": self.units[name],
            "system": note.system if note else "",
            "grade": note.grade if note else "",
            "support": GRADES[note.grade] if note else "",
            "what": note.what if note else "",
            "flags": list(self.flags.get(name, ())),
            "parts": parts,
            "parameters": used,
            "assumed": sum(self.parameters[k].kind == "assumed" for k in used),
            "papers": [known[k].short for k in keys if k in known],
        }

    def bibtex(self) -> str:
        """BibTeX of exactly the papers whose numbers were used."""
        return citations.bibtex(p.source for p in self.parameters.values())

    # ---- as tables and files
    def columns(self) -> dict[str, Any]:
        """Long table as columns: subject, time_h, output, value, unit."""
        n, m = len(self.subjects), len(self.times_h)
        blocks = [np.asarray(v, float).reshape(-1) for v in self.outputs.values()]
        curves = {
            "subject": np.tile(np.repeat(np.asarray(self.subjects), m), len(blocks)),
            "time_h": np.tile(self.times_h, n * len(blocks)),
            "output": np.repeat(np.array(list(self.outputs), dtype=object), n * m),
            "value": np.concatenate(blocks) if blocks else np.zeros(0),
            "unit": np.repeat(np.array([self.units[k] for k in self.outputs], dtype=object), n * m),
        }
        for name in self.asked:
            found = self.array(name)
            rows = [(*row, found.unit) for row in found.rows(name, np.asarray(self.subjects))]
            more = zip(*rows, strict=True)
            curves = {k: np.concatenate([v, np.array(w, dtype=v.dtype)]) for (k, v), w in zip(curves.items(), more)}
        return curves

    def to_frame(self, library: str = "polars") -> Any:
        """Long frame (subject, time_h, output, value, unit); library 'polars' (default) or 'pandas'."""
        if library not in ("polars", "pandas"):
            raise InputError("library", library, "polars or pandas")
        module = __import__(library)
        return module.DataFrame(self.columns())

    def to_parquet(self, path: str | Path) -> Path:
        """Write the long table with the manifest in the file's metadata; nothing is left behind on failure."""
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise KetasimError("writing Parquet needs the frames extra: pip install 'ketasim[frames]'") from None
        table = pa.table(self.columns())
        meta = {b"ketasim": json.dumps(self.manifest, default=str).encode()}
        return write_whole(path, lambda p: pq.write_table(table.replace_schema_metadata(meta), p), WRITTEN)

    def to_csv(self, path: str | Path) -> Path:
        """Write the long table as CSV."""
        import csv

        def write(target: Path) -> None:
            columns = self.columns()
            with target.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(columns)
                writer.writerows(zip(*columns.values(), strict=True))

        return write_whole(path, write, WRITTEN)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: one subject's values are a list, several subjects' a list of lists."""
        single = len(self.subjects) == 1
        outputs = {
            name: {
                "unit": self.units[name],
                "time_h": self.times_h.tolist(),
                "value": [_json_number(x) for x in v[0]] if single else [[_json_number(x) for x in row] for row in v],
                **({"system": self.notes[name].system, "grade": self.notes[name].grade} if name in self.notes else {}),
                **({"flags": list(self.flags[name])} if self.flags.get(name) else {}),
            }
            for name, v in self.outputs.items()
        }
        extra = {"failures": list(self.failures), "warnings": list(self.warnings)}
        arrays = {"arrays": {name: self.array(name).as_dict() for name in self.asked}} if self.asked else {}
        return {"outputs": outputs, **arrays, "manifest": {**self.manifest, **extra}}

    def to_json(self, path: str | Path | None = None) -> str:
        """JSON text, also written to `path` where given."""
        text = json.dumps(self.to_dict(), default=str)
        if path is not None:
            write_whole(path, text, WRITTEN)
        return text

    def plot(self, *names: str, log: bool = False) -> Any:
        """A matplotlib figure with one panel an output: median and 5–95 % band (extra `plot`)."""
        try:
            from matplotlib import pyplot as plt
        except ImportError:
            raise KetasimError("plot() needs the plot extra: pip install 'ketasim[plot]'") from None
        chosen = names or tuple(self.outputs)[:4]
        figure, axes = plt.subplots(len(chosen), 1, sharex=True, figsize=(7, 2.4 * len(chosen)), squeeze=False)
        for axis, name in zip(axes[:, 0], chosen, strict=True):
            low, mid, high = self.quantiles(name)
            axis.plot(self.times_h, mid, color="#0072B2")
            if len(self.subjects) > 1:
                axis.fill_between(self.times_h, low, high, color="#0072B2", alpha=0.2, linewidth=0)
            axis.set_ylabel(f"{name}\n{self.units[name]}")
            if log:
                axis.set_yscale("log")
        axes[-1, 0].set_xlabel("time, h")
        figure.tight_layout()
        return figure


def _json_number(x: float) -> float | None:
    return float(x) if np.isfinite(x) else None
