"""How many people had an adverse event, row by row: shares with exact intervals, never pooled here."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.evidence.rows import Record
from analysis.statistics.proportions import exact_interval
from analysis.synthesis.results import EventShare

USED = ("value_id", "n_people", "n_at_risk")
"""The columns that a share depends on."""


def event_shares(rows: Sequence[Record], level: float) -> tuple[EventShare, ...]:
    """The share of each row of ``adverse_events`` that tells people and people at risk.

    Parameters
    ----------
    rows : sequence of Record
        Of which others are left out.
    level : float
        Of the Clopper-Pearson intervals, such as 0.95.
    """
    known = [row for row in rows if row["n_people"] is not None and row["n_at_risk"]]
    people, at_risk = ([row[name] for row in known] for name in ("n_people", "n_at_risk"))
    low, high = exact_interval(people, at_risk, level)
    return tuple(
        EventShare(row["value_id"], part, whole, part / whole, float(lower), float(upper))
        for row, part, whole, lower, upper in zip(known, people, at_risk, low, high, strict=True)
    )
