"""Reports that are not counted: other reports of counted people, awaiting or excluded studies."""

from __future__ import annotations

from analysis.tables.model import Cell, Line, Table
from analysis.tables.sources import Sources, groups

ORDER = ("overlapping", "awaiting", "excluded")


def table(sources: Sources) -> Table:
    """A row for each report with the reason, extracted studies first."""
    studies = [row for row in sources.rows("studies") if row["inclusion"] in ORDER]
    studies.sort(key=lambda row: (ORDER.index(row["inclusion"]), row["stream"], row["year"] or 0))
    lines = []
    for row in studies:
        note, lang = sources.own(row, "inclusion_note")
        cells = (
            sources.study(row["study_id"]),
            sources.coded("studies", "inclusion_reason", row.get("inclusion_reason")),
            Cell(note, lang=lang),
        )
        lines.append((sources.label("studies", "inclusion", row["inclusion"]), Line(cells)))
    for row in sources.rows("excluded"):
        note, lang = sources.own(row, "note")
        related = row.get("related_study_id")
        cells = (
            Cell(
                str(row["citation"]),
                href=sources.study_link(related)
                if related in sources.studies
                else row.get("source_url") or "",
                lang="en" if sources.lang != "en" else "",
            ),
            sources.coded("excluded", "reason", row.get("reason")),
            Cell(note, lang=lang),
        )
        lines.append((sources.text("table.excluded.named"), Line(cells)))
    return Table(
        id="excluded",
        lang=sources.lang,
        caption=sources.text("table.excluded.caption"),
        columns=(
            sources.column("reference"),
            sources.column("reason"),
            sources.column("note", wide=True),
        ),
        lines=groups(lines),
    )
