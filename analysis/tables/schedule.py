"""How far each source has been searched, how often it is to be, and when next."""

from __future__ import annotations

import datetime

from analysis.living.schedule import State, state
from analysis.living.versions import read_versions
from analysis.tables.model import Cell, Line, Table, heading
from analysis.tables.sources import Sources
from analysis.wording import numbers


def state_of(sources: Sources, today: datetime.date | None = None) -> State:
    """How the review stands on a day, today where none is given."""
    versions = read_versions(sources.data_dir)
    day = today or datetime.date.today()
    return state(sources.evidence.protocol, sources.rows("searches"), versions, day)


def table(sources: Sources, on: str = "") -> Table:
    """A row for each source.

    Parameters
    ----------
    on : str
        The day it is told for, ``YYYY-MM-DD``; today where left out.
    """
    today = datetime.date.fromisoformat(on) if on else datetime.date.today()
    now = state_of(sources, today)
    names = {row["source"]: sources.own(row, "source") for row in sources.rows("searches")}
    lines = []
    for source in now.sources:
        name, lang = names[source.source]
        due = sources.text(f"table.schedule.{'overdue' if source.overdue else 'due'}") if source.next else ""
        coming = numbers.date(source.next, sources.lang) if source.next else ""
        interval = sources.text("living.source.no_schedule")
        if source.interval_months:
            interval = sources.text("living.source.months", count=source.interval_months)
        lines.append(
            Line(
                (
                    sources.cell(name, lang=lang),
                    Cell(numbers.date(source.last, sources.lang), value=source.last)
                    if source.last
                    else Cell(sources.text("living.source.undated"), value="", muted=True),
                    Cell(interval, value=source.interval_months, muted=not source.interval_months),
                    Cell(coming, value=source.next or ""),
                    Cell(due),
                )
            )
        )
    none = (heading(sources.text("table.schedule.none")),)
    return Table(
        id="schedule",
        lang=sources.lang,
        caption=sources.text("table.schedule.caption"),
        columns=(
            sources.column("searched", wide=True),
            sources.column("last_search"),
            sources.column("interval"),
            sources.column("next_search"),
            sources.column("status"),
        ),
        lines=tuple(lines) or none,
        notes=(sources.text("table.schedule.note"),),
    )
