"""The answer under every other defensible choice."""

from __future__ import annotations

from analysis.figures.axis import Interval
from analysis.figures.forest import axis_of, axis_title, favours, is_clipped
from analysis.figures.forest_cells import effect_cells, effect_columns
from analysis.figures.forest_drawing import draw
from analysis.figures.forest_sheet import Cell, Column, Line, Sheet
from analysis.figures.forest_words import capital
from analysis.figures.refused import Refused
from analysis.figures.saving import Figure, Value
from analysis.synthesis.results import Alternative, Pooled, Synthesis
from analysis.wording import facts, numbers
from analysis.wording.catalogue import text

LABEL_ROOM = 250.0
KINDS = ("model", "assumption", "inclusion")


def choices(synthesis: Synthesis, lang: str) -> Figure:
    """Draw the protocol's estimate above the estimates under every other choice.

    Choices that cannot be computed stay as lines with the reason.

    Raises
    ------
    Refused
        When there is no answer or no other choice.
    """
    figure_id = f"fig-{synthesis.id}-choices"
    head = synthesis.headline
    if head is None or head.estimate is None or not synthesis.alternatives:
        raise Refused(figure_id, text("figure.choices.refused", lang))
    estimate, low, high = facts.limits(head)
    pooled = isinstance(head, Pooled)
    cells = {"k": Cell(str(synthesis.k)), **_p(head.p_value if isinstance(head, Pooled) else None)}
    cells |= effect_cells(estimate, low, high, synthesis.measure)
    protocol = text("figure.choices.protocol", lang)
    lines = [Line("pooled" if pooled else "study", protocol, (estimate, low, high), 0.5, cells)]
    failed = []
    for kind in KINDS:
        group = [_other(other, synthesis, lang) for other in synthesis.alternatives if other.kind == kind]
        drawn = [line for line in group if line.effect is not None]
        failed += [line for line in group if line.effect is None]
        if drawn:
            lines += [Line("gap"), Line("heading", text(f"alternative_kind.{kind}", lang)), *drawn]
    axis = axis_of(synthesis, [line.effect for line in lines if line.effect is not None])
    columns = [Column("k", "k")]
    if synthesis.null_value is not None and any("p" in line.cells for line in lines):
        columns.append(Column("p", text("figure.head.p", lang)))
    sheet = Sheet(
        label_head=text("figure.head.choice", lang),
        left=columns,
        right=effect_columns(synthesis.measure, lang, weights=False),
        lines=lines,
        after=[Line("heading", text("figure.choices.failed", lang)), *failed] if failed else [],
        axis=axis,
        axis_title=axis_title(synthesis, lang),
        null=synthesis.null_value,
        pooled=estimate,
        mid=synthesis.mid,
        favours=favours(synthesis, lang),
        label_room=LABEL_ROOM,
        foot=[text("figure.forest.clipped", lang)] if is_clipped(axis, lines) else [],
    )
    title = text("figure.choices.title", lang, title=synthesis.title[lang])
    return Figure(
        id=figure_id,
        lang=lang,
        title=title,
        alt=_alt(synthesis, title, (estimate, low, high), lang),
        description=tuple(_spoken(other, synthesis, lang) for other in synthesis.alternatives),
        data=tuple(_record(other, lang) for other in synthesis.alternatives),
        canvas=draw(sheet),
    )


def _line(
    kind: str,
    label: str,
    effect: Interval,
    synthesis: Synthesis,
    cells: dict[str, Cell],
    *,
    indent: bool = False,
) -> Line:
    return Line(kind, label, effect, 0.5, cells | effect_cells(*effect, synthesis.measure), indent=indent)


def _other(other: Alternative, synthesis: Synthesis, lang: str) -> Line:
    label = capital(facts.alternative_text(other, lang))
    cells = {"k": Cell(str(other.k)), **_p(other.p_value)}
    if other.estimate is None or other.ci_low is None or other.ci_high is None:
        return Line("grey", label, cells=cells, remark=_why(other, lang), indent=True)
    effect = (other.estimate, other.ci_low, other.ci_high)
    cells |= effect_cells(*effect, synthesis.measure)
    return Line("study", label, effect, 0.5, cells, indent=True)


def _p(p: float | None) -> dict[str, Cell]:
    """A p value without its letter, which stands in the head."""
    if p is None:
        return {}
    shown = numbers.p_value(p, "en").removeprefix("p ").removeprefix("= ")
    return {"p": Cell(shown)}


def _why(other: Alternative, lang: str) -> str:
    return capital(facts.reason_text(other.reason or "not_estimable", "", lang))


def _alt(synthesis: Synthesis, title: str, effect: Interval, lang: str) -> str:
    found = sorted(other.estimate for other in synthesis.alternatives if other.estimate is not None)
    count = numbers.counted("choice", len(found), lang)
    protocol = numbers.estimate(*effect, synthesis.measure, lang)
    if not found:
        return text("figure.choices.alt_none", lang, title=title, protocol=protocol)
    span = numbers.span(found[0], found[-1], synthesis.measure, lang)
    return text("figure.choices.alt", lang, title=title, protocol=protocol, choices=count, span=span)


def _spoken(other: Alternative, synthesis: Synthesis, lang: str) -> str:
    label = capital(facts.alternative_text(other, lang))
    if other.estimate is None or other.ci_low is None or other.ci_high is None:
        words = text("figure.alt.without_estimate", lang, label=label, reason=_why(other, lang))
    else:
        estimate = numbers.estimate(other.estimate, other.ci_low, other.ci_high, synthesis.measure, lang)
        measure = text(f"measure.{synthesis.measure}.name", lang)
        words = text("figure.alt.estimate", lang, label=label, measure=measure, estimate=estimate)
    return text("figure.alt.sentence", lang, text=words)


def _record(other: Alternative, lang: str) -> dict[str, Value]:
    return {
        "kind": other.kind,
        "code": other.code,
        "choice": facts.alternative_text(other, lang),
        "k": other.k,
        "estimate": other.estimate,
        "ci_low": other.ci_low,
        "ci_high": other.ci_high,
        "p_value": other.p_value,
        "tau2": other.tau2,
        "i2_percent": other.i2,
    }
