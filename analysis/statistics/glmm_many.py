"""The random-intercept logistic model fitted to many subsets of the same studies.

A study's marginal likelihood is its likelihood times a normal density. On one set of points for all, that
integral is a product of matrices, so a fit of every subset costs little more than a fit of one. What the
shared points cannot carry (few studies, a tau next to zero, two peaks, very large studies) is fitted by
itself with `glmm.glmm_proportion`. The two agree to about 1e-8, which is how exactly that one finds tau².
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import special
from .arrays import BoolArray, FloatArray, numbers
from .errors import StatisticsError
from .glmm import Interval, Prediction, glmm_proportion
from .glmm_fit import TAU_GRID, Integrated, Maximum, coefficients_at
from .marginal import LOG_NORMAL, SEARCH_NODES, binomial_kernel
from .mixed import MixedEffect, Options, Problem, binomial_top
from .proportions import proportion

FEWEST = 31
"""Studies below which fitting each subset by itself costs no more."""
SMALLEST = 4
"""Studies in a subset from which on it is fitted together with others of its size."""
MOST_POINTS = 4000
# So many tau beyond the means, and so densely, the trapezoidal rule is exact to rounding.
REACH = 13.0
DENSITY = 1.6
# How far tau may move from where the search found its peak.
ROOM = 1.7
# Twice the gain in log-likelihood up to which one Newton step from another fit is trusted.
NEAR = 4.0
# How often those farther away are tried again, each time from a subset in their midst.
SEARCHES = 4


def glmm_proportions(
    events: ArrayLike,
    n: ArrayLike,
    sets: ArrayLike,
    *,
    interval: Interval = "wald",
    prediction: Prediction = "hts",
    level: float = 0.95,
) -> list[MixedEffect | None]:
    """`glmm.glmm_proportion` of each subset, without the limits of tau².

    Parameters
    ----------
    sets : array_like of bool, (s, k)
        Which studies each subset holds.

    Returns
    -------
    list
        In the order of `sets`; None where a subset has no finite estimate.
    """
    x, m, chosen = numbers("events", events), numbers("n", n), np.asarray(sets, dtype=np.bool_)
    options = Options(interval, prediction, level, False)
    found: list[MixedEffect | None] = [None] * len(chosen)
    fits: dict[int, tuple[Maximum, FloatArray]] = {}
    if x.size >= FEWEST:
        for rows in _alike(chosen.sum(axis=1)):
            used = chosen[rows].any(axis=0)
            together = _fit(x[used], m[used], chosen[np.ix_(rows, used)])
            fits |= {int(rows[row]): fit for row, fit in together.items()}
    for index, which in enumerate(chosen):
        if (fit := fits.get(index)) is None:
            try:
                found[index] = glmm_proportion(
                    x[which],
                    m[which],
                    interval=interval,
                    prediction=prediction,
                    level=level,
                    profile=False,
                )
            except StatisticsError:
                continue
        else:
            found[index] = _summary(x[which], m[which], *fit, options)
    return found


def _alike(sizes: NDArray[np.int64]) -> Iterator[NDArray[np.intp]]:
    """Subsets by the order of their size: the fewer the studies, the farther apart are the taus to be met."""
    bounds: list[float] = [SMALLEST]
    while bounds[-1] < FEWEST:
        bounds.append(2 * bounds[-1])
    # Above the last bound the taus of all sizes lie close.
    for least, most in pairwise([*bounds, np.inf]):
        if (rows := np.flatnonzero((sizes >= least) & (sizes < most))).size:
            yield rows


def _summary(
    x: FloatArray, m: FloatArray, fit: Maximum, information: FloatArray, options: Options
) -> MixedEffect:
    common, _ = _common(x, m, np.ones((1, x.size)))
    top = binomial_top(x, m)
    at_zero = float(binomial_kernel(x, m)(np.full(x.size, common[0]))[0].sum())
    every = np.ones(x.size, dtype=np.bool_)
    problem = Problem("binomial", proportion(x, m), every, float(common[0]), top)
    return problem.summary(fit, information, (None, None), max(0.0, 2 * (top - at_zero)), options)


def _common(x: FloatArray, m: FloatArray, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean of each subset at tau = 0, and the log-likelihood's curvature along tau there."""
    share = (counts @ x) / (counts @ m)
    residual = x - m * share[:, None]
    spare = (counts * (residual**2 - m * (share * (1 - share))[:, None])).sum(axis=1)
    return np.asarray(special.logit(share)), spare


