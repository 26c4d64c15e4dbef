"""Events per time at risk: one arm, or two compared."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, columns, refuse
from .binary import Correct, DoubleZeros, add_where
from .effects import EffectSizes, effect_sizes, to_natural
from .errors import StatisticsError

RateTransform = Literal["raw", "log", "sqrt", "double_sqrt"]


def _check(events: FloatArray, time: FloatArray, arm: str = "") -> None:
    refuse(events < 0, "negative_events", f"events{arm} is {{}}", events)
    refuse(time <= 0, "no_time", f"time{arm} is {{}}", time)


def _two_rates(
    measure: str,
    events1: ArrayLike,
    time1: ArrayLike,
    events2: ArrayLike,
    time2: ArrayLike,
    correction: float,
    correct: str,
    double_zeros: str,
) -> EffectSizes:
    x1, t1, x2, t2 = columns(events1=events1, time1=time1, events2=events2, time2=time2)
    _check(x1, t1, "1")
    _check(x2, t2, "2")
    if double_zeros not in ("keep", "drop"):
        raise StatisticsError("unknown_option", f"double_zeros {double_zeros!r} is neither keep nor drop")
    double = (x1 == 0) & (x2 == 0)
    add = add_where((x1 == 0) | (x2 == 0), correction, correct)
    a, b = x1 + add, x2 + add
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "IRR":
            yi, vi = np.log(a / t1) - np.log(b / t2), 1 / a + 1 / b
        elif measure == "IRD":
            yi, vi = a / t1 - b / t2, a / t1**2 + b / t2**2
        else:
            yi, vi = np.sqrt(a / t1) - np.sqrt(b / t2), 1 / (4 * t1) + 1 / (4 * t2)
    return effect_sizes(
        measure,
        "log" if measure == "IRR" else "identity",
        yi,
        vi,
        np.full(x1.size, np.nan),
        missing=np.isnan(x1 + t1 + x2 + t2),
        reasons={"double_zero": double} if double_zeros == "drop" else None,
        flags={"corrected": add > 0, "double_zero": double},
        options={"correction": correction, "correct": correct},
    )


def rate_ratio(
    events1: ArrayLike,
    time1: ArrayLike,
    events2: ArrayLike,
    time2: ArrayLike,
    correction: float = 0.5,
    correct: Correct = "only0",
    *,
    double_zeros: DoubleZeros = "keep",
) -> EffectSizes:
    """Log incidence rate ratio (IRR), arm 1 over arm 2; variance 1/x₁ + 1/x₂."""
    return _two_rates("IRR", events1, time1, events2, time2, correction, correct, double_zeros)


def rate_difference(
    events1: ArrayLike,
    time1: ArrayLike,
    events2: ArrayLike,
    time2: ArrayLike,
    correction: float = 0.5,
    correct: Correct = "only0",
    *,
    double_zeros: DoubleZeros = "keep",
) -> EffectSizes:
    """Incidence rate difference (IRD), arm 1 minus arm 2; variance x₁/t₁² + x₂/t₂²."""
    return _two_rates("IRD", events1, time1, events2, time2, correction, correct, double_zeros)


def root_rate_difference(
    events1: ArrayLike, time1: ArrayLike, events2: ArrayLike, time2: ArrayLike
) -> EffectSizes:
    """Difference of square roots of rates (IRSD): stable variance, no correction needed."""
    return _two_rates("IRSD", events1, time1, events2, time2, 0.0, "none", "keep")


def rate(
    events: ArrayLike,
    time: ArrayLike,
    transform: RateTransform = "log",
    correction: float = 0.5,
    correct: Correct = "only0",
) -> EffectSizes:
    """Single incidence rates (IR): events per unit of the time given.

    ``double_sqrt`` is Freeman-Tukey (√(x/t) + √((x+1)/t))/2. The two square-root scales are defined without
    events and are never corrected.
    """
    x, t = columns(events=events, time=time)
    _check(x, t)
    root = transform in ("sqrt", "double_sqrt")
    add = add_where(x == 0, correction, "none" if root else correct)
    a = x + add
    with np.errstate(divide="ignore", invalid="ignore"):
        if transform == "raw":
            yi, vi = a / t, a / t**2
        elif transform == "log":
            yi, vi = np.log(a / t), 1 / a
        elif transform == "sqrt":
            yi, vi = np.sqrt(a / t), 1 / (4 * t)
        elif transform == "double_sqrt":
            yi, vi = 0.5 * (np.sqrt(a / t) + np.sqrt((a + 1) / t)), 1 / (4 * t)
        else:
            raise StatisticsError("unknown_option", f"transform {transform!r} is not known")
    return effect_sizes(
        "IR",
        "identity" if transform == "raw" else transform,
        yi,
        vi,
        t,
        missing=np.isnan(x + t),
        flags={"corrected": add > 0},
        options={"transform": transform, "correction": correction, "correct": correct},
    )


def back_transform_rate(
    values: ArrayLike, transform: RateTransform, time: ArrayLike | None = None
) -> FloatArray:
    """Pooled values (estimate, limits) from the analysis scale to a rate.

    ``time`` holds the studies' times at risk; the double square root is inverted at their harmonic mean.
    """
    x = np.asarray(values, dtype=np.float64)
    if transform not in ("raw", "log", "sqrt", "double_sqrt"):
        raise StatisticsError("unknown_option", f"transform {transform!r} is not known")
    if transform != "double_sqrt":
        return np.maximum(to_natural(x, "identity" if transform == "raw" else transform), 0.0)
    if time is None:
        raise StatisticsError("n_needed", "the double square root is inverted with the times at risk")
    return to_natural(x, "double_sqrt", float(1 / np.mean(1 / np.asarray(time, dtype=np.float64))))
