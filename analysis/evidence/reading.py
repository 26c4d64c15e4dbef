"""Tables from CSV files: every cell typed by the schema, every row read or refused with a reason.

A row is refused when one of its cells is malformed; rows read and rows refused always add up to the
rows in the file. Blank lines are no rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.evidence.cells import expectation, reader
from analysis.evidence.findings import Finding, finding
from analysis.evidence.schema import Table

# A quote can be long; csv's own limit would stop at 128 KiB with an error about the whole file.
csv.field_size_limit(2**31 - 1)


class Row(dict[str, Any]):
    """One row: typed values by column (None where blank), and where it stands.

    Attributes
    ----------
    file : str
        File, or file and sheet, the row came from.
    number : int
        Row as a spreadsheet counts it, the header being 1.
    raw : dict of str
        The cells' text.
    """

    __slots__ = ("file", "number", "raw")

    def __init__(self, values: dict[str, Any], file: str, number: int, raw: dict[str, str]) -> None:
        super().__init__(values)
        self.file = file
        self.number = number
        self.raw = raw


@dataclass(frozen=True)
class Reading:
    """What came of reading one table.

    Attributes
    ----------
    rows : tuple of Row
        Rows that were read.
    refused : tuple of Row
        Rows that were not; their malformed cells are None.
    total : int
        Rows in the file; always ``len(rows) + len(refused)``.
    findings : tuple of Finding
        Why rows were refused, and doubts.
    """

    table: Table
    rows: tuple[Row, ...]
    refused: tuple[Row, ...]
    findings: tuple[Finding, ...]

    @property
    def total(self) -> int:
        return len(self.rows) + len(self.refused)


def read_table(table: Table, data_dir: Path) -> Reading:
    """Read one CSV file of the data package.

    Parameters
    ----------
    table : Table
    data_dir : Path
        Folder of the data package.

    Returns
    -------
    Reading
        Never raises for what the file holds; a missing file is a finding.
    """
    path = data_dir / table.path
    if not path.is_file():
        return Reading(table, (), (), (finding("file_missing", table.path),))
    return parse_table(table, path.read_bytes(), table.path)


def parse_table(table: Table, content: bytes, file: str) -> Reading:
    """Read a CSV file's bytes as `table`; see `read_table`."""
    # Bytes that are not UTF-8 become U+FFFD, which the cell reader refuses where it stands.
    text = content.decode("utf-8-sig", errors="replace")
    records, lost, findings = _records(text, file)
    unread = tuple(Row({}, file, len(records) + 1 + place, {}) for place in range(lost))
    if not records:
        nothing = finding("column_missing", file, 1, table.names[0], named=table.names[0])
        return Reading(table, (), unread, (*findings, nothing))
    header = [name.strip() for name in records[0][1]]
    body = records[1:]
    problems = list(_header_problems(table, header, file))
    if problems:
        refused = tuple(Row({}, file, number, {}) for number, cells in body if any(map(str.strip, cells)))
        return Reading(table, (), refused + unread, (*findings, *problems))
    typed = parse_rows(table, header, body, file)
    return Reading(table, typed.rows, typed.refused + unread, (*findings, *typed.findings))


def parse_rows(
    table: Table, header: Sequence[str], body: Iterable[tuple[int, Sequence[str]]], file: str
) -> Reading:
    """Type the cells of numbered records.

    Parameters
    ----------
    header : sequence of str
        Column names, all known to `table`, each once.
    body : iterable of (int, sequence of str)
        Row number and cells.
    """
    columns = [table.column(name) for name in header]
    readers = [reader(column) for column in columns]
    names = table.names
    read: list[Row] = []
    refused: list[Row] = []
    findings: list[Finding] = []
    for number, cells in body:
        if not any(map(str.strip, cells)):
            findings.append(finding("blank_row", file, number))
            continue
        values = dict.fromkeys(names)
        wrong = 0
        if len(cells) != len(columns):
            if len(cells) < len(columns) or any(map(str.strip, cells[len(columns) :])):
                wrong += 1
                findings.append(finding("cell_count", file, number, found=len(cells), wanted=len(columns)))
            cells = (*cells, *[""] * len(columns))[: len(columns)]
        for column, read_cell, text in zip(columns, readers, cells, strict=True):
            value, code = read_cell(text)
            if code is None:
                values[column.name] = value
            else:
                wrong += 1
                expected = None if code == "not_utf8" else expectation(column)
                findings.append(finding(code, file, number, column.name, text, expected))
            if "\n" in text or "\r" in text:
                findings.append(finding("line_break", file, number, column.name, text))
        row = Row(values, file, number, dict(zip(header, cells, strict=True)))
        (refused if wrong else read).append(row)
    return Reading(table, tuple(read), tuple(refused), tuple(findings))


def _records(text: str, file: str) -> tuple[list[tuple[int, list[str]]], int, list[Finding]]:
    """Numbered records of a CSV text, and how many lines were lost to a quote that is never closed.

    ``strict`` is what notices such a quote, which would otherwise swallow the rows after it.
    """
    records: list[tuple[int, list[str]]] = []
    parser = csv.reader(io.StringIO(text, newline=""), strict=True)
    good_lines = 0
    try:
        for number, cells in enumerate(parser, start=1):
            records.append((number, cells))
            good_lines = parser.line_num
    except csv.Error as error:
        rest = list(io.StringIO(text, newline=""))[good_lines:]
        lost = sum(1 for line in rest if line.strip())
        return records, lost, [finding("not_csv", file, len(records) + 1, reason=str(error), lost=lost)]
    while records and not any(map(str.strip, records[-1][1])):
        records.pop()
    return records, 0, []


def _header_problems(table: Table, header: Sequence[str], file: str) -> Iterator[Finding]:
    known = set(table.names)
    for name in sorted(set(header)):
        if name not in known:
            yield finding("column_unknown", file, 1, name, name, columns=", ".join(table.names))
        elif header.count(name) > 1:
            yield finding("column_twice", file, 1, name, name)
    for name in table.names:
        if name not in header:
            yield finding("column_missing", file, 1, name, named=name)
