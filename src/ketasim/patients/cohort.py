"""Cohort: many people as arrays, one per covariate, in the order of their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ketasim.core.errors import InputError
from ketasim.core.random import subject_words
from ketasim.patients import covariates as cov
from ketasim.patients.comedication import catalogue
from ketasim.patients.patient import Patient

_WORDS = {"ancestry": cov.ANCESTRY, "child_pugh": cov.CHILD_PUGH, "smoking": cov.SMOKING, "diagnosis": cov.DIAGNOSIS}
_DERIVED = ("bmi", "ibw_kg", "lbw_kg", "bsa_m2", "asian", "japanese", "smoker")
_PRIMARY = tuple(name for name in cov.TABLE if name not in _DERIVED)


@dataclass(frozen=True, eq=False)
class Cohort:
    """People for a simulation.

    ids : (n,) int64, the keys of every random draw; keep them when a cohort is split.
    covariates : name → (n,) float64, names and codes as in `patients.covariates.documented()`; read-only.
    drugs : comedication, name → (n,) bool; unknown names are kept here and act on nothing.
    population, seed : where the people came from ("" and None when given by hand).
    """

    ids: NDArray[np.int64]
    covariates: Mapping[str, NDArray[np.float64]]
    drugs: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    population: str = ""
    seed: int | None = None
    people: tuple[Patient, ...] = ()

    def __post_init__(self) -> None:
        ids = subject_words(self.ids).astype(np.int64)
        frozen = {}
        for name, values in self.covariates.items():
            arr = np.asarray(values, dtype=np.float64)
            if arr.shape != ids.shape:
                allowed = f"one value for each of {ids.size} people"
                raise InputError(f"covariate {name}", f"array of shape {arr.shape}", allowed)
            arr = arr.view()
            arr.flags.writeable = False
            frozen[name] = arr
        ids.flags.writeable = False
        object.__setattr__(self, "ids", ids)
        object.__setattr__(self, "covariates", MappingProxyType(frozen))
        object.__setattr__(self, "drugs", MappingProxyType(dict(self.drugs)))

    def __reduce__(self) -> Any:
        plain = (dict(self.covariates), dict(self.drugs))
        return Cohort, (np.array(self.ids), *plain, self.population, self.seed, self.people)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What a result must say of these people: of one patient everything, of several the drugs nobody modelled."""
        if len(self.people) == 1:
            return self.people[0].cautions
        known = catalogue().known
        counts = {name: int(np.count_nonzero(flags)) for name, flags in self.drugs.items() if not known(name)}
        return tuple(
            f"comedication {name!r} of {count} people is not in the catalogue: kept, no effect modelled"
            for name, count in counts.items() if count
        )  # fmt: skip

    # ---- making one
    @classmethod
    def from_patient(cls, patient: Patient, n: int = 1, start: int = 0) -> Cohort:
        """`n` people with the covariates of one patient, ids start .. start + n - 1; takes no memory per person."""
        if n < 0:
            raise InputError("n", n, "0 or larger")
        values = {k: np.broadcast_to(np.float64(v), (n,)) for k, v in patient.covariates().items()}
        drugs = {name: np.broadcast_to(np.True_, (n,)) for name in patient.comedication}
        return cls(np.arange(start, start + n, dtype=np.int64), values, drugs, people=(patient,))

    @classmethod
    def from_patients(cls, patients: Iterable[Patient], ids: ArrayLike | None = None) -> Cohort:
        """One row per patient; ids count from 0 unless given."""
        people = tuple(patients)
        n = len(people)
        primary = [p.primary() for p in people]
        raw = {name: np.array([row.get(name, 0.0) for row in primary]) for name in _PRIMARY}
        names = dict.fromkeys(d for p in people for d in p.comedication)
        drugs = {d: np.array([d in p.comedication for p in people], dtype=bool) for d in names}
        number = np.arange(n, dtype=np.int64) if ids is None else np.atleast_1d(np.asarray(ids))
        if number.size != n:
            raise InputError("ids", f"{number.size} ids", f"one for each of {n} patients")
        if np.unique(number).size != n:
            raise InputError("ids", f"{n - np.unique(number).size} repeated", "each id once")
        return cls(number, cov.complete(raw, drugs, n), drugs, people=people)

    @classmethod
    def from_arrays(
        cls, primary: Mapping[str, ArrayLike], ids: ArrayLike, drugs: Mapping[str, ArrayLike] | None = None,
        population: str = "", seed: int | None = None,
    ) -> Cohort:  # fmt: skip
        """From primary covariates (n,) by name; what can be derived is derived, ranges are checked."""
        number = np.atleast_1d(np.asarray(ids))
        n = number.size
        unknown = set(primary) - set(_PRIMARY)
        if unknown:
            raise InputError("covariate", ", ".join(sorted(unknown)), ", ".join(_PRIMARY))
        cov.check(primary)
        flags = {catalogue().normal(k): np.asarray(v, dtype=bool) for k, v in (drugs or {}).items()}
        return cls(number, cov.complete(primary, flags, n), flags, population, seed)

    @classmethod
    def from_frame(cls, frame: Any) -> Cohort:
        """From a polars or pandas frame: a column `id` (optional), columns named like Patient fields or covariates.

        A frame written by `to_frame` is taken as it is after a check of ranges; any other is read row by row as
        patients, with every check and every default of Patient, and an error names the row.
        """
        names = [str(c) for c in frame.columns]
        columns = {c: frame[c].to_numpy() for c in names}
        ids = columns.pop("id", np.arange(len(frame), dtype=np.int64))
        if set(_PRIMARY) <= set(names):
            drugs = {c[5:]: columns[c] for c in names if c.startswith("drug.")}
            return cls.from_arrays({c: columns[c] for c in _PRIMARY}, ids, drugs)
        people = []
        for i in range(len(frame)):
            row = {c: _plain(v[i]) for c, v in columns.items()}
            try:
                people.append(Patient(**{k: v for k, v in row.items() if v is not None}))
            except InputError as error:
                hint = f"{error.hint} This is row {i} of the frame.".strip()
                raise InputError(error.field, error.value, error.allowed, hint) from None
        return cls.from_patients(people, ids)

    # ---- looking at one
    def __len__(self) -> int:
        return int(self.ids.size)

    def __repr__(self) -> str:
        where = f" from {self.population} (seed {self.seed})" if self.population else ""
        return f"Cohort of {len(self)} people{where}"

    def __getitem__(self, which: int | slice | ArrayLike) -> Cohort:
        """Some of the people, by position: a number, a slice, positions or a mask; ids are kept."""
        if isinstance(which, (int, np.integer)):
            i = int(which)
            if not -len(self) <= i < len(self):
                raise InputError("position", i, f"0 to {len(self) - 1}")
            which = slice(i, i + 1 or None)
        index: Any = which if isinstance(which, slice) else np.asarray(which)
        people = self.people
        if len(people) == len(self) and len(people) > 1:
            people = tuple(people[i] for i in np.arange(len(self))[index])
        elif len(people) != 1:
            people = ()
        return replace(
            self, ids=self.ids[index], people=people,
            covariates={k: v[index] for k, v in self.covariates.items()},
            drugs={k: v[index] for k, v in self.drugs.items()},
        )  # fmt: skip

    def chunks(self, size: int) -> Iterator[Cohort]:
        """The people in consecutive parts of at most `size`."""
        if size < 1:
            raise InputError("size", size, "1 or larger")
        for i in range(0, len(self), size):
            yield self[i : i + size]

    def patient(self, i: int) -> Patient:
        """Person at position `i` as a Patient."""
        if not -len(self) <= i < len(self):
            raise InputError("position", i, f"0 to {len(self) - 1}")
        if len(self.people) == 1:
            return self.people[0]
        if self.people:
            return self.people[i]
        row = {name: float(self.covariates[name][i]) for name in _PRIMARY}
        data: dict[str, Any] = {k: v for k, v in row.items() if k in Patient.model_fields}
        data.update({name: words[int(row[name])] for name, words in _WORDS.items()})
        data.update({name: bool(row[name]) for name in cov.FLAGS})
        data["sex"] = "female" if row["female"] > 0.5 else "male"
        data["prior_failures"] = int(row["prior_failures"])
        data["cyp2b6"] = cov.genotype(row["cyp2b6_reduced"], row["cyp2b6_increased"])
        data["comedication"] = tuple(name for name, flags in self.drugs.items() if flags[i])
        return Patient(**data)

    def with_covariates(self, **values: ArrayLike) -> Cohort:
        """The same people with some primary covariates replaced (numbers, words or arrays); derived ones follow."""
        raw: dict[str, ArrayLike] = {name: self.covariates[name] for name in _PRIMARY}
        for name, value in values.items():
            if name == "sex":
                raw["female"] = (np.asarray(value) == "female").astype(float)
            elif name not in _PRIMARY:
                raise InputError("covariate", name, ", ".join(("sex", *_PRIMARY)))
            elif name in _WORDS and np.asarray(value).dtype.kind in "UO":
                raw[name] = _codes(name, value)
            else:
                raw[name] = value
        cov.check(raw)
        filled = cov.complete(raw, self.drugs, len(self))
        return replace(self, covariates=filled, people=())

    def with_drugs(self, *names: str) -> Cohort:
        """The same people, all taking these drugs besides."""
        drugs = {**self.drugs, **{catalogue().normal(n): np.ones(len(self), dtype=bool) for n in names}}
        raw = {name: self.covariates[name] for name in _PRIMARY}
        filled = cov.complete(raw, drugs, len(self))
        return replace(self, covariates=filled, drugs=drugs, people=())

    def to_frame(self, kind: str = "polars") -> Any:
        """Frame with `id`, every covariate and `drug.<name>` columns; kind polars or pandas."""
        data: dict[str, Any] = {"id": np.array(self.ids)}
        data.update({k: np.array(v) for k, v in self.covariates.items()})
        data.update({f"drug.{k}": np.array(v) for k, v in self.drugs.items()})
        if kind == "polars":
            import polars

            return polars.DataFrame(data)
        if kind == "pandas":
            import pandas

            return pandas.DataFrame(data)
        raise InputError("kind", kind, "polars or pandas")


