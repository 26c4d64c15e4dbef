"""How the answer to a question moved from version to version of the review."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.figures.axis import Interval
from analysis.figures.forest import axis_of, axis_title, favours, is_clipped
from analysis.figures.forest_cells import effect_cells, effect_columns
from analysis.figures.forest_drawing import draw
from analysis.figures.forest_sheet import Cell, Column, Line, Sheet
from analysis.figures.refused import Refused
from analysis.figures.saving import Figure, Value
from analysis.living.answers import Answer, says_the_same
from analysis.synthesis.results import Synthesis
from analysis.wording import numbers
from analysis.wording.catalogue import text

Told = tuple[str, Answer | None]


def history(told: Sequence[Told], synthesis: Synthesis, lang: str) -> Figure:
    """Draw a question's answer in each version, the oldest first.

    Versions in a row that say the same are one line, so that what moved stands out among many; a version
    without the question, or with no number for it, stays as a line that says so.

    Parameters
    ----------
    told : sequence of (str, Answer or None)
        What each version is called, and what it says (`analysis.living.answers.told_by`).
    synthesis : Synthesis
        The question as it is asked now.

    Raises
    ------
    Refused
        When there are fewer than two versions, or no version has a number.
    """
    figure_id = f"fig-{synthesis.id}-history"
    runs = list(_runs(told, lang))
    lines = [_line(name, answer, synthesis.measure, lang) for name, answer in runs]
    effects = [line.effect for line in lines if line.effect is not None]
    if len(told) < 2 or not effects:
        raise Refused(figure_id, text("figure.history.refused", lang))
    axis = axis_of(synthesis, effects)
    foot = [text("figure.history.printed", lang, by=name) for name in _printers(told)]
    sheet = Sheet(
        label_head=text("figure.history.version", lang),
        left=(Column("k", "k"), Column("n", text("figure.head.n", lang))),
        right=effect_columns(synthesis.measure, lang, weights=False),
        lines=lines,
        axis=axis,
        axis_title=axis_title(synthesis, lang),
        null=synthesis.null_value,
        mid=synthesis.mid,
        favours=favours(synthesis, lang),
        foot=[*foot, *([text("figure.forest.clipped", lang)] if is_clipped(axis, lines) else [])],
    )
    title = text("figure.history.title", lang, title=synthesis.title[lang])
    spoken = [_spoken(name, answer, synthesis.measure, lang) for name, answer in runs]
    return Figure(
        id=figure_id,
        lang=lang,
        title=title,
        alt=text("figure.history.alt", lang, title=title, first=spoken[0], last=spoken[-1]),
        description=tuple(spoken),
        data=tuple(_record(name, answer) for name, answer in told),
        canvas=draw(sheet),
    )


def effect_of(answer: Answer | None) -> Interval | None:
    """An answer's estimate with its limits, where it has all three."""
    if answer is None or answer.estimate is None or answer.ci_low is None or answer.ci_high is None:
        return None
    return answer.estimate, answer.ci_low, answer.ci_high


def _runs(told: Sequence[Told], lang: str) -> Iterator[Told]:
    """Each answer with the versions in a row that give it."""
    start = 0
    for end in range(1, len(told) + 1):
        (first, answer), (last, _) = told[start], told[end - 1]
        if end == len(told) or not says_the_same(answer, told[end][1]):
            yield first if first == last else text("figure.history.run", lang, first=first, last=last), answer
            start = end


def _printers(told: Sequence[Told]) -> list[str]:
    return list(dict.fromkeys(answer.printed_by for _, answer in told if answer and answer.printed_by))


def _line(name: str, answer: Answer | None, measure: str, lang: str) -> Line:
    effect = effect_of(answer)
    label = f"{name}\u00a0†" if answer and answer.printed_by else name
    if answer is None or effect is None:
        return Line("grey", label, remark=text("figure.history.none", lang), cells={})
    cells = effect_cells(*effect, measure)
    if answer.k is not None:
        cells |= {"k": Cell(str(answer.k))}
    if answer.participants is not None:
        cells |= {"n": Cell(numbers.plain(answer.participants, 1))}
    return Line("study" if answer.k == 1 else "pooled", label, effect, 0.5, cells)


def _spoken(name: str, answer: Answer | None, measure: str, lang: str) -> str:
    effect = effect_of(answer)
    if answer is None or effect is None:
        return text("figure.history.row", lang, version=name, words=text("figure.history.none", lang))
    parts = [numbers.estimate(*effect, measure, lang)]
    if answer.k is not None:
        parts.insert(0, numbers.counted("study", answer.k, lang))
    words = text("figure.forest.comma", lang).join(parts)
    return text("figure.history.row", lang, version=name, words=words)


def _record(name: str, answer: Answer | None) -> dict[str, Value]:
    record: dict[str, Value] = {"version": name, "printed_by": answer.printed_by if answer else None}
    for field in ("k", "estimate", "ci_low", "ci_high"):
        record[field] = getattr(answer, field) if answer else None
    return record
