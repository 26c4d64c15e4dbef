"""The pooled estimate again without each study in turn, and as studies were added."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.figures.forest import StudyLink, axis_of, axis_title, favours, is_clipped
from analysis.figures.forest_cells import effect_cells, effect_columns
from analysis.figures.forest_condensed import condensed
from analysis.figures.forest_drawing import draw
from analysis.figures.forest_sheet import Cell, Column, Line, Sheet
from analysis.figures.refused import Refused
from analysis.figures.saving import Figure, Value
from analysis.synthesis.results import LeftOut, Pooled, Synthesis
from analysis.wording import numbers
from analysis.wording.catalogue import text


def leave_one_out(synthesis: Synthesis, lang: str, *, study_link: StudyLink | None = None) -> Figure:
    """Draw the pooled estimate without each study in turn, above the one with all of them.

    Raises
    ------
    Refused
        Below three studies, where leaving one out leaves nothing to pool.
    """
    return _refits(synthesis, synthesis.leave_one_out, "leave_one_out", lang, study_link)


def cumulative(
    synthesis: Synthesis, steps: Sequence[LeftOut], lang: str, *, study_link: StudyLink | None = None
) -> Figure:
    """Draw the pooled estimate as it stood after each study.

    Parameters
    ----------
    steps : sequence of LeftOut
        In the order of publication: the study added, and the estimate from it and all before it.

    Raises
    ------
    Refused
        Without steps.
    """
    return _refits(synthesis, steps, "cumulative", lang, study_link)


def _refits(
    synthesis: Synthesis, fits: Sequence[LeftOut], kind: str, lang: str, study_link: StudyLink | None
) -> Figure:
    figure_id = f"fig-{synthesis.id}-{kind.replace('_', '-')}"
    pooled = synthesis.pooled
    if pooled is None or not fits:
        raise Refused(figure_id, text(f"figure.{kind}.refused", lang))
    lines = [_line(fit, synthesis.measure, kind, lang, study_link) for fit in fits]
    lines += [Line("gap"), _all(pooled, synthesis.measure, lang)]
    axis = axis_of(synthesis, [line.effect for line in lines if line.effect is not None])
    low, high = favours(synthesis, lang)
    clipped = [text("figure.forest.clipped", lang)] if is_clipped(axis, lines) else []
    sheet = Sheet(
        label_head=text(f"figure.{kind}.head", lang),
        left=(Column("tau2", "τ²"), Column("i2", "I² (%)")),
        right=effect_columns(synthesis.measure, lang, weights=False),
        lines=lines,
        axis=axis,
        axis_title=axis_title(synthesis, lang),
        null=synthesis.null_value,
        pooled=pooled.estimate,
        mid=synthesis.mid,
        favours=(low, high),
        foot=clipped,
    )
    title = text(f"figure.{kind}.title", lang, title=synthesis.title[lang])
    estimates = sorted(fit.estimate for fit in fits)
    span = numbers.span(estimates[0], estimates[-1], synthesis.measure, lang)
    everything = numbers.estimate(pooled.estimate, pooled.ci_low, pooled.ci_high, synthesis.measure, lang)
    return Figure(
        id=figure_id,
        lang=lang,
        title=title,
        alt=text(f"figure.{kind}.alt", lang, title=title, span=span, all=everything),
        description=tuple(_spoken(fit, synthesis, kind, lang) for fit in fits),
        data=tuple(_record(fit) for fit in fits),
        canvas=draw(condensed(sheet, lang, by_estimate=kind == "leave_one_out")),
    )


def _line(fit: LeftOut, measure: str, kind: str, lang: str, study_link: StudyLink | None) -> Line:
    cells = effect_cells(fit.estimate, fit.ci_low, fit.ci_high, measure) | _heterogeneity(fit.tau2, fit.i2)
    return Line(
        "study",
        text(f"figure.{kind}.row", lang, label=fit.label),
        (fit.estimate, fit.ci_low, fit.ci_high),
        0.5,
        cells,
        link=study_link(fit.study_id) if study_link else None,
    )


def _all(pooled: Pooled, measure: str, lang: str) -> Line:
    cells = effect_cells(pooled.estimate, pooled.ci_low, pooled.ci_high, measure)
    cells |= _heterogeneity(pooled.tau2, pooled.i2)
    label = text("figure.leave_one_out.all", lang, k=pooled.k)
    return Line("pooled", label, (pooled.estimate, pooled.ci_low, pooled.ci_high), cells=cells)


def _heterogeneity(tau2: float | None, i2: float | None) -> dict[str, Cell]:
    cells = {}
    if tau2 is not None:
        cells["tau2"] = Cell(numbers.small(tau2))
    if i2 is not None:
        cells["i2"] = Cell(numbers.decimal(i2, 0))
    return cells


def _spoken(fit: LeftOut, synthesis: Synthesis, kind: str, lang: str) -> str:
    estimate = numbers.estimate(fit.estimate, fit.ci_low, fit.ci_high, synthesis.measure, lang)
    measure = text(f"measure.{synthesis.measure}.name", lang)
    label = text(f"figure.{kind}.row", lang, label=fit.label)
    words = text("figure.alt.estimate", lang, label=label, measure=measure, estimate=estimate)
    return text("figure.alt.sentence", lang, text=words)


def _record(fit: LeftOut) -> dict[str, Value]:
    return {
        "study_id": fit.study_id,
        "label": fit.label,
        "estimate": fit.estimate,
        "ci_low": fit.ci_low,
        "ci_high": fit.ci_high,
        "tau2": fit.tau2,
        "i2_percent": fit.i2,
    }
