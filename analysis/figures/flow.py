"""The flow diagram of PRISMA 2020 for updated reviews (Page et al. 2021)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from analysis.figures import fonts
from analysis.figures.canvas import Canvas
from analysis.figures.panel import SMALL, paragraphs
from analysis.figures.saving import Figure, Value
from analysis.synthesis.results import Results
from analysis.wording import numbers
from analysis.wording.catalogue import text

if TYPE_CHECKING:
    from analysis.evidence import Evidence

Record = Mapping[str, Any]
_Line = tuple[str, str, str]
"""Words, colour and weight."""

_BOX: Final = 122.0
_ACROSS: Final = 14.0
_DOWN: Final = 16.0
_PAD: Final = 5.0
_STEP: Final = SMALL + 2.4
_ROOM: Final = _BOX - 2 * _PAD
_MARGIN: Final = 6.0
_STAGE: Final = 66.0

# Row by row: stage, then the boxes in their columns. Columns: previous version, databases, what leaves
# there, other methods, what leaves there.
_ROWS: Final = (
    (
        "identification",
        {
            0: ("previous_studies", "previous_reports"),
            1: ("databases", "registers"),
            2: ("removed_duplicates", "removed_automation", "removed_other"),
            3: ("websites", "organisations", "citation_searching"),
        },
    ),
    ("screening", {1: ("screened",), 2: ("excluded_screening",)}),
    ("screening", {1: ("sought",), 2: ("not_retrieved",), 3: ("other_sought",), 4: ("other_not_retrieved",)}),
    (
        "screening",
        {1: ("assessed",), 2: ("excluded_assessment",), 3: ("other_assessed",), 4: ("other_excluded",)},
    ),
    ("included", {1: ("new_studies", "new_reports")}),
    ("included", {1: ("total_studies", "total_reports", "total_in_meta_analysis")}),
)
_HEADS: Final = ((0, 0, "previous"), (1, 2, "databases"), (3, 4, "other"))


@dataclass(frozen=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def flow(evidence: Evidence, results: Results, lang: str) -> Figure:
    """Draw how many records, reports and studies passed each step; what nobody reported says so.

    Parameters
    ----------
    evidence : Evidence
        Its table ``flow``: one row a box, or several with a reason each.
    results : Results
        Where the totals of this build are counted.
    """
    rows = [_counted(row, results) for row in evidence.rows("flow")]
    contents = {
        names: [line for name in names for line in _lines(name, rows, evidence, lang)]
        for _, cells in _ROWS
        for names in cells.values()
    }
    columns = sorted({column for _, cells in _ROWS for column, names in cells.items() if contents[names]})
    lefts = {column: _MARGIN + _STAGE + i * (_BOX + _ACROSS) for i, column in enumerate(columns)}
    canvas = Canvas(math.ceil(max(lefts.values(), default=_MARGIN) + _BOX + _MARGIN))
    y = _heads(canvas, lefts, lang)
    boxes: dict[str, _Box] = {}
    stage = ""
    for name, cells in _ROWS:
        drawn = {column: contents[names] for column, names in cells.items() if contents[names]}
        if not drawn:
            continue
        height = max(len(lines) for lines in drawn.values()) * _STEP + 2 * _PAD
        if name != stage:
            words = text(f"figure.flow.{name}", lang)
            canvas.text(_MARGIN, y + height / 2 + 2.8, words, size=SMALL, weight="bold")
            stage = name
        for column, lines in drawn.items():
            box = _Box(lefts[column], y, lefts[column] + _BOX, y + height)
            boxes[cells[column][0]] = box
            _box(canvas, box, lines, closing=name == "included")
        y += height + _DOWN
    _arrows(canvas, boxes)
    y = paragraphs(canvas, _MARGIN, y - 8.0, canvas.width - 2 * _MARGIN, [text("figure.flow.note", lang)])
    canvas.height = math.ceil(y + _MARGIN)
    title = text("figure.flow.title", lang)
    spoken = [
        text("figure.flow.row", lang, label=_label(row, evidence, lang), n=_number(row, lang)) for row in rows
    ]
    known = [words for words, row in zip(spoken, rows, strict=True) if row["n"] is not None]
    joined = text("figure.flow.join", lang).join(known)
    return Figure(
        id="fig-flow",
        lang=lang,
        title=title,
        alt=text("figure.flow.alt", lang, title=title, known=joined, missing=len(rows) - len(known)),
        description=tuple(spoken),
        data=tuple(_record(row) for row in rows),
        canvas=canvas,
    )


def _counted(row: Record, results: Results) -> Record:
    """The row with its number, which for totals is counted in this build."""
    if row["status"] != "computed":
        return row
    counts = results.counts
    questions = results.questions
    pooled = {study.study_id for question in questions for study in question.rows if study.status == "pooled"}
    totals = {
        "total_studies": counts.get("studies.included", 0),
        "total_reports": counts.get("studies.included", 0) + counts.get("studies.overlapping", 0),
        "total_in_meta_analysis": len(pooled),
    }
    return {**row, "n": totals[row["box"]]}


def _label(row: Record, evidence: Evidence, lang: str) -> str:
    label = evidence.label("flow", "box", row["box"], lang)
    if row["reason"]:
        reason = evidence.label("excluded", "reason", row["reason"], lang)
        label = text("figure.flow.reason", lang, label=label, reason=reason)
    return label


def _number(row: Record, lang: str) -> str:
    if row["n"] is None:
        return text("figure.flow.unknown", lang)
    return f"n = {numbers.plain(row['n'])}"


def _lines(name: str, rows: Sequence[Record], evidence: Evidence, lang: str) -> list[_Line]:
    """A box's content: each label with its number beneath it."""
    lines = []
    for row in rows:
        if row["box"] == name:
            lines += [
                (part, "ink", "normal") for part in fonts.wrap(_label(row, evidence, lang), _ROOM, SMALL)
            ]
            known = row["n"] is not None
            lines.append((_number(row, lang), "ink" if known else "muted", "bold" if known else "normal"))
    return lines


