"""What earlier reviews printed, side by side with this review's own results and never pooled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analysis.figures.axis import Axis, Interval, effect_axis, share_axis
from analysis.figures.forest import is_clipped
from analysis.figures.forest_cells import effect_cells, effect_columns
from analysis.figures.forest_drawing import draw
from analysis.figures.forest_sheet import Cell, Column, Line, Sheet
from analysis.figures.forest_words import capital
from analysis.figures.refused import Refused
from analysis.figures.saving import Figure, Value
from analysis.synthesis.results import Pooled, Published, Results, Synthesis
from analysis.wording import facts, numbers
from analysis.wording.catalogue import text

if TYPE_CHECKING:
    from analysis.evidence import Evidence

FAMILIES: Final = {
    "difference": (("WMD", "MD"), "MD", 0.0),
    "share": (("percentage",), "PR", None),
    "ratio": (("RR", "OR", "IRR"), "RR", 1.0),
}
"""Results that may share an axis: their measures, the measure they are shown as, its null value."""

OWN: Final[Mapping[tuple[str, str], tuple[str, tuple[str, ...]]]] = {
    ("controlled_difference", "difference"): ("two_arm", ("MD",)),
    ("controlled_difference", "ratio"): ("two_arm", ("RR", "OR", "IRR")),
    ("single_arm", "difference"): ("before_after", ("MC",)),
    ("single_arm", "share"): ("proportion", ("PR",)),
}
"""Which of this review's questions (kind, measures) may stand on an axis: of the same design only."""

NAMES: Final[Mapping[tuple[str, str], str]] = {
    ("controlled_difference", "difference"): "reviews",
    ("controlled_difference", "ratio"): "ratios",
    ("single_arm", "difference"): "changes",
    ("single_arm", "share"): "shares",
}
"""What the figure of an axis and family is called, after ``fig-earlier-``."""

MIXED: Final = "†"
ASSUMED: Final = "‡"


@dataclass(frozen=True)
class _Entry:
    """One result on the sheet, an earlier review's or our own."""

    label: str
    outcome: str
    detail: str
    kind: str
    effect: Interval | None
    remark: str
    i2: float | None
    link: str | None
    record: Mapping[str, Value]


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

    This review's own results of the same outcome, kind of evidence and family stand first under each
    outcome. Results without an interval stay as lines that say so.

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
    figure_id = f"fig-earlier-{NAMES[axis, family]}"
    measures, measure, null = FAMILIES[family]
    if axis == "single_arm" and family == "difference":
        measure = "MC"
    printed = [
        result
        for result in results.published
        if result.axis == axis and result.measure in measures and result.outcome != "other"
    ]
    if not printed:
        raise Refused(figure_id, text("figure.earlier.refused", lang))
    outcomes = list(dict.fromkeys(result.outcome for result in printed))
    own = [
        _answer(synthesis, family, lang)
        for synthesis in _own_questions(results, axis, family)
        if synthesis.outcome_code in outcomes
    ]
    printed.sort(key=lambda result: (-(result.year or 0), result.review_label))
    entries = [*own, *(_printed(result, measure, lang, review_link) for result in printed)]
    entries.sort(key=lambda entry: outcomes.index(entry.outcome))
    names = {name: capital(evidence.label("review_results", "outcome", name, lang)) for name in outcomes}
    lines: list[Line] = []
    for outcome in outcomes:
        lines += [Line("gap")] if lines else []
        lines.append(Line("heading", names[outcome]))
        lines += [_line(entry, measure) for entry in entries if entry.outcome == outcome]
    effects = [line.effect for line in lines if line.effect is not None]
    scale = _axis(effects, family, null)
    notes = [text("figure.earlier.note", lang)]
    if own:
        notes.append(text("earlier.own_note", lang))
    if any(ASSUMED in entry.label for entry in own):
        notes.append(f"{ASSUMED} {text('table.results.assumed', lang)}")
    if any(result.mixed_with_hsct for result in printed):
        notes.append(f"{MIXED} {text('figure.earlier.mixed', lang)}")
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
    title = text(f"earlier.title.{NAMES[axis, family]}", lang)
    reviews = len({result.review_id for result in printed})
    alt = [text("figure.earlier.alt", lang, title=title, count=len(printed), reviews=reviews)]
    alt += [text("earlier.own_alt", lang, count=len(own))] if own else []
    return Figure(
        id=figure_id,
        lang=lang,
        title=title,
        alt=numbers.sentences(alt, lang),
        description=tuple(_spoken(entry, measure, names, lang) for entry in entries),
        data=tuple(entry.record for entry in entries),
        canvas=draw(sheet),
    )


