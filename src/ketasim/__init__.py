"""ketasim: ketamine from dose to brain and body.

    import ketasim as ks
    result = ks.simulate(patient=ks.Patient(weight_kg=70), regimen=ks.Regimen.parse("0.5 mg/kg iv over 40 min"))
    result["ketamine.arterial"]        # ng/mL, subjects × times

Public names are loaded when they are first used, so that importing the package costs next to nothing.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_PUBLIC = {
    "Cohort": "ketasim.patients:Cohort",
    "InputError": "ketasim.core.errors:InputError",
    "KetasimError": "ketasim.core.errors:KetasimError",
    "Patient": "ketasim.patients:Patient",
    "Regimen": "ketasim.dosing:Regimen",
    "Result": "ketasim.core.result:Result",
    "Study": "ketasim.studies:Study",
    "exchange": "ketasim.exchange",
    "fit": "ketasim.fitting:fit",
    "models": "ketasim.models",
    "nca": "ketasim.analysis.nca:nca",
    "records": "ketasim.dosing.records",
    "report": "ketasim.report",
    "sample": "ketasim.patients:sample",
    "simulate": "ketasim.simulate:simulate",
    "simulate_records": "ketasim.dosing.records:simulate_records",
    "validate": "ketasim.studies:validate",
}

__all__ = [
    "Cohort",
    "InputError",
    "KetasimError",
    "Patient",
    "Regimen",
    "Result",
    "Study",
    "__version__",
    "exchange",
    "fit",
    "models",
    "nca",
    "records",
    "report",
    "sample",
    "simulate",
    "simulate_records",
    "validate",
]


def __getattr__(name: str) -> Any:
    where = _PUBLIC.get(name)
    if where is None:
        raise AttributeError(f"module 'ketasim' has no attribute {name!r}")
    module_name, _, attribute = where.partition(":")
    module = import_module(module_name)
    value = getattr(module, attribute) if attribute else module
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})


class _Package(ModuleType):
    """Keeps a verb's name for the verb: importing the module ``ketasim.simulate`` must not hide ``ks.simulate``."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _PUBLIC and isinstance(value, ModuleType) and ":" in _PUBLIC[name]:
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package

if TYPE_CHECKING:
    from ketasim import exchange, models, report
    from ketasim.analysis.nca import nca
    from ketasim.core.errors import InputError, KetasimError
    from ketasim.core.result import Result
    from ketasim.dosing import Regimen, records
    from ketasim.dosing.records import simulate_records
    from ketasim.fitting import fit
    from ketasim.patients import Cohort, Patient, sample
    from ketasim.simulate import simulate
    from ketasim.studies import Study, validate
