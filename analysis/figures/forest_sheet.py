"""The sheet that every forest plot is drawn on: lines of text around one axis.

A line has cells to the left of the axis, perhaps an effect on it, and numbers to the right. What the
lines say is decided elsewhere (:mod:`analysis.figures.forest` and its variants).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from analysis.figures import fonts
from analysis.figures.axis import Axis, Interval, landmarks
from analysis.figures.canvas import Canvas

BODY: Final = 9.0
SMALL: Final = 7.8
LINE: Final = 11.5
PAD: Final = 4.5
GAP: Final = 12.0
LABEL_ROOM: Final = 150.0
LEFT_LEAST: Final = 165.0
PLOT: Final = 190.0
MARGIN: Final = 6.0
SQUARE: Final = 9.0
INDENT: Final = 8.0


@dataclass(frozen=True)
class Cell:
    """Text around a pivot: `before` ends at it and `after` starts there, so that columns align."""

    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Column:
    """A column beside the axis; neighbours with the same `over` share that head above their own."""

    key: str
    head: str
    over: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the sheet.

    Attributes
    ----------
    kind : str
        ``study``, ``grey`` (shown, not pooled), ``pooled``, ``prediction``, ``heading``, ``note`` or
        ``gap``.
    effect : (estimate, low, high) or None
        Drawn on the axis; natural units.
    size : float
        Area of the square as a share of the largest.
    cells : mapping
        Column key to cell, for columns left and right of the axis.
    remark : str
        Stands where the effect would, or below the label of a line that has an effect.
    """

    kind: str
    label: str = ""
    effect: Interval | None = None
    size: float = 0.5
    cells: Mapping[str, Cell] = field(default_factory=dict)
    remark: str = ""
    link: str | None = None
    indent: bool = False


@dataclass(frozen=True)
class Sheet:
    """A whole forest plot.

    `lines` stand beside the axis and `after` beneath it; `null` and `pooled` get a vertical line, and
    a band reaches `mid` to both sides of `null`. Labels wider than `label_room` points are wrapped.
    """

    label_head: str
    left: Sequence[Column]
    right: Sequence[Column]
    lines: Sequence[Line]
    axis: Axis | None
    axis_title: str
    null: float | None = None
    pooled: float | None = None
    mid: float | None = None
    favours: tuple[str, str] = ("", "")
    after: Sequence[Line] = ()
    label_room: float = LABEL_ROOM
    foot: Sequence[str] = ()


@dataclass(frozen=True)
class _Placed:
    """A column with its place on the sheet."""

    column: Column
    left: float
    right: float
    pivot: float
    head: Sequence[str]
    textual: bool


@dataclass(frozen=True)
class _Plan:
    """Where everything stands from left to right."""

    label_room: float
    left: Sequence[_Placed]
    right: Sequence[_Placed]
    block: float
    plot: tuple[float, float]
    width: float

    def on_plot(self, axis: Axis, value: float) -> float:
        low, high = self.plot
        return low + min(max(axis.position(value), 0.0), 1.0) * (high - low)


def draw(sheet: Sheet) -> Canvas:
    """Lay the sheet out and draw it."""
    plan = _plan(sheet)
    canvas = Canvas(plan.width)
    top = _heads(canvas, sheet, plan, MARGIN)
    y = marks_end = top + 2
    for line in sheet.lines:
        y = _line(canvas, sheet.axis, plan, line, y)
        if line.effect is not None:
            marks_end = y
    if sheet.axis is not None:
        bottom = y + 2
        _verticals(canvas, sheet, sheet.axis, plan, top, bottom, marks_end)
        y = _axis(canvas, sheet, sheet.axis, plan, bottom)
    for line in sheet.after:
        y = _line(canvas, None, plan, line, y)
    if sheet.after:
        canvas.line(MARGIN, y + 2, plan.width - MARGIN, y + 2, stroke=0.8)
        y += 4
    canvas.height = math.ceil(_foot(canvas, sheet, plan, y) + MARGIN)
    return canvas


