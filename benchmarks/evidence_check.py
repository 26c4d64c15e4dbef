"""How long the evidence check takes, against importing pandas and against the number of rows.

Run ``python benchmarks/evidence_check.py``. The tables are multiplied by giving each copy of a study
an id of its own; every number stays as it is.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from analysis.evidence import check
from analysis.evidence.schema import read_schema

DATA = Path(__file__).parents[1] / "data"
TIMES = (1, 3, 10, 30)
KEYS = {"review_id", "search_id", "question_id", "box", "report_id", "trial_id", "en"}


def multiplied(times: int, folder: Path) -> int:
    """Write a data package with so many copies of each row; gives the number of rows."""
    schema = read_schema(DATA / "datapackage.json")
    total = 0
    for name in ("datapackage.json", "review.yml", "references.bib"):
        (folder / name).write_bytes((DATA / name).read_bytes())
    for table in schema.tables.values():
        with (DATA / table.path).open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        # Tables without a study have a fixed set of rows; they stay single.
        copies = times if "study_id" in header and not KEYS & set(header) else 1
        with (folder / table.path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            for copy in range(copies):
                writer.writerows([_renamed(header, row, copy) for row in rows])
                total += len(rows)
    return total


def _renamed(header: list[str], row: list[str], copy: int) -> list[str]:
    if copy == 0:
        return row
    renamed = []
    for name, text in zip(header, row, strict=True):
        if text and (name in ("study_id", "cohort", "doi", "registration") or name.endswith("overlap_with")):
            text = (
                ""
                if name in ("doi", "registration")
                else ";".join(f"{part}c{copy}" for part in text.split(";"))
            )
        elif text and (name in ("value_id", "rob_id", "same_people_as", "overlaps_with")):
            parts = [part.rpartition("-") for part in text.split(";")]
            text = ";".join(
                f"{head or tail}c{copy}{mark}{tail if head else ''}" for head, mark, tail in parts
            )
        renamed.append(text)
    return renamed


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
