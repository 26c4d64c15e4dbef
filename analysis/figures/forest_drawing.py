"""A forest plot from top to bottom: heads, lines, axis and foot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from analysis.figures import fonts
from analysis.figures.canvas import Canvas
from analysis.figures.forest_layout import (
    BODY,
    GAP,
    INDENT,
    MARGIN,
    SMALL,
    Plan,
    cell_lines,
    narrow_plan,
    plan,
)
from analysis.figures.forest_marks import (
    bundle_height,
    draw_axis,
    draw_bundle,
    draw_effect,
    draw_verticals,
)
from analysis.figures.forest_sheet import Cell, Line, Sheet
from analysis.figures.lights import draw_light

PAD: Final = 4.5
_COLOURS: Final = {"grey": "muted", "note": "muted", "bundle": "muted"}


def draw(sheet: Sheet, *, narrow: bool = False) -> Canvas:
    """Lay the sheet out and draw it; `narrow` puts the text above each mark, for a phone."""
    places = narrow_plan() if narrow else plan(sheet)
    canvas = Canvas(places.width)
    top = MARGIN if narrow else _heads(canvas, sheet, places, MARGIN)
    y = marks_end = top + 2
    for line in sheet.lines:
        y = (_narrow_line if narrow else _line)(canvas, sheet, places, line, y)
        if line.effect is not None or line.many:
            marks_end = y
    if sheet.axis is not None:
        bottom = y + 2
        if not narrow:
            draw_verticals(canvas, sheet, sheet.axis, places, top, bottom, marks_end)
        y = draw_axis(canvas, sheet, sheet.axis, places, bottom)
    for line in sheet.after:
        y = (_narrow_line if narrow else _line)(canvas, sheet, places, line, y)
    if sheet.after:
        canvas.line(MARGIN, y + 2, places.width - MARGIN, y + 2, stroke=0.8)
        y += 4
    canvas.height = math.ceil(_foot(canvas, sheet, places, y) + MARGIN)
    return canvas


def _heads(canvas: Canvas, sheet: Sheet, plan: Plan, top: float) -> float:
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
    for x, words in zip(plan.lights, sheet.lights, strict=True):
        canvas.text(x, base, words, size=SMALL, weight="bold", anchor="center")
    canvas.line(MARGIN, bottom, plan.width - MARGIN, bottom, stroke=0.8)
    return bottom


def _line(canvas: Canvas, sheet: Sheet, plan: Plan, line: Line, top: float) -> float:
    """Draw one line below `top`; returns where the next one starts."""
    if line.kind == "gap":
        return top + 5.0
    weight = "bold" if line.kind in ("pooled", "heading") else "normal"
    size = SMALL if line.kind in ("note", "bundle") else BODY
    colour = _COLOURS.get(line.kind, "link" if line.link else "ink")
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
    height = len(labels) * step
    for placed in (*plan.left, *plan.right):
        cell = line.cells.get(placed.column.key, Cell())
        ink = "muted" if line.kind == "grey" else "ink"
        canvas.text(placed.pivot, first, cell.before, size=size, anchor="right", weight=weight, colour=ink)
        parts = cell_lines(cell, weight, placed.column.room)
        for index, part in enumerate(parts):
            canvas.text(placed.pivot, first + index * step, part, size=size, weight=weight, colour=ink)
        height = max(height, len(parts) * step)
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
    if line.effect is not None and sheet.axis is not None:
        draw_effect(canvas, sheet.axis, plan, line, first - size * 0.32)
    if line.many and sheet.axis is not None:
        height = max(height, draw_bundle(canvas, sheet.axis, plan, line.many, top) - top)
    for x, judgement in zip(plan.lights, line.lights, strict=False):
        draw_light(canvas, x, first - size * 0.32, judgement, diameter=10.0)
    return top + height + PAD


def _narrow_line(canvas: Canvas, sheet: Sheet, plan: Plan, line: Line, top: float) -> float:
    """One line for a phone: label and estimate, what else is known, and the mark beneath them."""
    if line.kind == "gap":
        return top + 5.0
    weight = "bold" if line.kind in ("pooled", "heading") else "normal"
    size = SMALL if line.kind in ("note", "bundle") else BODY
    colour = _COLOURS.get(line.kind, "link" if line.link else "ink")
    numbers = " ".join(_text(line.cells[key]) for key in ("estimate", "low", "high") if key in line.cells)
    room = plan.width - 2 * MARGIN - (fonts.width(numbers, size, weight) + GAP if numbers else 0.0)
    y = top + PAD / 2 + size * 0.86
    canvas.text(plan.width - MARGIN, y, numbers, size=size, weight=weight, anchor="right")
    for index, part in enumerate(fonts.wrap(unbroken(line.label), room, size, weight)):
        y += (size + 2.5) * (index > 0)
        canvas.text(MARGIN, y, part, size=size, weight=weight, colour=colour, link=line.link)
    for words in (" · ".join(_details(sheet, line)), line.remark):
        for part in fonts.wrap(unbroken(words), plan.width - 2 * MARGIN, SMALL) if words else ():
            y += SMALL + 2.5
            canvas.text(MARGIN, y, part, size=SMALL, colour="muted")
    if line.effect is not None and sheet.axis is not None:
        y += 11.0
        draw_verticals(canvas, sheet, sheet.axis, plan, y - 8.0, y + 6.0, y + 6.0)
        draw_effect(canvas, sheet.axis, plan, line, y - 1.0)
        y += 3.0
    if line.many and sheet.axis is not None:
        y += 5.0
        bottom = y + bundle_height(line.many)
        draw_verticals(canvas, sheet, sheet.axis, plan, y, bottom, bottom)
        y = draw_bundle(canvas, sheet.axis, plan, line.many, y)
    return y + 2.5 + PAD


def _details(sheet: Sheet, line: Line) -> list[str]:
    """A line's cells in words: numbers after their head, those of one arm together."""
    found: dict[str, list[str]] = {}
    for column in (*sheet.left, *sheet.right):
        cell = line.cells.get(column.key, Cell())
        if not column.head or _text(cell) in ("", "–"):
            continue
        words = f"{column.head} {_text(cell)}" if cell.before else _text(cell)
        found.setdefault(column.over or column.key, []).append(words)
    overs = {column.over for column in sheet.left if column.over}
    return [f"{key} {', '.join(parts)}" if key in overs else parts[0] for key, parts in found.items()]


def _text(cell: Cell) -> str:
    return cell.before + cell.after


def _paragraph(canvas: Canvas, x: float, y: float, parts: Sequence[str]) -> None:
    for index, part in enumerate(parts):
        canvas.text(x, y + index * (SMALL + 2.5), part, size=SMALL, colour="muted")


def _foot(canvas: Canvas, sheet: Sheet, plan: Plan, y: float) -> float:
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
