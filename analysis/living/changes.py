"""What changed between two states of the review, and which kind of version that makes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from analysis.living.answers import QuestionChange, diff_answers
from analysis.living.cells import BOOKKEEPING, CellChange, RowChange, StudyChange, diff_tables
from analysis.living.snapshots import Snapshot
from analysis.living.versions import Level

PROTOCOL_PARTS: Mapping[str, str] = {
    "questions": "question",
    "question": "question",
    "eligibility": "question",
    "synthesis": "method",
    "assumptions": "assumption",
    "search": "search",
    "living": "living",
    "status": "living",
}
"""What a part of ``review.yml`` is about; the parts not named here are its texts and names."""


@dataclass(frozen=True)
class ProtocolChange:
    """One setting of ``review.yml`` with another value.

    Attributes
    ----------
    path : str
        Such as ``questions.edss-it.timepoint``; an entry of a list goes by its id.
    about : str
        ``question``, ``method``, ``assumption``, ``search``, ``living`` or ``text``.
    before, after : str or None
        As JSON; None where the setting is not there.
    """

    path: str
    about: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Changes:
    """Everything that differs between two states.

    Attributes
    ----------
    old, new : str
        Their versions; `new_date` and `old_date` are days of release, None for what is not released.
    seed : bool
        Whether the older state is the printed results of the review that this one continues: it has no
        tables, so that nothing can be compared cell by cell.
    level : str
        ``year``, ``minor``, ``patch`` or ``none``: what the newer state is by the rule of versions.
    """

    old: str
    new: str
    old_date: str | None
    new_date: str | None
    seed: bool
    level: Level
    studies: tuple[StudyChange, ...]
    rows: tuple[RowChange, ...]
    cells: tuple[CellChange, ...]
    questions: tuple[QuestionChange, ...]
    protocol: tuple[ProtocolChange, ...]

    @property
    def nothing(self) -> bool:
        """Whether the two states are the same."""
        return self.level == "none"

    def moved(self) -> tuple[QuestionChange, ...]:
        """The questions whose answer came, went or moved."""
        return tuple(change for change in self.questions if change.kind in ("added", "removed", "moved"))

    def to_json(self) -> str:
        """Everything, for programs."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def diff(old: Snapshot, new: Snapshot) -> Changes:
    """Compare two states of the review.

    Parameters
    ----------
    old, new : Snapshot
        See `analysis.living.snapshots.open_snapshot`.
    """
    tables = diff_tables(old, new)
    seed = old.schema is None
    questions = diff_answers(old, new)
    protocol = () if seed else tuple(_protocol(old.settings, new.settings))
    return Changes(
        old=old.name,
        new=new.name,
        old_date=old.meta.date if old.meta else None,
        new_date=new.meta.date if new.meta else None,
        seed=seed,
        level=_level(old, new, tables.rows, tables.cells, questions, protocol),
        studies=tables.studies,
        rows=tables.rows,
        cells=tables.cells,
        questions=questions,
        protocol=protocol,
    )


def search_year(snapshot: Snapshot) -> int:
    """Year of the last search."""
    return int(str(snapshot.results.review["search"]["last"])[:4])


def _level(
    old: Snapshot,
    new: Snapshot,
    rows: tuple[RowChange, ...],
    cells: tuple[CellChange, ...],
    questions: tuple[QuestionChange, ...],
    protocol: tuple[ProtocolChange, ...],
) -> Level:
    if search_year(new) != search_year(old):
        return "year"
    values = any(change.is_value for change in cells) or any(row.table not in BOOKKEEPING for row in rows)
    asked = any(change.about in ("question", "method", "assumption") for change in protocol)
    answers = any(change.kind != "same" for change in questions)
    if values or asked or answers:
        return "minor"
    return "patch" if rows or cells or protocol else "none"


def _protocol(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[ProtocolChange]:
    for path in {**before, **after}:
        was, now = before.get(path), after.get(path)
        if was == now or path == "version":
            continue
        about = "text" if path.endswith((".en", ".zh")) else PROTOCOL_PARTS.get(path.split(".")[0], "text")
        yield ProtocolChange(path, about, was, now)
