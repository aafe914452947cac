"""The verb: a component or system, a data set, a frame with one row per record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.dosing.records.dataset import RecordSet
from ketasim.dosing.records.predict import plan
from ketasim.dosing.records.read import read
from ketasim.dosing.records.target import Compartment


def simulate_records(
    model: Any,
    records: RecordSet | Any,
    *,
    parameters: Mapping[str, Any] | None = None,
    columns: Mapping[str, str] | str = "auto",
    covariates: Mapping[str, Any] | None = None,
    compartments: Mapping[int | str, Compartment | str] | None = None,
    outputs: Sequence[str] | None = None,
    engine: str = "auto",
    rtol: float = 1e-8,
    atol: float = 1e-10,
    ss2: str = "stop",
) -> Any:
    """Predict every record of a NONMEM-style data set.

    Parameters
    ----------
    model : a Component, a System, or a built model (AMT is then in mg and CMT names a route: "iv", "esketamine
        intranasal").
    records : a RecordSet, or anything `read` takes.
    parameters : name → a number, one value per subject or one per record; others keep the model's value.
    columns : "auto" takes numeric columns named like a parameter as that parameter; or a mapping parameter → column;
        {} for none. All columns reach `derive` as covariates.
    covariates : further ones: name → a column, a number, or one value per subject or record.
    compartments : CMT → state name or Compartment (F, lag, modelled rate and duration), where the defaults do not do.
    outputs : names of outputs or states; all published outputs by default.
    engine : auto, exact, native, vectorised, reference. rtol, atol : of the engines that integrate.
    ss2 : an SS 2 record ends infusions in progress ("stop", as mrgsolve does) or lets them run on ("add", plain
        superposition). Where it matters a warning names the row.

    Returns
    -------
    polars frame, one row per record in the order of the data set: ID, TIME, EVID, CMT, AMT, DV, MDV and the outputs.

    Raises RecordError for contradictory records (with rows), InputError for anything else that does not fit.
    """
    if not isinstance(records, RecordSet):
        records = read(records)
    ready = plan(model, records, compartments=compartments, engine=engine, rtol=rtol, atol=atol, ss2=ss2)
    individual, _ = ready.target.parameters(records, parameters, columns, covariates)
    names = ready.outputs(outputs)
    values = ready.predict(individual, names)
    return frame(
        ready.records, {ready.target.short(n.removeprefix("state:")): values[:, k] for k, n in enumerate(names)}
    )


def frame(records: RecordSet, predictions: Mapping[str, np.ndarray]) -> Any:
    """A polars frame of the main columns of the data set and one column per prediction."""
    try:
        import polars as pl
    except ImportError:
        raise InputError("polars", "not installed", "pip install ketasim[frames]") from None
    cmt: Any = list(records.label) if any(records.label) else records.cmt
    main = {
        "ID": [records.ids[i] for i in records.subject], "TIME": records.time, "EVID": records.evid, "CMT": cmt,
        "AMT": records.amt, "DV": records.dv, "MDV": records.mdv,
    }  # fmt: skip
    taken = {k.upper() for k in main}
    return pl.DataFrame(main | {(f"{k}_pred" if k.upper() in taken else k): v for k, v in predictions.items()})
