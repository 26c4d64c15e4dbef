"""Tables as files for others: CSV and Excel, in which no cell can act as a formula.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-`` or ``@``. In CSV such a text gets an
apostrophe before it, which a spreadsheet does not show; in Excel its type says that it is text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

# Full-width forms act like their ASCII twins in some spreadsheets; tab and return hide what follows.
_ACTIVE = tuple("=+-@＝＋－＠\t\r\n")
_NUMERAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
# Characters that XML, and so a workbook, cannot hold.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LONGEST_CELL = 32767


def safe_text(value: object) -> str:
    """A cell for a CSV file that a spreadsheet will show and not run.

    Parameters
    ----------
    value : object
        None gives an empty cell; numbers stay as they are.

    Examples
    --------
    >>> safe_text("=1+1"), safe_text("-0.5"), safe_text(None)
    ("'=1+1", '-0.5', '')
    """
    if value is None:
        return ""
    text = str(value)
    if text.startswith(_ACTIVE) and not _NUMERAL.fullmatch(text):
        return f"'{text}"
    return text


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file for download: UTF-8 with the mark that lets Excel read Chinese."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe_text(name) for name in header])
    writer.writerows([safe_text(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[object]]]]) -> bytes:
    """A workbook for download.

    Parameters
    ----------
    sheets : sequence of (name, header, rows)
        Sheet names are cut at Excel's 31 characters.
    """
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, header, rows in sheets:
        sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", name)[:31])
        for number, row in enumerate((header, *rows), start=1):
            for column, value in enumerate(row, start=1):
                put(sheet.cell(number, column), value)
        sheet.freeze_panes = "A2"
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def put(cell: Any, value: object) -> None:
    """Write a value into a workbook's cell; a text is text, whatever it begins with."""
    if value is None or value == "":
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        text = _UNPRINTABLE.sub("", value if isinstance(value, str) else str(value))[:_LONGEST_CELL]
        cell.value = text
        cell.data_type = "s"
        if text.startswith(_ACTIVE):
            cell.quotePrefix = True
    else:
        cell.value = value
