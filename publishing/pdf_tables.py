"""The tables of the PDF: calls of ``#review-table`` become Typst's own tables with widths that are known.

``filters/typst.lua`` marks the calls, and the wide tables that may be turned. What a call may hold is
described in ``typst/README.md``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from publishing.errors import BookError
from publishing.pdf_literals import Value, quoted, read_call
from publishing.pdf_widths import Column, Needs, Type, fitted

# Points: the width of the text on an upright and on a turned A4 page; what a box takes; about half a page.
UPRIGHT, TURNED = 453.5, 700.1
BOXED = 24.0
_SHORT = 470.0
_CAPTION = 30.0

_CALL = re.compile("#(boxed-)?review-table\ue000\\(")
_WIDE = re.compile(r"^// wide-table\n(.*?)^// wide-table ends$", re.DOTALL | re.MULTILINE)

_ROWS = re.compile(r"#ruled-table\(/\* (\d+) rows \*/")

_NUMBER = re.compile(r"[<>≤≥≈~]?[−–+-]?\d[\d,]*")
_BRACKET = re.compile(r"[(（][^)）]*[)）]")
# What may be taller than a line, or wider than its words.
_UNSURE = re.compile(r"to-page|[$\n]|#(?!anchor\b|\(|strong\b|emph\b|muted\b|to\b|link\b)")
_UNITS = {"pt": 1.0, "mm": 72 / 25.4, "cm": 720 / 25.4, "in": 72.0}
_LENGTH = re.compile(r"([\d.]+)(pt|mm|cm|in)")
# A row with a longer cell may go on over the page's end: what is taller than a page would be cut off.
_MAY_BREAK = 300
# Of the type size: from one line of a cell to the next, and the height of the first.
_LINE, _FIRST = 1.233, 0.733
_INSET = 7.2


def set_tables(text: str, type: Type) -> str:
    """A part's Typst text with its tables set.

    Wide tables that are short stay in their place, since they are not worth the turn; the others stand on
    landscape pages at the part's end, where they tear no text apart.
    """
    turned = []

    def place(found: re.Match[str]) -> str:
        upright, tall = _with_tables(found[1], type, UPRIGHT)
        if 0 < tall < _SHORT:
            return f"#need-room\n{upright}"
        turned.append(_with_tables(found[1], type, TURNED)[0])
        return ""

    text = _with_tables(_WIDE.sub(place, text), type, UPRIGHT)[0].rstrip()
    pages = "\n#page(flipped: true)[\n" + "\n\n".join(turned) + "\n]" if turned else ""
    return f"{text}\n#place.flush(){pages}\n"


def count_rows(text: str) -> int:
    """How many rows the tables have that `set_tables` set in a text."""
    return sum(int(found) for found in _ROWS.findall(text))


def _with_tables(text: str, type: Type, room: float) -> tuple[str, float]:
    """The text with its tables set, and how tall these are in points with their captions.

    That is 0 where there is no table, and infinite where one is wider than the room.
    """
    out, last, tall = [], 0, 0.0
    for found in _CALL.finditer(text):
        if found.start() < last:
            continue
        call, end = read_call(text, found.end())
        table, height = _set(ReviewTable.read(call), type, room - (BOXED if found[1] else 0))
        out += [text[last : found.start()], table]
        last, tall = end, tall + height + _CAPTION
    return "".join([*out, text[last:]]), tall


@dataclass(frozen=True)
class Row:
    """A row: ``plain``, ``group`` (a heading across all columns) or ``total``."""

    kind: str
    cells: tuple[Value, ...]


@dataclass(frozen=True)
class ReviewTable:
    """A call of ``#review-table``, its cells put into rows."""

    specs: tuple[str | float, ...]
    aligns: tuple[str, ...]
    heads: tuple[tuple[Value, ...], ...]
    rows: tuple[Row, ...]
    size: float

    @classmethod
    def read(cls, call: Value) -> ReviewTable:
        named = call.named or {}
        columns = named.get("columns", Value("atom", "1"))
        if columns.kind == "atom" and columns.source.isdecimal():
            specs: tuple[str | float, ...] = ("1fr",) * int(columns.source)
        else:
            specs = tuple(_spec(item) for item in columns.items)
        align = named.get("align", Value("atom", "left"))
        aligns = (
            tuple(it.source for it in align.items) if align.kind == "array" else (align.source,) * len(specs)
        )
        if len(aligns) != len(specs):
            raise _refused("align and columns differ in length", "align 与 columns 的长度不同")
        header = named.get("header", Value("array", "()")).items
        heads = tuple(row.items for row in header) if header and header[0].kind == "array" else (header,)
        size = named.get("size", Value("atom", "8pt"))
        return cls(
            specs,
            aligns,
            tuple(row for row in heads if row),
            tuple(_rows(call.items, len(specs))),
            _length(size),
        )


