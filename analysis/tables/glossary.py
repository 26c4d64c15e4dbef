"""Terms in both languages, and whether the Chinese one was seen in a Chinese source."""

from __future__ import annotations

from analysis.tables.model import Cell, Line, Table, heading
from analysis.tables.sources import LANG_ATTRIBUTE, Sources


def table(sources: Sources) -> Table:
    """A row for each term, in the order of the English ones."""
    rows = sorted(sources.rows("glossary"), key=lambda row: str(row["en"]).lower())
    lines = [
        Line(
            (
                _term(sources, row["en"], "en"),
                _term(sources, row["zh"], "zh"),
                Cell(
                    sources.text(f"table.glossary.{'checked' if row['checked'] else 'unchecked'}"),
                    value=bool(row["checked"]),
                    muted=not row["checked"],
                ),
                _source(sources, row.get("source_url")),
            )
        )
        for row in rows
    ]
    return Table(
        id="glossary",
        lang=sources.lang,
        caption=sources.text("table.glossary.caption"),
        columns=(
            sources.column("english", wide=True),
            sources.column("chinese", wide=True),
            sources.column("term_checked"),
            sources.column("source"),
        ),
        lines=tuple(lines) or (heading(sources.text("show.no_rows")),),
        notes=(sources.text("table.glossary.note"),),
    )


def _term(sources: Sources, term: str, lang: str) -> Cell:
    return Cell(term, lang="" if sources.lang == lang else LANG_ATTRIBUTE[lang])


def _source(sources: Sources, url: str | None) -> Cell:
    return Cell(sources.text("show.source"), value=url, href=url) if url else Cell("")
