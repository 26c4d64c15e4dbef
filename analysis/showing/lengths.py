"""How much of something long stands in a page; all of it stands in the downloads, and the page says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from analysis.tables.model import Line, Table

MOST_ROWS: Final = 400
"""Rows of a table up to which a page holds all of them."""
FIRST_ROWS: Final = 100
"""Rows that a page holds of a longer one."""
MOST_SPOKEN: Final = 100
"""Rows of a figure up to which they stand beneath it, in words and as a table."""
MOST_SECTIONS: Final = 100
"""Studies up to which each has its section in one page; of more, each has a page of its own."""


def rows_of(table: Table) -> int:
    """Rows without the headings between them."""
    return sum(not line.heading for line in table.lines)


def shortened(table: Table) -> Table:
    """The table as a page holds it: whole, or its first rows.

    Examples
    --------
    >>> from analysis.tables.model import Cell, Column
    >>> line = Line((Cell("1"),))
    >>> len(shortened(Table("t", "en", "", (Column("a", "A"),), (line,) * 401)).lines)
    100
    """
    if rows_of(table) <= MOST_ROWS:
        return table
    kept: list[Line] = []
    left = FIRST_ROWS
    for line in table.lines:
        if not left:
            break
        kept.append(line)
        left -= not line.heading
    return replace(table, lines=tuple(kept))
