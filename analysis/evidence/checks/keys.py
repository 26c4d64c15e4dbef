"""Keys: each once, and each reference to something that is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.evidence.bibliography import entry_keys
from analysis.evidence.findings import Finding, finding

if TYPE_CHECKING:
    from analysis.evidence.package import Book
    from analysis.evidence.reading import Row


def primary_keys(book: Book) -> Iterator[Finding]:
    """No two rows of a table share their key."""
    for name, reading in book.readings.items():
        key = reading.table.primary_key
        seen: dict[tuple[Any, ...], int] = {}
        for row in book.rows(name):
            values = tuple(row[column] for column in key)
            if None in values:
                continue
            if values in seen:
                shown = ", ".join(map(str, values))
                yield finding("key_twice", row.file, row.number, ", ".join(key), shown, other=seen[values])
            else:
                seen[values] = row.number


def unique_values(book: Book) -> Iterator[Finding]:
    """A column marked unique holds no value twice."""
    for name, reading in book.readings.items():
        for column in reading.table.columns:
            if not column.unique or (column.name,) == reading.table.primary_key:
                continue
            seen: dict[Any, int] = {}
            for row in book.rows(name):
                value = row[column.name]
                if value is None:
                    continue
                if value in seen:
                    yield finding("value_twice", row.file, row.number, column.name, value, other=seen[value])
                else:
                    seen[value] = row.number


def foreign_keys(book: Book) -> Iterator[Finding]:
    """Every reference to another table has its target."""
    studies = _known(book, "studies", ("study_id",))
    for name, reading in book.readings.items():
        for key in reading.table.foreign_keys:
            known = _known(book, key.table, key.target)
            for row in book.rows(name):
                values = tuple(row[column] for column in key.columns)
                if None in values or values in known:
                    continue
                # An arm of an unknown study is one mistake, not two: the study's own key reports it.
                if len(values) > 1 and (values[0],) not in studies:
                    continue
                yield finding(
                    "unknown_reference",
                    row.file,
                    row.number,
                    key.columns[-1],
                    values[-1],
                    table=key.table,
                    columns=", ".join(key.target),
                )


def listed_references(book: Book) -> Iterator[Finding]:
    """Every part of a list of keys has its target."""
    for name, reading in book.readings.items():
        for column in reading.table.columns:
            if column.references is None:
                continue
            table, target = column.references
            known = _known(book, table, (target,))
            for row in book.rows(name):
                for part in _parts(row, column.name):
                    if (part,) not in known:
                        yield finding(
                            "unknown_reference",
                            row.file,
                            row.number,
                            column.name,
                            part,
                            table=table,
                            columns=target,
                        )


def named_columns(book: Book) -> Iterator[Finding]:
    """``secondary_fields`` names columns of its own table."""
    for row in book.rows("studies"):
        for part in _parts(row, "secondary_fields"):
            if part not in row:
                yield finding(
                    "unknown_column_named", row.file, row.number, "secondary_fields", part, table="studies"
                )


def protocol_names(book: Book) -> Iterator[Finding]:
    """Studies, outcomes and questions that ``review.yml`` and the tables name are the same ones."""
    from analysis.evidence.package import PROTOCOL_FILE

    if book.protocol is None:
        return
    studies = {row["study_id"] for row in book.all_rows("studies")}
    outcomes = {
        "outcomes": _codes(book, "outcomes", "outcome"),
        "adverse_events": _codes(book, "adverse_events", "category"),
    }
    assumptions = _dicts(book.protocol.get("assumptions"))
    questions = _dicts(book.protocol.get("questions"))
    named = [("study", entry.get("study"), studies) for entry in assumptions]
    named += [("outcome", entry.get("outcome"), outcomes["outcomes"]) for entry in assumptions]
    named += [
        ("outcome", entry.get("outcome"), outcomes.get(str(entry.get("table", "outcomes")), set()))
        for entry in questions
    ]
    for what, value, known in named:
        if value is not None and known and value not in known:
            yield finding(
                "unknown_in_protocol",
                PROTOCOL_FILE,
                None,
                what,
                value,
                what=f"{what} {value!r}",
                known=", ".join(sorted(known)),
            )
    ids = {entry.get("id") for entry in questions}
    for row in book.rows("certainty"):
        if row["question_id"] not in ids:
            yield finding(
                "unknown_reference",
                row.file,
                row.number,
                "question_id",
                row["question_id"],
                table=PROTOCOL_FILE,
                columns="questions.id",
            )


def bibliography_entries(book: Book) -> Iterator[Finding]:
    """Every study and every earlier review can be cited."""
    entries = entry_keys(book.bibliography)
    for table, key in (("studies", "study_id"), ("reviews", "review_id")):
        for row in book.rows(table):
            if row[key] not in entries:
                yield finding("no_reference", row.file, row.number, key, row[key])


def _known(book: Book, table: str, columns: tuple[str, ...]) -> set[tuple[Any, ...]]:
    keys: set[tuple[Any, ...]] = set()
    for row in book.all_rows(table):
        keys.add(
            tuple(row[column] if row.get(column) is not None else row.raw.get(column) for column in columns)
        )
    return keys


def _parts(row: Row, column: str) -> list[str]:
    return [part.strip() for part in (row[column] or "").split(";") if part.strip()]


def _codes(book: Book, table: str, column: str) -> set[str]:
    return set(book.schema.tables[table].column(column).enum or ()) if table in book.schema.tables else set()


def _dicts(entries: Any) -> list[dict[str, Any]]:
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
