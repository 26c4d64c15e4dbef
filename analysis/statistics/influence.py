"""How much the answer hangs on single studies, and how it came about over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import special
from .arrays import BoolArray, FloatArray, Record, frozen, numbers, studies
from .errors import StatisticsError
from .many import PooledMany, effect, join, pool_many
from .pooling import PooledEffect, pool

_CHUNK = 1 << 18


def leave_one_out(yi: ArrayLike, vi: ArrayLike, **pool_args: Any) -> list[PooledEffect]:
    """The pooled effect without each study in turn, in the order of the studies.

    ``pool_args`` are those of `pooling.pool`. The weights of all fits take k² numbers; `deletions` does
    without them.
    """
    y, v = studies(yi, vi)
    fits = deletions(y, v, **{"q_profile": True, **pool_args})
    return [effect(fits, i, _percent(np.delete(v, i), fits.tau2[i])) for i in range(y.size)]


def deletions(yi: ArrayLike, vi: ArrayLike, **pool_args: Any) -> PooledMany:
    """Leave-one-out in columns, in memory linear in k."""
    y, v = studies(yi, vi)
    if y.size < 2:
        raise StatisticsError("too_few", "leaving one out needs two studies")
    size = max(1, _CHUNK // y.size)
    batches = []
    for start in range(0, y.size, size):
        stop = min(start + size, y.size)
        counts = np.ones((stop - start, y.size))
        counts[np.arange(stop - start), np.arange(start, stop)] = 0.0
        batches.append(pool_many(y, v, counts, **pool_args))
    return join(batches)


def cumulative(
    yi: ArrayLike, vi: ArrayLike, order: ArrayLike | None = None, **pool_args: Any
) -> list[PooledEffect]:
    """The pooled effect of the first study, the first two, …

    Parameters
    ----------
    order : array_like of int, optional
        Positions (from 0) in the order in which the studies join; as given by default.
    """
    y, v = studies(yi, vi)
    rank = np.arange(y.size) if order is None else numbers("order", order).astype(np.intp)
    if sorted(rank.tolist()) != list(range(y.size)):
        raise StatisticsError("unknown_option", "order must hold every position from 0 to k − 1 once")
    y, v = y[rank], v[rank]
    size = max(1, _CHUNK // y.size)
    fits = join(
        [
            pool_many(
                y,
                v,
                np.tri(min(size, y.size - start), y.size, start),
                **{"q_profile": True, **pool_args},
            )
            for start in range(0, y.size, size)
        ]
    )
    return [effect(fits, i, _percent(v[: i + 1], fits.tau2[i])) for i in range(y.size)]


@dataclass(frozen=True, eq=False)
class Influence(Record):
    """What each study does to the fit, in the order of the studies (Viechtbauer & Cheung 2010).

    Attributes
    ----------
    residual, rstandard : ndarray
        Study minus pooled effect, and the same over its standard error √(v + tau² − 1/Σw).
    rstudent : ndarray
        Study minus the effect pooled without it, over that difference's standard error: beyond ±2 or so
        the study is an outlier of this model.
    dffits, dfbetas : ndarray
        Change of the fitted value and of the estimate when the study leaves, in standard errors.
    cooks_distance : ndarray
        Squared change of the estimate over its variance (not divided by the number of coefficients).
    cov_ratio : ndarray
        Variance of the estimate without the study over that with it; above 1 the study adds precision.
    hat, weights : ndarray
        Leverage w/Σw, and the same in percent.
    tau2_deleted, q_deleted : ndarray
        tau² and Q without the study.
    influential : ndarray of bool
        |DFFITS| > 3√(1/(k−1)), Cook's distance beyond the median of chi²(1), hat > 3/k or |DFBETAS| > 1.
    """

    residual: FloatArray
    rstandard: FloatArray
    rstudent: FloatArray
    dffits: FloatArray
    dfbetas: FloatArray
    cooks_distance: FloatArray
    cov_ratio: FloatArray
    hat: FloatArray
    weights: FloatArray
    tau2_deleted: FloatArray
    q_deleted: FloatArray
    influential: BoolArray


def influence(yi: ArrayLike, vi: ArrayLike, **pool_args: Any) -> Influence:
    """Influence diagnostics of every study; ``pool_args`` are those of `pooling.pool`."""
    y, v = studies(yi, vi)
    full = pool(y, v, **{**pool_args, "q_profile": False})
    without = deletions(y, v, **{**pool_args, "q_profile": False})
    hat = full.weights / 100.0
    total = 1.0 / (hat[0] * (v[0] + full.tau2))
    residual = y - full.estimate

    spread = v + without.tau2
    total_deleted = _sums_of_weights(v, without.tau2)
    scale = without.se**2 * (total_deleted - 1.0 / spread)
    shift = full.estimate - without.estimate
    with np.errstate(divide="ignore", invalid="ignore"):
        rstudent = (y - without.estimate) / np.sqrt(scale * spread + without.se**2)
        dffits = shift / np.sqrt(scale * hat * spread)
        dfbetas = shift / np.sqrt(scale / total_deleted)
        cooks_distance = shift**2 / full.se**2
        cov_ratio = without.se**2 / full.se**2
        rstandard = residual / np.sqrt(np.maximum(v + full.tau2 - 1.0 / total, 0.0))
    influential = (
        (np.abs(dffits) > 3.0 * np.sqrt(1.0 / (y.size - 1)))
        | (cooks_distance > special.chdtri(1, 0.5))
        | (hat > 3.0 / y.size)
        | (np.abs(dfbetas) > 1.0)
    )
    return Influence(
        residual=frozen(residual),
        rstandard=frozen(rstandard),
        rstudent=frozen(rstudent),
        dffits=frozen(dffits),
        dfbetas=frozen(dfbetas),
        cooks_distance=frozen(cooks_distance),
        cov_ratio=frozen(cov_ratio),
        hat=frozen(hat),
        weights=full.weights,
        tau2_deleted=without.tau2,
        q_deleted=without.q,
        influential=frozen(influential),
    )


def baujat(yi: ArrayLike, vi: ArrayLike, **pool_args: Any) -> tuple[FloatArray, FloatArray]:
    """Baujat plot (Baujat 2002): each study's contribution to heterogeneity and its pull on the estimate.

    Returns
    -------
    heterogeneity, pull : ndarray, shape (k,)
        Squared Pearson residual (y − estimate)²/(v + tau²), and the squared change of the estimate without
        the study over its variance there.
    """
    y, v = studies(yi, vi)
    full = pool(y, v, **{**pool_args, "q_profile": False})
    without = deletions(y, v, **{**pool_args, "q_profile": False})
    with np.errstate(divide="ignore", invalid="ignore"):
        pull = (full.estimate - without.estimate) ** 2 / without.se**2
    return (y - full.estimate) ** 2 / (v + full.tau2), pull


def _sums_of_weights(v: FloatArray, tau2: FloatArray) -> FloatArray:
    """Σ 1/(v + t) over all studies for each t, in memory linear in k."""
    size = max(1, _CHUNK // v.size)
    blocks = [tau2[start : start + size] for start in range(0, tau2.size, size)]
    return np.concatenate([(1.0 / (v + block[:, None])).sum(axis=1) for block in blocks])


def _percent(v: FloatArray, tau2: float) -> FloatArray:
    w = 1.0 / (v + tau2)
    return frozen(100.0 * w / w.sum())