def _fit(x: FloatArray, m: FloatArray, chosen: BoolArray) -> dict[int, tuple[Maximum, FloatArray]]:
    """The maximum of each subset, and its studies' information; subsets that need more care are left out."""
    counts = chosen.astype(np.float64)
    if np.any(counts @ x == 0) or np.any(counts @ x == counts @ m):
        return {}
    mean, curvature = _common(x, m, counts)
    found: dict[int, tuple[Maximum, FloatArray]] = {}
    peak_at, start = _search_near(x, m, counts, curvature)
    at_zero = (counts * binomial_kernel(x, m)(np.repeat(mean[None], x.size, axis=0))[0].T).sum(axis=1)
    for row in np.flatnonzero(peak_at == 0):
        share = (counts[row] @ x) / (counts[row] @ m)
        information = (m * share * (1 - share))[chosen[row]]
        covariance = np.array([[1 / information.sum()]])
        beta = np.array([mean[row]])
        found[int(row)] = Maximum(beta, np.zeros(1), covariance, float(at_zero[row])), information
    rows = np.flatnonzero(peak_at > 0)
    points = Points.over(x, m, start[rows]) if rows.size else None
    if points is not None:
        point, value, hessian, information, arrived = points.climb(counts[rows], start[rows])
        arrived &= value > at_zero[rows] + 1e-8
        for i in np.flatnonzero(arrived):
            covariance = np.linalg.inv(-hessian[i])[:1, :1]
            fit = Maximum(point[i, :1], point[i, 1:], covariance, float(value[i]))
            found[int(rows[i])] = fit, information[chosen[rows[i]], i]
    return found


