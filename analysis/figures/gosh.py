"""The GOSH plot: the estimate in every subset of the studies (Olkin, Dahabreh and Trikalinos 2012)."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from analysis.figures.axis import Axis, effect_axis
from analysis.figures.baujat import fitted
from analysis.figures.canvas import Canvas
from analysis.figures.forest import axis_title
from analysis.figures.panel import Panel, paragraphs
from analysis.figures.saving import Figure
from analysis.statistics.gosh import gosh as pool_subsets
from analysis.synthesis.results import Synthesis
from analysis.wording import numbers
from analysis.wording.catalogue import text

MINIMUM_K: Final = 5
DRAWN: Final = 1000
"""Dots drawn at most, evenly spread over the subsets in the order of their estimates."""
_WIDTH: Final = 430.0


def gosh(synthesis: Synthesis, lang: str) -> Figure:
    """Draw the pooled estimate of subsets of at least two studies against their I².

    Separate clouds mean that the studies do not speak of one effect.

    Raises
    ------
    Refused
        Below five studies, and where no inverse-variance model was fitted.
    """
    figure_id = f"fig-{synthesis.id}-gosh"
    fit = fitted(synthesis, figure_id, lang, MINIMUM_K)
    fits = pool_subsets(fit.yi, fit.vi, method=fit.method)
    several = np.flatnonzero(fits.size > 1)
    several = several[np.argsort(fits.estimate[several], kind="stable")]
    drawn = several[np.linspace(0, several.size - 1, min(DRAWN, several.size)).astype(int)]
    log = synthesis.scale == "log"
    estimates = [math.exp(value) if log else float(value) for value in fits.estimate[drawn]]
    i2 = [float(value) for value in fits.i2[drawn]]
    x_axis = effect_axis([(value, value, value) for value in estimates], null=synthesis.null_value, log=log)
    canvas = Canvas(_WIDTH)
    y_axis = Axis(0.0, 100.0, (0.0, 25.0, 50.0, 75.0, 100.0))
    panel = Panel(canvas, 40.0, 22.0, _WIDTH - 10.0, 262.0, x_axis, y_axis)
    for x, y in zip(estimates, i2, strict=True):
        canvas.dot(*panel.at(x, y), 2.6, fill="square", edge="square")
    assert synthesis.pooled is not None
    for value, colour, dash in (
        (synthesis.null_value, "muted", "solid"),
        (synthesis.pooled.estimate, "pooled", "dotted"),
    ):
        if value is not None:
            canvas.line(*panel.at(value, 0.0), *panel.at(value, 100.0), colour=colour, dash=dash)
    y = panel.axes(axis_title(synthesis, lang), "I² (%)")
    note = text("figure.gosh.note" if fits.every else "figure.gosh.sample", lang, count=int(several.size))
    y = paragraphs(canvas, 6.0, y + 4.0, _WIDTH - 12.0, [note])
    canvas.height = math.ceil(y + 6.0)
    title = text("figure.gosh.title", lang, title=synthesis.title[lang])
    span = numbers.span(min(estimates), max(estimates), synthesis.measure, lang)
    return Figure(
        id=figure_id,
        lang=lang,
        title=title,
        alt=text("figure.gosh.alt", lang, title=title, count=int(several.size), span=span),
        description=(note,),
        data=tuple(
            {"studies": int(size), "estimate": estimate, "i2_percent": own}
            for size, estimate, own in zip(fits.size[drawn], estimates, i2, strict=True)
        ),
        canvas=canvas,
    )
