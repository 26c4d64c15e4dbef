"""When a search is due, and when the review leaves living mode; always relative to a given day."""

from __future__ import annotations

import calendar
import csv
import datetime
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.evidence.rows import Record
from analysis.living.errors import LivingError
from analysis.living.versions import Stored

TRIGGERS = ("new_study", "correction", "judgement", "methods", "search", "status", "wording", "first", "seed")
"""Why there may be a new version."""
STATUSES = ("living", "updating", "stable", "retired")


@dataclass(frozen=True)
class SourceSchedule:
    """One source that was searched.

    Attributes
    ----------
    last : str or None
        Day or month of its last search; None where it is not recorded.
    covers : str
        How far that search reaches, as recorded.
    interval_months : int or None
        None where the protocol plans no further search of this source.
    next : str or None
        Month of the next search.
    """

    source: str
    kind: str
    last: str | None
    covers: str
    interval_months: int | None
    next: str | None
    overdue: bool


@dataclass(frozen=True)
class Retirement:
    """The plan for leaving living mode; neither `on` nor `quiet_months` where there is none.

    Attributes
    ----------
    on : date or None
        A day fixed ahead.
    quiet_months : int or None
        Months without a new study after which the review leaves living mode.
    met : bool
        Whether the condition is fulfilled.
    """

    on: datetime.date | None
    quiet_months: int | None
    met: bool

    @property
    def planned(self) -> bool:
        return self.on is not None or self.quiet_months is not None


@dataclass(frozen=True)
class State:
    """The state of the review on a day.

    Attributes
    ----------
    status : str
        One of `STATUSES`, as ``review.yml`` says.
    last : str
        Day or month of the last systematic search.
    triggers : tuple of str
        What makes a new version, codes (``living.trigger.<code>``).
    next : str or None
        Month of the next one; None when retired.
    due, overdue : bool
        Whether that month has come, and whether it has passed.
    days_since : int
        Days since the last search; where only its month is known, since the end of that month.
    """

    status: str
    last: str
    next: str | None
    due: bool
    overdue: bool
    days_since: int
    sources: tuple[SourceSchedule, ...]
    retirement: Retirement
    triggers: tuple[str, ...] = ()


def state(
    protocol: Mapping[str, Any],
    searches: Sequence[Record],
    versions: Sequence[Stored],
    today: datetime.date,
) -> State:
    """The state of the review on the day `today`.

    Parameters
    ----------
    protocol : mapping
        ``review.yml`` as parsed: ``status``, ``search``, ``living``.
    searches : sequence of Record
        Rows of ``searches.csv``, missing cells as None.
    versions : sequence of Stored
        The oldest first.

    Raises
    ------
    LivingError
        When the status is unknown, or the retirement plan cannot be understood.
    """
    status = str(protocol["status"])
    if status not in STATUSES:
        known = " | ".join(STATUSES)
        raise LivingError(
            f"review.yml, status: found {status!r}, expected {known}",
            f"review.yml，status：发现 {status!r}，应为 {known}",
        )
    search = protocol["search"]
    last, months = str(search["last"]), int(search["interval_months"])
    coming = None if status == "retired" else next_search(last, months)
    living = protocol.get("living") or {}
    return State(
        status=status,
        last=last,
        next=coming,
        due=is_due(coming, today),
        overdue=is_overdue(coming, today),
        days_since=max(0, (today - last_day(last)).days),
        sources=tuple(_sources(protocol, searches, today, retired=status == "retired")),
        retirement=_retirement(living.get("retirement"), versions, today),
        triggers=_triggers(living.get("triggers") or ()),
    )


def next_search(last: str, interval_months: int) -> str:
    """The month a search is due.

    Parameters
    ----------
    last : str
        Month or day of the last search, ``YYYY-MM`` or ``YYYY-MM-DD``.
    interval_months : int
        What the protocol plans between searches.

    Returns
    -------
    str
        ``YYYY-MM``.
    """
    year, month = (int(part) for part in last.split("-")[:2])
    months = year * 12 + month - 1 + interval_months
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def is_due(month: str | None, today: datetime.date) -> bool:
    """Whether a month (``YYYY-MM``) has come."""
    return month is not None and f"{today:%Y-%m}" >= month


