"""How long the evidence check takes, against importing pandas and against the number of rows.

Run ``python benchmarks/evidence_check.py``. The tables are multiplied by giving each copy of a study
an id of its own; every number stays as it is.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from simulated import multiplied

from analysis.evidence import check

DATA = Path(__file__).parents[1] / "data"
TIMES = (1, 3, 10, 30)


def seconds(*command: str) -> float:
    """Wall time of a Python process, the best of five."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run([sys.executable, *command], check=False, capture_output=True, cwd=DATA.parent)
        best = min(best, time.perf_counter() - began)
    return best


def main() -> None:
    """Print both comparisons."""
    nothing = seconds("-c", "pass")
    print(f"start Python           {nothing:6.3f} s")
    print(f"import pandas          {seconds('-c', 'import pandas') - nothing:6.3f} s")
    print(f"python -m analysis check {seconds('-m', 'analysis', 'check') - nothing:4.3f} s\n")
    print(f"{'rows':>7} {'seconds':>8} {'µs a row':>9} {'errors':>7}")
    for times in TIMES:
        with tempfile.TemporaryDirectory() as name:
            rows = multiplied(times, Path(name))
            began = time.perf_counter()
            findings = check(Path(name))
            spent = time.perf_counter() - began
        wrong = sum(found.severity == "error" for found in findings)
        print(f"{rows:7d} {spent:8.3f} {1e6 * spent / rows:9.1f} {wrong:7d}")


if __name__ == "__main__":
    main()
