"""Calibration and estimation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ketasim.fitting.population.specification import PopulationModel

__all__ = ["METHODS", "fit"]

METHODS = ("fo", "foce-i", "laplace", "saem", "bayes")


def fit(model: PopulationModel, data: Any, method: str = "foce-i", *, structure: Any = None, **options: Any) -> Any:
    """Fit a population model.

    Parameters
    ----------
    model : a PopulationModel (typical values, random effects, residual error); priors on typical values make "foce-i"
        and "laplace" maximum a posteriori.
    data : ModelOnRecords or ClosedForm; or, with `structure`, a data set (path, frame, mapping, RecordSet).
    method : fo, foce-i, laplace, saem or bayes.
    structure : function RecordSet → ModelOnRecords or ClosedForm.
    options : of the method: `max_iterations`, `covariance` (fo, foce-i, laplace), `burn`, `smooth`, `samples`, `seed`
        (saem), `draws`, `burn`, `chains`, `degrees`, `seed` (bayes); `progress`.

    Returns a Fit (Posterior for bayes). What cannot be fitted raises InputError; what was fitted and cannot be trusted
    has `converged` False and its reasons in `problems`.
    """
    from ketasim.core.errors import InputError
    from ketasim.dosing.records import RecordSet, read
    from ketasim.fitting.population.specification import PopulationModel

    if not isinstance(model, PopulationModel):
        raise InputError("model", type(model).__name__, "a PopulationModel")
    if method not in METHODS:
        raise InputError("method", method, ", ".join(METHODS))
    if structure is not None:
        data = structure(data if isinstance(data, RecordSet) else read(data))
    if not hasattr(data, "predict") or not hasattr(data, "mask"):
        raise InputError("data", type(data).__name__, "ModelOnRecords or ClosedForm, or records with structure=")
    try:
        if method == "bayes":
            from ketasim.fitting.population.bayes import bayes

            return bayes(model, data, **options)
        if method == "saem":
            from ketasim.fitting.population.saem import saem

            return saem(model, data, **options)
        from ketasim.fitting.population.estimate import estimate

        return estimate(model, data, method, **options)
    except TypeError as error:
        if "unexpected keyword" in str(error):
            raise InputError("option", str(error).rpartition(" ")[2], f"an option of {method}") from None
        raise
