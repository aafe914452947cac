"""What a user waits for and what an install weighs: cold start, size of the base install, numbers by status.

python benchmarks/house.py            # prints one JSON object
python benchmarks/house.py --install  # also makes an environment with the base install and weighs it
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib import resources
from pathlib import Path

from ketasim.core.parameters import ParameterTable

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = {
    "help": ["--help"],
    "one patient, one infusion, 35 d": ["simulate", "--dose", "0.5 mg/kg iv over 40 min", "--until", "35d", "--json"],
    "one patient, one infusion, 35 d, kinetics": [
        "simulate", "--dose", "0.5 mg/kg iv over 40 min", "--until", "35d", "--output", "ketamine.venous", "--json",
    ],
}  # fmt: skip


def cold_s(words: list[str], runs: int = 7) -> float:
    """Best wall time of a fresh process, s; the first run fills the caches and is not counted."""
    best = float("inf")
    for k in range(runs + 1):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-m", "ketasim", *words], check=True, stdout=subprocess.DEVNULL)
        best = min(best, time.perf_counter() - begin) if k else best
    return round(best, 3)


def numbers_by_status() -> dict[str, int]:
    """How many parameters there are of each status."""
    folder = Path(str(resources.files("ketasim") / "data" / "parameters"))
    names = [path.relative_to(folder).with_suffix("").as_posix() for path in sorted(folder.rglob("*.toml"))]
    return dict(Counter(p.status for name in names for p in ParameterTable.load(name)))


def base_install() -> dict[str, float]:
    """Seconds to make an environment with the base install, and its size, MB."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [str(Path(folder) / "bin" / "python"), "-m", "pip", "install", "--quiet", str(ROOT)]
        subprocess.run(pip, check=True)
        seconds = time.perf_counter() - begin
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink())
    return {"seconds": round(seconds, 1), "MB": round(size / 1e6, 0)}


def main() -> None:
    found: dict[str, object] = {"cold_s": {name: cold_s(words) for name, words in COMMANDS.items()}}
    found["numbers"] = numbers_by_status()
    if "--install" in sys.argv[1:]:
        found["base_install"] = base_install()
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
