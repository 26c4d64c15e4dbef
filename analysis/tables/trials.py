"""Registered trials by status."""

from __future__ import annotations

import re

from analysis.evidence.rows import Record
from analysis.tables.model import Cell, Line, Table
from analysis.tables.sources import Sources, groups
from analysis.wording import numbers

ONGOING = (
    "recruiting",
    "not_yet_recruiting",
    "enrolling_by_invitation",
    "active_not_recruiting",
    "available",
    "suspended",
    "unknown",
    "not_retrieved",
)
ENDED = ("completed", "terminated", "withdrawn")
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4"}


def ongoing(sources: Sources) -> Table:
    """Trials that may still bring results."""
    return _table(sources, "ongoing", ONGOING)


def registered(sources: Sources) -> Table:
    """All registered trials of the question, finished ones too."""
    return _table(sources, "trials", ONGOING + ENDED)


def phase(text: str | None) -> str:
    """A phase as digits: "PHASE1/PHASE2" gives "1/2", "Therapeutic exploratory (Phase II)" gives "2"."""
    found = re.findall(r"phase\s*(\d|IV|I{1,3})", text or "", re.IGNORECASE)
    return "/".join(_ROMAN.get(part.upper(), part) for part in found)


def _table(sources: Sources, name: str, statuses: tuple[str, ...]) -> Table:
    rows = [row for row in sources.rows("trials") if row["kind"] != "related" and row["status"] in statuses]
    rows.sort(key=lambda row: (statuses.index(row["status"]), row["trial_id"]))
    lines = [(sources.label("trials", "status", row["status"]), _line(sources, row)) for row in rows]
    return Table(
        id=name,
        lang=sources.lang,
        caption=sources.text(f"table.{name}.caption"),
        columns=(
            sources.column("trial"),
            sources.column("title", wide=True),
            sources.column("phase"),
            sources.column("n", align="right"),
            sources.column("route"),
            sources.column("start"),
            sources.column("study"),
        ),
        lines=groups(lines),
        notes=_as_of(sources, rows),
        landscape=True,
    )


def _line(sources: Sources, row: Record) -> Line:
    planned = row.get("n_type") not in (None, "actual")
    study = row.get("study_id")
    return Line(
        (
            Cell(str(row["trial_id"]), href=row.get("registry_url") or row.get("source_url") or ""),
            Cell(str(row.get("title") or ""), lang="en" if sources.lang != "en" else ""),
            Cell(phase(row.get("phase"))),
            Cell(
                "" if row.get("n") is None else numbers.integer(row["n"]),
                value=row.get("n"),
                marks=(sources.text("table.trials.planned"),) if planned and row.get("n") is not None else (),
            ),
            sources.coded("trials", "route", row.get("route")),
            _date(sources, row.get("start")),
            sources.study(study) if study in sources.studies else Cell(""),
        )
    )


def _date(sources: Sources, value: object) -> Cell:
    if value is None:
        return Cell("")
    try:
        return Cell(numbers.date(str(value), sources.lang), value=str(value))
    except ValueError:
        return Cell(str(value))


def _as_of(sources: Sources, rows: list[Record]) -> tuple[str, ...]:
    dates = sorted(str(row["status_as_of"])[:10] for row in rows if row.get("status_as_of"))
    if not dates:
        return ()
    first, last = numbers.date(dates[0], sources.lang), numbers.date(dates[-1], sources.lang)
    return (sources.text("table.trials.as_of", first=first, last=last),)
