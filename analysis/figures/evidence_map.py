"""Where there is evidence and where there is none: route by source of the cells."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from analysis.figures import fonts
from analysis.figures.canvas import Canvas
from analysis.figures.forest_words import capital
from analysis.figures.panel import BODY, SMALL, paragraphs
from analysis.figures.saving import Figure, Value
from analysis.figures.timeline import people
from analysis.wording import numbers
from analysis.wording.catalogue import text

if TYPE_CHECKING:
    from analysis.evidence import Evidence

Record = Mapping[str, Any]

_STREAMS: Final = ("controlled", "single_arm")
_CELL: Final = 82.0
_ROW: Final = 34.0
_LARGEST: Final = 30.0
_MARGIN: Final = 6.0


def evidence_map(
    evidence: Evidence, lang: str, *, rows: str = "cell_source", columns: str = "route"
) -> Figure:
    """Draw included studies by two of their attributes; an empty cell is a gap in the evidence.

    Parameters
    ----------
    evidence : Evidence
        Its table ``studies``.
    rows, columns : str
        Columns of that table with a controlled vocabulary.
    """
    studies = [row for row in evidence.rows("studies") if row["inclusion"] == "included"]
    across = _codes(studies, columns)
    down = _codes(studies, rows)
    heads = [evidence.label("studies", columns, code, lang) for code in across]
    sides = [evidence.label("studies", rows, code, lang) for code in down]
    left = _MARGIN + max((fonts.width(capital(side), BODY) for side in sides), default=0.0) + 12.0
    canvas = Canvas(math.ceil(left + _CELL * len(across) + _MARGIN))
    wrapped = [fonts.wrap(capital(head), _CELL - 8.0, SMALL, "bold") for head in heads]
    top = _MARGIN + max((len(parts) for parts in wrapped), default=1) * (SMALL + 2.5) + 5.0
    for i, parts in enumerate(wrapped):
        for j, part in enumerate(reversed(parts)):
            x = left + _CELL * (i + 0.5)
            canvas.text(x, top - 6.0 - j * (SMALL + 2.5), part, size=SMALL, weight="bold", anchor="center")
    groups = _grouped(studies, rows, columns)
    largest = max((_people(group) for group in groups.values()), default=0.0)
    data: list[dict[str, Value]] = []
    for j, (code, side) in enumerate(zip(down, sides, strict=True)):
        y = top + _ROW * (j + 0.5)
        canvas.line(_MARGIN, y - _ROW / 2, canvas.width - _MARGIN, y - _ROW / 2, colour="rule", stroke=0.6)
        canvas.text(_MARGIN, y + 3.0, capital(side), size=BODY)
        for i, other in enumerate(across):
            cell = [groups.get((code, other, stream), []) for stream in _STREAMS]
            _bubbles(canvas, left + _CELL * (i + 0.5), y, cell, largest)
            for stream, group in zip(_STREAMS, cell, strict=True):
                place: dict[str, Value] = {rows: code, columns: other, "stream": stream}
                data.append(place | {"studies": len(group), "people": _people(group)})
    bottom = top + _ROW * len(down)
    canvas.line(_MARGIN, bottom, canvas.width - _MARGIN, bottom, colour="rule", stroke=0.6)
    y = _legend(canvas, bottom + 6.0, lang)
    canvas.height = math.ceil(y + _MARGIN)
    title = text("figure.evidence_map.title", lang)
    spoken = [row for row in data if row["studies"]]
    counts: dict[str, str | int] = {"filled": len(spoken), "cells": len(data)}
    counted = numbers.counted("study", len(studies), lang)
    return Figure(
        id="fig-evidence-map",
        lang=lang,
        title=title,
        alt=text("figure.evidence_map.alt", lang, title=title, studies=counted, **counts),
        description=tuple(_spoken(row, rows, columns, evidence, lang) for row in spoken),
        data=tuple(data),
        canvas=canvas,
    )


def _codes(studies: Sequence[Record], column: str) -> list[str]:
    """Codes in use, the most used first and what is not reported last."""
    counts: dict[str, int] = {}
    for study in studies:
        code = study[column] or "not_reported"
        counts[code] = counts.get(code, 0) + 1
    return sorted(counts, key=lambda code: (code in ("not_reported", "other"), -counts[code], code))


def _grouped(studies: Sequence[Record], rows: str, columns: str) -> dict[tuple[str, str, str], list[Record]]:
    groups: dict[tuple[str, str, str], list[Record]] = {}
    for study in studies:
        key = (study[rows] or "not_reported", study[columns] or "not_reported", study["stream"])
        groups.setdefault(key, []).append(study)
    return groups


def _people(studies: Sequence[Record]) -> float:
    return math.fsum(people(study) or 0.0 for study in studies)


def _bubbles(canvas: Canvas, x: float, y: float, groups: Sequence[Sequence[Record]], largest: float) -> None:
    """Controlled studies to the left of the middle, single-arm ones to the right."""
    for group, away, fill in zip(groups, (-1, 1), ("square", "paper"), strict=True):
        if not group:
            continue
        n = _people(group)
        size = max(_LARGEST * math.sqrt(n / largest) if largest else 0.0, 9.0)
        centre = x + away * 19.0
        canvas.dot(centre, y, size, fill=fill)
        canvas.text(centre, y + 2.9, str(len(group)), size=SMALL, anchor="center", weight="bold")


def _legend(canvas: Canvas, y: float, lang: str) -> float:
    x = _MARGIN
    for fill, stream in (("square", "controlled"), ("paper", "single_arm")):
        words = text(f"figure.timeline.{stream}", lang)
        canvas.dot(x + 4.0, y + 6.0, 8.0, fill=fill)
        canvas.text(x + 12.0, y + 9.0, words, size=SMALL, colour="muted")
        x += 26.0 + fonts.width(words, SMALL)
    note = text("figure.evidence_map.note", lang)
    return paragraphs(canvas, _MARGIN, y + 11.0, canvas.width - 2 * _MARGIN, [note])


def _spoken(row: Mapping[str, Value], rows: str, columns: str, evidence: Evidence, lang: str) -> str:
    return text(
        "figure.evidence_map.row",
        lang,
        row=capital(evidence.label("studies", rows, str(row[rows]), lang)),
        column=evidence.label("studies", columns, str(row[columns]), lang),
        stream=text(f"figure.timeline.{row['stream']}", lang),
        studies=numbers.counted("study", int(row["studies"] or 0), lang),
        people=numbers.counted("person", round(float(row["people"] or 0)), lang),
    )
