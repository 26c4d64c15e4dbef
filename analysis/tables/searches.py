"""The log of searches, those that nobody recorded in full too."""

from __future__ import annotations

from analysis.evidence.rows import Record
from analysis.tables.model import Cell, Line, Table, heading
from analysis.tables.sources import Sources, groups
from analysis.wording import numbers


def table(sources: Sources) -> Table:
    """A row for each search, by what it was done for; this review's own first, done or not."""
    rows = sources.rows("searches")
    own = [row for row in rows if row["done_for"] == "this_review"]
    others = [row for row in rows if row["done_for"] != "this_review"]
    lines = groups(
        [
            (sources.label("searches", "done_for", row["done_for"]), _line(sources, row))
            for row in (*own, *others)
        ]
    )
    if not own:
        label = sources.label("searches", "done_for", "this_review") if rows else ""
        title = label[:1].upper() + label[1:]
        text = sources.text("table.searches.none")
        stated = numbers.clauses((part for part in (title, text) if part), sources.lang)
        lines = (heading(stated), *lines)
    return Table(
        id="searches",
        lang=sources.lang,
        caption=sources.text("table.searches.caption"),
        columns=(
            sources.column("searched"),
            sources.column("searched_on"),
            sources.column("covers_to"),
            sources.column("strategy"),
            sources.column("records", align="right"),
            sources.column("systematic"),
            sources.column("note", wide=True),
            sources.column("source"),
        ),
        lines=lines,
        landscape=True,
    )


def _line(sources: Sources, row: Record) -> Line:
    found = row.get("records_found")
    date = row.get("searched_on")
    systematic = row.get("systematic")
    searched, covers_to, strategy = (
        sources.own(row, column) for column in ("source", "covers_to", "strategy")
    )
    note, note_lang = sources.own(row, "note")
    yes = "" if systematic is None else sources.text(f"show.{'yes' if systematic else 'no'}")
    return Line(
        (
            sources.cell(searched[0], lang=searched[1]),
            sources.cell(numbers.date(date, sources.lang) if date else "", value=str(date or "")),
            sources.cell(covers_to[0], lang=covers_to[1]),
            sources.cell(strategy[0], lang=strategy[1]),
            sources.missing() if found is None else Cell(numbers.integer(found), value=found),
            sources.cell(yes),
            Cell(note, lang=note_lang),
            sources.source(row, "searches"),
        )
    )
