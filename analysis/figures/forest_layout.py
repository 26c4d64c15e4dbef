"""Where everything on a forest plot stands from left to right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analysis.figures import fonts
from analysis.figures.axis import AXIS_WIDTH, Axis
from analysis.figures.forest_sheet import Cell, Column, Line, Sheet

BODY: Final = 9.0
SMALL: Final = 7.8
GAP: Final = 11.0
INDENT: Final = 8.0
MARGIN: Final = 6.0
LEFT_LEAST: Final = 165.0
LIGHT: Final = 15.0
NARROW: Final = 285.0
"""Width of the narrow variant; 380 CSS pixels."""


@dataclass(frozen=True)
class Placed:
    """A column with its place on the sheet."""

    column: Column
    left: float
    right: float
    pivot: float
    head: Sequence[str]
    textual: bool


@dataclass(frozen=True)
class Plan:
    """Where everything stands from left to right."""

    label_room: float
    left: Sequence[Placed]
    right: Sequence[Placed]
    block: float
    plot: tuple[float, float]
    lights: Sequence[float]
    width: float

    def on_plot(self, axis: Axis, value: float) -> float:
        low, high = self.plot
        return low + min(max(axis.position(value), 0.0), 1.0) * (high - low)


def plan(sheet: Sheet) -> Plan:
    """Give every column its place."""
    first = sheet.left[0].key if sheet.left else ""
    beside = [line for line in (*sheet.lines, *sheet.after) if first in line.cells or not first]
    room = max((_label_width(line) for line in beside), default=0.0)
    room = max(min(room, sheet.label_room), fonts.width(sheet.label_head, BODY, "bold"), 60.0)
    widths = [_column_width(sheet, column) for column in sheet.left]
    room = max(room, LEFT_LEAST - sum(widths) - GAP * len(widths))
    left, block = _place(sheet, sheet.left, MARGIN + room + GAP)
    plot = (block + 4, block + 4 + AXIS_WIDTH)
    right, edge = _place(sheet, sheet.right, plot[1] + GAP + 2)
    lights = [edge + LIGHT * (index + 0.5) for index in range(len(sheet.lights))]
    edge += LIGHT * len(lights) - (0.0 if lights else GAP)
    return Plan(room, left, right, block, plot, lights, math.ceil(edge + MARGIN))


def narrow_plan() -> Plan:
    """The axis over the whole width, for a phone."""
    return Plan(0.0, (), (), NARROW - MARGIN, (MARGIN + 6.0, NARROW - MARGIN - 6.0), (), NARROW)


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
    after = max(
        (
            fonts.width(part, BODY, weight)
            for cell, weight in cells
            for part in cell_lines(cell, weight, column.room)
        ),
        default=0.0,
    )
    return before, after


def cell_lines(cell: Cell, weight: str, room: float) -> list[str]:
    """What stands after the pivot; words alone are wrapped to `room`, numbers never."""
    if not cell.after:
        return []
    return [cell.after] if cell.before else fonts.wrap(cell.after, room, BODY, weight)


def _head(column: Column) -> list[str]:
    return fonts.wrap(column.head, 62.0, SMALL, "bold") if column.head else []


def _place(sheet: Sheet, columns: Sequence[Column], start: float) -> tuple[list[Placed], float]:
    """Columns side by side, with room for heads over several; and where the next one would start."""
    placed: list[Placed] = []
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
        placed.append(Placed(column, x, x + width, pivot, _head(column), textual))
        following = columns[index + 1] if index + 1 < len(columns) else None
        together = following is not None and column.over and following.over == column.over
        x += width + (_inner_gap(column) if together else GAP)
        if group and group[-1] is column:
            x += max(0.0, over - inner) / 2
    return placed, x


def _inner_gap(column: Column) -> float:
    """Columns without a head of their own are parts of one number, and stand close."""
    return GAP if column.head else 4.0
