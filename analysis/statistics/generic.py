"""Estimates as published (GEN): with a standard error, a confidence interval or a p value."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from . import special
from .arrays import BoolArray, FloatArray, columns, refuse
from .effects import EffectSizes, effect_sizes
from .intervals import check_level


def _record(
    estimate: FloatArray, vi: FloatArray, log: bool, measure: str, missing: BoolArray, **flags: BoolArray
) -> EffectSizes:
    return effect_sizes(
        measure,
        "log" if log else "identity",
        estimate,
        vi,
        np.full(estimate.size, np.nan),
        missing=missing,
        flags=flags,
    )


def _positive(name: str, values: FloatArray) -> FloatArray:
    refuse(values <= 0, "not_positive", f"{name} is {{}}, and a ratio must be above 0", values)
    return np.log(values)


def _quantile(tail: FloatArray, df: ArrayLike | None) -> FloatArray:
    """Upper-tail quantile, normal or t."""
    if df is None:
        return np.asarray(-special.ndtri(tail))
    free, tails = columns(df=df, tail=tail)
    refuse(free <= 0, "no_degrees_of_freedom", "df is {}", free)
    return np.asarray(-special.stdtrit(free, tails))


def from_se(estimate: ArrayLike, se: ArrayLike, *, log: bool = False, measure: str = "GEN") -> EffectSizes:
    """Estimates with standard errors, both already on the analysis scale; ``log`` names that scale."""
    yi, error = columns(estimate=estimate, se=se)
    refuse(error < 0, "negative_se", "se is {}", error)
    return _record(yi, error**2, log, measure, np.isnan(yi + error))


def from_variance(
    estimate: ArrayLike, variance: ArrayLike, *, log: bool = False, measure: str = "GEN"
) -> EffectSizes:
    """Estimates with variances, both already on the analysis scale; ``log`` names that scale."""
    yi, vi = columns(estimate=estimate, variance=variance)
    refuse(vi < 0, "variance_not_positive", "the variance is {}", vi)
    return _record(yi, vi, log, measure, np.isnan(yi + vi))


def from_interval(
    estimate: ArrayLike,
    ci_low: ArrayLike,
    ci_high: ArrayLike,
    *,
    level: float = 0.95,
    df: ArrayLike | None = None,
    log: bool = False,
    measure: str = "GEN",
) -> EffectSizes:
    """Estimates with confidence intervals, as printed.

    Parameters
    ----------
    df : array_like, optional
        Degrees of freedom, where the interval used t; normal otherwise.
    log : bool
        The estimate is a ratio: it and its limits are logged first.

    Notes
    -----
    The flag ``lopsided`` marks an estimate more than 5 % of the interval's width off its middle: printed on
    the other scale, rounded hard, or not such an interval at all.
    """
    check_level(level)
    yi, low, high = columns(estimate=estimate, ci_low=ci_low, ci_high=ci_high)
    if log:
        yi, low, high = (_positive("estimate", yi), _positive("ci_low", low), _positive("ci_high", high))
    refuse(high < low, "limits_swapped", "the limits are {} and {}", low, high)
    tail = (1 - level) / 2
    quantile = _quantile(np.full(yi.size, tail), df)
    vi = ((high - low) / (2 * quantile)) ** 2
    lopsided = np.abs(yi - (low + high) / 2) > 0.05 * (high - low)
    return _record(yi, vi, log, measure, np.isnan(yi + low + high), lopsided=lopsided)


def from_p_value(
    estimate: ArrayLike,
    p_value: ArrayLike,
    *,
    df: ArrayLike | None = None,
    null: float = 0.0,
    log: bool = False,
    measure: str = "GEN",
) -> EffectSizes:
    """Estimates with exact two-sided p values: the standard error is |estimate − null| / |statistic|.

    ``log`` takes a ratio, whose null is 1 (log 0). A p value of 1, or an estimate at its null, tells nothing
    of the standard error: the row has no variance and the reason ``not_estimable``.
    """
    yi, p = columns(estimate=estimate, p_value=p_value)
    refuse((p <= 0) | (p > 1), "impossible_p", "p is {}", p)
    if log:
        yi = _positive("estimate", yi)
    statistic = _quantile(p / 2, df)
    distance = np.abs(yi - null)
    with np.errstate(divide="ignore", invalid="ignore"):
        vi = np.where((p < 1) & (distance > 0), (distance / statistic) ** 2, np.nan)
    return _record(yi, vi, log, measure, np.isnan(yi + p))
