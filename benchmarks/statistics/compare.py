"""Ours and R's metafor side by side, on the same data, in one run.

    python benchmarks/statistics/compare.py [--largest-k 2000] [--json OUT]

Needs R: ``apt-get install r-base-core r-cran-metafor r-cran-jsonlite``. Times are the best of several runs
inside each program, start-up and loading excluded. ``--largest-k 10000`` lets metafor take its minutes and
gigabytes.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import timeit
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from analysis.statistics.gosh import gosh  # noqa: E402
from analysis.statistics.influence import cumulative, influence, leave_one_out  # noqa: E402
from analysis.statistics.many import pool_many  # noqa: E402
from analysis.statistics.pooling import pool  # noqa: E402

GOALS = {
    "reml_k13": 20,
    "reml_hksj_k13": 20,
    "leave_one_out_k100": 30,
    "influence_k100": 30,
    "cumulative_k100": 30,
    "bootstrap_1000_k30": 50,
    "gosh_10000_k30": 5,
}
SIZES = (500, 1000, 2000, 5000, 10_000)
BCG = (
    (4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (62, 13598, 248, 12867), (33, 5069, 47, 5808),
    (180, 1541, 372, 1451), (8, 2545, 10, 629), (505, 88391, 499, 88391), (29, 7499, 45, 7277),
    (17, 1716, 65, 1665), (186, 50634, 141, 27338), (5, 2498, 3, 2341), (27, 16913, 29, 17854),
)  # fmt: skip


def simulate(folder: Path) -> dict[str, np.ndarray]:
    """The data of every task, also written for R."""
    rng = np.random.default_rng(42)
    a, n1, c, n2 = np.array(BCG, dtype=float).T
    data = {"bcg": np.column_stack([np.log(a / n1) - np.log(c / n2), 1 / a - 1 / n1 + 1 / c - 1 / n2])}
    for k in (30, 100, 10_000):
        v = rng.uniform(0.01, 0.2, k)
        data[f"k{k}"] = np.column_stack([rng.normal(0.3, np.sqrt(0.05 + v)), v])
    data["resamples"] = rng.integers(1, 31, (1000, 30))
    for name, values in data.items():
        np.savetxt(
            folder / f"{name}.csv", values, delimiter=",", fmt="%d" if name == "resamples" else "%.17g"
        )
    return data


def tasks(data: dict[str, np.ndarray]) -> dict[str, Callable[[], object]]:
    bcg, s, h, big = (data[name].T for name in ("bcg", "k30", "k100", "k10000"))
    resamples = data["resamples"] - 1
    plain = {"interval": "wald", "q_profile": False}
    found: dict[str, Callable[[], object]] = {
        "reml_k13": lambda: [pool(*bcg, **plain) for _ in range(1000)],
        "reml_hksj_k13": lambda: [pool(*bcg, interval="hksj", q_profile=False) for _ in range(1000)],
        "leave_one_out_k100": lambda: leave_one_out(*h, **plain),
        "influence_k100": lambda: influence(*h, **plain),
        "cumulative_k100": lambda: cumulative(*h, None, **plain),
        "bootstrap_1000_k30": lambda: pool_many(s[0][resamples], s[1][resamples], interval="wald"),
        "gosh_10000_k30": lambda: gosh(*s, subsets=10_000, method="DL"),
    }
    for k in SIZES:
        for method in ("EE", "DL", "REML"):
            found[f"{method}_k{k}"] = lambda m=method, k=k: pool(big[0][:k], big[1][:k], method=m, **plain)
    return found


def peak_megabytes(call: Callable[[], object]) -> float:
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--largest-k", type=int, default=2000, help="largest k that metafor is timed at")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    if shutil.which("Rscript") is None:
        parser.error("Rscript is missing: apt-get install r-base-core r-cran-metafor r-cran-jsonlite")

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        work = tasks(simulate(folder))
        out = folder / "metafor.json"
        command = ["Rscript", str(HERE / "metafor.R"), str(folder), str(out), str(options.largest_k)]
        subprocess.run(command, check=True)
        theirs = json.loads(out.read_text(encoding="utf-8"))
    ours = {
        task: min(timeit.repeat(call, number=1, repeat=3 if "k13" in task else 9))
        for task, call in work.items()
    }
    memory = {task: peak_megabytes(work[task]) for task in work if task.startswith(("EE", "DL", "REML"))}

    info = theirs["info"]
    print(
        f"Python {platform.python_version()}, numpy {np.__version__}; {info['R']}, metafor {info['metafor']}"
    )
    print(f"{'task':24}{'metafor s':>12}{'ours s':>12}{'ratio':>9}{'goal':>7}")
    missed = []
    for task, seconds in ours.items():
        reference = theirs["seconds"].get(task)
        ratio = reference / seconds if reference else None
        goal = GOALS.get(task)
        if goal and ratio is not None and ratio < goal:
            missed.append(task)
        print(
            f"{task:24}{reference if reference is not None else '':>12}{seconds:12.5f}"
            f"{f'{ratio:.0f}x' if ratio else '':>9}{f'{goal}x' if goal else '':>7}"
            f"{f'   peak {memory[task]:.1f} MB' if task in memory else ''}"
        )
    for method in ("EE", "DL", "REML"):
        growth = ours[f"{method}_k10000"] / ours[f"{method}_k1000"]
        print(f"{method}: ten times the studies (1,000 to 10,000) take {growth:.1f} times as long")
    if options.json:
        figures = {"info": info, "metafor": theirs["seconds"], "ours": ours, "peak_mb": memory}
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    if missed:
        print("goals missed: " + ", ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
