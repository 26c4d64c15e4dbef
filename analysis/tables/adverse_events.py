"""Named adverse events, study by study."""

from __future__ import annotations

from collections import Counter

from analysis.evidence.rows import Record
from analysis.tables.model import Cell, Column, Line, Table
from analysis.tables.sources import Sources, groups
from analysis.wording import catalogue, numbers
from analysis.wording.facts import in_sentence

GENERAL = ("serious", "any")
"""Categories that are statements about events in general, not named events."""

NO_COMPLAINT = (*GENERAL, "discontinuation", "death")
"""Categories that are not something a person may complain of."""


def table(sources: Sources) -> Table:
    """A row for each named event of each group, most often reported categories first."""
    rows = [
        row
        for row in sources.rows("adverse_events")
        if row["category"] not in GENERAL and _in_review(sources, row)
    ]
    often = Counter(row["category"] for row in rows)
    rows.sort(key=lambda row: (-often[row["category"]], row["category"]))
    lines = [
        (sources.label("adverse_events", "category", row["category"]), _line(sources, row)) for row in rows
    ]
    return Table(
        id="adverse-events",
        lang=sources.lang,
        caption=sources.text("table.adverse_events.caption"),
        columns=(
            sources.column("study"),
            sources.column("arm"),
            sources.column("event"),
            sources.column("people"),
            sources.column("source"),
            *(Column(name, name, download_only=True) for name in _DOWNLOADS),
        ),
        lines=groups(lines),
        notes=(sources.text("table.adverse_events.note"),),
    )


_DOWNLOADS = ("value_id", "category", "serious", "n_people", "n_events", "n_at_risk", "period", "quote")


def people(row: Record, lang: str) -> str:
    """How many people had the event: "2/18", "3 events", or that nobody printed it; never a guess."""
    count, at_risk = row.get("n_people"), row.get("n_at_risk")
    if count is not None and at_risk is not None:
        part, whole = numbers.integer(count), numbers.integer(at_risk)
        return catalogue.text("number.of", lang, part=part, whole=whole)
    if count is not None:
        return catalogue.text("value.of_unknown", lang, part=numbers.integer(count))
    if row.get("n_events") is not None:
        return numbers.counted("event", round(row["n_events"]), lang)
    if row.get("percent") is not None:
        return numbers.plain(row["percent"]) + "%"
    if at_risk is not None:
        return catalogue.text("table.adverse_events.unknown_of", lang, n=numbers.integer(at_risk))
    return catalogue.text("table.adverse_events.unknown", lang)


def people_cell(sources: Sources, row: Record) -> Cell:
    """`people` as a cell, set apart where the number is not known."""
    known = any(row.get(name) is not None for name in ("n_people", "n_events", "percent"))
    # Downloads have the numbers in columns of their own; "2/18" would become a date in a spreadsheet.
    return Cell(people(row, sources.lang), value="", marks=sources.flag_marks(row), muted=not known)


def named_by_most(sources: Sources) -> str:
    """The events that more than one counted study names, with the number of studies; most often first.

    Only what a study's own report names as having occurred counts, not what it says was not seen.
    """
    naming: dict[str, set[str]] = {}
    for row in sources.rows("adverse_events"):
        occurred = row.get("n_people") != 0 and row.get("n_events") != 0 and row.get("percent") != 0
        counted = sources.studies[row["study_id"]]["inclusion"] == "included"
        if occurred and counted and row["confidence"] == "primary" and row["category"] not in NO_COMPLAINT:
            naming.setdefault(row["category"], set()).add(row["study_id"])
    often = sorted(naming.items(), key=lambda item: (-len(item[1]), item[0]))
    parts = [
        sources.text(
            "table.adverse_events.named_by",
            event=in_sentence(sources.label("adverse_events", "category", code)),
            studies=numbers.counted_in_words("study", len(studies), sources.lang),
        )
        for code, studies in often
        if len(studies) > 1
    ]
    return numbers.listed(parts, sources.lang) if parts else sources.text("table.adverse_events.none_named")


def _in_review(sources: Sources, row: Record) -> bool:
    return sources.studies[row["study_id"]]["inclusion"] in ("included", "overlapping", "awaiting")


def _line(sources: Sources, row: Record) -> Line:
    study = sources.study(row["study_id"])
    term, lang = sources.own(row, "term")
    return Line(
        (
            study,
            sources.arm(row),
            Cell(term, lang=lang, href=study.href.partition("#")[0] + f"#{row['value_id']}"),
            people_cell(sources, row),
            sources.source(row, "adverse_events"),
            *(Cell("", value="" if row.get(name) is None else row[name]) for name in _DOWNLOADS),
        )
    )
