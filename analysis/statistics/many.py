"""Many small fits as one computation: subsets, resamples, simulations.

The formulae are those of `pooling`; here every quantity has one row per fit. A fit is a row of *counts*: how
often each study takes part (0 or 1 for a subset, any whole number for a bootstrap resample).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import special
from .arrays import BoolArray, FloatArray, Record, refuse
from .errors import StatisticsError
from .intervals import chi2_limits, critical, prediction_df
from .pooling import PooledEffect, check_options
from .tau2_many import CHUNK, Fits, estimate, slices, solve_q


@dataclass(frozen=True, eq=False)
class PooledMany(Record):
    """The fields of `pooling.PooledEffect`, each an array with one value per fit; NaN for its None."""

    k: NDArray[np.int64]
    estimate: FloatArray
    se: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    statistic: FloatArray
    df: FloatArray
    p_value: FloatArray
    tau2: FloatArray
    tau2_ci_low: FloatArray
    tau2_ci_high: FloatArray
    i2: FloatArray
    i2_ci_low: FloatArray
    i2_ci_high: FloatArray
    i2_q: FloatArray
    h2: FloatArray
    h2_ci_low: FloatArray
    h2_ci_high: FloatArray
    q: FloatArray
    q_df: NDArray[np.int64]
    q_p_value: FloatArray
    prediction_low: FloatArray
    prediction_high: FloatArray
    method: str
    interval: str
    prediction: str | None
    level: float


def pool_many(
    yi: ArrayLike,
    vi: ArrayLike,
    counts: ArrayLike | None = None,
    *,
    method: str = "REML",
    interval: str = "hksj",
    prediction: str = "hts",
    level: float = 0.95,
    q_profile: bool = False,
) -> PooledMany:
    """Pool many sets of studies at once.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (fits, k)
        Effects and variances: the same studies in every fit, or each fit's own.
    counts : array_like, shape (fits, k), optional
        How often each study takes part in each fit; all once by default.
    method, interval, prediction, level, q_profile
        As in `pooling.pool`, whose results these are to rounding.

    Raises
    ------
    StatisticsError
        As `pooling.pool`; ``study`` is then the position in the row. ``no_studies``: a fit has none.
    """
    check_options(interval, prediction, level)
    y, v, m = _shape(yi, vi, counts)
    size = max(1, CHUNK // m.shape[1])
    parts = [
        _pool_rows(
            Fits.of(y[rows] if y.ndim == 2 else y, v[rows] if v.ndim == 2 else v, m[rows]),
            method,
            interval,
            prediction,
            level,
            q_profile,
        )
        for rows in slices(m.shape[0], size)
    ]
    return join(parts)


def join(parts: list[PooledMany]) -> PooledMany:
    """Several batches of fits with the same options as one."""
    first = parts[0]
    if len(parts) == 1:
        return first
    columns: dict[str, Any] = {
        item.name: np.concatenate([getattr(part, item.name) for part in parts])
        if isinstance(getattr(first, item.name), np.ndarray)
        else getattr(first, item.name)
        for item in fields(PooledMany)
    }
    return PooledMany(**columns)


def effect(fits: PooledMany, row: int, weights: FloatArray) -> PooledEffect:
    """One fit of many, as `pooling.pool` would have returned it."""
    values: dict[str, Any] = {}
    for item in fields(PooledMany):
        value = getattr(fits, item.name)
        if isinstance(value, np.ndarray):
            value = value[row].item()
            if isinstance(value, float) and math.isnan(value):
                value = None
        values[item.name] = value
    if fits.k[row] == 1:
        values["interval"] = "wald"
    return PooledEffect(weights=weights, **values)


def _shape(
    yi: ArrayLike, vi: ArrayLike, counts: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    for name, array in (("yi", y), ("vi", v)):
        if array.ndim not in (1, 2):
            raise StatisticsError("wrong_shape", f"{name} must have one or two dimensions, not {array.ndim}")
        refuse(_in_any_row(~np.isfinite(array)), "not_finite", f"{name} is not a finite number")
    refuse(_in_any_row(v <= 0), "variance_not_positive", "vi must be above 0")
    fits = max(y.shape[0] if y.ndim == 2 else 1, v.shape[0] if v.ndim == 2 else 1)
    if counts is None:
        m = np.ones((fits, max(y.shape[-1], v.shape[-1])))
    else:
        m = np.asarray(counts, dtype=np.float64)
    if m.ndim != 2 or {y.shape[-1], v.shape[-1]} != {m.shape[1]} or fits not in (1, m.shape[0]):
        raise StatisticsError(
            "unequal_lengths", f"yi {y.shape}, vi {v.shape} and counts {m.shape} do not go together"
        )
    if y.ndim == 2 and y.shape[0] != m.shape[0]:
        y = y[0]
    if v.ndim == 2 and v.shape[0] != m.shape[0]:
        v = v[0]
    if m.size == 0 or not (m.sum(axis=1) > 0).all():
        raise StatisticsError("no_studies", "there is a fit without any study")
    refuse(_in_any_row((m < 0) | (m != np.floor(m))), "impossible_count", "counts must be whole numbers")
    return y, v, m


def _in_any_row(bad: BoolArray) -> BoolArray:
    return np.asarray(np.atleast_2d(bad).any(axis=0))


def _pool_rows(
    fits: Fits, method: str, interval: str, prediction: str, level: float, q_profile: bool
) -> PooledMany:
    k = fits.k
    df = k - 1
    common = method in ("EE", "FE")
    zero = np.zeros(k.size)
    at_zero = fits.at(zero)
    q, trace = at_zero[2], at_zero[3]
    tau2 = zero if common else estimate(fits, method, at_zero)
    total, mean, scatter, _ = fits.at(tau2) if tau2.any() else at_zero

    several = df > 0
    safe = np.where(several, df, 1.0)
    variance = 1.0 / total
    if interval.startswith("hksj"):
        factor = scatter / safe
        if interval == "hksj_adhoc":
            factor = np.maximum(1.0, factor)
        variance = np.where(several, variance * factor, variance)
    reference = np.where(several & (interval != "wald"), df, np.nan)
    centre, se = fits.centre + fits.unit * mean, fits.unit * np.sqrt(variance)
    half = _critical(level, reference) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(se > 0, centre / se, np.nan)
        typical = np.where(several, df / trace, np.nan)
        i2_q = np.where(q > 0, 100.0 * np.maximum(0.0, 1.0 - df / q), 0.0)
    p_value = np.where(
        np.isnan(reference),
        2.0 * special.ndtr(-np.abs(statistic)),
        2.0 * special.stdtr(np.where(np.isnan(reference), 1.0, reference), -np.abs(statistic)),
    )
    if common:
        i2, h2 = np.where(several, i2_q, 0.0), np.where(several, q / safe, 1.0)
    else:
        i2 = np.where(several, 100.0 * tau2 / (tau2 + typical), 0.0)
        h2 = np.where(several, 1.0 + tau2 / typical, 1.0)

    low = high = np.full(k.size, np.nan)
    if q_profile and not common:
        low, high = _q_profile(fits, level)
    spread = np.full(k.size, np.nan)
    if not common:
        free = np.array([_prediction_df(prediction, size) for size in k])
        spread = np.hypot(fits.unit * np.sqrt(tau2), se) * np.where(
            np.isinf(free), critical(level), _critical(level, np.where(np.isinf(free), np.nan, free))
        )
        spread[np.isnan(free)] = np.nan
    scale = fits.unit**2
    return PooledMany(
        k=k.astype(np.int64),
        estimate=centre,
        se=se,
        ci_low=centre - half,
        ci_high=centre + half,
        statistic=statistic,
        df=reference,
        p_value=p_value,
        tau2=tau2 * scale,
        tau2_ci_low=low * scale,
        tau2_ci_high=high * scale,
        i2=i2,
        i2_ci_low=100.0 * low / (low + typical),
        i2_ci_high=100.0 * high / (high + typical),
        i2_q=i2_q,
        h2=h2,
        h2_ci_low=1.0 + low / typical,
        h2_ci_high=1.0 + high / typical,
        q=q,
        q_df=df.astype(np.int64),
        q_p_value=np.where(several, special.chdtrc(safe, q), 1.0),
        prediction_low=centre - spread,
        prediction_high=centre + spread,
        method=method,
        interval=interval,
        prediction=None if common else prediction,
        level=level,
    )


def _critical(level: float, df: FloatArray) -> FloatArray:
    """Critical values, one look-up per distinct df; NaN stands for the normal."""
    distinct, place = np.unique(df, return_inverse=True)
    values = [critical(level, None if math.isnan(value) else value) for value in distinct.tolist()]
    return np.array(values)[place]


def _prediction_df(prediction: str, k: float) -> float:
    df = prediction_df(prediction, int(k))
    return math.nan if df is None else df


def _q_profile(fits: Fits, level: float) -> tuple[FloatArray, FloatArray]:
    several = fits.k > 1
    low, high = np.full(fits.k.size, np.nan), np.full(fits.k.size, np.nan)
    if several.any():
        chosen = fits.rows(several)
        distinct, place = np.unique(chosen.k, return_inverse=True)
        limits = np.array([chi2_limits(level, int(size) - 1) for size in distinct])[place]
        low[several], high[several] = solve_q(chosen, limits[:, 1]), solve_q(chosen, limits[:, 0])
    return low, high
