"""Opening what people send: Excel workbooks and CSV files of any origin, cell by cell as they are.

Nothing is interpreted here; `tidying` does that. Cells merged downwards all carry the value, since a
spreadsheet shows one key for several rows that way.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.evidence.findings import Finding, finding

REFERENCE_SHEETS = ("_lists", "read me", "columns", "existing")
"""Sheets of the template that are there to be read; their names begin so, and are not imported."""


@dataclass(frozen=True)
class Formula:
    """A cell that holds a formula rather than a value."""

    text: str


@dataclass(frozen=True)
class Percent:
    """A number that the spreadsheet shows multiplied by a hundred, with a percent sign."""

    value: float


@dataclass(frozen=True)
class Sheet:
    """Cells of one sheet.

    Attributes
    ----------
    name : str
        Name of the sheet, or the CSV file's stem.
    file : str
        How findings name it: the file, with the sheet in brackets.
    rows : tuple of (row number, cells)
        Every row that is not blank.
    """

    name: str
    file: str
    in_workbook: bool
    rows: tuple[tuple[int, tuple[Any, ...]], ...]


@dataclass(frozen=True)
class Opened:
    """A file as it was opened: its sheets, what cannot be read, and the rows lost by that.

    ``skipped`` names the sheets that are there to be read by people and are not imported.
    """

    name: str
    sheets: tuple[Sheet, ...] = ()
    findings: tuple[Finding, ...] = ()
    lost: tuple[tuple[str, int], ...] = ()
    skipped: tuple[str, ...] = ()


def open_file(path: Path) -> Opened:
    """Open a workbook or a CSV file; what cannot be read is a finding, never an exception."""
    if not path.is_file():
        return _refused(path, "no such file / 文件不存在")
    content = path.read_bytes()
    if content[:2] == b"PK":
        return _workbook(path, content)
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        return _refused(path, "not a workbook / 不是 Excel 工作簿")
    return _csv(path, content)


def _refused(path: Path, reason: str) -> Opened:
    return Opened(path.name, findings=(finding("not_a_table_file", path.name, reason=reason),))


def _workbook(path: Path, content: bytes) -> Opened:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content))
        skipped = tuple(title for title in book.sheetnames if title.lower().startswith(REFERENCE_SHEETS))
        sheets = tuple(
            Sheet(sheet.title, f"{path.name} [{sheet.title}]", True, _sheet_rows(sheet))
            for sheet in book.worksheets
            if sheet.title not in skipped
        )
    # A damaged workbook makes its parser fail in whatever way it happens to.
    except Exception as error:
        return _refused(path, f"{type(error).__name__}: {error}")
    return Opened(path.name, sheets, skipped=skipped)


def _sheet_rows(sheet: Any) -> tuple[tuple[int, tuple[Any, ...]], ...]:
    # Downwards only: cells merged sideways are headings, not values of several columns.
    merged = {
        (row, area.min_col): sheet.cell(area.min_row, area.min_col).value
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
    }
    rows = []
    for cells in sheet.iter_rows():
        values = tuple(merged.get((cell.row, cell.column), _value(cell)) for cell in cells)
        if any(value is not None and str(value).strip() for value in values):
            rows.append((cells[0].row, values))
    return tuple(rows)


def _value(cell: Any) -> Any:
    if cell.data_type == "f":
        return Formula(str(cell.value))
    if cell.data_type == "n" and isinstance(cell.value, int | float) and "%" in (cell.number_format or ""):
        return Percent(float(cell.value))
    return cell.value


def _csv(path: Path, content: bytes) -> Opened:
    text = decode(content)
    if text is None:
        return _refused(path, "unknown encoding / 编码无法识别")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    rows: list[tuple[int, tuple[Any, ...]]] = []
    parser = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    good_lines = number = 0
    findings: tuple[Finding, ...] = ()
    lost: tuple[tuple[str, int], ...] = ()
    try:
        for number, cells in enumerate(parser, start=1):
            if any(map(str.strip, cells)):
                rows.append((number, tuple(cells)))
            good_lines = parser.line_num
    except csv.Error as error:
        rest = [line for line in list(io.StringIO(text, newline=""))[good_lines:] if line.strip()]
        lost = tuple((path.name, number + 1 + place) for place in range(len(rest)))
        findings = (finding("not_csv", path.name, number + 1, reason=str(error), lost=len(rest)),)
    return Opened(path.name, (Sheet(path.stem, path.name, False, tuple(rows)),), findings, lost)


def decode(content: bytes) -> str | None:
    """Text of a CSV file: UTF-8 with or without a mark, UTF-16 with one, else GB 18030 (holds GBK)."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: Sequence[str] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
