"""The codebook: what each data table holds, straight from the schema."""

from __future__ import annotations

from difflib import get_close_matches

from analysis.evidence.codebook import ColumnEntry, TableEntry
from analysis.evidence.codebook import codebook as entries
from analysis.tables.model import Cell, Column, Line, Table
from analysis.tables.sources import Sources
from analysis.wording import numbers


def table(sources: Sources, of: str = "") -> Table:
    """A row for each data table, or for each column of the one named `of`.

    Raises
    ------
    KeyError
        With what there is, when there is no data table of that name.
    """
    known = {entry.name: entry for entry in entries(sources.evidence.parsed_schema, sources.lang)}
    if not of:
        return _overview(sources, tuple(known.values()))
    if of not in known:
        near = get_close_matches(of, known, n=2) or list(known)
        raise KeyError(f"there is no data table {of!r}; there is {', '.join(near)}")
    return columns(sources, known[of])


def columns(sources: Sources, entry: TableEntry) -> Table:
    """A row for each column of a data table, with its codes."""
    return Table(
        id=f"codebook-{entry.name.replace('_', '-')}",
        lang=sources.lang,
        caption=sources.text("table.codebook.caption_of", table=entry.title, file=entry.file),
        columns=(
            sources.column("data_column"),
            sources.column("meaning", wide=True),
            sources.column("holds"),
            sources.column("codes", wide=True),
        ),
        lines=tuple(_line(sources, column) for column in entry.columns),
    ).without_empty_columns()


def _overview(sources: Sources, found: tuple[TableEntry, ...]) -> Table:
    return Table(
        id="codebook",
        lang=sources.lang,
        caption=sources.text("table.codebook.caption"),
        columns=(
            sources.column("file"),
            sources.column("meaning", wide=True),
            sources.column("rows", align="right"),
            sources.column("columns", align="right"),
            Column("name", "name", download_only=True),
        ),
        lines=tuple(
            Line(
                (
                    Cell(entry.file, href=f"#codebook-{entry.name}"),
                    Cell(_sentence(sources, entry.title, entry.description)),
                    *_counts(len(sources.rows(entry.name)), len(entry.columns)),
                    Cell(entry.name),
                )
            )
            for entry in found
        ),
    )


def _counts(*values: int) -> tuple[Cell, ...]:
    return tuple(Cell(numbers.integer(value), value=value) for value in values)


def _line(sources: Sources, column: ColumnEntry) -> Line:
    codes = [sources.text("table.codebook.code", code=code, label=label) for code, label in column.codes]
    return Line(
        (
            Cell(column.name),
            Cell(_sentence(sources, column.title, column.description)),
            Cell(numbers.clauses((column.holds, *column.rules), sources.lang)),
            Cell(numbers.clauses(codes, sources.lang)),
        )
    )


def _sentence(sources: Sources, title: str, description: str) -> str:
    return sources.text("table.codebook.meaning", title=title, description=description)
