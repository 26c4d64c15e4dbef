"""Effect sizes of two arms compared on an event that happens or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .arrays import BoolArray, FloatArray, columns, refuse
from .effects import EffectSizes, effect_sizes
from .errors import StatisticsError

Correct = Literal["only0", "if0all", "all", "none"]
DoubleZeros = Literal["keep", "drop"]


@dataclass(frozen=True)
class Tables:
    """The 2×2 tables: a, b (events, no events) of arm 1 and c, d of arm 2, after any correction."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray
    people: FloatArray
    corrected: BoolArray
    double_zero: BoolArray
    missing: BoolArray


def add_where(zero: BoolArray, correction: float, correct: str) -> FloatArray:
    """What the rule ``correct`` adds to each study's cells.

    ``only0`` corrects the studies with an empty cell, ``if0all`` every study as soon as one has an empty
    cell, ``all`` every study, ``none`` nobody.
    """
    if correct not in ("only0", "if0all", "all", "none"):
        raise StatisticsError("unknown_option", f"correct {correct!r} is none of only0, if0all, all, none")
    if correction < 0:
        raise StatisticsError("unknown_option", f"correction is {correction}, and must not be negative")
    rows = {"only0": zero, "if0all": np.full(zero.size, zero.any()), "all": np.full(zero.size, True)}
    return np.where(rows.get(correct, False), correction, 0.0) * np.ones(zero.size)


def tables(
    events1: ArrayLike,
    n1: ArrayLike,
    events2: ArrayLike,
    n2: ArrayLike,
    correction: float = 0.5,
    correct: str = "only0",
) -> Tables:
    """Checked 2×2 tables with the continuity correction added to all four cells."""
    a, size1, c, size2 = columns(events1=events1, n1=n1, events2=events2, n2=n2)
    for name, events, size in (("1", a, size1), ("2", c, size2)):
        refuse(events < 0, "negative_events", f"events{name} is {{}}", events)
        refuse(size <= 0, "no_people", f"n{name} is {{}}", size)
        refuse(events > size, "more_events_than_people", f"events{name} {{}} of n{name} {{}}", events, size)
    b, d = size1 - a, size2 - c
    zero = (a == 0) | (b == 0) | (c == 0) | (d == 0)
    add = add_where(zero, correction, correct)
    return Tables(
        a + add,
        b + add,
        c + add,
        d + add,
        people=size1 + size2,
        corrected=add > 0,
        double_zero=((a == 0) & (c == 0)) | ((b == 0) & (d == 0)),
        missing=np.isnan(a + b + c + d),
    )


def _record(
    measure: str, yi: FloatArray, vi: FloatArray, t: Tables, double_zeros: str, **options: str | float
) -> EffectSizes:
    if double_zeros not in ("keep", "drop"):
        raise StatisticsError("unknown_option", f"double_zeros {double_zeros!r} is neither keep nor drop")
    return effect_sizes(
        measure,
        "identity" if measure in ("RD", "AS") else "log",
        yi,
        vi,
        t.people,
        missing=t.missing,
        reasons={"double_zero": t.double_zero} if double_zeros == "drop" else None,
        flags={"corrected": t.corrected, "double_zero": t.double_zero},
        options=options,
    )


def risk_ratio(
    events1: ArrayLike,
    n1: ArrayLike,
    events2: ArrayLike,
    n2: ArrayLike,
    correction: float = 0.5,
    correct: Correct = "only0",
    *,
    double_zeros: DoubleZeros = "keep",
) -> EffectSizes:
    """Log risk ratio (RR), arm 1 over arm 2; variance 1/a − 1/n₁ + 1/c − 1/n₂.

    Studies without (or with only) events in both arms are kept, corrected and flagged; with
    ``double_zeros="drop"`` they stay as rows without an effect and the reason ``double_zero``.
    """
    t = tables(events1, n1, events2, n2, correction, correct)
    size1, size2 = t.a + t.b, t.c + t.d
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.log(t.a / size1) - np.log(t.c / size2)
        vi = 1 / t.a - 1 / size1 + 1 / t.c - 1 / size2
    return _record("RR", yi, vi, t, double_zeros, correction=correction, correct=correct)