def _own_questions(results: Results, axis: str, family: str) -> list[Synthesis]:
    kind, measures = OWN[axis, family]
    return [
        synthesis
        for synthesis in results.questions
        if synthesis.kind == kind and synthesis.measure in measures and synthesis.headline is not None
    ]


def _axis(effects: Sequence[Interval], family: str, null: float | None) -> Axis | None:
    if not effects:
        return None
    return (
        share_axis(effects) if family == "share" else effect_axis(effects, null=null, log=family == "ratio")
    )


def _answer(synthesis: Synthesis, family: str, lang: str) -> _Entry:
    """This review's answer to a question; shares in percent in the record, as reviews print them."""
    head = synthesis.headline
    assert head is not None
    effect = facts.limits(head)
    routes = {row.attributes["route"][lang] if "route" in row.attributes else "" for row in synthesis.used}
    studies = numbers.counted(facts.study_noun(synthesis), synthesis.k, lang)
    route = routes.pop() if len(routes) == 1 else ""
    detail = text("figure.forest.comma", lang).join(part for part in (route, studies) if part)
    pooled = head if isinstance(head, Pooled) else None
    label = text("earlier.own", lang)
    factor = 100.0 if family == "share" else 1.0
    estimate, low, high = (value * factor for value in effect)
    i2 = pooled.i2 if pooled else None
    record = _record(
        result_id=synthesis.id,
        review_id="this_review",
        review=label,
        outcome=synthesis.outcome_code,
        subgroup=route or None,
        measure="percentage" if family == "share" else synthesis.measure,
        estimate=estimate,
        ci_low=low,
        ci_high=high,
        i2_percent=i2,
        source_url=None,
    )
    kind = "pooled" if pooled else "study"
    if any(row.marks for row in synthesis.used):
        label = f"{label}\u00a0{ASSUMED}"
    return _Entry(label, synthesis.outcome_code, detail, kind, effect, "", i2, None, record)


def _printed(result: Published, measure: str, lang: str, review_link: Callable[[str], str] | None) -> _Entry:
    label = f"{result.review_label}\u00a0{MIXED}" if result.mixed_with_hsct else result.review_label
    effect = _effect(result)
    record = _record(
        result_id=result.result_id,
        review_id=result.review_id,
        review=result.review_label,
        outcome=result.outcome,
        subgroup=result.subgroup,
        measure=result.measure,
        estimate=result.estimate,
        ci_low=result.ci_low,
        ci_high=result.ci_high,
        i2_percent=result.i2,
        source_url=result.source_url,
    )
    link = review_link(result.review_id) if review_link else None
    remark = "" if effect else _missing(result, measure, lang)
    kind = "study" if effect else "grey"
    return _Entry(label, result.outcome, result.subgroup or "", kind, effect, remark, result.i2, link, record)


def _record(**values: Value) -> Mapping[str, Value]:
    return values


def _effect(result: Published) -> Interval | None:
    """Estimate and limits; percentages become shares."""
    if result.estimate is None or result.ci_low is None or result.ci_high is None:
        return None
    factor = 0.01 if result.measure == "percentage" else 1.0
    return result.estimate * factor, result.ci_low * factor, result.ci_high * factor


def _line(entry: _Entry, measure: str) -> Line:
    cells = {"detail": Cell(after=entry.detail)}
    if entry.i2 is not None:
        cells["i2"] = Cell(numbers.plain(entry.i2, 0))
    if entry.effect is not None:
        cells |= effect_cells(*entry.effect, measure)
    return Line(entry.kind, entry.label, entry.effect, 0.5, cells, entry.remark, entry.link, indent=True)


def _missing(result: Published, measure: str, lang: str) -> str:
    if result.estimate is None:
        return text("figure.earlier.no_estimate", lang)
    factor = 0.01 if result.measure == "percentage" else 1.0
    return text("figure.earlier.no_interval", lang, value=numbers.measured(result.estimate * factor, measure))


def _spoken(entry: _Entry, measure: str, names: Mapping[str, str], lang: str) -> str:
    words = numbers.estimate(*entry.effect, measure, lang) if entry.effect else entry.remark
    outcome = facts.in_sentence(names[entry.outcome])
    return text(
        "figure.earlier.row", lang, label=entry.label.split("\u00a0")[0], outcome=outcome, words=words
    )
