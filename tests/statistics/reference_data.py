"""The reference figures (see ../reference/README.md) and how they are compared."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
INTERVAL = {"z": "wald", "t": "t", "knha": "hksj", "adhoc": "hksj_adhoc"}

CLOSED_FORM = 1e-9
ITERATIVE = 1e-8
ITERATED = frozenset({"ML", "REML", "EB", "PM"})


@cache
def load(name: str) -> Any:
    """A JSON file of ``tests/reference``."""
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


@cache
def table(name: str) -> dict[str, list[str]]:
    """A CSV file of ``tests/reference`` by column."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]}


def numbers(name: str, *columns: str) -> list[np.ndarray]:
    """Columns of a CSV file as floats; an empty cell or NA is NaN."""
    data = table(name)
    return [
        np.array([float(x) if x not in ("", "NA") else np.nan for x in data[column]]) for column in columns
    ]


def core_files() -> list[str]:
    return sorted(path.stem for path in (REFERENCE / "core").glob("*.json"))


def blocks() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every block of effect sizes with its figures, named ``dataset/block``."""
    for name in core_files():
        for key, block in load(f"core/{name}").items():
            if "rma" in block:
                yield f"{name}/{key}", block


def array(values: Any) -> np.ndarray:
    """A list with None as floats with NaN."""
    return np.array([np.nan if x is None else x for x in np.atleast_1d(values)], dtype=float)


def differs(ours: Any, reference: Any, relative: float, absolute: float = 0.0) -> str:
    """Empty where all values agree; NaN in the reference is not compared."""
    mine, theirs = array(ours), array(reference)
    known = ~np.isnan(theirs)
    gap = np.abs(mine - theirs)
    with np.errstate(invalid="ignore"):
        bad = known & ~(gap <= relative * np.abs(theirs) + absolute)
    if mine.shape != theirs.shape:
        return f"shape {mine.shape} against {theirs.shape}"
    if not bad.any():
        return ""
    worst = int(np.argmax(np.where(bad, gap, -1)))
    return f"[{worst}] ours {mine[worst]!r}, reference {theirs[worst]!r}, gap {gap[worst]:.3g}"
