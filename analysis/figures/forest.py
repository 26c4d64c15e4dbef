"""The forest plot of a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from analysis.figures.axis import Axis, Interval, effect_axis, share_axis
from analysis.figures.forest_cells import (
    effect_cells,
    effect_columns,
    row_cells,
    row_columns,
    total_cells,
    weight_texts,
)
from analysis.figures.forest_condensed import condensed
from analysis.figures.forest_drawing import draw
from analysis.figures.forest_sheet import Cell, Line, Sheet
from analysis.figures.forest_words import (
    alt_text,
    capital,
    foot,
    heterogeneity,
    reason_phrase,
    records,
    signs,
    spoken,
)
from analysis.figures.lights import LIGHTS, Lights
from analysis.figures.saving import Figure
from analysis.synthesis.results import Pooled, Row, Synthesis
from analysis.wording import numbers
from analysis.wording.catalogue import has, text

StudyLink = Callable[[str], str]

NO_SUBGROUP: Final = "not_reported"
"""Code of the subgroup of studies that do not say which they belong to."""


def forest(
    synthesis: Synthesis,
    lang: str,
    *,
    study_link: StudyLink | None = None,
    lights: Lights | None = None,
    narrow: bool = False,
) -> Figure:
    """Draw the forest plot of a question.

    Parameters
    ----------
    synthesis : Synthesis
        The question's answer; nothing is computed here but places on paper.
    lang : str
        ``en`` or ``zh``.
    study_link : callable, optional
        Study id to the address of the study's section.
    lights : Lights, optional
        Judgements of risk of bias to stand beside the studies.
    narrow : bool
        Draw the variant for a phone, with the text above each mark and ``-narrow`` after its id.

    Returns
    -------
    Figure
        With a row for every study of the synthesis, pooled or not; of very many, only their intervals.

    Raises
    ------
    MissingGlyph
        When a label holds a character that the pinned font lacks.
    """
    weights = weight_texts({i: row.weight for i, row in enumerate(synthesis.rows) if row.weight is not None})
    builder = _Builder(synthesis, lang, study_link, weights, lights)
    return Figure(
        id=f"fig-{synthesis.id}-narrow" if narrow else f"fig-{synthesis.id}",
        lang=lang,
        title=synthesis.title[lang],
        alt=alt_text(synthesis, lang),
        description=spoken(synthesis, weights, lang),
        data=records(synthesis, lang),
        canvas=draw(condensed(builder.sheet(), lang), narrow=narrow),
    )


class _Builder:
    """Turns a synthesis into the lines of a sheet."""

    def __init__(
        self,
        synthesis: Synthesis,
        lang: str,
        study_link: StudyLink | None,
        weights: Mapping[int, str],
        lights: Lights | None,
    ) -> None:
        self.synthesis = synthesis
        self.lang = lang
        self.study_link = study_link
        self.weights = weights
        self.lights = lights
        self.signs = signs(synthesis)
        self.left = row_columns(synthesis, lang)
        self.largest = max((row.weight or 0.0 for row in synthesis.rows), default=0.0)

    def sheet(self) -> Sheet:
        lines, after = self.lines(), self.after()
        intervals = [line.effect for line in lines if line.effect is not None]
        axis = axis_of(self.synthesis, intervals) if intervals else None
        columns = effect_columns(self.synthesis.measure, self.lang, weights=bool(self.weights))
        return Sheet(
            label_head=text("figure.head.study", self.lang),
            left=self.left,
            right=columns if axis else (),
            lines=lines,
            after=after,
            axis=axis,
            axis_title=axis_title(self.synthesis, self.lang),
            null=self.synthesis.null_value,
            pooled=self.synthesis.pooled.estimate if self.synthesis.pooled else None,
            mid=self.synthesis.mid,
            favours=favours(self.synthesis, self.lang),
            lights=[f"D{index}" for index, _ in enumerate(self.lights.domains, 1)] if self.lights else (),
            foot=[
                *foot(self.synthesis, self.lang, clipped=axis is not None and is_clipped(axis, lines)),
                *self.light_notes(),
            ],
        )

    def lines(self) -> list[Line]:
        """What stands beside the axis."""
        used = [(i, row) for i, row in enumerate(self.synthesis.rows) if row.status != "not_pooled"]
        others = [row for row in self.synthesis.rows if row.status == "not_pooled" and _interval(row)]
        lines = self.grouped(used) if self.synthesis.subgroups else [self.study(i, row) for i, row in used]
        if not used:
            lines.append(Line("note", text("figure.forest.nothing", self.lang)))
        elif self.synthesis.pooled is None:
            key = "one_trial" if self.synthesis.kind == "two_arm" else "one_study"
            lines.append(Line("note", text(f"figure.forest.{key}", self.lang)))
        lines += self.pooled_lines()
        if others:
            lines += [Line("gap"), Line("heading", text("figure.forest.not_pooled", self.lang))]
            lines += [self.other(row) for row in others]
        return lines

    def after(self) -> list[Line]:
        """Studies without an effect, beneath the axis."""
        rows = [row for row in self.synthesis.rows if row.status == "not_pooled" and not _interval(row)]
        if not rows:
            return []
        heading = Line("heading", text("figure.forest.not_pooled", self.lang))
        return [heading, *(self.other(row) for row in rows)]

    def grouped(self, used: Sequence[tuple[int, Row]]) -> list[Line]:
        lines: list[Line] = []
        for subgroup in self.synthesis.subgroups:
            params: dict[str, str | int] = {"name": capital(subgroup.label[self.lang]), "k": subgroup.k}
            key = "subgroup"
            if subgroup.participants is not None:
                key, params["n"] = "subgroup_n", subgroup.participants
            lines.append(Line("heading", text(f"figure.forest.{key}", self.lang, **params)))
            members = [(i, row) for i, row in used if (row.subgroup or NO_SUBGROUP) == subgroup.code]
            lines += [self.study(i, row, indent=True) for i, row in members]
            if subgroup.pooled is not None:
                name = capital(text(f"model.{subgroup.pooled.model}", self.lang))
                rows = [row for _, row in members]
                lines.append(self.diamond(name, subgroup.pooled, rows, indent=True))
                lines.append(Line("note", heterogeneity(subgroup.pooled, self.lang), indent=True))
            elif members:
                lines.append(Line("note", text("figure.forest.one_study", self.lang), indent=True))
            lines.append(Line("gap"))
        return lines

    def pooled_lines(self) -> list[Line]:
        pooled = self.synthesis.pooled
        if pooled is None:
            return []
        name = text(
            "figure.forest.pooled",
            self.lang,
            model=capital(text(f"model.{pooled.model}", self.lang)),
            k=pooled.k,
        )
        lines = [Line("gap"), self.diamond(name, pooled, self.synthesis.used)]
        low, high = pooled.prediction_low, pooled.prediction_high
        if low is not None and high is not None:
            cells = effect_cells(None, low, high, self.synthesis.measure)
            label = text("figure.forest.prediction", self.lang)
            lines.append(Line("prediction", label, (pooled.estimate, low, high), cells=cells))
        return lines

    def diamond(self, name: str, pooled: Pooled, rows: Sequence[Row], *, indent: bool = False) -> Line:
        cells = total_cells(rows, self.left, pooled.participants)
        cells |= effect_cells(pooled.estimate, pooled.ci_low, pooled.ci_high, self.synthesis.measure)
        weight = weight_texts({0: sum(row.weight or 0.0 for row in rows)})[0]
        if self.weights:
            cells["weight"] = Cell(weight)
        return Line(
            "pooled", name, (pooled.estimate, pooled.ci_low, pooled.ci_high), cells=cells, indent=indent
        )

    def study(self, index: int, row: Row, *, indent: bool = False) -> Line:
        cells = row_cells(row, self.left, self.lang)
        cells |= effect_cells(row.estimate, row.ci_low, row.ci_high, self.synthesis.measure)
        if index in self.weights:
            cells["weight"] = Cell(self.weights[index])
        size = (row.weight or 0.0) / self.largest if self.largest else 0.5
        return Line(
            "study",
            self.label(row),
            _interval(row),
            size,
            cells,
            link=self.link(row),
            indent=indent,
            lights=self.lights_of(row),
        )

    def other(self, row: Row) -> Line:
        cells = row_cells(row, self.left, self.lang)
        if _interval(row):
            cells |= effect_cells(row.estimate, row.ci_low, row.ci_high, self.synthesis.measure)
        reason = capital(reason_phrase(row, self.synthesis, self.lang)) if row.reason else ""
        return Line(
            "grey",
            self.label(row),
            _interval(row),
            0.35,
            cells,
            reason,
            self.link(row),
            lights=self.lights_of(row),
        )

    def light_notes(self) -> list[str]:
        """What the lights' heads and symbols mean."""
        if self.lights is None:
            return []
        names = [f"D{index} {name}" for index, name in enumerate(self.lights.domains, 1)]
        signs = [f"{LIGHTS[code][1] or '○'} {name}" for code, name in self.lights.meanings.items()]
        parts = numbers.clauses([*names, *signs], self.lang)
        return [text("figure.forest.lights", self.lang, parts=parts)]

    def lights_of(self, row: Row) -> tuple[str, ...]:
        return self.lights.of(row.study_id) if self.lights else ()

    def label(self, row: Row) -> str:
        sign = "".join(self.signs[mark] for mark in dict.fromkeys(row.marks))
        return f"{row.label}\u00a0{sign}" if sign else row.label

    def link(self, row: Row) -> str | None:
        return self.study_link(row.study_id) if self.study_link else None


