"""A table's rows as plain records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.evidence.reading import Reading

Record = Mapping[str, Any]


def records(reading: Reading) -> tuple[Record, ...]:
    """Rows that were read, by column: whole numbers as floats too, None for missing."""
    numbers = [column.name for column in reading.table.columns if column.type in ("integer", "number")]
    return tuple({**row, **{name: _float(row[name]) for name in numbers}} for row in reading.rows)


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)
