"""Writes the standing qualification report beside the built documents, with the trend since the release kept last.

    python docs/qualify.py [--keep] [--replicates N] [--workers N]

Rows of a release are kept in docs/qualification/VERSION.json (--keep writes those of this version).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ketasim import __version__
from ketasim.studies import Settings, scores, validate, write_page
from ketasim.studies.trend import kept, read_rows

HERE = Path(__file__).resolve().parent
KEPT = HERE / "qualification"
PAGE = HERE / "_build" / "html" / "qualification" / "qualification.html"


def version(path: Path) -> tuple[int, ...]:
    """The version that rows were kept for, to sort by."""
    return tuple(int(part) for part in path.stem.split("."))


def last_release() -> Path | None:
    """Rows of the newest release that is kept."""
    found = sorted(KEPT.glob("*.json"), key=version)
    return found[-1] if found else None


def main(words: list[str] | None = None) -> int:
    """Simulate all studies, write the page, print a line a group; 1 where a row could not be run."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--keep", action="store_true", help="keep the rows as those of this version")
    ask.add_argument("--replicates", type=int, default=Settings().replicates, help="simulated copies of each arm")
    ask.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that share the studies")
    chosen = ask.parse_args(words)
    earlier = last_release()
    rows = validate(settings=Settings(replicates=chosen.replicates), workers=chosen.workers)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    write_page(rows, PAGE, title="Qualification", before=read_rows(earlier) if earlier else None)
    for group in scores(rows):
        print(f"{group['group']}: {group['passed']} of {group['rows']} inside tolerance")
    if chosen.keep:
        (KEPT / f"{__version__}.json").write_text(kept(rows, __version__), encoding="utf-8")
    return int(any(row["verdict"] == "error" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
