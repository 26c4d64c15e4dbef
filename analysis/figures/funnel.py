"""The contour-enhanced funnel plot (Peters et al. 2008)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from analysis.figures.axis import Axis, effect_axis, linear_ticks
from analysis.figures.canvas import Canvas
from analysis.figures.forest import axis_title
from analysis.figures.panel import Panel, paragraphs
from analysis.figures.refused import Refused
from analysis.figures.saving import Figure, Value
from analysis.synthesis.results import Pooled, Row, Synthesis
from analysis.wording import numbers
from analysis.wording.catalogue import text

MINIMUM_K: Final = 10
"""Below ten studies a funnel plot says nothing (Cochrane Handbook, 13.3.5.3)."""

_CONTOURS: Final = ((2.5758, "contour99"), (1.9600, "contour95"), (1.6449, "contour90"))
_WIDTH: Final = 430.0


def funnel(synthesis: Synthesis, lang: str) -> Figure:
    """Draw each study's estimate against its standard error, over contours of significance.

    The contours (p = 0.10, 0.05, 0.01) stand around the value of no effect, so that gaps in the funnel
    can be held against them; the pseudo-interval stands around the common-effect average.

    Raises
    ------
    Refused
        Below ten studies, and where the measure has no value of no effect.
    """
    figure_id = f"fig-{synthesis.id}-funnel"
    minimum = synthesis.small_study.minimum_k if synthesis.small_study else MINIMUM_K
    rows = [row for row in synthesis.rows if row.status == "pooled" and row.yi is not None and row.vi]
    if len(rows) < minimum:
        raise Refused(figure_id, text("figure.funnel.refused", lang, minimum=minimum, count=len(rows)))
    if synthesis.null_value is None or synthesis.pooled is None:
        raise Refused(figure_id, text("figure.funnel.no_null", lang))
    title = text("figure.funnel.title", lang, title=synthesis.title[lang])
    estimates = sorted(_estimate(row) for row in rows)
    alt = text(
        "figure.funnel.alt",
        lang,
        title=title,
        studies=numbers.counted("study", len(rows), lang),
        span=numbers.span(estimates[0], estimates[-1], synthesis.measure, lang),
    )
    return Figure(
        id=figure_id,
        lang=lang,
        title=title,
        alt=alt,
        description=tuple(_spoken(row, synthesis, lang) for row in rows),
        data=tuple(_record(row) for row in rows),
        canvas=_draw(rows, synthesis, synthesis.pooled, lang),
    )


def _draw(rows: list[Row], synthesis: Synthesis, pooled: Pooled, lang: str) -> Canvas:
    log = synthesis.scale == "log"
    null = synthesis.null_value
    assert null is not None
    deepest = 1.05 * max(math.sqrt(row.vi or 0.0) for row in rows)
    centre = _common(rows)

    def natural(value: float) -> float:
        return math.exp(value) if log else value

    reach = [natural(centre + side * 1.96 * deepest) for side in (-1, 1)]
    shown = [_estimate(row) for row in rows] + reach
    axis = effect_axis([(value, value, value) for value in shown], null=null, log=log)
    canvas = Canvas(_WIDTH)
    depth = Axis(0.0, deepest, linear_ticks(0.0, deepest))
    panel = Panel(canvas, 40.0, 22.0, _WIDTH - 10.0, 262.0, axis, depth, downwards=True)
    middle = math.log(null) if log else null
    for z, role in _CONTOURS:
        canvas.shape(_contour(panel, z * deepest, natural, middle, deepest), fill=role, level=0)
    for side in reach:
        canvas.line(*panel.at(natural(centre), 0.0), *panel.at(side, deepest), colour="muted", dash="dashed")
    canvas.line(*panel.at(null, 0.0), *panel.at(null, deepest))
    canvas.line(
        *panel.at(pooled.estimate, 0.0), *panel.at(pooled.estimate, deepest), colour="pooled", dash="dotted"
    )
    for row in rows:
        canvas.dot(*panel.at(_estimate(row), math.sqrt(row.vi or 0.0)), 6.0, fill="square")
    y = panel.axes(axis_title(synthesis, lang), text("figure.funnel.standard_error", lang))
    y = paragraphs(canvas, 6.0, y + 4.0, _WIDTH - 12.0, [text("figure.funnel.note", lang)])
    canvas.height = math.ceil(y + 6.0)
    return canvas


def _contour(
    panel: Panel, reach: float, natural: Callable[[float], float], middle: float, deepest: float
) -> list[tuple[float, float]]:
    """A triangle from the null value downwards, cut off at the sides of the plot."""
    corners = [panel.at(natural(middle), 0.0)]
    for side, end in ((1, panel.x.high), (-1, panel.x.low)):
        edge = abs((math.log(end) if panel.x.log else end) - middle)
        outer = [panel.at(natural(middle + side * min(reach, edge)), deepest)]
        if reach > edge:
            outer.insert(0, panel.at(end, deepest * edge / reach))
        corners += outer if side == 1 else outer[::-1]
    return corners


def _common(rows: list[Row]) -> float:
    weights = [1 / row.vi for row in rows if row.vi]
    return math.fsum(w * (row.yi or 0.0) for w, row in zip(weights, rows, strict=True)) / math.fsum(weights)


def _estimate(row: Row) -> float:
    assert row.estimate is not None
    return row.estimate


def _spoken(row: Row, synthesis: Synthesis, lang: str) -> str:
    error = numbers.decimal(math.sqrt(row.vi or 0.0), 2)
    estimate = numbers.measured(_estimate(row), synthesis.measure)
    return text("figure.funnel.row", lang, label=row.label, estimate=estimate, error=error)


def _record(row: Row) -> dict[str, Value]:
    return {
        "study_id": row.study_id,
        "label": row.label,
        "estimate": row.estimate,
        "yi": row.yi,
        "standard_error": math.sqrt(row.vi or 0.0),
    }
