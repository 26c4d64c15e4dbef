"""What one version changed against another: results, evidence, protocol, and what hangs on one study."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.living.changes import Changes
from analysis.living.report import (
    crosses_null,
    names,
    question_texts,
    reversal_texts,
    summary,
)
from analysis.tables.model import Cell, Column, Line, Table, heading
from analysis.tables.sources import Sources, column, groups
from analysis.wording import catalogue, numbers

LONGEST = 200
"""Rows of evidence shown one by one; the JSON of the comparison holds all."""
_LONGEST_TEXT = 200


def table(sources: Sources) -> Table:
    """Every result of the newest step, before and after."""
    return results_of(sources.archive.latest, sources.lang)


def evidence(sources: Sources) -> Table:
    """Studies, rows and cells of the newest step."""
    return evidence_of(sources.archive.latest, sources)


def protocol(sources: Sources) -> Table:
    """Questions, methods and other settings of the newest step."""
    return protocol_of(sources.archive.latest, sources.lang)


def reversals(sources: Sources) -> Table:
    """The studies that the present results hang on."""
    return reversals_of(sources.archive.latest, sources.lang)


def results_of(changes: Changes | None, lang: str) -> Table:
    """A row for each question, before and after, those that moved first."""
    found = sorted(changes.questions, key=lambda c: c.kind in ("same", "detail")) if changes else []
    lines = [Line(tuple(Cell(part) for part in question_texts(change, lang))) for change in found]
    old, new = names(changes, lang) if changes else ("", "")
    notes = [summary(changes, lang)] if changes else []
    if changes and changes.seed:
        notes.append(_say("report.seed", lang))
    if changes and crosses_null(changes):
        notes.append(_say("repeated_testing", lang))
    return Table(
        id="changes",
        lang=lang,
        caption=catalogue.text("table.changes.caption", lang, old=old, new=new)
        if changes
        else catalogue.text("table.changes.none", lang),
        columns=(
            column("question", lang),
            Column("was", old or catalogue.text("column.was", lang)),
            Column("now", new or catalogue.text("column.now", lang)),
            column("meaning", lang, wide=True),
        ),
        lines=tuple(lines) or _nothing(changes, lang),
        notes=tuple(notes),
        landscape=True,
    )


def evidence_of(changes: Changes | None, sources: Sources) -> Table:
    """Studies that came, went or are classified anew, rows that came or went, and every changed cell."""
    lang = sources.lang
    lines = [] if changes is None else list(_evidence(changes, sources))
    notes = []
    if len(lines) > LONGEST:
        notes.append(_say("report.more", lang, count=len(lines) - LONGEST))
    return Table(
        id="changed-evidence",
        lang=lang,
        caption=catalogue.text("table.changed_evidence.caption", lang),
        columns=(
            column("row", lang),
            column("data_column", lang),
            column("older", lang),
            column("newer", lang, wide=True),
        ),
        lines=groups(lines[:LONGEST]) or _nothing(changes, lang),
        notes=tuple(notes),
        landscape=True,
    )


def protocol_of(changes: Changes | None, lang: str) -> Table:
    """Each setting of the protocol with another value, by what it is about."""
    found = sorted(changes.protocol, key=lambda change: change.about) if changes else []
    lines = [
        (
            _say(f"report.about_{change.about}", lang),
            Line((Cell(change.path), *(Cell(_short(text or "")) for text in (change.before, change.after)))),
        )
        for change in found
    ]
    return Table(
        id="changed-protocol",
        lang=lang,
        caption=catalogue.text("table.changed_protocol.caption", lang),
        columns=(
            Column("setting", _say("report.head_setting", lang)),
            column("older", lang),
            column("newer", lang, wide=True),
        ),
        lines=groups(lines) or _nothing(changes, lang),
    )


def reversals_of(changes: Changes | None, lang: str) -> Table:
    """A row for each single study without which the newer result would say something else."""
    lines = [
        Line((Cell(change.title[lang]), *(Cell(part) for part in parts)))
        for change in (changes.questions if changes else ())
        for parts in reversal_texts(change, lang)
    ]
    none = (heading(catalogue.text("table.reversals.none", lang)),)
    return Table(
        id="reversals",
        lang=lang,
        caption=catalogue.text("table.reversals.caption", lang),
        columns=(
            column("question", lang),
            column("study", lang),
            column("without_it", lang),
            column("meaning", lang, wide=True),
        ),
        lines=tuple(lines) or none,
        notes=(_say("report.reversals_lead", lang),),
    )


def _evidence(changes: Changes, sources: Sources) -> Iterator[tuple[str, Line]]:
    def title(key: str) -> str:
        return sources.text(f"table.changed_evidence.{key}")

    for study in sorted(changes.studies, key=lambda study: study.kind):
        sides = [
            Cell(sources.label("studies", "inclusion", code), value=code or "")
            for code in (study.before, study.after)
        ]
        yield (
            title(f"study_{study.kind}"),
            Line((Cell(study.label, value=study.study_id), Cell("inclusion"), *sides)),
        )
    for cell in sorted(changes.cells, key=lambda cell: not cell.is_value):
        place = Cell(_place(cell.table, cell.key, cell.study), value=f"{cell.table}: {cell.key}")
        sides = [Cell(_short(text), value=text) for text in (cell.before, cell.after)]
        yield title("values" if cell.is_value else "sources"), Line((place, Cell(cell.column), *sides))
    for row in sorted(changes.rows, key=lambda row: row.kind):
        held = numbers.clauses((f"{name}: {text}" for name, text in row.cells.items()), "en")
        sides = [Cell(""), Cell(_short(held), value=held)]
        place = Cell(_place(row.table, row.key, row.study), value=f"{row.table}: {row.key}")
        order = sides if row.kind == "added" else sides[::-1]
        yield title(f"row_{row.kind}"), Line((place, Cell(""), *order))


def _place(table: str, key: str, study: str | None) -> str:
    return f"{study} · {table}: {key}" if study else f"{table}: {key}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _nothing(changes: Changes | None, lang: str) -> tuple[Line, ...]:
    """What stands in place of the rows: nothing differs, or it cannot be told."""
    key = "nothing" if changes is None or not changes.seed else "seed"
    return (heading(_say(f"report.{key}", lang)),)


def _say(key: str, lang: str, **params: int) -> str:
    return catalogue.text(f"living.{key}", lang, **params)
