"""What every table is made from, and the cells that many of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from analysis.evidence import Evidence
from analysis.evidence.rows import Record
from analysis.living.archive import Archive, open_archive
from analysis.synthesis.results import Results
from analysis.synthesis.tables import by_study, flags
from analysis.tables.model import Cell, Column, Line, heading
from analysis.validation import Agreement, agreements
from analysis.wording import catalogue, numbers

_ROOT = Path(__file__).resolve().parents[2]
FIXTURES = _ROOT / "tests" / "reference"
LANG_ATTRIBUTE = {"en": "en", "zh": "zh-Hans"}


@dataclass(frozen=True)
class Place:
    """A section of the text: its chapter's title, its own (a chapter's is both), and its address."""

    chapter: str
    title: str
    href: str

    @property
    def is_chapter(self) -> bool:
        """Whether it is a whole chapter."""
        return self.title == self.chapter


@lru_cache(maxsize=1)
def compared() -> tuple[Agreement, ...]:
    """Our statistics against the reference's, computed once a process; none where the fixtures are not."""
    return agreements(FIXTURES) if FIXTURES.is_dir() else ()


@dataclass(frozen=True)
class Sources:
    """Evidence and results in one language.

    Attributes
    ----------
    study_link : callable
        Study id to the address of its section.
    agreements : callable
        Gives the comparison of our statistics with the reference's.
    data_dir : Path
        Where the evidence and the stored versions stand.
    places : callable
        Gives each section of the text by its id.
    opened : callable, optional
        Gives the archive, where somebody has it already.
    """

    evidence: Evidence
    results: Results
    lang: str
    study_link: Callable[[str], str]
    agreements: Callable[[], tuple[Agreement, ...]] = compared
    data_dir: Path = _ROOT / "data"
    places: Callable[[], Mapping[str, Place]] = dict
    opened: Callable[[], Archive] | None = None

    @cached_property
    def archive(self) -> Archive:
        """The stored versions and the present state."""
        return self.opened() if self.opened else open_archive(self.evidence, self.results, self.data_dir)

    def text(self, key: str, **params: str | int) -> str:
        """A text of the catalogue."""
        return catalogue.text(key, self.lang, **params)

    def rows(self, table: str) -> list[Record]:
        """An evidence table's rows, missing cells as None; none where the review has no such table."""
        return self.evidence.rows(table)

    def of_study(self, table: str, study_id: str) -> list[Record]:
        """The rows of a table that belong to a study."""
        if table not in self._of_study:
            self._of_study[table] = by_study(self.rows(table))
        return self._of_study[table].get(study_id, [])

    @cached_property
    def _of_study(self) -> dict[str, dict[str, list[Record]]]:
        return {}

    @cached_property
    def studies(self) -> dict[str, Record]:
        """The studies by their id."""
        return {row["study_id"]: row for row in self.rows("studies")}

    @cached_property
    def arms(self) -> dict[tuple[str, str], Record]:
        """The arms by study and arm id."""
        return {(row["study_id"], row["arm_id"]): row for row in self.rows("arms")}

    def label(self, table: str, column: str, code: str | None) -> str:
        """A code in words; nothing for no code."""
        return self.evidence.label(table, column, code, self.lang) if code else ""

    def own(self, row: Record, column: str) -> tuple[str, str]:
        """A free text in the page's language, else as written, and the language it is in."""
        translated = row.get(f"{column}_zh") if self.lang == "zh" else None
        if translated:
            return str(translated), ""
        found = row.get(column)
        return ("" if found is None else str(found)), ("en" if self.lang != "en" and found else "")

    def column(self, key: str, **options: Any) -> Column:
        """A column whose head is the catalogue's."""
        return column(key, self.lang, **options)

    def missing(self) -> Cell:
        """What is shown where nothing was reported."""
        return Cell(self.text("show.not_reported"), value="", muted=True)

    def cell(self, text: str | None, **options: Any) -> Cell:
        """A cell, or the one for what was not reported."""
        return Cell(text, **options) if text else self.missing()

    def coded(self, table: str, column: str, code: str | None) -> Cell:
        """A code in words, with the code in the downloads."""
        if code in (None, "not_reported"):
            return self.missing()
        return Cell(self.label(table, column, code), value=str(code))

    def study(self, study_id: str, text: str = "") -> Cell:
        """A study's name, linked to its section."""
        label = text or str(self.studies[study_id]["label"])
        return Cell(label, value=study_id, href=self.study_link(study_id))

    def arm(self, row: Record) -> Cell:
        """The group a value belongs to."""
        arm = self.arms.get((row["study_id"], row.get("arm_id") or ""))
        if arm is None:
            return self.missing()
        text, lang = self.own(arm, "label")
        return self.cell(text, value=arm["arm_id"], lang=lang if not self._is_name(text) else "")

    def source(self, row: Record, table: str) -> Cell:
        """The kind of source, linked to it."""
        kind = self.label(table, "source_kind", row.get("source_kind"))
        text = kind or (self.text("show.source") if row.get("source_url") else "")
        return self.cell(text, value=row.get("source_url") or "", href=row.get("source_url") or "")

    def quote(self, row: Record) -> Cell:
        """What the source says, in its own language."""
        found = row.get("quote")
        return Cell(str(found), lang="en" if self.lang != "en" else "") if found else Cell("")

    def confidence(self, row: Record) -> Cell:
        """How direct the source of a value is."""
        code = row.get("confidence") or "unverified"
        return Cell(self.text(f"confidence.{code}"), value=str(code))

    def checked(self, row: Record) -> Cell:
        """Who checked a value against its source."""
        who = row.get("checked_by")
        if who:
            return Cell(self.text("show.checked", who=str(who)), value=str(who))
        return Cell(self.text("show.not_checked"), value="", muted=True)

    def flag_marks(self, row: Record) -> tuple[str, ...]:
        """What the extraction noted about a value, as notes to its cell."""
        found = [f"flag.{code}" for code in sorted(flags(row)) if code]
        if row.get("derived"):
            found.append("mark.derived_value")
        if row.get("same_people_as"):
            found.append("flag.same_people")
        return tuple(self.text(key) for key in found)

    def month_cell(self, value: float | None, text: str | None = None) -> Cell:
        """A time in months, or as it was printed."""
        if value is not None:
            return Cell(numbers.months(float(value), self.lang), value=float(value))
        return self.cell(text, lang="en" if self.lang != "en" and text else "")

    @staticmethod
    def _is_name(text: str) -> bool:
        return text.isupper() or len(text.split()) == 1


def column(key: str, lang: str, **options: Any) -> Column:
    """A column whose head is the catalogue's."""
    return Column(key, catalogue.text(f"column.{key}", lang), **options)


def groups(cells: Sequence[tuple[str, Line]]) -> tuple[Line, ...]:
    """Lines under a heading each time the heading changes."""
    found: list[Line] = []
    last = None
    for title, line in cells:
        if title != last:
            found.append(heading(title[:1].upper() + title[1:]))
            last = title
        found.append(line)
    return tuple(found)
