"""The native engine: any traced system compiled for this processor, many subjects per vector."""

from ketasim.core.solvers.native.prepared import Prepared
from ketasim.core.solvers.native.run import solve

__all__ = ["Prepared", "solve"]
