"""What one version said and what the next one says: each result as a slope on its own scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from analysis.figures import fonts
from analysis.figures.axis import Axis, Interval, effect_axis, share_axis
from analysis.figures.canvas import Canvas
from analysis.figures.history import effect_of
from analysis.figures.panel import LINE, SMALL, paragraphs
from analysis.figures.refused import Refused
from analysis.figures.saving import Figure, Value
from analysis.living.answers import QuestionChange
from analysis.wording import numbers
from analysis.wording.catalogue import text

_PANEL: Final = 252.0
_GAP: Final = 24.0
_HEIGHT: Final = 104.0
_LEFT: Final = 48.0
_SIDES: Final = (96.0, 206.0)
"""Where the older and the newer answer stand in a panel, in points from its left edge."""
_NAME: Final = 2 * (_PANEL - _SIDES[1])
"""Room for what a version is called."""
_DOT: Final = 6.5


def slope(
    changes: Sequence[QuestionChange], names: tuple[str, str], lang: str, *, narrow: bool = False
) -> Figure:
    """Draw every result before and after, those that moved first.

    Parameters
    ----------
    changes : sequence of QuestionChange
        Every question of the two versions. One with a number in neither is left to the table.
    names : tuple of str
        What the older and the newer version are called.
    narrow : bool
        One beneath the other, for a phone.

    Raises
    ------
    Refused
        When no question has a number.
    """
    drawn = _with_numbers(changes)
    if not drawn:
        raise Refused("fig-slope", text("figure.slope.refused", lang))
    columns = 1 if narrow else 2
    canvas = Canvas(columns * _PANEL + (columns - 1) * _GAP)
    top = 0.0
    for start in range(0, len(drawn), columns):
        row = drawn[start : start + columns]
        titles = [_title(change, lang) for change in row]
        head = max(map(len, titles)) * LINE
        edges = [
            _panel(canvas, place * (_PANEL + _GAP), top + 4.0, head, words, change, names, lang)
            for place, (change, words) in enumerate(zip(row, titles, strict=True))
        ]
        top = max(edges) + 16.0
    lower = paragraphs(canvas, 0.0, top - 8.0, canvas.width - 8.0, [text("figure.slope.note", lang)])
    canvas.height = math.ceil(lower + 6.0)
    title = text("figure.slope.title", lang, old=names[0], new=names[1])
    spoken = tuple(_spoken(change, names, lang) for change in drawn)
    moved = sum(change.kind not in ("same", "detail") for change in drawn)
    return Figure(
        id="fig-slope-narrow" if narrow else "fig-slope",
        lang=lang,
        title=title,
        alt=text("figure.slope.alt", lang, title=title, count=len(drawn), moved=moved),
        description=spoken,
        data=tuple(_record(change, names, lang) for change in drawn),
        canvas=canvas,
    )


def slopes(changes: Sequence[QuestionChange], lang: str) -> tuple[Figure, ...]:
    """Each result before and after as a figure of its own, those that moved first; none without a number.

    They name no version, so that what a result says in ten versions in a row is drawn once.
    """
    return tuple(_alone(change, lang) for change in _with_numbers(changes))


def _alone(change: QuestionChange, lang: str) -> Figure:
    names = text("figure.slope.before", lang), text("figure.slope.after", lang)
    canvas = Canvas(_PANEL)
    words = _title(change, lang)
    lower = _panel(canvas, 0.0, 4.0, len(words) * LINE, words, change, names, lang)
    canvas.height = math.ceil(lower + 6.0)
    spoken = _spoken(change, names, lang)
    return Figure(
        id=f"fig-slope-{change.id}",
        lang=lang,
        title=change.title[lang],
        alt=spoken,
        description=(spoken,),
        data=(_record(change, names, lang),),
        canvas=canvas,
    )


def _title(change: QuestionChange, lang: str) -> list[str]:
    return fonts.wrap(change.title[lang], _PANEL - 6.0, SMALL, "bold")


def _with_numbers(changes: Sequence[QuestionChange]) -> list[QuestionChange]:
    found = [change for change in changes if effect_of(change.before) or effect_of(change.after)]
    return sorted(found, key=lambda change: change.kind in ("same", "detail"))


def _panel(
    canvas: Canvas,
    left: float,
    top: float,
    head: float,
    title: Sequence[str],
    change: QuestionChange,
    names: tuple[str, str],
    lang: str,
) -> float:
    """One question; returns the lower edge."""
    for number, words in enumerate(title, start=1):
        canvas.text(left, top + number * LINE - 2.0, words, size=SMALL, weight="bold")
    upper, lower = top + head + 8.0, top + head + 8.0 + _HEIGHT
    effects = [effect_of(answer) for answer in (change.before, change.after)]
    axis = _axis(change, [effect for effect in effects if effect])

    def down(value: float) -> float:
        return lower - min(1.0, max(0.0, axis.position(value))) * (lower - upper)

    for tick, label in zip(axis.ticks, axis.labels(), strict=True):
        y = down(tick)
        canvas.line(left + _LEFT, y, left + _PANEL, y, colour="band", level=0)
        canvas.text(left + _LEFT - 6.0, y + 2.8, label, size=SMALL, anchor="right", colour="muted")
    if change.null_value is not None:
        y = down(change.null_value)
        canvas.line(left + _LEFT, y, left + _PANEL, y, colour="muted", stroke=0.9)
    points = []
    same = change.kind in ("same", "detail")
    heads = [fonts.wrap(name, _NAME, SMALL, "bold") for name in names]
    beneath = lower + 12.0 + max(map(len, heads)) * LINE
    for side, effect, answer, head_lines in zip(
        _SIDES, effects, (change.before, change.after), heads, strict=True
    ):
        x = left + side
        for number, words in enumerate(head_lines):
            canvas.text(x, lower + 12.0 + number * LINE, words, size=SMALL, anchor="center", weight="bold")
        if effect is None:
            missing = text(f"figure.slope.{'no_answer' if answer is None else 'no_number'}", lang)
            canvas.text(x, beneath, missing, size=SMALL, anchor="center", colour="muted")
            continue
        value, low, high = effect
        canvas.line(x, down(low), x, down(high), stroke=1.2, level=2)
        for limit, way in ((low, -1.0), (high, 1.0)):
            if not 0.0 <= axis.position(limit) <= 1.0:
                tip = down(limit)
                corners = [(x, tip), (x - 3.0, tip + way * 5.0), (x + 3.0, tip + way * 5.0)]
                canvas.shape(corners, fill="ink", level=2)
        points.append((x, down(value)))
        colour = "square" if answer is not None and answer.k == 1 else "pooled"
        canvas.dot(x, down(value), _DOT, fill="unknown" if same else colour)
        shown = numbers.measured(value, change.measure)
        canvas.text(x, beneath, shown, size=SMALL, anchor="center")
        span = numbers.span(low, high, change.measure, lang)
        canvas.text(x, beneath + LINE, span, size=SMALL, anchor="center", colour="muted")
    if len(points) == len(_SIDES):
        (x0, y0), (x1, y1) = points
        canvas.line(x0, y0, x1, y1, colour="unknown" if same else "pooled", stroke=1.6, level=2)
    return beneath + LINE


def _axis(change: QuestionChange, effects: Sequence[Interval]) -> Axis:
    if change.measure == "PR":
        return share_axis(effects)
    log, percent = change.scale == "log", change.measure == "RD"
    return effect_axis(effects, null=change.null_value, log=log, percent=percent)


def _spoken(change: QuestionChange, names: tuple[str, str], lang: str) -> str:
    sides = [
        numbers.estimate(*effect, change.measure, lang)
        if (effect := effect_of(answer))
        else text(f"figure.slope.{'no_answer' if answer is None else 'no_number'}", lang)
        for answer in (change.before, change.after)
    ]
    return text(
        "figure.slope.row",
        lang,
        question=change.title[lang],
        old=names[0],
        before=sides[0],
        new=names[1],
        after=sides[1],
    )


def _record(change: QuestionChange, names: tuple[str, str], lang: str) -> dict[str, Value]:
    record: dict[str, Value] = {"question": change.id, "title": change.title[lang], "measure": change.measure}
    for prefix, name, answer in zip(("before", "after"), names, (change.before, change.after), strict=True):
        record[f"{prefix}_version"] = name
        for field in ("k", "estimate", "ci_low", "ci_high"):
            record[f"{prefix}_{field}"] = getattr(answer, field) if answer else None
    return record