def _plan(sheet: Sheet) -> _Plan:
    first = sheet.left[0].key if sheet.left else ""
    beside = [line for line in (*sheet.lines, *sheet.after) if first in line.cells or not first]
    room = max((_label_width(line) for line in beside), default=0.0)
    room = max(min(room, sheet.label_room), fonts.width(sheet.label_head, BODY, "bold"), 60.0)
    widths = [_column_width(sheet, column) for column in sheet.left]
    room = max(room, LEFT_LEAST - sum(widths) - GAP * len(widths))
    left, block = _place(sheet, sheet.left, MARGIN + room + GAP)
    plot = (block + 4, block + 4 + PLOT)
    right, edge = _place(sheet, sheet.right, plot[1] + GAP + 2)
    edge -= GAP
    return _Plan(room, left, right, block, plot, math.ceil(edge + MARGIN))


def _label_width(line: Line) -> float:
    weight = "bold" if line.kind == "pooled" else "normal"
    return fonts.width(line.label, BODY, weight) + (INDENT if line.indent else 0.0)


def _cells(sheet: Sheet, column: Column) -> list[tuple[Cell, str]]:
    return [
        (line.cells[column.key], "bold" if line.kind == "pooled" else "normal")
        for line in (*sheet.lines, *sheet.after)
        if column.key in line.cells
    ]


def _column_width(sheet: Sheet, column: Column) -> float:
    before, after = _halves(sheet, column)
    head = max((fonts.width(part, SMALL, "bold") for part in _head(column)), default=0.0)
    return max(before + after, head)


def _halves(sheet: Sheet, column: Column) -> tuple[float, float]:
    cells = _cells(sheet, column)
    before = max((fonts.width(cell.before, BODY, weight) for cell, weight in cells), default=0.0)
    after = max((fonts.width(cell.after, BODY, weight) for cell, weight in cells), default=0.0)
    return before, after


def _head(column: Column) -> list[str]:
    return fonts.wrap(column.head, 62.0, SMALL, "bold") if column.head else []


def _place(sheet: Sheet, columns: Sequence[Column], start: float) -> tuple[list[_Placed], float]:
    """Columns side by side, with room for heads over several; and where the next one would start."""
    placed: list[_Placed] = []
    x = start
    for index, column in enumerate(columns):
        width = _column_width(sheet, column)
        group = [other for other in columns if other.over and other.over == column.over]
        if group and group[0] is column:
            inner = sum(_column_width(sheet, other) for other in group) + _inner_gap(column) * (
                len(group) - 1
            )
            over = max(fonts.width(part, SMALL, "bold") for part in column.over.split("\n"))
            x += max(0.0, over - inner) / 2
        before, after = _halves(sheet, column)
        textual = before == 0.0
        slack = width - before - after
        pivot = x if textual else x + slack / 2 + before
        placed.append(_Placed(column, x, x + width, pivot, _head(column), textual))
        following = columns[index + 1] if index + 1 < len(columns) else None
        together = following is not None and column.over and following.over == column.over
        x += width + (_inner_gap(column) if together else GAP)
        if group and group[-1] is column:
            x += max(0.0, over - inner) / 2
    return placed, x


def _inner_gap(column: Column) -> float:
    """Columns without a head of their own are parts of one number, and stand close."""
    return GAP if column.head else 4.0


def _heads(canvas: Canvas, sheet: Sheet, plan: _Plan, top: float) -> float:
    """The heads, standing on their rule; returns where the rule is."""
    columns = [*plan.left, *plan.right]
    spans = [placed for placed in columns if placed.column.over]
    own = max([len(placed.head) for placed in columns], default=0)
    under = max((len(placed.head) for placed in spans), default=0)
    over = max((placed.column.over.count("\n") + 1 for placed in spans), default=0)
    rows = max(own, under + over, 1)
    line = SMALL + 2.5
    bottom = top + rows * line + 4.0
    base = bottom - 5.0
    canvas.text(MARGIN, base, sheet.label_head, size=SMALL, weight="bold")
    for placed in columns:
        middle = (placed.left + placed.right) / 2
        for index, part in enumerate(reversed(placed.head)):
            x, anchor = (placed.left, "left") if placed.textual else (middle, "center")
            canvas.text(x, base - index * line, part, size=SMALL, weight="bold", anchor=anchor)
    for words in dict.fromkeys(placed.column.over for placed in spans):
        group = [placed for placed in spans if placed.column.over == words]
        middle = (group[0].left + group[-1].right) / 2
        y = base - max(len(placed.head) for placed in group) * line
        if y < base:
            half = max(group[-1].right - group[0].left, fonts.width(words, SMALL, "bold")) / 2
            canvas.line(middle - half, y + 3.2, middle + half, y + 3.2, colour="muted", stroke=0.5)
            y -= 1.5
        for index, part in enumerate(reversed(words.split("\n"))):
            canvas.text(middle, y - index * line, part, size=SMALL, weight="bold", anchor="center")
    canvas.line(MARGIN, bottom, plan.width - MARGIN, bottom, stroke=0.8)
    return bottom


