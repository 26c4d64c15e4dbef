"""Spreadsheet habits undone: what a cell meant, written as the tables write it.

Only what is certain is repaired; what may mean two things (``1,234``) is refused with the reason.
Texts keep their words: only blanks that cannot be seen are replaced.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from analysis.evidence.schema import Column
from analysis.evidence.spreadsheets import Formula, Percent

Tidied = tuple[str, str | None]
"""The cell's text as the tables write it, and the code of what cannot be repaired, if anything."""

_BLANKS = re.compile(r"[\s\u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff]+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-"))
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
_SERIAL = re.compile(r"\d{5}")
_LOOSE_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_DOI_ADDRESS = re.compile(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_SPREADSHEET_DAY_ZERO = date(1899, 12, 30)
_TRUE, _FALSE = {"true", "yes", "y", "是", "1"}, {"false", "no", "n", "否", "0"}


def tidy(value: Any, column: Column) -> Tidied:
    """One cell as the tables write it.

    Parameters
    ----------
    value : object
        What the spreadsheet holds: text, number, date, `Formula`, `Percent` or None.
    column : Column

    Returns
    -------
    tuple
        Text and None, or the text as it was and the code of the finding.
    """
    if value is None:
        return "", None
    if isinstance(value, Formula):
        return value.text, "formula"
    if isinstance(value, Percent):
        shown = value.value * 100 if _is_percentage(column) else value.value
        return _number_text(shown), None
    if isinstance(value, bool):
        return str(value).lower(), None
    if isinstance(value, datetime | date | time | timedelta):
        return _date(value, column)
    if isinstance(value, int | float):
        return _number(value, column)
    return _text(str(value), column)


def tidy_row(cells: dict[str, str]) -> dict[str, str]:
    """Put a p value that is not a number (“<0.001”, “NS”) where such p values stand."""
    if "p_value" not in cells or "p_text" not in cells:
        return cells
    printed = cells["p_value"]
    if not printed or re.fullmatch(r"[0-9.]+([eE]-?[0-9]+)?", printed):
        return cells
    if cells["p_text"] in ("", printed):
        return {**cells, "p_value": "", "p_text": printed}
    return cells


def _text(text: str, column: Column) -> Tidied:
    text = _BLANKS.sub(" ", text).strip()
    # The mark that our own CSV downloads put before such cells.
    if re.match(r"'[=+\-@]", text):
        text = text[1:]
    if column.name == "doi":
        return _DOI_ADDRESS.sub("", text), None
    if column.type == "string" and column.enum is None and column.labels is None:
        plain = unicodedata.normalize("NFKC", text)
        if (
            column.pattern is not None
            and not column.pattern.fullmatch(text)
            and column.pattern.fullmatch(plain)
        ):
            return plain, None
        return text, None
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    if column.separator and column.labels:
        parts = [part.strip() for part in re.split(r"[;,、]", plain) if part.strip()]
        return column.separator.join(_code(part, column) for part in parts), None
    if column.enum is not None:
        return _code(plain, column), None
    if column.type == "boolean":
        lowered = plain.lower()
        return ("true" if lowered in _TRUE else "false" if lowered in _FALSE else plain), None
    if column.type == "date":
        return _date_text(plain), None
    return _numeral(plain, column)


def _code(text: str, column: Column) -> str:
    """The code that a text names: itself, in another case, or its label in either language."""
    for code, label in (column.labels or {}).items():
        names = (code, *label.values())
        if text.casefold() in (unicodedata.normalize("NFKC", name).casefold() for name in names):
            return code
    return text


def _numeral(text: str, column: Column) -> Tidied:
    if text.endswith("%") and _is_percentage(column):
        text = text[:-1].strip()
    if _THOUSANDS.fullmatch(text):
        return text, "two_numbers"
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if column.type == "integer" and re.fullmatch(r"-?\d+\.0+", text):
        text = text.partition(".")[0]
    return text, None


def _number(value: float, column: Column) -> Tidied:
    if column.type == "date":
        return _serial(value)
    if column.type == "boolean" and value in (0, 1):
        return ("true" if value else "false"), None
    return _number_text(value), None


def _number_text(value: float) -> str:
    # Spreadsheets keep 15 digits; more would show 0.1 + 0.2 as 0.30000000000000004.
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.15g}"


def _serial(value: float) -> Tidied:
    """A date that the spreadsheet counted as days since the end of 1899."""
    if float(value).is_integer() and 0 < value < 2958466:
        return (_SPREADSHEET_DAY_ZERO + timedelta(days=int(value))).isoformat(), None
    return _number_text(value), None


def _date_text(text: str) -> str:
    if _SERIAL.fullmatch(text):
        return _serial(int(text))[0]
    loose = _LOOSE_DATE.fullmatch(text)
    if loose:
        year, month, day = loose.groups()
        return f"{year}-{int(month):02d}-{int(day):02d}"
    return text


def _date(value: Any, column: Column) -> Tidied:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        text = value.isoformat()
        if column.type == "date" or (column.pattern is not None and column.pattern.fullmatch(text)):
            return text, None
    return str(value), "date_for_text"


def _is_percentage(column: Column) -> bool:
    return column.type == "number" and ("percent" in column.name or column.name.startswith("pct_"))
