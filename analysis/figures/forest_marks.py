"""What stands on the axis of a forest plot, and the axis itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from analysis.figures import fonts
from analysis.figures.axis import Axis, Interval, landmarks
from analysis.figures.canvas import Canvas
from analysis.figures.forest_layout import SMALL, Plan
from analysis.figures.forest_sheet import Line, Sheet

SQUARE: Final = 9.0
_SMALLEST: Final = 0.12
"""Area of the smallest square as a share of the largest; smaller ones could not be seen."""
PITCH: Final = 2.2
"""From one interval of a bundle to the next."""
TALLEST: Final = 660.0
"""Height of a bundle, which closer intervals keep: a figure should fit on a sheet of paper."""


def draw_effect(canvas: Canvas, axis: Axis, plan: Plan, line: Line, y: float) -> None:
    """Draw a square, diamond or bar with its interval at height `y`; arrows where it goes on."""
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
            half = SQUARE / 2 * math.sqrt(min(max(line.size, _SMALLEST), 1.0))
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


def draw_bundle(canvas: Canvas, axis: Axis, plan: Plan, many: Sequence[Interval], top: float) -> float:
    """Draw intervals as thin lines with a stroke at each estimate; returns their lower edge."""
    pitch = bundle_height(many) / len(many)
    for index, (estimate, low, high) in enumerate(many):
        y = top + (index + 0.5) * pitch
        left, right = plan.on_plot(axis, low), plan.on_plot(axis, high)
        canvas.line(left, y, right, y, colour="square", stroke=0.32 * pitch)
        if -1e-9 <= axis.position(estimate) <= 1 + 1e-9:
            x, half = plan.on_plot(axis, estimate), 0.45 * pitch
            canvas.line(x, y - half, x, y + half, colour="ink", stroke=1.3, level=3)
    return top + bundle_height(many)


def bundle_height(many: Sequence[Interval]) -> float:
    """How high a bundle stands."""
    return min(len(many) * PITCH, TALLEST)


def draw_verticals(
    canvas: Canvas, sheet: Sheet, axis: Axis, plan: Plan, top: float, bottom: float, marks_end: float
) -> None:
    """Draw the null line, the pooled estimate's line and the band of unimportant differences."""
    if sheet.mid is not None and sheet.null is not None:
        ends = sorted(plan.on_plot(axis, value) for value in landmarks(sheet.null, sheet.mid, axis.log)[1:])
        canvas.box(ends[0], top, ends[1], bottom, fill="band", level=0)
    if sheet.null is not None:
        x = plan.on_plot(axis, sheet.null)
        canvas.line(x, top, x, bottom, colour="muted", stroke=0.8, level=1)
    if sheet.pooled is not None:
        x = plan.on_plot(axis, sheet.pooled)
        canvas.line(x, top, x, marks_end, colour="pooled", stroke=0.7, dash="dotted", level=1)


def draw_axis(canvas: Canvas, sheet: Sheet, axis: Axis, plan: Plan, y: float) -> float:
    """Draw the axis with its ticks, labels and title; returns its lower edge."""
    left, right = plan.plot
    canvas.line(left, y, right, y, stroke=0.8)
    for tick, label in zip(axis.ticks, axis.labels(), strict=True):
        x = plan.on_plot(axis, tick)
        canvas.line(x, y, x, y + 3.5, stroke=0.8)
        canvas.text(x, y + 12.0, label, size=SMALL, anchor="center")
    y += 14.0
    if any(sheet.favours) and sheet.null is not None:
        y = _favours(canvas, sheet, axis, plan, y)
    for part in fonts.wrap(sheet.axis_title, right - left + 60, SMALL, "bold"):
        y += SMALL + 2.5
        canvas.text((left + right) / 2, y, part, size=SMALL, anchor="center", weight="bold")
    return y + 5.0


def _favours(canvas: Canvas, sheet: Sheet, axis: Axis, plan: Plan, y: float) -> float:
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
