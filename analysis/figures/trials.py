"""Registered trials by status and year of start."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from analysis.figures import fonts
from analysis.figures.canvas import Canvas
from analysis.figures.forest_words import capital
from analysis.figures.panel import BODY, SMALL, paragraphs
from analysis.figures.saving import Figure, Value
from analysis.figures.timeline import diameter
from analysis.figures.vocabulary import vocabulary
from analysis.wording import numbers
from analysis.wording.catalogue import text

if TYPE_CHECKING:
    from analysis.evidence import Evidence

Record = Mapping[str, Any]

ONGOING: Final = ("not_yet_recruiting", "recruiting", "enrolling_by_invitation", "active_not_recruiting")
_PLOT: Final = 400.0
_UNKNOWN: Final = 44.0
_MARGIN: Final = 6.0
_LARGEST_N: Final = 150.0
"""People of the largest dot; expanded-access lists of thousands would dwarf every trial."""


def trials(evidence: Evidence, lang: str, *, kinds: Sequence[str] = ("msc",)) -> Figure:
    """Draw each registered trial as a dot, sized by its people, in the row of its status.

    Parameters
    ----------
    evidence : Evidence
        Its table ``trials``.
    kinds : sequence of str
        Which kinds of product to draw.
    """
    rows = [row for row in evidence.rows("trials") if row["kind"] in kinds and not row["same_trial_as"]]
    known = [row["status"] for row in rows]
    statuses = [code for code in vocabulary(evidence, "trials", "status") if code in known]
    names = [capital(evidence.label("trials", "status", code, lang)) for code in statuses]
    left = _MARGIN + max((fonts.width(name, BODY) for name in names), default=0.0) + 34.0
    years = [year for row in rows if (year := start_year(row)) is not None]
    first, last = min(years, default=2000), max(years, default=2001)
    per_year = (_PLOT - _UNKNOWN) / max(last - first + 1, 1)
    canvas = Canvas(math.ceil(left + _PLOT + _MARGIN))
    y = _MARGIN + 4.0
    for code, name in zip(statuses, names, strict=True):
        own = [row for row in rows if row["status"] == code]
        y = _row(canvas, name, own, (left, y), first, per_year, ongoing=code in ONGOING)
    _axis(canvas, left, y, first, last, per_year, lang)
    y = paragraphs(canvas, _MARGIN, y + 26.0, canvas.width - 2 * _MARGIN, [text("figure.trials.note", lang)])
    canvas.height = math.ceil(y + _MARGIN)
    title = text("figure.trials.title", lang)
    ongoing = sum(row["status"] in ONGOING for row in rows)
    counted = numbers.counted("trial", len(rows), lang)
    return Figure(
        id="fig-trials",
        lang=lang,
        title=title,
        alt=text("figure.trials.alt", lang, title=title, trials=counted, ongoing=ongoing),
        description=tuple(
            text(
                "figure.trials.row",
                lang,
                status=name,
                trials=numbers.counted("trial", known.count(code), lang),
            )
            for code, name in zip(statuses, names, strict=True)
        ),
        data=tuple(_record(row) for row in rows),
        canvas=canvas,
    )


def start_year(trial: Record) -> int | None:
    """Year in which a trial began or is to begin."""
    start = str(trial["start"] or "")
    return int(start[:4]) if start[:4].isdigit() else None


def _row(
    canvas: Canvas,
    name: str,
    own: Sequence[Record],
    corner: tuple[float, float],
    first: int,
    per_year: float,
    *,
    ongoing: bool,
) -> float:
    """One status: dots of the same year stand on top of each other."""
    left, top = corner
    stacks: dict[int | None, list[float]] = {}
    for row in own:
        size = diameter(min(row["n"] or 0.0, _LARGEST_N), _LARGEST_N)
        stacks.setdefault(start_year(row), []).append(size)
    gap = 1.5
    height = max(sum(sizes) + gap * len(sizes) for sizes in stacks.values())
    height = max(height + 6.0, 22.0)
    weight = "bold" if ongoing else "normal"
    middle = top + height / 2
    canvas.text(_MARGIN, middle + 3.0, name, size=BODY, weight=weight)
    canvas.text(left - 12.0, middle + 3.0, str(len(own)), size=BODY, weight=weight, anchor="right")
    for year, sizes in stacks.items():
        x = left + _PLOT - _UNKNOWN / 2 if year is None else left + per_year * (year - first + 0.5)
        y = middle - (sum(sizes) + gap * (len(sizes) - 1)) / 2
        for size in sorted(sizes, reverse=True):
            canvas.dot(x, y + size / 2, size, fill="square" if ongoing else "paper")
            y += size + gap
    canvas.line(_MARGIN, top + height, left + _PLOT, top + height, colour="rule", stroke=0.5, level=0)
    return top + height


def _axis(canvas: Canvas, left: float, y: float, first: int, last: int, per_year: float, lang: str) -> None:
    every = max(math.ceil(30.0 / per_year), 1)
    for year in range(last, first - 1, -every):
        x = left + per_year * (year - first + 0.5)
        canvas.line(x, y, x, y + 3.0, stroke=0.7)
        canvas.text(x, y + 12.0, str(year), size=SMALL, anchor="center")
    x = left + _PLOT - _UNKNOWN / 2
    canvas.text(x, y + 12.0, "?", size=SMALL, anchor="center")
    canvas.line(
        left + _PLOT - _UNKNOWN, _MARGIN, left + _PLOT - _UNKNOWN, y, colour="rule", dash="dashed", level=0
    )
    title = text("figure.trials.start", lang)
    canvas.text(left + (_PLOT - _UNKNOWN) / 2, y + 24.0, title, size=SMALL, weight="bold", anchor="center")


def _record(trial: Record) -> dict[str, Value]:
    keys = ("trial_id", "registry", "kind", "status", "route", "start", "n", "registry_url")
    return {key: trial[key] for key in keys}
