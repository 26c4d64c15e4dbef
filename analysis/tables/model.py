"""A table as data: what stands in it, in one language, ready to be rendered anywhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Final, Literal

SIGNS: Final = "†‡§¶‖#"

Align = Literal["left", "right", "center", "decimal"]
Value = str | int | float | bool | None


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes
    ----------
    key : str
        Its name in the JSON and CSV downloads, the same in every language.
    head : str
        Its name on the page.
    align : str
        ``left``, ``right``, ``center`` or ``decimal`` (numbers line up on the decimal point).
    wide : bool
        Whether it holds running text and takes the room that is left.
    download_only : bool
        Whether it stands in the downloads and not on the page.
    """

    key: str
    head: str
    align: Align = "left"
    wide: bool = False
    download_only: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell.

    Attributes
    ----------
    text : str
        What is shown: plain text, escaped by the renderer.
    value : str, int, float, bool or None
        What the downloads hold where that is more than the text, such as an unrounded number.
    href : str
        Where the text links to; addresses other than http(s), fragments and relative ones are dropped.
    id : str
        Anchor of the cell, such as a ``value_id``.
    marks : tuple of str
        Notes to this cell; a sign refers to them, and they are printed beneath the table.
    lang : str
        Language of the text where it is not the page's (a quote).
    muted : bool
        Whether the text stands for something that is not there.
    parts : tuple of Cell
        Texts on lines of their own, each with its own link; `text` is then for whoever asks for plain text.
    """

    text: str
    value: Value = None
    href: str = ""
    id: str = ""
    marks: tuple[str, ...] = ()
    lang: str = ""
    muted: bool = False
    parts: tuple[Cell, ...] = ()

    @property
    def data(self) -> Value:
        """What the downloads hold."""
        return self.text if self.value is None else self.value


@dataclass(frozen=True)
class Line:
    """A row: one cell a column, or a heading across all columns."""

    cells: tuple[Cell, ...]
    heading: bool = False
    id: str = ""


def heading(text: str) -> Line:
    """A line of one text across all columns: what follows, or that nothing does."""
    return Line((Cell(text),), heading=True)


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    id : str
        Its name without ``tbl-``; also the name of its downloads.
    caption : str
        Plain text, without a number.
    notes : tuple of str
        Small print beneath, plain text.
    landscape : bool
        Whether the PDF turns the page for it.
    appendix : bool
        Whether the PDF keeps it for its data appendix.
    """

    id: str
    lang: str
    caption: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = field(default=())
    landscape: bool = False
    appendix: bool = False

    def __post_init__(self) -> None:
        """Refuse a table whose rows do not fit its columns."""
        for number, line in enumerate(self.lines, start=1):
            expected = 1 if line.heading else len(self.columns)
            if len(line.cells) != expected:
                raise ValueError(
                    f"table {self.id}, row {number}: {len(line.cells)} cells where {expected} are wanted"
                )

    def without_empty_columns(self) -> Table:
        """The table without columns that no row has anything in."""
        body = [line for line in self.lines if not line.heading]
        filled = [
            any(line.cells[place].text and not line.cells[place].muted for line in body)
            for place in range(len(self.columns))
        ]
        return replace(
            self,
            columns=tuple(compress(self.columns, filled)),
            lines=tuple(
                line if line.heading else replace(line, cells=tuple(compress(line.cells, filled)))
                for line in self.lines
            ),
        )

    @property
    def signs(self) -> dict[str, str]:
        """The sign of each note to a cell, in order of appearance."""
        marks = dict.fromkeys(mark for line in self.lines for cell in line.cells for mark in cell.marks)
        return {mark: SIGNS[i % len(SIGNS)] * (1 + i // len(SIGNS)) for i, mark in enumerate(marks)}

    @property
    def small_print(self) -> tuple[str, ...]:
        """Notes to cells, each with its sign, and then the notes to the table."""
        return (*(f"{sign} {mark}" for mark, sign in self.signs.items()), *self.notes)
