"""How far a review answers each item of a checklist, and where."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from analysis.evidence.rows import Record
from analysis.reporting.checklists import Item, items
from analysis.reporting.rules import RULES, Found, Review, Status, share

STATUSES: Final[tuple[Status, ...]] = ("reported", "partial", "not_reported", "not_applicable")
ABSTRACTS: Final = "prisma-2020-abstracts"


@dataclass(frozen=True)
class Answer:
    """One item with its answer.

    Attributes
    ----------
    sections : tuple of str
        Where it is answered.
    found : Found or None
        What the evidence says, where an item depends on it and is not answered in full.
    row : int or None
        Row of ``reporting.csv`` as a spreadsheet counts it.
    note : Record
        The row's own ``note`` and ``note_zh``.
    """

    item: Item
    status: Status
    sections: tuple[str, ...]
    found: Found | None
    row: int | None
    note: Record


def answers(review: Review, checklist: str) -> tuple[Answer, ...]:
    """An answer for each item, in the checklist's order.

    An item is reported where a section is named for it and neither the evidence nor the maintainers
    lower that; without a section nobody can find it, so it is not.
    """
    said = {row["item"]: (number, row) for number, row in enumerate(review.rows("reporting"), start=2)}
    return tuple(_answer(review, item, *said.get(item.id, (None, {}))) for item in items(checklist))


def tally(given: tuple[Answer, ...]) -> dict[Status, int]:
    """How many items have each status."""
    counted = Counter(answer.status for answer in given)
    return {status: counted[status] for status in STATUSES}


def _answer(review: Review, item: Item, number: int | None, row: Record) -> Answer:
    sections = tuple(part.strip() for part in (row.get("sections") or "").split(";") if part.strip())
    found = _look(review, item)
    stated: Status = row.get("status") or "reported"
    status = max(stated, found.status if found else "reported", key=STATUSES.index)
    if not sections and status != "not_applicable":
        status = "not_reported"
    told = found if found and found.note and found.status != "reported" else None
    if told is None and status == "not_reported" and not sections and not row.get("note"):
        told = Found("not_reported", "no_section")
    return Answer(item, status, sections, told, number, row)


def _look(review: Review, item: Item) -> Found | None:
    if item.rule == "abstract":
        return _abstract(review)
    return RULES[item.rule](review) if item.rule else None


def _abstract(review: Review) -> Found:
    """The abstract as far as its own checklist is answered."""
    counted = tally(answers(review, ABSTRACTS))
    return share(counted["reported"], sum(counted.values()) - counted["not_applicable"], "abstract")