def axis_of(synthesis: Synthesis, intervals: Sequence[Interval]) -> Axis:
    """The axis that suits the measure."""
    if synthesis.measure == "PR":
        return share_axis(intervals)
    log = synthesis.scale == "log"
    return effect_axis(
        intervals, null=synthesis.null_value, mid=synthesis.mid, log=log, percent=synthesis.measure == "RD"
    )


def favours(synthesis: Synthesis, lang: str) -> tuple[str, str]:
    """What each side of the null value speaks for, with an arrow; empty where nothing was said."""
    low, high = synthesis.favours_low[lang], synthesis.favours_high[lang]
    return (
        text("figure.axis.low", lang, text=low) if low else "",
        text("figure.axis.high", lang, text=high) if high else "",
    )


def axis_title(synthesis: Synthesis, lang: str) -> str:
    """Outcome and measure, with the unit or scale they are shown on."""
    title = synthesis.outcome[lang]
    if synthesis.kind != "before_after":  # whose outcome is the change itself
        measure = text(f"measure.{synthesis.measure}.name", lang)
        title = text("figure.axis.measure", lang, outcome=title, measure=measure)
    if synthesis.scale == "log":
        return text("figure.axis.log", lang, title=title)
    if synthesis.measure in ("PR", "RD"):
        return text("figure.axis.percent", lang, title=title)
    unit = f"unit.{synthesis.unit}"
    return text("figure.axis.unit", lang, title=title, unit=text(unit, lang)) if has(unit) else title


def is_clipped(axis: Axis, lines: Sequence[Line]) -> bool:
    """Whether any interval goes on beyond the axis."""
    ends = [end for line in lines if line.effect is not None for end in line.effect[1:]]
    return any(not -1e-9 <= axis.position(end) <= 1 + 1e-9 for end in ends)


def _interval(row: Row) -> Interval | None:
    if row.estimate is None or row.ci_low is None or row.ci_high is None:
        return None
    return row.estimate, row.ci_low, row.ci_high
