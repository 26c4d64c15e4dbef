"""What the maintainers say about reporting: known items, in both languages, nothing that is computed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.evidence.findings import EvidenceError, Finding, finding
from analysis.reporting.checklists import by_id

if TYPE_CHECKING:
    from analysis.evidence.package import Book

DECLARATIONS = ("authors", "contact", "funding", "competing_interests", "registration")
"""What only people can say; ``review.yml`` holds it under ``declarations``."""


def checklist_items(book: Book) -> Iterator[Finding]:
    """Rows of ``reporting.csv`` name items that there are, and notes stand in both languages."""
    known = by_id()
    for row in book.rows("reporting"):
        item = known.get(row["item"])
        if item is None:
            yield finding("unknown_item", row.file, row.number, "item", row["item"], items=", ".join(known))
        elif item.rule and row["status"] == "not_applicable":
            yield finding("status_is_computed", row.file, row.number, "status", row["status"])
        if bool(row["note"]) != bool(row["note_zh"]):
            empty = "note_zh" if row["note"] else "note"
            yield finding("one_language", row.file, row.number, empty)


def unknown_section(row: int | None, section: str) -> EvidenceError:
    """A row of ``reporting.csv`` that names a section which no chapter has: only the text can tell."""
    return EvidenceError([finding("unknown_section", "reporting.csv", row, "sections", section)])


def declarations(book: Book) -> Iterator[Finding]:
    """A declaration is a known one and stands in both languages."""
    from analysis.evidence.package import PROTOCOL_FILE

    declared = (book.protocol or {}).get("declarations")
    if declared is None:
        return
    if not isinstance(declared, dict):
        yield finding("not_declarations", PROTOCOL_FILE, None, "declarations", declared)
        return
    for name, text in declared.items():
        column = f"declarations.{name}"
        if name not in DECLARATIONS:
            names = ", ".join(DECLARATIONS)
            yield finding("unknown_declaration", PROTOCOL_FILE, None, column, name, names=names)
        elif not isinstance(text, dict) or not all(isinstance(text.get(lang), str) for lang in ("en", "zh")):
            yield finding("one_language", PROTOCOL_FILE, None, column, text)
