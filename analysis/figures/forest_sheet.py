"""What a forest plot consists of: lines of text around one axis.

What the lines say is decided elsewhere (:mod:`analysis.figures.forest` and its variants); where they
stand, in :mod:`analysis.figures.forest_layout` and :mod:`analysis.figures.forest_drawing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from analysis.figures.axis import Axis, Interval

LABEL_ROOM: Final = 150.0


@dataclass(frozen=True)
class Cell:
    """Text around a pivot: `before` ends at it and `after` starts there, so that columns align."""

    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Column:
    """A column beside the axis; neighbours with the same `over` share that head above their own.

    Words wider than `room` points are wrapped.
    """

    key: str
    head: str
    over: str = ""
    room: float = 92.0


@dataclass(frozen=True)
class Line:
    """One line of the sheet.

    Attributes
    ----------
    kind : str
        ``study``, ``grey`` (shown, not pooled), ``pooled``, ``prediction``, ``heading``, ``note``, ``bundle``
        or ``gap``.
    effect : (estimate, low, high) or None
        Drawn on the axis; natural units.
    size : float
        Area of the square as a share of the largest.
    cells : mapping
        Column key to cell, for columns left and right of the axis.
    remark : str
        Stands where the effect would, or below the label of a line that has an effect.
    lights : sequence of str
        Judgements of risk of bias, one for each of the sheet's lights.
    many : sequence of (estimate, low, high)
        Of a ``bundle``, the intervals drawn close together without a word.
    """

    kind: str
    label: str = ""
    effect: Interval | None = None
    size: float = 0.5
    cells: Mapping[str, Cell] = field(default_factory=dict)
    remark: str = ""
    link: str | None = None
    indent: bool = False
    lights: Sequence[str] = ()
    many: Sequence[Interval] = ()


@dataclass(frozen=True)
class Sheet:
    """A whole forest plot.

    `lines` stand beside the axis and `after` beneath it; `null` and `pooled` get a vertical line, and
    a band reaches `mid` to both sides of `null`. Labels wider than `label_room` points are wrapped.
    `lights` heads a column of lights each.
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
    lights: Sequence[str] = ()
    label_room: float = LABEL_ROOM
    foot: Sequence[str] = ()
