"""NONMEM-style records drive any model.

    data = ketasim.records.read("study.csv")
    table = ketasim.records.simulate_records(OneCompartment(CL=1.1, V=20.0, KA=1.5), data)

`read` checks a data set and says what contradicts itself, with row numbers. `simulate_records` predicts every record.
`plan` prepares a data set for repeated prediction (fits).
"""

from ketasim.dosing.records.dataset import RecordSet
from ketasim.dosing.records.errors import Problem, RecordError
from ketasim.dosing.records.predict import RecordPlan, plan
from ketasim.dosing.records.read import read
from ketasim.dosing.records.simulate import simulate_records
from ketasim.dosing.records.target import Compartment

__all__ = ["Compartment", "Problem", "RecordError", "RecordPlan", "RecordSet", "plan", "read", "simulate_records"]
