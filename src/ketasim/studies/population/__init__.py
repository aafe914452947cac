"""Many people at once: a plan cut into chunks that any worker may do, in any order, more than once."""

from ketasim.studies.population.chunk import run_chunk
from ketasim.studies.population.cluster import run
from ketasim.studies.population.gather import gather
from ketasim.studies.population.plan import Plan

__all__ = ["Plan", "gather", "run", "run_chunk"]
