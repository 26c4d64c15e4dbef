"""A table's rows as plain records."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]


def records(frame: Any) -> list[Record]:
    """Rows of a data frame as dictionaries with None for missing."""
    columns = [[None if _missing(value) else value for value in frame[name].tolist()] for name in frame]
    return [dict(zip(frame, row, strict=True)) for row in zip(*columns, strict=True)]


def _missing(value: Any) -> bool:
    if value is None or isinstance(value, float):
        return value is None or math.isnan(value)
    return str(value) in ("<NA>", "NaT", "")