def _search_near(
    x: FloatArray, m: FloatArray, counts: FloatArray, curvature: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """`_search` from the mean of all studies, and what is too far from it once more from one in its midst."""
    peak_at, start = _search(x, m, counts, curvature, np.ones(x.size, dtype=np.bool_))
    for _ in range(SEARCHES - 1):
        if not (far := np.flatnonzero(peak_at < 0)).size:
            break
        midst = counts[far[far.size // 2]] > 0
        peak_at[far], start[far] = _search(x, m, counts[far], curvature[far], midst)
    return peak_at, start


def _search(
    x: FloatArray, m: FloatArray, counts: FloatArray, curvature: FloatArray, reference: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Where on the grid of tau each subset's profile has its only peak (−1: not clear), and a start there.

    For each tau the mean of the reference's studies is found once; a subset's own is a Newton step away,
    from sums of the same terms.
    """
    among, design = Integrated(binomial_kernel(x[reference], m[reference])), np.ones((x.size, 1))
    beta = np.full((1, TAU_GRID.size), special.logit(x[reference].sum() / m[reference].sum()))
    beta = coefficients_at(among, design[reference], TAU_GRID, beta, SEARCH_NODES, 1e-3)[0]
    value, gradient, hessian = Integrated(binomial_kernel(x, m))(design @ beta, TAU_GRID, SEARCH_NODES)
    slope = counts @ gradient[..., 0]
    step = -slope / (counts @ hessian[..., 0, 0])
    profile = counts @ value + 0.5 * slope * step
    rises = np.diff(profile, axis=1) > 0
    # Rising, then falling: one peak. A profile that rises from 0 must have done so from the very start.
    single = ~np.any(~rises[:, :-1] & rises[:, 1:], axis=1) & ~rises[:, -1]
    peak_at = profile.argmax(axis=1)
    clear = single & (slope * step < NEAR).all(axis=1) & ((curvature > 0) == (peak_at > 0))
    clear &= peak_at != 1
    rows = np.arange(len(counts))
    start = np.column_stack((beta[0, peak_at] + step[rows, peak_at], TAU_GRID[peak_at]))
    return np.where(clear, peak_at, -1), start


@dataclass(frozen=True)
class Points:
    """Every study's likelihood on points of the linear predictor that all subsets share.

    Attributes
    ----------
    u : ndarray, (p,)
    likelihood : ndarray, (k, p)
        Times the distance between points, over its highest value.
    highest : ndarray, (k,)
        Log of that value.
    least, most : ndarray, (2,)
        Means and taus for which the points serve.
    """

    u: FloatArray
    likelihood: FloatArray
    highest: FloatArray
    least: FloatArray
    most: FloatArray

    @classmethod
    def over(cls, x: FloatArray, m: FloatArray, start: FloatArray) -> Points | None:
        """Points for fits from these starts; None where it would take too many."""
        low, high = start.min(axis=0), start.max(axis=0)
        least = np.array([low[0] - high[1], low[1] / ROOM])
        most = np.array([high[0] + high[1], high[1] * ROOM])
        step = 1.0 / (DENSITY * np.sqrt(1.0 / least[1] ** 2 + m.max() / 4.0))
        first, last = least[0] - REACH * most[1], most[0] + REACH * most[1]
        count = int(np.ceil((last - first) / step)) + 1
        if count > MOST_POINTS:
            return None
        u = np.linspace(first, last, count)
        log_p = binomial_kernel(x, m)(np.repeat(u[None], x.size, axis=0))[0]
        highest = log_p.max(axis=1)
        return cls(u, np.exp(log_p - highest[:, None]) * (u[1] - u[0]), highest, least, most)

    def terms(self, point: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Per study and point: value (k, s), gradient (2, k, s) and Hessian (3, k, s: μμ, μτ, ττ)."""
        tau = point[:, 1]
        z = (self.u[:, None] - point[:, 0]) / tau
        density = np.exp(LOG_NORMAL - 0.5 * z**2) / tau
        square = z**2
        # Derivatives of the normal density by its mean and its spread, over the density.
        factors = (
            z / tau,
            (square - 1) / tau,
            (square - 1) / tau**2,
            z * (square - 3) / tau**2,
            (square * (square - 5) + 2) / tau**2,
        )
        whole = self.likelihood @ density
        first, second, aa, ab, bb = ((self.likelihood @ (density * f)) / whole for f in factors)
        hessian = np.stack((aa - first**2, ab - first * second, bb - second**2))
        return np.log(whole) + self.highest[:, None], np.stack((first, second)), hessian

    def climb(
        self, counts: FloatArray, start: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, BoolArray]:
        """Newton's method for all subsets at once.

        Returns
        -------
        point (s, 2), value (s,), hessian (s, 2, 2), the studies' information (k, s), and whether each
        arrived at a maximum within reach of the points
        """
        point = start.copy()
        arrived = np.zeros(len(point), dtype=np.bool_)
        inside = np.ones(len(point), dtype=np.bool_)
        for _ in range(40):
            value, gradient, hessian = self.terms(point)
            total = np.einsum("sk,aks->sa", counts, gradient)
            curve = np.einsum("sk,aks->sa", counts, hessian)[:, [[0, 1], [1, 2]]]
            roots, vectors = np.linalg.eigh(-curve)
            along = np.einsum("sij,si->sj", vectors, total) / np.maximum(np.abs(roots), 1e-8)
            step = np.einsum("sij,sj->si", vectors, along)
            arrived = inside & (roots[:, 0] > 0) & ((total * step).sum(axis=1) < 1e-18 * counts.sum(axis=1))
            if np.all(arrived | ~inside):
                break
            farthest = 0.25 * point[:, 1] / np.maximum(np.abs(step).max(axis=1), 1e-300)
            trial = point + np.minimum(1.0, farthest)[:, None] * step
            inside &= np.all((trial > self.least) & (trial < self.most), axis=1)
            point = np.where((inside & ~arrived)[:, None], trial, point)
        return point, (counts * value.T).sum(axis=1), curve, -hessian[0], arrived
