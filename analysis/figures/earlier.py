"""What earlier reviews printed, side by side and never pooled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from analysis.figures.axis import Axis, Interval, effect_axis, share_axis
from analysis.figures.forest import is_clipped
from analysis.figures.forest_cells import effect_cells, effect_columns
from analysis.figures.forest_drawing import draw
from analysis.figures.forest_sheet import Cell, Column, Line, Sheet
from analysis.figures.forest_words import capital
from analysis.figures.refused import Refused
from analysis.figures.saving import Figure, Value
from analysis.synthesis.results import Published, Results
from analysis.wording import numbers
from analysis.wording.catalogue import text

if TYPE_CHECKING:
    from analysis.evidence import Evidence

FAMILIES: Final = {
    "difference": (("WMD", "MD"), "MD", 0.0),
    "share": (("percentage",), "PR", None),
    "ratio": (("RR", "OR", "IRR"), "RR", 1.0),
}
"""Results that may share an axis: their measures, the measure they are shown as, its null value."""


def earlier(
    results: Results,
    evidence: Evidence,
    lang: str,
    *,
    axis: str = "controlled_difference",
    family: str = "difference",
    review_link: Callable[[str], str] | None = None,
) -> Figure:
    """Draw earlier reviews' results of one kind of evidence and one family of measures.

    Results without an interval stay as lines that say so.

    Parameters
    ----------
    axis : str
        ``controlled_difference`` or ``single_arm``; results of different kinds are never mixed.
    family : str
        A key of `FAMILIES`.
    review_link : callable, optional
        Review id to an address.

    Raises
    ------
    Refused
        When no earlier review has such a result.
    """
    figure_id = f"fig-earlier-{axis.replace('_', '-')}-{family}"
    measures, measure, null = FAMILIES[family]
    own = [
        result
        for result in results.published
        if result.axis == axis and result.measure in measures and result.outcome != "other"
    ]
    if not own:
        raise Refused(figure_id, text("figure.earlier.refused", lang))
    lines: list[Line] = []
    for outcome in dict.fromkeys(result.outcome for result in own):
        lines += [Line("gap")] if lines else []
        name = capital(evidence.label("review_results", "outcome", outcome, lang))
        lines.append(Line("heading", name))
        lines += [
            _line(result, measure, lang, review_link)
            for result in sorted(own, key=lambda result: (-(result.year or 0), result.review_label))
            if result.outcome == outcome
        ]
    effects = [line.effect for line in lines if line.effect is not None]
    scale = _axis(effects, family, null)
    notes = [text("figure.earlier.note", lang)]
    if any(result.mixed_with_hsct for result in own):
        notes.append(f"† {text('figure.earlier.mixed', lang)}")
    if scale is not None and is_clipped(scale, lines):
        notes.append(text("figure.forest.clipped", lang))
    sheet = Sheet(
        label_head=text("figure.head.review", lang),
        left=(Column("detail", text("figure.head.detail", lang)), Column("i2", "I² (%)")),
        right=effect_columns(measure, lang, weights=False) if effects else (),
        lines=lines,
        axis=scale,
        axis_title=capital(text(f"measure.{measure}.name", lang)),
        null=null,
        foot=notes,
    )
    kind = evidence.label("review_results", "axis", axis, lang)
    title = text("figure.earlier.title", lang, kind=kind)
    reviews = len({result.review_id for result in own})
    return Figure(
        id=figure_id,
        lang=lang,
        title=title,
        alt=text("figure.earlier.alt", lang, title=title, count=len(own), reviews=reviews),
        description=tuple(_spoken(result, measure, evidence, lang) for result in own),
        data=tuple(_record(result) for result in own),
        drawing=draw(sheet).draw(),
    )


def _axis(effects: Sequence[Interval], family: str, null: float | None) -> Axis | None:
    if not effects:
        return None
    return (
        share_axis(effects) if family == "share" else effect_axis(effects, null=null, log=family == "ratio")
    )


def _effect(result: Published) -> Interval | None:
    """Estimate and limits; percentages become shares."""
    if result.estimate is None or result.ci_low is None or result.ci_high is None:
        return None
    factor = 0.01 if result.measure == "percentage" else 1.0
    return result.estimate * factor, result.ci_low * factor, result.ci_high * factor


def _line(result: Published, measure: str, lang: str, review_link: Callable[[str], str] | None) -> Line:
    effect = _effect(result)
    label = f"{result.review_label}\u00a0†" if result.mixed_with_hsct else result.review_label
    cells = {"detail": Cell(after=result.subgroup or "")}
    if result.i2 is not None:
        cells["i2"] = Cell(numbers.plain(result.i2, 0))
    link = review_link(result.review_id) if review_link else None
    if effect is None:
        return Line("grey", label, None, 0.5, cells, _missing(result, measure, lang), link, indent=True)
    return Line("study", label, effect, 0.5, cells | effect_cells(*effect, measure), "", link, indent=True)


def _missing(result: Published, measure: str, lang: str) -> str:
    if result.estimate is None:
        return text("figure.earlier.no_estimate", lang)
    factor = 0.01 if result.measure == "percentage" else 1.0
    return text("figure.earlier.no_interval", lang, value=numbers.measured(result.estimate * factor, measure))


def _spoken(result: Published, measure: str, evidence: Evidence, lang: str) -> str:
    effect = _effect(result)
    words = _missing(result, measure, lang) if effect is None else numbers.estimate(*effect, measure, lang)
    outcome = evidence.label("review_results", "outcome", result.outcome, lang)
    return text("figure.earlier.row", lang, label=result.review_label, outcome=outcome, words=words)


def _record(result: Published) -> dict[str, Value]:
    return {
        "result_id": result.result_id,
        "review_id": result.review_id,
        "review": result.review_label,
        "outcome": result.outcome,
        "subgroup": result.subgroup,
        "measure": result.measure,
        "estimate": result.estimate,
        "ci_low": result.ci_low,
        "ci_high": result.ci_high,
        "i2_percent": result.i2,
        "source_url": result.source_url,
    }
