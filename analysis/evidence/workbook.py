"""Tables as Excel workbooks for others, in which no cell can act as a formula.

A spreadsheet runs a text that begins with ``=``, ``+``, ``-`` or ``@`` unless the cell's type says that
it is text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

# Full-width forms act like their ASCII twins in some spreadsheets; tab and return hide what follows.
_ACTIVE = tuple("=+-@＝＋－＠\t\r\n")
# Characters that XML, and so a workbook, cannot hold.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LONGEST_CELL = 32767


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
