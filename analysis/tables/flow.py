"""The study flow of PRISMA 2020 as numbers; what nobody reported says so."""

from __future__ import annotations

from analysis.evidence.rows import Record
from analysis.tables.model import Cell, Column, Line, Table, heading
from analysis.tables.sources import Sources
from analysis.wording import numbers


def table(sources: Sources) -> Table:
    """A row for each box of the flow diagram."""
    rows = sorted(sources.rows("flow"), key=lambda row: row["position"])
    return Table(
        id="flow",
        lang=sources.lang,
        caption=sources.text("table.flow.caption"),
        columns=(
            sources.column("box", wide=True),
            sources.column("number", align="right"),
            sources.column("basis"),
            sources.column("source"),
            Column("box_code", "box_code", download_only=True),
        ),
        lines=tuple(_line(sources, row) for row in rows) or (heading(sources.text("show.no_rows")),),
    )


def _line(sources: Sources, row: Record) -> Line:
    n = sources.results.counts[f"flow.{row['box']}"] if row["status"] == "computed" else row.get("n")
    label = sources.label("flow", "box", row["box"])
    if row.get("reason"):
        reason = sources.label("excluded", "reason", row["reason"])
        label = sources.text("figure.flow.reason", label=label, reason=reason)
    return Line(
        (
            Cell(label),
            sources.missing() if n is None else Cell(numbers.integer(n), value=n),
            Cell(sources.label("flow", "status", row["status"]), value=row["status"], muted=n is None),
            sources.source(row, "flow") if row.get("source_url") else Cell(""),
            Cell(row["box"]),
        )
    )
