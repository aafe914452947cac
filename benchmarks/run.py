"""Run the benchmark and add the figures to benchmarks/history/.

python benchmarks/run.py            the whole, a few minutes
python benchmarks/run.py --short    as CI does; exit 1 below half of a required ratio
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import composed
import session

from ketasim.analysis.bench import run, shortfalls

HISTORY = Path(__file__).with_name("history")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--no-history", action="store_true")
    given = parser.parse_args()
    result = run(short=given.short, say=lambda words: print(words, file=sys.stderr))
    more = composed.run(given.short)
    result["ratios"] |= more.pop("ratios")
    result |= more
    result["brain"] = session.run(given.short)
    print(json.dumps(result, indent=1))
    if not given.no_history:
        HISTORY.mkdir(exist_ok=True)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        (HISTORY / f"{stamp}{'-short' if given.short else ''}.json").write_text(json.dumps(result, indent=1) + "\n")
    missed = shortfalls(result, 0.5 if given.short else 1.0)
    for line in missed:
        print(line, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
