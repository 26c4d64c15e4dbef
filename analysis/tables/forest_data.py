"""The numbers in a forest plot as a table, for reading aloud and for copying."""

from __future__ import annotations

from collections.abc import Callable

from analysis.synthesis.results import Row, Synthesis
from analysis.tables.model import Cell, Column, Line, Table
from analysis.wording import catalogue, facts, numbers

StudyLink = Callable[[str], str]


def table(synthesis: Synthesis, lang: str, study_link: StudyLink) -> Table:
    """A row for each study of the question, and for the pooled estimate."""
    inputs = _inputs(synthesis)
    weighted = any(row.weight is not None for row in synthesis.rows)
    columns = [
        Column("study", catalogue.text("column.study", lang)),
        *(Column(name, catalogue.text(f"column.{name}", lang), "decimal") for name in inputs),
        Column("estimate", catalogue.text("column.estimate", lang), "decimal"),
    ]
    if weighted:
        columns.append(Column("weight", catalogue.text("column.weight", lang), "decimal"))
    columns.append(Column("place", catalogue.text("column.place", lang), wide=True))
    lines = [_line(row, synthesis, inputs, weighted, lang, study_link) for row in synthesis.rows]
    pooled = synthesis.pooled
    if pooled is not None:
        name = catalogue.text(f"model.{pooled.model}", lang)
        cells = [Cell(name[:1].upper() + name[1:]), *(Cell("") for _ in inputs)]
        cells.append(Cell(_estimate(pooled, synthesis.measure, lang)))
        cells += [Cell("100.0%")] if weighted else []
        lines.append(Line((*cells, Cell(numbers.counted("study", pooled.k, lang)))))
    return Table(
        id=f"forest-{synthesis.id}",
        lang=lang,
        caption=catalogue.text("show.figure_data", lang),
        columns=tuple(columns),
        lines=tuple(lines),
    )


def _inputs(synthesis: Synthesis) -> tuple[str, ...]:
    match synthesis.kind:
        case "two_arm":
            return ("intervention", "control")
        case "before_after":
            return ("before", "after", "n")
        case "proportion":
            return ("people",)
    return ()


def _line(
    row: Row, synthesis: Synthesis, inputs: tuple[str, ...], weighted: bool, lang: str, study_link: StudyLink
) -> Line:
    place = catalogue.text(f"row_status.{row.status}", lang)
    if row.status == "not_pooled" and row.reason:
        reason = facts.reason_text(row.reason, row.reason_detail, lang)
        place = numbers.clauses((place, reason), lang)
    marks = tuple(facts.mark_text(mark, lang) for mark in row.marks)
    weight = [Cell("" if row.weight is None else f"{numbers.decimal(row.weight, 1)}%", value=row.weight)]
    return Line(
        (
            Cell(row.label, value=row.study_id, href=study_link(row.study_id)),
            *(Cell(_input(row, name, lang)) for name in inputs),
            Cell(_estimate(row, synthesis.measure, lang), marks=marks),
            *(weight if weighted else ()),
            Cell(place),
        )
    )


def _input(row: Row, name: str, lang: str) -> str:
    suffix = {"intervention": "1", "control": "2", "before": "_pre", "after": "_post"}.get(name, "")
    given = {
        key: numbers.plain(value, 2)
        for key in ("events", "mean", "sd", "n")
        if (value := row.data.get(key if key == "n" and suffix.startswith("_") else key + suffix)) is not None
    }
    if name == "n":
        return given.get("n", "")
    if "events" in given and "n" in given:
        return catalogue.text("number.of", lang, part=given["events"], whole=given["n"])
    if "mean" not in given or "sd" not in given:
        return ""
    text = catalogue.text("number.mean_sd", lang, mean=given["mean"], sd=given["sd"])
    return (
        text
        if suffix.startswith("_") or "n" not in given
        else f"{text}{'; ' if lang == 'en' else '；'}n = {given['n']}"
    )


def _estimate(found: object, measure: str, lang: str) -> str:
    value, low, high = (getattr(found, name) for name in ("estimate", "ci_low", "ci_high"))
    if value is None:
        return ""
    if low is None or high is None:
        return numbers.measured(value, measure)
    return numbers.estimate(value, low, high, measure, lang)
