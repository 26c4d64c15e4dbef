"""How the answer to a question moved from version to version of the review."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.figures.forest import axis_of, axis_title, favours, is_clipped
from analysis.figures.forest_cells import effect_cells, effect_columns
from analysis.figures.forest_drawing import draw
from analysis.figures.forest_sheet import Cell, Column, Line, Sheet
from analysis.figures.refused import Refused
from analysis.figures.saving import Figure, Value
from analysis.synthesis.results import Pooled, Results, Synthesis
from analysis.wording import facts, numbers
from analysis.wording.catalogue import text


def history(versions: Sequence[Results], question: str, lang: str) -> Figure:
    """Draw a question's answer in each version, the oldest first.

    A version without the question, or with no answer to it, stays as a line that says so.

    Raises
    ------
    Refused
        When there are fewer than two versions, or no version has an answer.
    """
    figure_id = f"fig-{question}-history"
    found = [(str(version.review["version"]), _of(version, question)) for version in versions]
    latest = next((answer for _, answer in reversed(found) if answer is not None), None)
    lines = [_line(name, answer, lang) for name, answer in found]
    effects = [line.effect for line in lines if line.effect is not None]
    if len(found) < 2 or latest is None or not effects:
        raise Refused(figure_id, text("figure.history.refused", lang))
    axis = axis_of(latest, effects)
    sheet = Sheet(
        label_head=text("figure.history.version", lang),
        left=(Column("k", "k"), Column("n", text("figure.head.n", lang))),
        right=effect_columns(latest.measure, lang, weights=False),
        lines=lines,
        axis=axis,
        axis_title=axis_title(latest, lang),
        null=latest.null_value,
        mid=latest.mid,
        favours=favours(latest, lang),
        foot=[text("figure.forest.clipped", lang)] if is_clipped(axis, lines) else [],
    )
    title = text("figure.history.title", lang, title=latest.title[lang])
    spoken = [_spoken(name, answer, lang) for name, answer in found]
    return Figure(
        id=figure_id,
        lang=lang,
        title=title,
        alt=text("figure.history.alt", lang, title=title, first=spoken[0], last=spoken[-1]),
        description=tuple(spoken),
        data=tuple(_record(name, answer) for name, answer in found),
        canvas=draw(sheet),
    )


def _of(version: Results, question: str) -> Synthesis | None:
    return next((answer for answer in version.questions if answer.id == question), None)


def _line(name: str, answer: Synthesis | None, lang: str) -> Line:
    head = answer.headline if answer else None
    if answer is None or head is None:
        return Line("grey", name, remark=text("figure.history.none", lang), cells={"k": Cell("0")})
    effect = facts.limits(head)
    cells = {"k": Cell(str(answer.k))} | effect_cells(*effect, answer.measure)
    if answer.participants is not None:
        cells["n"] = Cell(numbers.plain(answer.participants, 1))
    return Line("pooled" if isinstance(head, Pooled) else "study", name, effect, 0.5, cells)


def _spoken(name: str, answer: Synthesis | None, lang: str) -> str:
    head = answer.headline if answer else None
    if answer is None or head is None:
        return text("figure.history.row", lang, version=name, words=text("figure.history.none", lang))
    estimate = numbers.estimate(*facts.limits(head), answer.measure, lang)
    studies = numbers.counted("study", answer.k, lang)
    words = text("figure.forest.comma", lang).join((studies, estimate))
    return text("figure.history.row", lang, version=name, words=words)


def _record(name: str, answer: Synthesis | None) -> dict[str, Value]:
    head = answer.headline if answer else None
    return {
        "version": name,
        "k": answer.k if answer else None,
        "estimate": head.estimate if head else None,
        "ci_low": head.ci_low if head else None,
        "ci_high": head.ci_high if head else None,
    }