def _line(canvas: Canvas, axis: Axis | None, plan: _Plan, line: Line, top: float) -> float:
    """Draw one line below `top`; returns where the next one starts."""
    if line.kind == "gap":
        return top + 5.0
    weight = "bold" if line.kind in ("pooled", "heading") else "normal"
    size = SMALL if line.kind == "note" else BODY
    colour = {"grey": "muted", "note": "muted"}.get(line.kind, "link" if line.link else "ink")
    indent = INDENT if line.indent else 0.0
    block = plan.block - MARGIN
    starts = [
        placed.pivot - fonts.width(line.cells[placed.column.key].before, size, weight)
        for placed in plan.left
        if placed.column.key in line.cells
    ]
    room = min(starts, default=plan.block) - MARGIN - (GAP if starts else 0.0)
    if line.kind in ("study", "grey"):
        room = min(room, plan.label_room)
    labels = fonts.wrap(unbroken(line.label), room - indent, size, weight)
    step, small = size + 2.5, SMALL + 2.5
    first = top + PAD / 2 + size * 0.86
    for index, part in enumerate(labels):
        y = first + index * step
        canvas.text(MARGIN + indent, y, part, size=size, weight=weight, colour=colour, link=line.link)
    for placed in (*plan.left, *plan.right):
        cell = line.cells.get(placed.column.key, Cell())
        ink = "muted" if line.kind == "grey" else "ink"
        canvas.text(placed.pivot, first, cell.before, size=size, anchor="right", weight=weight, colour=ink)
        canvas.text(placed.pivot, first, cell.after, size=size, weight=weight, colour=ink)
    height = len(labels) * step
    if line.remark and line.effect is None:
        parts = fonts.wrap(unbroken(line.remark), plan.width - MARGIN - plan.plot[0], SMALL)
        room = max(fonts.width(part, SMALL) for part in parts)
        depth = first + (len(parts) - 1) * small
        canvas.box(plan.plot[0] - 2, top, plan.plot[0] + room + 2, depth + 4, fill="paper", level=2)
        _paragraph(canvas, plan.plot[0], first, parts)
        height = max(height, len(parts) * small)
    elif line.remark:
        parts = fonts.wrap(unbroken(line.remark), block - indent, SMALL)
        _paragraph(canvas, MARGIN + indent, first + height - step + small, parts)
        height += len(parts) * small
    if line.effect is not None and axis is not None:
        _effect(canvas, axis, plan, line, first - size * 0.32)
    return top + height + PAD


def _paragraph(canvas: Canvas, x: float, y: float, parts: Sequence[str]) -> None:
    for index, part in enumerate(parts):
        canvas.text(x, y + index * (SMALL + 2.5), part, size=SMALL, colour="muted")


