"""The Baujat plot: which studies make the heterogeneity, and which move the estimate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from analysis.figures import fonts
from analysis.figures.axis import Axis, linear_ticks
from analysis.figures.canvas import Canvas
from analysis.figures.forest import StudyLink
from analysis.figures.panel import SMALL, Panel, paragraphs
from analysis.figures.refused import Refused
from analysis.figures.saving import Figure
from analysis.statistics import influence
from analysis.synthesis.results import Row, Synthesis
from analysis.wording import numbers
from analysis.wording.catalogue import text

MINIMUM_K: Final = 3
METHODS: Final = {"random": "REML", "common": "EE"}
_WIDTH: Final = 440.0
_FLOOR: Final = 252.0


@dataclass(frozen=True)
class Fitted:
    """Pooled rows, their effects and variances on the analysis scale, and the estimator of tau²."""

    rows: tuple[Row, ...]
    yi: tuple[float, ...]
    vi: tuple[float, ...]
    method: str


def fitted(synthesis: Synthesis, figure_id: str, lang: str, minimum: int) -> Fitted:
    """What an inverse-variance model was fitted to.

    Raises
    ------
    Refused
        Below `minimum` studies, and where no inverse-variance model was fitted.
    """
    found = [
        (row, row.yi, row.vi)
        for row in synthesis.rows
        if row.status == "pooled" and row.yi is not None and row.vi is not None
    ]
    pooled = synthesis.pooled
    if pooled is None or len(found) < minimum:
        reason = text("figure.influence.too_few", lang, minimum=minimum, count=len(found))
        raise Refused(figure_id, reason)
    if pooled.model not in METHODS:
        model = text(f"model.{pooled.model}", lang)
        raise Refused(figure_id, text("figure.influence.model", lang, model=model))
    rows, yi, vi = zip(*found, strict=True)
    return Fitted(rows, yi, vi, pooled.tau2_method or METHODS[pooled.model])


def baujat(synthesis: Synthesis, lang: str, *, study_link: StudyLink | None = None) -> Figure:
    """Draw each study's share in the heterogeneity against its pull on the estimate (Baujat 2002).

    Raises
    ------
    Refused
        Below three studies, and where no inverse-variance model was fitted.
    """
    figure_id = f"fig-{synthesis.id}-baujat"
    fit = fitted(synthesis, figure_id, lang, MINIMUM_K)
    rows = fit.rows
    across, along = influence.baujat(fit.yi, fit.vi, method=fit.method)
    shares = [(float(x), float(y)) for x, y in zip(across, along, strict=True)]
    canvas = Canvas(_WIDTH)
    x_axis, y_axis = (_axis(max(values)) for values in zip(*shares, strict=True))
    panel = Panel(canvas, 44.0, 22.0, _WIDTH - 12.0, _FLOOR, x_axis, y_axis)
    dots = [panel.at(x, y) for x, y in shares]
    taken = [(x - 4.0, x + 4.0, y + 2.8) for x, y in dots]
    for row, at in sorted(zip(rows, dots, strict=True), key=lambda pair: pair[1][1] - pair[1][0]):
        canvas.dot(*at, 5.5, fill="square")
        _label(canvas, row.label, at, taken, study_link(row.study_id) if study_link else None)
    y = panel.axes(text("figure.baujat.x", lang), text("figure.baujat.y", lang))
    y = paragraphs(canvas, 6.0, y + 4.0, _WIDTH - 12.0, [text("figure.baujat.note", lang)])
    canvas.height = math.ceil(y + 6.0)
    title = text("figure.baujat.title", lang, title=synthesis.title[lang])
    most = max(zip(rows, shares, strict=True), key=lambda pair: pair[1])[0]
    return Figure(
        id=figure_id,
        lang=lang,
        title=title,
        alt=text("figure.baujat.alt", lang, title=title, label=most.label),
        description=tuple(
            text(
                "figure.baujat.row",
                lang,
                label=row.label,
                x=numbers.small(x, 2),
                y=numbers.small(y, 2),
            )
            for row, (x, y) in zip(rows, shares, strict=True)
        ),
        data=tuple(
            {"study_id": row.study_id, "label": row.label, "heterogeneity": x, "pull": y}
            for row, (x, y) in zip(rows, shares, strict=True)
        ),
        canvas=canvas,
    )


def _axis(highest: float) -> Axis:
    high = 1.08 * highest or 1.0
    return Axis(0.0, high, linear_ticks(0.0, high))


def _label(
    canvas: Canvas,
    label: str,
    at: tuple[float, float],
    taken: list[tuple[float, float, float]],
    link: str | None,
) -> None:
    """Name a dot to its right or left, where there is room; dots in a crowd stay without a name."""
    width = fonts.width(label, SMALL)
    base = min(at[1] + 2.8, _FLOOR - 3.0)
    for start in (at[0] + 5.5, at[0] - 5.5 - width):
        end = start + width
        free = not any(abs(base - y) < SMALL and start < right and left < end for left, right, y in taken)
        if free and start > 40.0 and end < _WIDTH - 6.0:
            taken.append((start, end, base))
            canvas.text(start, base, label, size=SMALL, colour="link" if link else "ink", link=link)
            return
