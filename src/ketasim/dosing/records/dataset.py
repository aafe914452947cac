"""RecordSet: a NONMEM-style data set, checked, in typed columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

import numpy as np

from ketasim.core.errors import InputError


@dataclass(frozen=True, eq=False)
class RecordSet:
    """Records of one or more subjects, (n,) arrays in file order, subjects one after the other.

    Attributes
    ----------
    row : row number in the source. subject : index into `ids`. ids : subject names.
    time : as recorded, in `time_unit` turned to h. clock : the same, never falling within a subject (a reset record
        may set TIME back). amt, rate, ii, addl, ss, evid, mdv : as in NONMEM. cmt : compartment number, 0 default;
        `label` holds its name where the data set names compartments.
    dv : NaN where absent. blq : below the limit. cens : −1, 0, 1. lloq, limit : NaN where unknown. occ : occasion.
    covariates : every other numeric column (NaN where missing and not carried). text : every other column.
    carry : "nocb" or "locf", how values hold between records.
    notes : one sentence for everything that was inferred, filled or left out.
    """

    row: np.ndarray
    subject: np.ndarray
    ids: tuple[str, ...]
    time: np.ndarray
    clock: np.ndarray
    amt: np.ndarray
    rate: np.ndarray
    ii: np.ndarray
    addl: np.ndarray
    ss: np.ndarray
    evid: np.ndarray
    cmt: np.ndarray
    label: np.ndarray
    mdv: np.ndarray
    dv: np.ndarray
    blq: np.ndarray
    cens: np.ndarray
    lloq: np.ndarray
    limit: np.ndarray
    occ: np.ndarray
    covariates: Mapping[str, np.ndarray] = field(default_factory=dict)
    text: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    carry: str = "nocb"
    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.row)

    def __repr__(self) -> str:
        doses, seen = int(self.dosing.sum()), int(self.observed.sum())
        return f"RecordSet({self.subjects} subjects, {len(self)} records, {doses} doses, {seen} observations)"

    @property
    def subjects(self) -> int:
        return len(self.ids)

    @cached_property
    def ptr(self) -> np.ndarray:
        """Subject i owns records ptr[i]:ptr[i + 1]."""
        return np.concatenate(([0], np.cumsum(np.bincount(self.subject, minlength=len(self.ids)))))

    @property
    def dosing(self) -> np.ndarray:
        """Records that give a dose (EVID 1 and 4)."""
        return (self.evid == 1) | (self.evid == 4)

    @property
    def observed(self) -> np.ndarray:
        """Records with a value to compare with (EVID 0, MDV 0)."""
        return (self.evid == 0) & (self.mdv == 0)

    def column(self, name: str) -> np.ndarray:
        """A numeric column, whatever the case of its name; an InputError names those there are."""
        own = {f.name.upper(): f.name for f in fields(self) if isinstance(getattr(self, f.name), np.ndarray)}
        if name.upper() in own:
            return np.asarray(getattr(self, own[name.upper()]), dtype=float)
        for key, values in self.covariates.items():
            if key.upper() == name.upper():
                return values
        raise InputError("column", name, "one of " + ", ".join([*own, *self.covariates]))

    def take(self, subjects: Sequence[int] | np.ndarray) -> RecordSet:
        """The records of some subjects, in the order given; a subject may come more than once."""
        chosen = np.asarray(subjects, dtype=np.int64)
        counts = np.diff(self.ptr)[chosen]
        starts = np.concatenate(([0], np.cumsum(counts)))
        index = np.repeat(self.ptr[:-1][chosen] - starts[:-1], counts) + np.arange(starts[-1])
        new = {f.name: getattr(self, f.name)[index] for f in fields(self)
               if isinstance(getattr(self, f.name), np.ndarray)}  # fmt: skip
        new["subject"] = np.repeat(np.arange(len(chosen)), counts)
        return replace(
            self, **new, ids=tuple(self.ids[i] for i in chosen),
            covariates={k: v[index] for k, v in self.covariates.items()},
            text={k: tuple(v[i] for i in index) for k, v in self.text.items()},
        )  # fmt: skip

    def subjects_without_observations(self) -> tuple[str, ...]:
        """Names of subjects with nothing to compare with."""
        counts = np.bincount(self.subject[self.observed], minlength=self.subjects)
        return tuple(self.ids[i] for i in np.flatnonzero(counts == 0))

    def require_observations(self) -> RecordSet:
        """Itself, where every subject has an observation and not all are below the limit; for use before a fit."""
        empty = self.subjects_without_observations()
        if empty:
            raise InputError("subject", ", ".join(empty), "at least one observation (EVID 0, MDV 0) each")
        quantified = np.bincount(self.subject[self.observed & ~self.blq], minlength=self.subjects)
        if not quantified.any():
            raise InputError("DV", "below the limit of quantification in every record", "quantified observations")
        return self
