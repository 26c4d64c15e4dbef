"""Studies by outcomes: what was extracted, what is only named, and what nobody could see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.evidence.rows import Record
from analysis.tables.model import Cell, Column, Line, Table
from analysis.tables.sources import Sources, groups

NUMBERS = ("events", "mean", "median", "percent", "estimate", "n_people", "n_events")
TABLES = {"outcomes": "outcome", "adverse_events": "category", "estimates": "outcome"}
FULL_TEXT = "full text"


def table(sources: Sources) -> Table:
    """A row for each included study, a column for each group of outcomes that ``review.yml`` names."""
    wanted = sources.evidence.protocol.get("evidence_map", [])
    columns = [Column(group["id"], group["label"][sources.lang], align="center") for group in wanted]
    included = [study for study in sources.studies.values() if study["inclusion"] == "included"]
    lines = [
        (
            sources.label("studies", "stream", study["stream"]),
            Line(
                (
                    sources.study(study["study_id"]),
                    *(_cell(sources, study, group) for group in wanted),
                )
            ),
        )
        for study in included
    ]
    return Table(
        id="evidence-map",
        lang=sources.lang,
        caption=sources.text("table.evidence_map.caption"),
        columns=(sources.column("study"), *columns),
        lines=groups(lines),
        notes=tuple(
            sources.text(f"table.evidence_map.{state}_note")
            for state in ("value", "named", "not_reported", "not_seen")
        ),
    )


def _cell(sources: Sources, study: Record, group: Mapping[str, Any]) -> Cell:
    """How many numbers a study's reports give on a group of outcomes, or what stands in their place."""
    cohort = {
        other["study_id"]
        for other in sources.studies.values()
        if other["cohort"] == study["cohort"] and other["inclusion"] in ("included", "overlapping")
    }
    found = [
        row
        for name, column in TABLES.items()
        for row in sources.rows(name)
        if row["study_id"] in cohort and row[column] in group.get(name, ())
    ]
    count = sum(any(row.get(key) is not None for key in NUMBERS) for row in found)
    if count:
        return Cell(f"● {count}", value=count, href=sources.study_link(study["study_id"]))
    state = "named" if found else ("not_reported" if _read_in_full(study) else "not_seen")
    return Cell(sources.text(f"table.evidence_map.{state}"), value=state, muted=state != "named")


def _read_in_full(study: Record) -> bool:
    """Whether the study's full report was among the sources read, so that silence means something."""
    return FULL_TEXT in (part.strip() for part in str(study.get("sources_read") or "").split("|"))