def _heads(canvas: Canvas, lefts: Mapping[int, float], lang: str) -> float:
    bottom = _MARGIN
    for first, last, name in _HEADS:
        shown = [column for column in lefts if first <= column <= last]
        if not shown:
            continue
        left, right = lefts[shown[0]], lefts[shown[-1]] + _BOX
        parts = fonts.wrap(text(f"figure.flow.{name}", lang), right - left - 2 * _PAD, SMALL, "bold")
        for i, part in enumerate(parts):
            y = _MARGIN + _PAD + (i + 0.8) * _STEP
            canvas.text((left + right) / 2, y, part, size=SMALL, weight="bold", anchor="center")
        bottom = max(bottom, _MARGIN + 2 * _PAD + len(parts) * _STEP)
    for first, last, _ in _HEADS:
        shown = [column for column in lefts if first <= column <= last]
        if shown:
            canvas.box(lefts[shown[0]], _MARGIN, lefts[shown[-1]] + _BOX, bottom, fill="band", level=0)
    return bottom + _DOWN * 0.7


def _box(canvas: Canvas, box: _Box, lines: Sequence[_Line], *, closing: bool) -> None:
    edge, stroke = ("ink", 1.1) if closing else ("muted", 0.7)
    canvas.box(box.left, box.top, box.right, box.bottom, fill="paper", edge=edge, stroke=stroke)
    for i, (words, colour, weight) in enumerate(lines):
        y = box.top + _PAD + (i + 0.8) * _STEP
        canvas.text(box.left + _PAD, y, words, size=SMALL, colour=colour, weight=weight)


def _arrows(canvas: Canvas, boxes: Mapping[str, _Box]) -> None:
    down = (
        ("databases", "screened"),
        ("screened", "sought"),
        ("sought", "assessed"),
        ("assessed", "new_studies"),
        ("new_studies", "total_studies"),
        ("websites", "other_sought"),
        ("other_sought", "other_assessed"),
    )
    across = (
        ("databases", "removed_duplicates"),
        ("screened", "excluded_screening"),
        ("sought", "not_retrieved"),
        ("assessed", "excluded_assessment"),
        ("other_sought", "other_not_retrieved"),
        ("other_assessed", "other_excluded"),
    )
    for start, end in down:
        if start in boxes and end in boxes:
            x = boxes[start].middle[0]
            _arrow(canvas, [(x, boxes[start].bottom), (x, boxes[end].top)])
    for start, end in across:
        if start in boxes and end in boxes:
            y = boxes[start].middle[1]
            _arrow(canvas, [(boxes[start].right, y), (boxes[end].left, y)])
    for start, end in (("other_assessed", "new_studies"), ("previous_studies", "total_studies")):
        if start in boxes and end in boxes:
            x, y = boxes[start].middle[0], boxes[end].middle[1]
            near = boxes[end].right if x > boxes[end].right else boxes[end].left
            _arrow(canvas, [(x, boxes[start].bottom), (x, y), (near, y)])


def _arrow(canvas: Canvas, path: Sequence[tuple[float, float]]) -> None:
    for (x, y), (xend, yend) in pairwise(path):
        canvas.line(x, y, xend, yend, colour="muted", level=2)
    (x, y), (xend, yend) = path[-2:]
    length = math.hypot(xend - x, yend - y) or 1.0
    along = ((xend - x) / length, (yend - y) / length)
    back = (xend - 5.0 * along[0], yend - 5.0 * along[1])
    side = (-along[1] * 2.6, along[0] * 2.6)
    corners = [(xend, yend), (back[0] + side[0], back[1] + side[1]), (back[0] - side[0], back[1] - side[1])]
    canvas.shape(corners, fill="muted", level=2)


def _record(row: Record) -> dict[str, Value]:
    return {key: row[key] for key in ("box", "n", "status", "reason")}
