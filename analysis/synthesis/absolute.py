"""What a relative effect means in people: shares with and without treatment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from analysis.synthesis.results import Absolute, Pooled, Row

WITH_TREATMENT: Final[Mapping[str, Callable[[float, float], float]]] = MappingProxyType(
    {
        "RR": lambda control, effect: control * effect,
        "OR": lambda control, effect: effect * control / (1 - control + effect * control),
        "RD": lambda control, effect: control + effect,
    }
)
"""The share with treatment, from the share without it and the effect (Cochrane Handbook 15.4.4)."""


def absolute_effect(measure: str, rows: Sequence[Row], head: Pooled | Row | None) -> Absolute | None:
    """The shares that an effect on shares implies.

    Parameters
    ----------
    measure : str
        ``RR``, ``OR`` or ``RD``; other measures imply no shares.
    rows : sequence of Row
        The rows behind the answer; the share without treatment is all their controls' events over
        all their controls' people.
    head : Pooled, Row or None
        The effect, with limits.

    Returns
    -------
    Absolute or None
        None where there is no share among controls, or where it is 0 (or 1, for an odds ratio) and a
        ratio says nothing.
    """
    if measure not in WITH_TREATMENT or head is None or not rows:
        return None
    counts = [(row.data.get("events2"), row.data.get("n2")) for row in rows]
    known = [(events, n) for events, n in counts if events is not None and n is not None]
    people = sum(n for _, n in known)
    if len(known) < len(rows) or people <= 0:
        return None
    control = sum(events for events, _ in known) / people
    if (measure != "RD" and control == 0) or (measure == "OR" and control == 1):
        return None
    limits = (head.estimate, head.ci_low, head.ci_high)
    if any(limit is None for limit in limits):
        return None
    treated = [
        min(1.0, max(0.0, WITH_TREATMENT[measure](control, limit))) for limit in limits if limit is not None
    ]
    return Absolute(control, *treated)
