"""Non-compartmental analysis: areas, terminal phase, clearance, volume, steady state, urine; with units and reasons."""

from ketasim.analysis.nca.blq import RULES as BLQ_RULES
from ketasim.analysis.nca.blq import BlqRule
from ketasim.analysis.nca.compare import accumulation, bioavailability
from ketasim.analysis.nca.plasma import nca
from ketasim.analysis.nca.records import nca_records
from ketasim.analysis.nca.result import NcaResult, NcaRow
from ketasim.analysis.nca.table import nca_table
from ketasim.analysis.nca.terminal import LambdaZ, TerminalPhase
from ketasim.analysis.nca.trapezoid import METHODS
from ketasim.analysis.nca.units import Units
from ketasim.analysis.nca.urine import urine

__all__ = [
    "BLQ_RULES", "METHODS", "BlqRule", "LambdaZ", "NcaResult", "NcaRow", "TerminalPhase", "Units", "accumulation",
    "bioavailability", "nca", "nca_records", "nca_table", "urine",
]  # fmt: skip
