"""What each study says about serious adverse events: four different statements, kept apart."""

from __future__ import annotations

from analysis.tables.adverse_events import people_cell
from analysis.tables.model import Line, Table, heading
from analysis.tables.sources import Sources, groups

ORDER = ("serious", "serious_treatment_related", "major", "significant")


def table(sources: Sources) -> Table:
    """A row for each statement, grouped by what it covers."""
    rows = [
        row for row in sources.rows("adverse_events") if row["category"] == "serious" and row["definition"]
    ]
    rows.sort(key=lambda row: ORDER.index(row["definition"]))
    lines = [
        (
            sources.label("adverse_events", "definition", row["definition"]),
            Line(
                (
                    sources.study(row["study_id"]),
                    sources.arm(row),
                    people_cell(sources, row),
                    sources.quote(row),
                    sources.source(row, "adverse_events"),
                )
            ),
        )
        for row in rows
    ]
    return Table(
        id="serious-adverse-events",
        lang=sources.lang,
        caption=sources.text("table.serious_adverse_events.caption"),
        columns=(
            sources.column("study"),
            sources.column("arm"),
            sources.column("people"),
            sources.column("quote", wide=True),
            sources.column("source"),
        ),
        lines=groups(lines) if lines else (heading(sources.text("show.no_rows")),),
        notes=(sources.text("table.serious_adverse_events.note"),),
    )
