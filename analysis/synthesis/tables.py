"""The evidence as plain records, joined the way the synthesis asks for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from copy import copy
from typing import TYPE_CHECKING

from analysis.evidence.rows import Record
from analysis.synthesis.results import Text

if TYPE_CHECKING:
    from analysis.evidence import Evidence
    from analysis.synthesis.protocol import Question

_TABLES = ("studies", "arms", "outcomes", "adverse_events")


class Tables:
    """The evidence as plain records, missing cells as None.

    Parameters
    ----------
    evidence : Evidence
        Checked evidence.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.by_name = {name: evidence.rows(name) for name in _TABLES}
        self.certainty: dict[str, str] = {
            row["question_id"]: row["certainty"] for row in evidence.rows("certainty")
        }
        self._index()

    def _index(self) -> None:
        self.studies: dict[str, Record] = {row["study_id"]: row for row in self.by_name["studies"]}
        self.arms: dict[tuple[str, str], Record] = {
            (row["study_id"], row["arm_id"]): row for row in self.by_name["arms"]
        }
        self._of_study = {name: by_study(rows) for name, rows in self.by_name.items()}

    def of_question(self, question: Question) -> Tables:
        """These tables without the values that have nothing to do with the question."""
        codes = {question.outcome, *question.related}
        values = [row for row in self.by_name[question.table] if row[question.outcome_column] in codes]
        found = copy(self)
        found.by_name = {**self.by_name, "outcomes": [], "adverse_events": [], question.table: values}
        found.certainty = {name: judged for name, judged in self.certainty.items() if name == question.id}
        found._index()
        return found

    def content(self) -> str:
        """Everything that is in them, and what the codes in them are called."""
        held = (self.by_name, self.certainty, self.evidence.schema)
        return json.dumps(held, ensure_ascii=False, default=str)

    def of_study(self, name: str, study_id: str) -> Sequence[Record]:
        """The rows of a table that belong to a study."""
        return self._of_study[name].get(study_id, ())

    def arm(self, row: Record) -> Record:
        """The arm a value belongs to, with the study's own values where the arm has none."""
        study = self.studies[row["study_id"]]
        arm = self.arms.get((row["study_id"], row.get("arm_id") or ""), {})
        shared = ("route", "cell_source", "donor")
        return {**arm, **{key: arm.get(key) or study.get(key) for key in shared}}

    def label(self, column: str, code: str | None) -> Text | None:
        """A code of the studies table in both languages."""
        if not code:
            return None
        return {lang: self.evidence.label("studies", column, code, lang) for lang in ("en", "zh")}


def by_study(rows: Iterable[Record]) -> dict[str, list[Record]]:
    """The rows of each study, in their order."""
    found: dict[str, list[Record]] = {}
    for row in rows:
        found.setdefault(row["study_id"], []).append(row)
    return found


def flags(row: Record) -> set[str]:
    """What the extraction noted about a row, by code."""
    return set(str(row.get("flags") or "").split(";"))
