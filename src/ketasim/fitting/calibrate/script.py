"""The frame of a calibration script: fit, show, and with ``--write`` put the result into the tables."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from ketasim.core.errors import KetasimError
from ketasim.fitting.calibrate.result import Calibration


def main(
    fit: Callable[[], Calibration], script: str, texts: Mapping[str, Mapping[str, str]] | None = None,
    arguments: list[str] | None = None,
) -> int:  # fmt: skip
    """Run a script of the folder calibration/: ``python calibration/<layer>.py [--write] [--into F] [--report F]``.

    fit : makes the calibration, with its seed. script : ``__file__``; its name is kept in the doubt it writes.
    texts : name → further fields of the entry (where, note). Returns the exit status.
    """
    parser = argparse.ArgumentParser(description=fit.__doc__)
    parser.add_argument("--write", action="store_true", help="put value, doubt and rows into the parameter tables")
    parser.add_argument("--into", type=Path, default=None, help="root of the tables (default: the package's own)")
    parser.add_argument("--report", type=Path, default=None, help="write the report, one HTML file")
    chosen = parser.parse_args(arguments)
    try:
        done = fit()
        print(done.table())
        if chosen.report is not None:
            print(f"report in {done.report(chosen.report)}")
        if chosen.write:
            for path in done.write(chosen.into, texts=texts, script=f"calibration/{Path(script).name}"):
                print(f"wrote {path.name}")
    except KetasimError as error:
        print(f"{type(error).__name__}: {error}")
        return 1
    return int(not done.converged)
