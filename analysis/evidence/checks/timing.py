"""Dates in order, and judgements with a name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from analysis.evidence.findings import Finding, finding

if TYPE_CHECKING:
    from analysis.evidence.package import Book

# Each pair: the second must not lie before the first.
_ORDER = (
    ("start", "completion"),
    ("start", "results_first_posted"),
    ("record_updated", "status_as_of"),
)


def dates_in_order(book: Book) -> Iterator[Finding]:
    """A trial ends after it starts; its record is read after it was written."""
    for row in book.rows("trials"):
        for first, second in _ORDER:
            early, late = _text(row[first]), _text(row[second])
            if not early or not late:
                continue
            # Registries print years or months alone; only the part that both have can be compared.
            length = min(len(early), len(late))
            if late[:length] < early[:length]:
                yield finding(
                    "dates_out_of_order", row.file, row.number, second, late, other=first, date=early
                )


def judgements(book: Book) -> Iterator[Finding]:
    """Somebody stands behind every judgement."""
    for table, columns in (
        ("risk_of_bias", ("judgement",)),
        (
            "certainty",
            ("certainty", "risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias"),
        ),
    ):
        for row in book.rows(table):
            judged = next((column for column in columns if row[column] != "not_assessed"), None)
            if judged and not row["judged_by"]:
                yield finding("judged_by_nobody", row.file, row.number, judged, row[judged])


def _text(value: date | str | None) -> str:
    return value.isoformat() if isinstance(value, date) else value or ""
