"""The command line: one file per verb, loaded when it is called.

Data goes to standard output, words to standard error. Exit status 0: done; 1: ran and did not succeed (a solver
failed, a check did not hold); 2: input that cannot be used; 130: interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    from ketasim.cli.application import build

    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        build(given)(args=given, prog_name="ketasim")
    except KeyboardInterrupt:
        exec("")  # as in application.guarded
        sys.exit(130)