def odds_ratio(
    events1: ArrayLike,
    n1: ArrayLike,
    events2: ArrayLike,
    n2: ArrayLike,
    correction: float = 0.5,
    correct: Correct = "only0",
    *,
    double_zeros: DoubleZeros = "keep",
) -> EffectSizes:
    """Log odds ratio (OR), arm 1 over arm 2; variance 1/a + 1/b + 1/c + 1/d. See `risk_ratio`."""
    t = tables(events1, n1, events2, n2, correction, correct)
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.log(t.a / t.b) - np.log(t.c / t.d)
        vi = 1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d
    return _record("OR", yi, vi, t, double_zeros, correction=correction, correct=correct)


def risk_difference(
    events1: ArrayLike,
    n1: ArrayLike,
    events2: ArrayLike,
    n2: ArrayLike,
    correction: float = 0.5,
    correct: Correct = "only0",
    *,
    variance: Literal["LS", "UB"] = "LS",
    double_zeros: DoubleZeros = "keep",
) -> EffectSizes:
    """Risk difference (RD), arm 1 minus arm 2; variance Σ p(1−p)/n, or /(n−1) for ``UB``.

    Without a correction the difference of a study with an empty cell is exact, but a study with no event in
    either arm has a variance of 0 and cannot be pooled (``zero_variance``).
    """
    t = tables(events1, n1, events2, n2, correction, correct)
    size1, size2 = t.a + t.b, t.c + t.d
    if variance not in ("LS", "UB"):
        raise StatisticsError("unknown_option", f"variance {variance!r} is neither LS nor UB")
    less = 1.0 if variance == "UB" else 0.0
    p1, p2 = t.a / size1, t.c / size2
    with np.errstate(divide="ignore", invalid="ignore"):
        vi = p1 * (1 - p1) / (size1 - less) + p2 * (1 - p2) / (size2 - less)
    options = {"correction": correction, "correct": correct, "variance": variance}
    return _record("RD", p1 - p2, vi, t, double_zeros, **options)


def arcsine_difference(
    events1: ArrayLike,
    n1: ArrayLike,
    events2: ArrayLike,
    n2: ArrayLike,
    correction: float = 0.0,
    correct: Correct = "none",
    *,
    double_zeros: DoubleZeros = "keep",
) -> EffectSizes:
    """Difference of asin√p (AS; Rücker 2009): needs no correction, also without any event."""
    t = tables(events1, n1, events2, n2, correction, correct)
    size1, size2 = t.a + t.b, t.c + t.d
    yi = np.arcsin(np.sqrt(t.a / size1)) - np.arcsin(np.sqrt(t.c / size2))
    vi = 1 / (4 * size1) + 1 / (4 * size2)
    return _record("AS", yi, vi, t, double_zeros, correction=correction, correct=correct)


def peto_odds_ratio(
    events1: ArrayLike,
    n1: ArrayLike,
    events2: ArrayLike,
    n2: ArrayLike,
    correction: float = 0.5,
    correct: Correct = "only0",
    *,
    double_zeros: DoubleZeros = "keep",
) -> EffectSizes:
    """Peto's one-step log odds ratio (PETO): (observed − expected)/V with variance 1/V.

    For the pooled Peto estimate, which adds nothing to any cell, see `mantel_haenszel.peto`.
    """
    t = tables(events1, n1, events2, n2, correction, correct)
    expected, spread = hypergeometric(t.a, t.b, t.c, t.d)
    with np.errstate(divide="ignore", invalid="ignore"):
        yi, vi = (t.a - expected) / spread, 1 / spread
    return _record("PETO", yi, vi, t, double_zeros, correction=correction, correct=correct)


def hypergeometric(
    a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of cell a of each table, given its margins and no effect."""
    size1, size2, events, others = a + b, c + d, a + c, b + d
    n = size1 + size2
    return size1 * events / n, size1 * size2 * events * others / (n**2 * (n - 1))
