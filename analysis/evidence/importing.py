"""New and changed rows from a spreadsheet, placed in the tables; written all or not at all."""

from __future__ import annotations

import csv
import io
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.evidence.bibliography import bibtex_entry, entry_keys
from analysis.evidence.findings import EvidenceError, Finding, errors, finding
from analysis.evidence.package import BIBLIOGRAPHY_FILE, Book, open_book
from analysis.evidence.plan import Change, Plan
from analysis.evidence.reading import Reading, Row, parse_rows
from analysis.evidence.schema import Schema, Table
from analysis.evidence.spreadsheets import Formula, Opened, Percent, Sheet, open_file
from analysis.evidence.tidying import tidy, tidy_row

# What a new row may leave out because there is one honest value.
_DEFAULTS = {("risk_of_bias", "judgement"): "not_assessed"}


@dataclass
class _Table:
    """A table while rows are being placed: the cells' text in order, and where each row came from."""

    table: Table
    rows: list[dict[str, str]]
    places: list[tuple[str, int]]
    keys: dict[tuple[str, ...], int] = field(default_factory=dict)
    touched: dict[int, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, reading: Reading) -> _Table:
        rows = [dict(row.raw) for row in _all_rows(reading)]
        places = [(row.file, row.number) for row in _all_rows(reading)]
        table = cls(reading.table, rows, places)
        for index, row in enumerate(rows):
            table.keys.setdefault(table.key(row), index)
        return table

    def key(self, cells: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(cells.get(name, "").strip() for name in self.table.primary_key)

    def owner_column(self) -> str | None:
        """The column that says which study (or review) a row belongs to."""
        single = [key.columns[0] for key in self.table.foreign_keys if len(key.columns) == 1]
        return single[0] if single else None


def plan_import(path: Path, data_dir: Path, table: str | None = None) -> Plan:
    """What importing a file would add and change.

    Parameters
    ----------
    path : Path
        Excel workbook or CSV file.
    data_dir : Path
        Folder of the data package; nothing in it is touched.
    table : str, optional
        Table of a CSV file, where neither its name nor its columns say.

    Returns
    -------
    Plan

    Raises
    ------
    EvidenceError
        When the schema of the package cannot be read.
    """
    book, before = open_book(data_dir)
    if book is None:
        raise EvidenceError(before)
    opened = open_file(path)
    importer = _Import(book, opened)
    for sheet in opened.sheets:
        importer.take(sheet, table)
    return importer.plan(data_dir, before)


def write_import(plan: Plan, data_dir: Path) -> None:
    """Write the planned files; if one cannot be written, all stay as they were.

    Raises
    ------
    OSError
        When a file cannot be written; nothing has changed then.
    """
    before = {name: (data_dir / name).read_bytes() for name in plan.tables}
    prepared = {name: data_dir / f".{name}.new" for name in plan.tables}
    try:
        for name, text in plan.tables.items():
            prepared[name].write_text(text, encoding="utf-8", newline="")
        for name, path in prepared.items():
            os.replace(path, data_dir / name)
    except OSError:
        for name, content in before.items():
            (data_dir / name).write_bytes(content)
        raise
    finally:
        for path in prepared.values():
            path.unlink(missing_ok=True)


class _Import:
    """Places rows one after the other; `plan` says what came of it."""

    def __init__(self, book: Book, opened: Opened) -> None:
        self.book = book
        self.source = opened.name
        self.findings = list(opened.findings)
        self.tables = {name: _Table.of(reading) for name, reading in book.readings.items()}
        self.changes: list[Change] = []
        self.skipped = opened.skipped
        self.unplaced = list(opened.lost)
        self.unchanged, self.rows = 0, len(opened.lost)

    def take(self, sheet: Sheet, named: str | None) -> None:
        """Place the rows of one sheet."""
        if not sheet.rows:
            return
        table = self._table_of(sheet, named)
        if table is None:
            known = ", ".join(self.book.schema.tables)
            code = "unknown_sheet" if sheet.in_workbook else "no_table"
            self.findings.append(finding(code, sheet.file, rows=len(sheet.rows), tables=known))
            self._unplace(sheet.file, sheet.rows)
            return
        head = _header_row(sheet, table)
        number, cells = sheet.rows[head]
        header = [_name(cell) for cell in cells]
        titles = {title for column in table.columns for title in column.title.values()}
        for above in sheet.rows[:head]:
            if not _is_title_row(above[1], titles):
                self.findings.append(finding("above_header", sheet.file, above[0], value=_shown(above[1])))
                self._unplace(sheet.file, [above])
        problems = list(_header_problems(table, header, sheet.file, number))
        body = sheet.rows[head + 1 :]
        if problems:
            self.findings.extend(problems)
            self._unplace(sheet.file, body)
            return
        for number, cells in body:
            self._place(table, header, cells, sheet.file, number)

    def _table_of(self, sheet: Sheet, named: str | None) -> Table | None:
        tables = self.book.schema.tables
        name = named or sheet.name.strip().lower()
        if name in tables:
            return tables[name]
        if sheet.in_workbook:
            return None
        return _fitting(self.book.schema, [_name(cell) for cell in sheet.rows[0][1]])

    def _unplace(self, file: str, rows: Sequence[tuple[int, Any]]) -> None:
        self.rows += len(rows)
        self.unplaced.extend((file, number) for number, _ in rows)

    def _place(
        self, table: Table, header: Sequence[str], cells: Sequence[Any], file: str, number: int
    ) -> None:
        state = self.tables[table.name]
        typed: dict[str, str] = {}
        tidied: dict[str, str] = {}
        wrong: list[Finding] = []
        for place, value in enumerate(cells):
            name = header[place] if place < len(header) else ""
            if not name:
                if value not in (None, "") and str(value).strip():
                    count = len([part for part in header if part])
                    wrong.append(finding("cell_count", file, number, found=place + 1, wanted=count))
                continue
            typed[name] = _as_typed(value)
            tidied[name], code = tidy(value, table.column(name))
            if code:
                wrong.append(finding(code, file, number, name, typed[name]))
        tidied = tidy_row(tidied)
        if wrong:
            self.findings.extend(wrong)
            self._unplace(file, [(number, cells)])
            return
        key, code = self._key(state, tidied)
        if code:
            named = ", ".join(table.primary_key)
            self.findings.append(finding(code, file, number, named, named=named))
            self._unplace(file, [(number, cells)])
            return
        self.rows += 1
        self._merge(state, key, tidied, typed, file, number)

    def _key(self, state: _Table, cells: dict[str, str]) -> tuple[tuple[str, ...], str | None]:
        """The row's key; a blank numbered key is that of an equal row, else the study's next."""
        key = state.key(cells)
        if all(key):
            return key, None
        name = state.table.primary_key[0]
        letter, owner_column = state.table.column(name).numbered, state.owner_column()
        owner = cells.get(owner_column, "") if owner_column else ""
        if letter is None or not owner:
            return key, "key_missing"
        given = {column: value for column, value in cells.items() if value}
        own = [row for row in state.rows if row.get(owner_column or "") == owner]
        for row in own:
            if all(row.get(column) == value for column, value in given.items()):
                return state.key(row), None
        numbers = [re.fullmatch(rf"{re.escape(owner)}-{letter}(\d+)", row[name]) for row in own]
        last = max((int(match[1]) for match in numbers if match), default=0)
        cells[name] = f"{owner}-{letter}{last + 1:02d}"
        return state.key(cells), None

    def _merge(
        self,
        state: _Table,
        key: tuple[str, ...],
        cells: Mapping[str, str],
        typed: Mapping[str, str],
        file: str,
        number: int,
    ) -> None:
        shown = " / ".join(key)
        given = {name: value for name, value in cells.items() if value}
        index = state.keys.get(key)
        if index is None:
            for (table, name), value in _DEFAULTS.items():
                if table == state.table.name:
                    given.setdefault(name, value)
            row = {name: given.get(name, "") for name in state.table.names}
            state.keys[key] = len(state.rows)
            state.touched[len(state.rows)] = given
            state.rows.append(row)
            state.places.append((file, number))
            before: dict[str, str | None] = dict.fromkeys(given)
        else:
            earlier = state.touched.get(index, {})
            clash = next((name for name in given if name in earlier and earlier[name] != given[name]), None)
            if clash:
                other = state.places[index][1]
                self.findings.append(finding("row_twice", file, number, clash, given[clash], other=other))
                self.unplaced.append((file, number))
                return
            row = state.rows[index]
            before = {name: row.get(name, "") for name in given if row.get(name, "").strip() != given[name]}
            if not before:
                self.unchanged += 1
                return
            state.places[index] = (file, number)
            state.touched[index] = {**earlier, **given}
            row.update({name: given[name] for name in before})
        for name in state.table.names:
            if name in before:
                after = given[name]
                self.changes.append(
                    Change(
                        state.table.name,
                        shown,
                        name,
                        before[name],
                        after,
                        typed.get(name) or after,
                        file,
                        number,
                    )
                )

    def plan(self, data_dir: Path, before: list[Finding]) -> Plan:
        """Check the tables as they would be, and gather everything."""
        changed = {change.table for change in self.changes}
        readings = {name: _reading(self.tables[name]) for name in changed}
        contents = {
            self.tables[name].table.path: _csv_text(self.tables[name])
            for name in self.tables
            if name in changed
        }
        bibliography = self._bibliography()
        if bibliography != self.book.bibliography:
            contents[BIBLIOGRAPHY_FILE] = bibliography
        after = before
        if contents:
            _, after = open_book(data_dir, {**self.book.readings, **readings}, bibliography)
        # Rows that cannot be read now would be lost by writing their table anew: errors come first.
        standing = errors(before)
        known = set(map(_identity, before))
        new = [found for found in after if _identity(found) not in known]
        return Plan(
            source=self.source,
            changes=tuple(self.changes),
            unchanged=self.unchanged,
            rows=self.rows,
            unplaced=tuple(self.unplaced),
            findings=(*standing, *self.findings, *new),
            tables=contents,
            skipped=self.skipped,
        )

    def _bibliography(self) -> str:
        text = self.book.bibliography
        keys = entry_keys(text)
        added = {change.key for change in self.changes if change.table == "studies" and change.before is None}
        for row in self.tables["studies"].rows if added else ():
            if row["study_id"] in added - keys:
                text = f"{text.rstrip()}\n\n{bibtex_entry(row)}"
        return text


def _header_row(sheet: Sheet, table: Table) -> int:
    """Index of the row with the column names: the one of the first three that knows most of them."""
    known = [sum(_name(cell) in table.names for cell in cells) for _, cells in sheet.rows[:3]]
    return known.index(max(known))


def _header_problems(table: Table, header: Sequence[str], file: str, number: int) -> Iterator[Finding]:
    if not any(header):
        yield finding("column_missing", file, number, table.names[0], named=table.names[0])
    for name in sorted(set(header) - {""}):
        if name not in table.names:
            yield finding("column_unknown", file, number, name, name, columns=", ".join(table.names))
        elif header.count(name) > 1:
            yield finding("column_twice", file, number, name, name)


def _fitting(schema: Schema, header: Sequence[str]) -> Table | None:
    """The one table that knows all of these columns, its key among them."""
    names = {name for name in header if name}
    fits = [
        table
        for table in schema.tables.values()
        if names and names <= set(table.names) and names & set(table.primary_key)
    ]
    return fits[0] if len(fits) == 1 else None


def _is_title_row(cells: Sequence[Any], titles: set[str]) -> bool:
    parts = [part for cell in cells if cell for part in str(cell).split("\n")]
    return all(part.strip(" *") in titles for part in parts)


def _name(cell: Any) -> str:
    return str(cell or "").replace("\ufeff", "").replace("\xa0", " ").strip()


def _as_typed(value: Any) -> str:
    if isinstance(value, Formula):
        return value.text
    if isinstance(value, Percent):
        return f"{value.value:.15g}"
    return "" if value is None else str(value)


def _shown(cells: Sequence[Any]) -> str:
    return " | ".join(_as_typed(cell) for cell in cells if cell is not None)


def _all_rows(reading: Reading) -> list[Row]:
    return sorted((*reading.rows, *reading.refused), key=lambda row: row.number)


def _reading(state: _Table) -> Reading:
    """The table as it would be, each row's findings at the place it came from."""
    by_file: dict[str, list[tuple[int, list[str]]]] = defaultdict(list)
    for row, (file, number) in zip(state.rows, state.places, strict=True):
        by_file[file].append((number, [row.get(name, "") for name in state.table.names]))
    parts = [parse_rows(state.table, state.table.names, body, file) for file, body in by_file.items()]
    return Reading(
        state.table,
        tuple(row for part in parts for row in part.rows),
        tuple(row for part in parts for row in part.refused),
        tuple(found for part in parts for found in part.findings),
    )


def _csv_text(state: _Table) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(state.table.names)
    writer.writerows([row.get(name, "") for name in state.table.names] for row in state.rows)
    return text.getvalue()


def _identity(found: Finding) -> tuple[str, str, str | None, str]:
    """What makes two findings the same although rows moved."""
    return found.code, found.file, found.column, found.value
