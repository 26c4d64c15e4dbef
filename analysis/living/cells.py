"""Tables compared: studies that came or went, rows, and every single cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analysis.living.snapshots import Key, Snapshot, TableText

STUDIES = "studies"
BOOKKEEPING = frozenset({"searches", "glossary"})
"""Tables that hold no evidence: a row more changes no value of the review."""

PROVENANCE = frozenset(
    {
        "source_url",
        "source_kind",
        "other_source_urls",
        "sources_read",
        "quote",
        "confidence",
        "checked_by",
        "judged_by",
        "judged_on",
        "note",
    }
)
"""Columns that say where a value comes from; translations (``…_zh``) belong to them."""


@dataclass(frozen=True)
class StudyChange:
    """A study that came, went, or is judged another way.

    Attributes
    ----------
    kind : str
        ``added``, ``removed`` or ``reclassified``.
    before, after : str or None
        Codes of ``studies.inclusion``.
    """

    study_id: str
    label: str
    kind: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class RowChange:
    """A row that came or went; `cells` are what it holds, blanks left out."""

    table: str
    key: str
    study: str | None
    kind: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class CellChange:
    """A cell of a row that stands in both states.

    Attributes
    ----------
    study : str or None
        Label of the study the row belongs to.
    is_value : bool
        Whether it holds a value of the evidence: no provenance, and another number or text than before.
    """

    table: str
    key: str
    study: str | None
    column: str
    before: str
    after: str
    is_value: bool


@dataclass(frozen=True)
class TableChanges:
    """Everything that differs between the tables of two states."""

    studies: tuple[StudyChange, ...]
    rows: tuple[RowChange, ...]
    cells: tuple[CellChange, ...]


def diff_tables(old: Snapshot, new: Snapshot) -> TableChanges:
    """Compare all tables; nothing differs where the older state holds no tables (a seed)."""
    if not old.tables:
        return TableChanges((), (), ())
    labels = {**_labels(old), **_labels(new)}
    rows: list[RowChange] = []
    cells: list[CellChange] = []
    for name in sorted({*old.tables, *new.tables}):
        before = old.tables.get(name) or TableText(name, (), "")
        after = new.tables.get(name) or TableText(name, (), "")
        if before == after:
            continue
        for key in sorted({*before.rows, *after.rows}):
            if key in before.rows and key in after.rows:
                cells.extend(_cells(name, key, before.rows[key], after.rows[key], labels))
            else:
                kind = "added" if key in after.rows else "removed"
                row = (after if key in after.rows else before).rows[key]
                held = {column: text for column, text in row.items() if text}
                rows.append(RowChange(name, " / ".join(key), _study(row, labels), kind, held))
    return TableChanges(tuple(_studies(old, new, labels)), tuple(rows), tuple(cells))


def _cells(
    table: str,
    key: Key,
    before: Mapping[str, str],
    after: Mapping[str, str],
    labels: Mapping[str, str],
) -> Iterator[CellChange]:
    if before == after:
        return
    for column in {**before, **after}:
        old, new = before.get(column, ""), after.get(column, "")
        if old != new:
            value = table not in BOOKKEEPING and not is_provenance(column) and not _same_number(old, new)
            yield CellChange(table, " / ".join(key), _study(after, labels), column, old, new, value)


def is_provenance(column: str) -> bool:
    """Whether a column says where a value comes from, or explains it in words."""
    base = column.removesuffix("_zh")
    return base in PROVENANCE or base.endswith("_note") or base != column


def _same_number(before: str, after: str) -> bool:
    try:
        return float(before) == float(after)
    except ValueError:
        return False


def _studies(old: Snapshot, new: Snapshot, labels: Mapping[str, str]) -> Iterator[StudyChange]:
    before = {key[0]: row for key, row in old.tables[STUDIES].rows.items()}
    after = {key[0]: row for key, row in new.tables[STUDIES].rows.items()} if STUDIES in new.tables else {}
    for study_id in sorted({*before, *after}):
        was = before[study_id].get("inclusion") if study_id in before else None
        now = after[study_id].get("inclusion") if study_id in after else None
        if study_id in before and study_id in after and was == now:
            continue
        kind = "added" if study_id not in before else "removed" if study_id not in after else "reclassified"
        yield StudyChange(study_id, labels.get(study_id, study_id), kind, was, now)


def _labels(snapshot: Snapshot) -> dict[str, str]:
    table = snapshot.tables.get(STUDIES)
    return {key[0]: row.get("label") or key[0] for key, row in table.rows.items()} if table else {}


def _study(row: Mapping[str, str], labels: Mapping[str, str]) -> str | None:
    study_id = row.get("study_id", "")
    return labels.get(study_id, study_id) or None
