"""How many values a second person has checked, table by table."""

from __future__ import annotations

from analysis.synthesis.counts import VALUE_TABLES
from analysis.tables.model import Cell, Line, Table
from analysis.tables.sources import Sources
from analysis.wording import numbers

CONFIDENCE = ("primary", "secondary", "unverified")


def table(sources: Sources) -> Table:
    """A row for each table of values, and one for all of them."""
    counted = {name: _counts(sources, name) for name in VALUE_TABLES}
    total = tuple(sum(column) for column in zip(*counted.values(), strict=True))
    lines = [_line(sources.text(f"study.{name}"), counts) for name, counts in counted.items()]
    return Table(
        id="double-check",
        lang=sources.lang,
        caption=sources.text(
            "table.double_check.caption", checked=numbers.integer(total[-1]), total=numbers.integer(total[0])
        ),
        columns=(
            sources.column("values"),
            sources.column("total", align="right"),
            *(sources.column(name, align="right") for name in CONFIDENCE),
            sources.column("checked_by_second", align="right"),
        ),
        lines=(*lines, _line(sources.text("table.double_check.all"), total)),
    )


def _counts(sources: Sources, name: str) -> tuple[int, ...]:
    rows = sources.rows(name)
    by_confidence = [
        sum((row.get("confidence") or "unverified") == code for row in rows) for code in CONFIDENCE
    ]
    return (len(rows), *by_confidence, sum(row.get("checked_by") is not None for row in rows))


def _line(label: str, counts: tuple[int, ...]) -> Line:
    return Line((Cell(label), *(Cell(numbers.integer(count), value=count) for count in counts)))