def _spec(value: Value) -> str | float:
    if value.source == "auto" or re.fullmatch(r"[\d.]+fr", value.source):
        return value.source
    return _length(value)


def _length(value: Value) -> float:
    if not (found := _LENGTH.fullmatch(value.source)):
        raise _refused(
            f"{value.source} is no width: auto, 1fr, 20pt, 5mm, 2cm or 1in",
            f"{value.source} 不是宽度：应为 auto、1fr、20pt、5mm、2cm 或 1in",
        )
    return float(found[1]) * _UNITS[found[2]]


def _refused(en: str, zh: str) -> BookError:
    return BookError(f"#review-table: {en}.", f"#review-table：{zh}。")


def _span(cell: Value) -> int:
    return int(cell.items[0].source) if cell.kind == "call" and cell.name == "span" else 1


def _body(cell: Value) -> Value:
    return cell.items[1] if cell.kind == "call" and cell.name == "span" else cell


def _rows(items: Sequence[Value], count: int) -> Iterator[Row]:
    cells: list[Value] = []
    filled = 0
    for item in items:
        if item.kind == "call" and item.name in ("group", "total"):
            if cells:
                raise _refused("a group or total begins inside a row", "group 或 total 出现在一行中间")
            yield Row(item.name, item.items)
            continue
        cells.append(item)
        filled += _span(item)
        if filled > count:
            raise _refused("a row has more cells than the table has columns", "某行的单元格多于列数")
        if filled == count:
            yield Row("plain", tuple(cells))
            cells, filled = [], 0
    if cells:
        raise _refused("the last row has too few cells", "最后一行的单元格不足")


def _set(table: ReviewTable, type: Type, room: float) -> tuple[str, float]:
    """The table as Typst sets it, and about how tall it becomes in points: infinite when it is too wide."""
    count, size = len(table.specs), table.size
    side = 3.0 if count > 7 else 4.0
    numbers = [align == "decimal" for align in table.aligns]
    texts: list[list[str]] = [[] for _ in table.specs]
    for row in table.rows:
        if row.kind != "group" and len(row.cells) == count:
            for at, cell in enumerate(row.cells):
                texts[at].append(_bound(cell.text) if numbers[at] else _tied(cell.text))
    heads = [row for row in table.heads if len(row) == count]
    columns = [
        Column(spec, Needs.of(type, [_body(row[at]).text for row in heads], texts[at]), numbers[at])
        for at, spec in enumerate(table.specs)
    ]
    widths, hyphenated = fitted(columns, size, 2 * side, room)
    tracks = [
        _track(type, texts[at], (width - 2 * side) / size) if numbers[at] else None
        for at, width in enumerate(widths)
    ]
    aligns = ["center" if align == "decimal" else align for align in table.aligns]
    lines = [
        f"#ruled-table(/* {len(table.rows)} rows */",
        f"size: {size:g}pt, side: {side:g}pt, hyphenate: {str(hyphenated).lower()},",
        f"columns: ({''.join(f'{width:.2f}pt, ' for width in widths)}),",
        f"align: ({''.join(f'{align}, ' for align in aligns)}),",
    ]
    if table.heads:
        rows = (_head_row(row, at, aligns) for at, row in enumerate(table.heads))
        lines.append(f"table.header({', '.join(rows)}, head-rule),")
    for at, row in enumerate(table.rows):
        rule = "" if at == 0 else "total-rule, " if row.kind == "total" else "rule, "
        if row.kind == "group":
            last = at + 1 == len(table.rows) or table.rows[at + 1].kind == "group"
            lines.append(f"{rule}{_group(row, count, last)},")
            continue
        long = any(len(cell.text.encode()) > _MAY_BREAK for cell in row.cells)
        cells, column = [], 0
        for cell in row.cells:
            span = _span(cell)
            shown = (
                _cell(type, cell, numbers[column], tracks[column], size) if span == 1 else _body(cell).source
            )
            shown = f"strong({shown})" if row.kind == "total" else shown
            if span > 1 or long:
                shown = f"table.cell(colspan: {span}, breakable: {str(long).lower()}, {shown})"
            cells.append(shown)
            column += span
        lines.append(f"{rule}{', '.join(cells)},")
    heights = [
        _row_height(type, row, tracks, widths, side, size)
        for row in (*(Row("head", cells) for cells in table.heads), *table.rows)
    ]
    # What is known need not be measured.
    known = ", ".join(f"{height:.2f}pt" if certain else "auto" for height, certain in heights)
    lines.insert(2, f"rows: ({known},),")
    tall = sum(height for height, _ in heights) if sum(widths) <= room + 1 else math.inf
    return "\n".join([*lines, ")"]), tall