def concatenate(cohorts: Sequence[Cohort]) -> Cohort:
    """Several cohorts as one, in order; their ids must differ."""
    if not cohorts:
        raise InputError("cohorts", "an empty list", "one or more")
    first = cohorts[0]
    names = dict.fromkeys(d for c in cohorts for d in c.drugs)
    absent = [np.zeros(len(c), dtype=bool) for c in cohorts]
    same = all((c.population, c.seed) == (first.population, first.seed) for c in cohorts)
    return Cohort(
        np.concatenate([c.ids for c in cohorts]),
        {k: np.concatenate([c.covariates[k] for c in cohorts]) for k in first.covariates},
        {d: np.concatenate([c.drugs.get(d, a) for c, a in zip(cohorts, absent)]) for d in names},
        first.population if same else "",
        first.seed if same else None,
    )


def _codes(name: str, value: ArrayLike) -> NDArray[np.float64]:
    words = _WORDS[name]
    given = np.atleast_1d(np.asarray(value))
    wrong = [w for w in given.tolist() if w not in words]
    if wrong:
        raise InputError(name, wrong[0], ", ".join(words))
    codes = np.array([words.index(w) for w in given.tolist()], dtype=np.float64)
    return codes if np.ndim(value) else codes[0]


def _plain(value: Any) -> Any:
    """A cell as a plain Python value; empty and nan mean not given."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    return value
