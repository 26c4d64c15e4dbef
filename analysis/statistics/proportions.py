"""Single proportions: effects on four scales, exact and Wilson intervals, the way back."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from . import special
from .arrays import FloatArray, columns, refuse
from .binary import Correct, add_where
from .effects import EffectSizes, effect_sizes, to_natural
from .errors import StatisticsError

Transform = Literal["raw", "log", "logit", "arcsine", "double_arcsine"]
_SCALE = {"raw": "identity", "log": "log", "logit": "logit"}


def _counts(events: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    x, size = columns(events=events, n=n)
    refuse(x < 0, "negative_events", "events is {}", x)
    refuse(size <= 0, "no_people", "n is {}", size)
    refuse(x > size, "more_events_than_people", "events {} of n {}", x, size)
    return x, size


def proportion(
    events: ArrayLike,
    n: ArrayLike,
    transform: Transform = "logit",
    correction: float = 0.5,
    correct: Correct = "only0",
) -> EffectSizes:
    """Single proportions (PR).

    Parameters
    ----------
    transform : {"logit", "raw", "log", "arcsine", "double_arcsine"}
        ``double_arcsine`` is Freeman-Tukey ½(asin√(x/(n+1)) + asin√((x+1)/(n+1))) with variance 1/(4n+2).
    correction, correct : float, str
        What is added to events and to non-events where one of them is zero. The two arcsine scales are
        defined at 0 and at n and are never corrected.
    """
    x, size = _counts(events, n)
    arcsine = transform in ("arcsine", "double_arcsine")
    add = add_where((x == 0) | (x == size), correction, "none" if arcsine else correct)
    a, m = x + add, size + 2 * add
    with np.errstate(divide="ignore", invalid="ignore"):
        p = a / m
        if transform == "raw":
            yi, vi = p, p * (1 - p) / m
        elif transform == "log":
            yi, vi = np.log(p), 1 / a - 1 / m
        elif transform == "logit":
            yi, vi = np.log(a / (m - a)), 1 / a + 1 / (m - a)
        elif transform == "arcsine":
            yi, vi = np.arcsin(np.sqrt(p)), 1 / (4 * m)
        elif transform == "double_arcsine":
            yi = 0.5 * (np.arcsin(np.sqrt(a / (m + 1))) + np.arcsin(np.sqrt((a + 1) / (m + 1))))
            vi = 1 / (4 * m + 2)
        else:
            raise StatisticsError("unknown_option", f"transform {transform!r} is not known")
    return effect_sizes(
        "PR",
        _SCALE.get(transform, transform),
        yi,
        vi,
        size,
        missing=np.isnan(x + size),
        flags={"corrected": add > 0},
        options={"transform": transform, "correction": correction, "correct": correct},
    )


def exact_interval(events: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Clopper-Pearson interval of each proportion: never covers less than ``level``."""
    x, size = _counts(events, n)
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(x == 0, 0.0, special.betaincinv(np.where(x == 0, 1, x), size - x + 1, tail))
        high = np.where(x == size, 1.0, special.betainccinv(x + 1, np.where(x == size, 1, size - x), tail))
    return low, high


def wilson_interval(events: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Wilson's score interval of each proportion (Wilson 1927), without continuity correction."""
    x, size = _counts(events, n)
    z = float(special.ndtri(0.5 + level / 2))
    p = x / size
    centre = (p + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z / (1 + z**2 / size) * np.sqrt(p * (1 - p) / size + z**2 / (4 * size**2))
    return np.where(x == 0, 0.0, centre - half), np.where(x == size, 1.0, centre + half)


def back_transform(
    values: ArrayLike,
    transform: Transform,
    n: ArrayLike | None = None,
    *,
    variance: float | None = None,
) -> FloatArray:
    """Pooled values (estimate, limits) from the analysis scale to a share between 0 and 1.

    Parameters
    ----------
    n : array, optional
        Sample sizes of the studies pooled; the double-arcsine is inverted at their harmonic mean
        (Miller 1978).
    variance : float, optional
        Invert the double-arcsine at the n of a study with the pooled estimate's variance 1/(4n + 2) instead
        (after Barendregt 2013). Give one of the two.
    """
    x = np.asarray(values, dtype=np.float64)
    if transform != "double_arcsine":
        if transform not in ("raw", "log", "logit", "arcsine"):
            raise StatisticsError("unknown_option", f"transform {transform!r} is not known")
        return np.clip(to_natural(x, _SCALE.get(transform, transform)), 0.0, 1.0)
    if (n is None) == (variance is None):
        raise StatisticsError("n_needed", "the double-arcsine is inverted with either n or variance")
    if variance is not None:
        size = (1 / variance - 2) / 4
    else:
        sizes = np.asarray(n, dtype=np.float64)
        size = float(1 / np.mean(1 / sizes))
    return to_natural(x, "double_arcsine", size)