def _group(row: Row, count: int, last: bool) -> str:
    """A second-level header: it stays with its rows and returns after a page break.

    One without rows has nothing to stay with; a linked one may not return, since what returns is an
    artifact and PDF/UA allows no link in one.
    """
    cell = f"table.cell(colspan: {count}, align: left, strong({row.cells[0].source}))"
    repeat = str(row.cells[0].kind == "string").lower()
    return cell if last else f"table.header(level: 2, repeat: {repeat}, {cell})"


def _head_row(cells: Sequence[Value], y: int, aligns: Sequence[str]) -> str:
    """One header row, with a thin rule under each cell that spans columns."""
    out, column = [], 0
    for cell in cells:
        span = _span(cell)
        align = "center" if span > 1 else aligns[column]
        out.append(f"table.cell(colspan: {span}, align: {align} + bottom, strong({_body(cell).source}))")
        if span > 1:
            out.append(f"span-rule(y: {y + 1}, start: {column}, end: {column + span})")
        column += span
    return ", ".join(out)


def _row_height(
    type: Type, row: Row, tracks: Sequence[object], widths: Sequence[float], side: float, size: float
) -> tuple[float, bool]:
    """About how tall a row becomes in points, and whether that is certain since every cell is one line."""
    lines, certain, column = 1, True, 0
    for cell in row.cells:
        span = len(widths) if row.kind == "group" else _span(cell)
        inner = max(size, sum(widths[column : column + span]) - 2 * side)
        own = 0
        for line in _body(cell).text.split("\n"):
            whole = type.width(line, bold=row.kind != "plain") * size
            # Lines are not filled to the last point.
            own += 1 if whole <= inner else math.ceil(whole * 1.08 / inner)
            fits = whole * 1.01 + 0.5 <= inner or (
                span == 1 and tracks[column] is not None and _NUMBER.match(line) is not None
            )
            certain = certain and fits and not _UNSURE.search(_body(cell).source)
        lines = max(lines, own)
        column += span
    return _INSET + size * (_FIRST + _LINE * (lines - 1)), certain and lines == 1


def _bound(text: str) -> str:
    """A number and the interval in brackets after it: the line may break between them, not inside."""
    return _BRACKET.sub(lambda it: it[0].replace(" ", "\u00a0"), text)


def _tied(text: str) -> str:
    """ "n = 4" stays on one line."""
    return text.replace(" = ", "\u00a0=\u00a0")


def _halves(type: Type, text: str) -> tuple[float, float] | None:
    """Widths before and after the decimal point of a text that begins with a number."""
    whole = _NUMBER.match(text)
    return (type.width(whole[0]), type.width(text[whole.end() :])) if whole else None


def _track(type: Type, texts: Sequence[str], room: float) -> tuple[float, float] | None:
    """The widest halves of a column's numbers; none where these do not fit on one line, or are none."""
    found = [halves for text in texts if (halves := _halves(type, text))]
    if not found:
        return None
    before, after = (max(column) for column in zip(*found, strict=True))
    return (before, after) if before + after <= room + 0.02 else None


def _cell(type: Type, cell: Value, number: bool, track: tuple[float, float] | None, size: float) -> str:
    if not number:
        return quoted(_tied(cell.text)) if cell.kind == "string" else cell.source
    shown = quoted(_bound(cell.text)) if cell.kind == "string" else cell.source
    own = _halves(type, _bound(cell.text))
    if track is None or own is None:
        return shown
    before, after = (size * (widest - mine) for widest, mine in zip(track, own, strict=True))
    return "".join(
        (
            f"h({before:.2f}pt) + " if before >= 0.005 else "",
            shown,
            f" + h({after:.2f}pt)" if after >= 0.005 else "",
        )
    )
