"""One cell: from its text to a typed value, or the reason why it has none."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from analysis.evidence.schema import Column, Text

# ASCII digits only: Python's int() would also take full-width digits and underscores.
_INTEGER = re.compile(r"-?[0-9]+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

# Beyond this a float no longer holds every whole number, and no clinical value lies there.
_LARGEST = 1e15

Cell = tuple[Any, str | None]
"""The typed value (None where there is none) and the code of what is wrong, if anything."""


def reader(column: Column) -> Callable[[str], Cell]:
    """A function that reads the cells of one column.

    Parameters
    ----------
    column : Column

    Returns
    -------
    callable
        Takes the cell's text, gives ``(value, None)`` or ``(None, code)`` with a code of `MESSAGES`.
        Each distinct text is read once.
    """
    convert = _CONVERT[column.type]
    allowed = frozenset(column.enum) if column.enum is not None else None
    listed = frozenset(column.labels or ()) if column.separator and column.labels else None
    known: dict[str, Cell] = {}

    def read(text: str) -> Cell:
        if text in known:
            return known[text]
        known[text] = cell = one(text.strip())
        return cell

    def one(text: str) -> Cell:
        if not text:
            return (None, "required") if column.required else (None, None)
        if "�" in text:
            return None, "not_utf8"
        value, wrong = convert(text)
        if wrong:
            return None, wrong
        if allowed is not None and text not in allowed:
            return None, "not_in_list"
        if listed is not None and not listed.issuperset(text.split(column.separator)):
            return None, "not_in_list"
        if column.pattern is not None and not column.pattern.fullmatch(text):
            return None, "bad_pattern"
        if column.minimum is not None and value < column.minimum:
            return None, "out_of_range"
        if column.maximum is not None and value > column.maximum:
            return None, "out_of_range"
        return value, None

    return read


def expectation(column: Column) -> Text:
    """What a cell of this column should hold, in both languages."""
    if column.enum is not None or (column.separator and column.labels):
        codes = ", ".join(column.enum or column.labels or ())
        several = column.enum is None
        return {
            "en": f"{'codes parted by ' + repr(column.separator) + ', of' if several else 'one of'}: {codes}",
            "zh": f"{'以“' + str(column.separator) + '”分隔的代码' if several else '以下之一'}：{codes}",
        }
    en, zh = _EXPECTED[column.type]
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        en, zh = f"{en} from {low:g} to {high:g}", f"{zh}，介于 {low:g} 与 {high:g} 之间"
    elif low is not None:
        en, zh = f"{en}, {low:g} or more", f"{zh}，不小于 {low:g}"
    elif high is not None:
        en, zh = f"{en}, {high:g} or less", f"{zh}，不大于 {high:g}"
    if column.pattern is not None:
        en, zh = f"{en} of the form {column.pattern.pattern}", f"{zh}，格式为 {column.pattern.pattern}"
    return {"en": en, "zh": zh}


def _integer(text: str) -> Cell:
    if not _INTEGER.fullmatch(text) or len(text) > 16:
        return None, "not_integer"
    return int(text), None


def _number(text: str) -> Cell:
    if not _NUMBER.fullmatch(text):
        return None, "not_number"
    value = float(text)
    return (value, None) if abs(value) <= _LARGEST else (None, "not_number")


def _date(text: str) -> Cell:
    if not _DATE.fullmatch(text):
        return None, "not_date"
    try:
        return date.fromisoformat(text), None
    except ValueError:
        return None, "not_date"


def _boolean(text: str) -> Cell:
    return {"true": (True, None), "false": (False, None)}.get(text, (None, "not_boolean"))


def _string(text: str) -> Cell:
    return text, None


_CONVERT: dict[str, Callable[[str], Cell]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "date": _date,
    "boolean": _boolean,
}

_EXPECTED = {
    "string": ("text", "文字"),
    "integer": ("a whole number", "整数"),
    "number": ("a number such as 1.5", "数字，如 1.5"),
    "date": ("a date such as 2024-05-31", "日期，如 2024-05-31"),
    "boolean": ("true or false", "true 或 false"),
}