def is_overdue(month: str | None, today: datetime.date) -> bool:
    """Whether a month has passed; during it, the search is due and not late."""
    return month is not None and f"{today:%Y-%m}" > month


def last_day(date: str) -> datetime.date:
    """The day a date means, the last one of the month for ``YYYY-MM``."""
    parts = [int(part) for part in date.split("-")]
    if len(parts) == 3:
        return datetime.date(*parts)
    year, month = parts
    return datetime.date(year, month, calendar.monthrange(year, month)[1])


def last_new_study(versions: Iterable[Stored]) -> datetime.date | None:
    """Day of the last version that included a study which the one before it did not."""
    found, before = None, frozenset[str]()
    for stored in versions:
        if stored.data is None:
            continue
        text = (stored.data / "studies.csv").read_text(encoding="utf-8-sig")
        rows = csv.DictReader(io.StringIO(text, newline=""))
        included = frozenset(row["study_id"] for row in rows if row["inclusion"] == "included")
        if included - before:
            found = datetime.date.fromisoformat(stored.meta.date)
        before = included
    return found


def _sources(
    protocol: Mapping[str, Any], searches: Sequence[Record], today: datetime.date, *, retired: bool
) -> Iterable[SourceSchedule]:
    """Each source once, with its last search.

    The protocol's interval holds for the systematic searches; ``living.sources`` gives others their own.
    """
    own = (protocol.get("living") or {}).get("sources") or {}
    search = protocol["search"]
    latest: dict[str, tuple[str, Record]] = {}
    for row in searches:
        day = str(row.get("searched_on") or (search["last"] if row.get("systematic") else ""))
        if row["source"] not in latest or day > latest[row["source"]][0]:
            latest[row["source"]] = (day, row)
    for source, (day, row) in latest.items():
        months = own.get(source, search["interval_months"] if row.get("systematic") else None)
        coming = next_search(day, int(months)) if months and day and not retired else None
        yield SourceSchedule(
            source=source,
            kind=str(row.get("source_type") or ""),
            last=day or None,
            covers=str(row.get("covers_to") or ""),
            interval_months=int(months) if months and not retired else None,
            next=coming,
            overdue=is_overdue(coming, today),
        )


def _triggers(named: Any) -> tuple[str, ...]:
    found = tuple(str(code) for code in named) if isinstance(named, Sequence) else (str(named),)
    for code in found:
        if code not in TRIGGERS:
            known = ", ".join(TRIGGERS)
            raise LivingError(
                f"review.yml, living.triggers: found {code!r}, expected some of {known}",
                f"review.yml，living.triggers：发现 {code!r}，应取自 {known}",
            )
    return found


def _retirement(plan: Any, versions: Sequence[Stored], today: datetime.date) -> Retirement:
    if plan in (None, "none"):
        return Retirement(None, None, False)
    if isinstance(plan, Mapping) and set(plan) == {"date"} and isinstance(plan["date"], datetime.date):
        return Retirement(plan["date"], None, today >= plan["date"])
    if isinstance(plan, Mapping) and set(plan) == {"months_without_study"}:
        months = int(plan["months_without_study"])
        since = last_new_study(versions)
        met = since is not None and f"{today:%Y-%m}" >= next_search(since.isoformat(), months)
        return Retirement(None, months, met)
    raise LivingError(
        f"review.yml, living.retirement: found {plan!r}, expected none, "
        "{date: YYYY-MM-DD} or {months_without_study: N}",
        f"review.yml，living.retirement：发现 {plan!r}，应为 none、"
        "{date: YYYY-MM-DD} 或 {months_without_study: N}",
    )
