"""One figure of ours beside the reference's, and the fixtures that both start from."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.arrays import Record

Text = Mapping[str, str]
Array = NDArray[np.float64]

SECTIONS: Mapping[str, Text] = {
    "pooling": {"en": "Pooling by inverse variance", "zh": "逆方差合并"},
    "mixed": {"en": "Mixed models of counts", "zh": "计数数据的混合模型"},
    "regression": {"en": "Meta-regression", "zh": "Meta 回归"},
    "multilevel": {"en": "Three-level models and robust variance", "zh": "三水平模型与稳健方差"},
    "small_study": {"en": "Small-study effects", "zh": "小样本研究效应"},
    "reference_wrong": {"en": "Where the reference is wrong", "zh": "参考结果有误之处"},
}

TESTS = {"z": "wald", "t": "t", "knha": "hksj", "adhoc": "hksj_adhoc"}
CLOSED, ITERATED = 1e-9, 1e-8


@dataclass(frozen=True)
class Agreement(Record):
    """One figure of ours beside the reference's, or the worst of many.

    Attributes
    ----------
    section : str
        Key of `SECTIONS`.
    dataset : str
        Name in R's metadat, with the outcome or the measure where there are several.
    quantity : mapping
        What is compared, ``{"en": …, "zh": …}``.
    reference, ours, difference : float
        ``difference`` is ours − reference.
    promised : float
        Relative difference up to which the reference can be trusted.
    agrees : bool
        Whether the difference is within it (or within 1e-9 of a value near 0).
    figures : int
        How many figures were compared; of several, the worst one is shown.
    note : mapping or None
    """

    section: str
    dataset: str
    quantity: Text
    reference: float
    ours: float
    difference: float
    promised: float
    agrees: bool
    figures: int = 1
    note: Text | None = None


@dataclass(frozen=True)
class Fixtures:
    """The folder ``tests/reference``: data sets, and what metafor made of them."""

    folder: Path

    def load(self, name: str) -> Any:
        """A file of expected figures."""
        return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))

    def columns(self, dataset: str, *names: str) -> list[Array]:
        """Columns of a data set as numbers, NaN where a cell is empty."""
        rows = self.rows(dataset)
        return [np.array([float(row[name] or "nan") for row in rows]) for name in names]

    def rows(self, dataset: str) -> list[dict[str, str]]:
        """A data set as it was printed."""
        with (self.folder / "data" / f"{dataset}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def block(self, dataset: str, block: str) -> tuple[Array, Array]:
        """Effects and variances, rows without one left out."""
        core = self.load(f"core/{dataset}")[block]
        y, v = (
            np.array([np.nan if x is None else x for x in core[key]], dtype=float) for key in ("yi", "vi")
        )
        known = np.isfinite(y) & np.isfinite(v)
        return y[known], v[known]


def close(ours: float, reference: float, promised: float) -> bool:
    return abs(ours - reference) <= promised * abs(reference) + 1e-9


def one(
    section: str,
    dataset: str,
    quantity: Text,
    ours: float,
    reference: float,
    promised: float,
    note: Text | None = None,
) -> Agreement:
    """A single figure of ours and the reference's."""
    ours, reference = float(ours), float(reference)
    agrees = close(ours, reference, promised)
    return Agreement(section, dataset, quantity, reference, ours, ours - reference, promised, agrees, 1, note)


def worst(
    section: str,
    dataset: str,
    quantity: Text,
    pairs: Iterable[tuple[float, float]],
    promised: float,
    note: Text | None = None,
) -> Agreement:
    """The pair (ours, reference) that differs most, relative to the reference."""
    known = [(float(a), float(b)) for a, b in pairs]
    ours, reference = max(known, key=lambda pair: abs(pair[0] - pair[1]) / (abs(pair[1]) + 1e-9 / promised))
    single = one(section, dataset, quantity, ours, reference, promised, note)
    return Agreement(**{**single.__dict__, "figures": len(known)})
