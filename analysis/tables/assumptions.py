"""Everything assumed or derived, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.synthesis.results import Mark, Row
from analysis.tables.model import Cell, Line, Table, heading
from analysis.tables.sources import Sources
from analysis.wording import facts, numbers


def table(sources: Sources) -> Table:
    """A row for each mark of each study that an answer rests on, with the questions it bears on."""
    found: dict[tuple[str, Mark], tuple[Row, list[str]]] = {}
    for synthesis in sources.results.questions:
        for row in synthesis.used:
            for mark in row.marks:
                _, questions = found.setdefault((row.study_id, mark), (row, []))
                questions.append(synthesis.title[sources.lang])
    lines = [
        Line(
            (
                sources.study(study_id),
                Cell(facts.mark_text(mark, sources.lang)),
                Cell(_reason(sources, study_id, mark)),
                Cell(_tried(sources, study_id, mark)),
                Cell(numbers.clauses(dict.fromkeys(questions), sources.lang)),
            )
        )
        for (study_id, mark), (_, questions) in found.items()
    ]
    return Table(
        id="assumptions",
        lang=sources.lang,
        caption=sources.text("table.assumptions.caption"),
        columns=(
            sources.column("study"),
            sources.column("assumption", wide=True),
            sources.column("why", wide=True),
            sources.column("tried"),
            sources.column("question"),
        ),
        lines=tuple(lines) or (heading(sources.text("show.no_rows")),),
        landscape=True,
    )


def _assumption(sources: Sources, study_id: str, mark: Mark) -> Mapping[str, Any] | None:
    """The protocol's entry behind a mark: one for this study before one for all."""
    entries = [
        entry for entry in sources.evidence.protocol.get("assumptions") or () if entry["code"] == mark.code
    ]
    for wanted in (study_id, None):
        for entry in entries:
            if entry.get("study") == wanted:
                return dict(entry)
    return None


def _reason(sources: Sources, study_id: str, mark: Mark) -> str:
    entry = _assumption(sources, study_id, mark)
    return str(entry["reason"][sources.lang]) if entry else ""


def _tried(sources: Sources, study_id: str, mark: Mark) -> str:
    entry = _assumption(sources, study_id, mark)
    values = entry.get("alternatives") or () if entry else ()
    return numbers.listed((numbers.plain(float(value)) for value in values), sources.lang)