def _effect(canvas: Canvas, axis: Axis, plan: _Plan, line: Line, y: float) -> None:
    assert line.effect is not None
    estimate, low, high = line.effect
    left, right = plan.on_plot(axis, low), plan.on_plot(axis, high)
    x = plan.on_plot(axis, estimate)
    inside = -1e-9 <= axis.position(estimate) <= 1 + 1e-9
    colour = {"grey": "muted", "pooled": "pooled", "prediction": "prediction"}.get(line.kind, "ink")
    if line.kind == "pooled":
        half = 4.6
        canvas.shape(
            [(left, y), (x, y - half), (right, y), (x, y + half)],
            fill="pooled",
            edge="pooled",
            stroke=0.6,
            level=3,
        )
    elif line.kind == "prediction":
        canvas.box(left, y - 1.9, right, y + 1.9, fill="prediction", edge="pooled", stroke=0.5, level=3)
    else:
        if inside:
            half = SQUARE / 2 * math.sqrt(min(max(line.size, 0.12), 1.0))
            fill, edge = ("paper", "muted") if line.kind == "grey" else ("square", None)
            canvas.box(x - half, y - half, x + half, y + half, fill=fill, edge=edge, stroke=0.7, level=2)
        canvas.line(left, y, right, y, colour=colour, stroke=0.9, level=3 if line.kind == "study" else 1)
        if inside and line.kind == "study":
            canvas.line(x, y - 2.0, x, y + 2.0, colour="ink", stroke=0.9, level=3)
    for beyond, end, away in (
        (axis.position(low) < -1e-9, left, -1),
        (axis.position(high) > 1 + 1e-9, right, 1),
    ):
        if beyond:
            head = [(end + away * 4.5, y), (end - away * 1.5, y - 3.0), (end - away * 1.5, y + 3.0)]
            canvas.shape(head, fill="pooled" if line.kind in ("pooled", "prediction") else colour, level=4)


def _verticals(
    canvas: Canvas, sheet: Sheet, axis: Axis, plan: _Plan, top: float, bottom: float, marks_end: float
) -> None:
    if sheet.mid is not None and sheet.null is not None:
        ends = sorted(plan.on_plot(axis, value) for value in landmarks(sheet.null, sheet.mid, axis.log)[1:])
        canvas.box(ends[0], top, ends[1], bottom, fill="band", level=0)
    if sheet.null is not None:
        x = plan.on_plot(axis, sheet.null)
        canvas.line(x, top, x, bottom, colour="muted", stroke=0.8, level=1)
    if sheet.pooled is not None:
        x = plan.on_plot(axis, sheet.pooled)
        canvas.line(x, top, x, marks_end, colour="pooled", stroke=0.7, dash="dotted", level=1)


def _axis(canvas: Canvas, sheet: Sheet, axis: Axis, plan: _Plan, y: float) -> float:
    left, right = plan.plot
    canvas.line(left, y, right, y, stroke=0.8)
    for tick, label in zip(axis.ticks, axis.labels(), strict=True):
        x = plan.on_plot(axis, tick)
        canvas.line(x, y, x, y + 3.5, stroke=0.8)
        canvas.text(x, y + 12.0, label, size=SMALL, anchor="center")
    y += 14.0
    if any(sheet.favours) and sheet.null is not None:
        y = _favours(canvas, sheet, axis, plan, y)
    for part in fonts.wrap(sheet.axis_title, PLOT + 60, SMALL, "bold"):
        y += SMALL + 2.5
        canvas.text((left + right) / 2, y, part, size=SMALL, anchor="center", weight="bold")
    return y + 5.0


def _favours(canvas: Canvas, sheet: Sheet, axis: Axis, plan: _Plan, y: float) -> float:
    """The two labels, each beside the null line on its own side, wrapped to the room there."""
    assert sheet.null is not None
    x = plan.on_plot(axis, sheet.null)
    x = min(max(x, plan.plot[0] + 20), plan.plot[1] - 20)
    deepest = y
    for text, anchor, away, room in (
        (sheet.favours[0], "right", -4.0, x - plan.plot[0] + 40),
        (sheet.favours[1], "left", 4.0, plan.plot[1] - x + 40),
    ):
        for index, part in enumerate(fonts.wrap(text, room, SMALL) if text else []):
            canvas.text(
                x + away, y + (index + 1) * (SMALL + 2.5), part, size=SMALL, anchor=anchor, colour="muted"
            )
            deepest = max(deepest, y + (index + 1) * (SMALL + 2.5))
    return deepest + 1.5


def _foot(canvas: Canvas, sheet: Sheet, plan: _Plan, y: float) -> float:
    for paragraph in sheet.foot:
        for part in fonts.wrap(unbroken(paragraph), plan.width - 2 * MARGIN, SMALL):
            y += SMALL + 2.7
            canvas.text(MARGIN, y, part, size=SMALL, colour="muted")
        y += 0.8
    return y


def unbroken(words: str) -> str:
    """Keep "p = 0.01" on one line."""
    for sign in "=<>":
        words = words.replace(f" {sign} ", f"\u00a0{sign}\u00a0")
    return words
