"""A step-function selection model: what if publication depends on the p value?

Hedges & Vevea (1996), J Educ Behav Stat 21:299. Effects are normal around the mean with variance v + tau²; a
study whose one-sided p value falls in the j-th interval is published with probability proportional to δ_j,
δ₁ = 1. The likelihood and its derivatives are exact; it is climbed by Newton's method from several starts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import special
from . import tau2 as between
from .arrays import BoolArray, FloatArray, Record, frozen, studies
from .errors import StatisticsError
from .heterogeneity import log_likelihood
from .intervals import check_level, critical, two_sided_p
from .small_study import FEWEST, require_studies

VEVEA_WOODS_STEPS = (0.005, 0.01, 0.05, 0.10, 0.25, 0.35, 0.50, 0.65, 0.75, 0.90, 0.95, 0.99, 0.995, 1.0)
VEVEA_WOODS = {
    "moderate": (1.0, 0.99, 0.95, 0.90, 0.80, 0.75, 0.65, 0.60, 0.55, 0.50, 0.50, 0.50, 0.50, 0.50),
    "severe": (1.0, 0.99, 0.90, 0.75, 0.60, 0.50, 0.40, 0.35, 0.30, 0.25, 0.10, 0.10, 0.10, 0.10),
}
"""One-tailed selection assumed by Vevea & Woods (2005), Psychol Methods 10:428, for use where there
are too few studies to estimate it."""

# exp(±15): a relative publication probability beyond 3 million to 1 means that none can be estimated.
_FARTHEST = 15.0


@dataclass(frozen=True, eq=False)
class Selection(Record):
    """A fitted step-function selection model.

    Attributes
    ----------
    estimate, se, statistic, p_value, ci_low, ci_high : float
        The mean effect of all studies, published or not (Wald).
    tau2, tau2_se : float; se None on the boundary
    steps : tuple of float
        Upper ends of the p-value intervals, the last one 1.
    counts : tuple of int
        Studies in each interval.
    delta, delta_se, delta_ci_low, delta_ci_high : ndarray
        Relative probability of publication; NaN standard errors where it was given or is the reference.
    lrt, lrt_df, lrt_p : float, int, float; None where δ was given
        Likelihood-ratio test against no selection.
    log_likelihood : float
    """

    k: int
    estimate: float
    se: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float
    tau2: float
    tau2_se: float | None
    steps: tuple[float, ...]
    counts: tuple[int, ...]
    delta: FloatArray
    delta_se: FloatArray
    delta_ci_low: FloatArray
    delta_ci_high: FloatArray
    lrt: float | None
    lrt_df: int | None
    lrt_p: float | None
    log_likelihood: float
    alternative: str
    method: str
    level: float


def select(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    steps: Sequence[float] = (0.025, 1.0),
    delta: Sequence[float] | None = None,
    alternative: str = "greater",
    method: str = "ML",
    level: float = 0.95,
    fewest: int = FEWEST,
) -> Selection:
    """Fit the model by maximum likelihood.

    Parameters
    ----------
    steps : sequence of float
        Increasing upper ends of the intervals of the one-sided p value; 1 is added where it is missing.
        0.025 is two-sided 5 % in the expected direction.
    delta : sequence of float, optional
        Relative publication probabilities, one per interval, the first 1: then they are assumed, not
        estimated (see `VEVEA_WOODS`).
    alternative : {"greater", "less"}
        The direction in which an effect is likelier to be published.
    method : {"ML", "EE"}
        ``EE`` fixes tau² at 0.
    fewest : int
        As in `small_study.egger`; not applied to a given ``delta``.

    Raises
    ------
    StatisticsError
        As `pooling.pool`; ``too_few_for_asymmetry``; ``unknown_option``; ``empty_interval`` where no study
        has a p value in an interval whose δ is to be estimated; ``no_finite_maximum`` where a δ or the mean
        runs away.
    """
    y, v = studies(yi, vi)
    check_level(level)
    if alternative not in ("greater", "less"):
        raise StatisticsError("unknown_option", f"alternative {alternative!r} is neither greater nor less")
    if method not in ("ML", "EE"):
        raise StatisticsError("unknown_option", f"method {method!r} is neither ML nor EE")
    ends = tuple(float(step) for step in steps)
    ends = ends if ends and ends[-1] == 1.0 else (*ends, 1.0)
    if not all(a < b for a, b in zip((0.0, *ends), ends, strict=False)):
        raise StatisticsError("unknown_option", f"steps {ends} must increase between 0 and 1")
    if delta is None:
        require_studies(y.size, fewest)
    elif len(delta) != len(ends) or delta[0] != 1 or min(delta) <= 0:
        raise StatisticsError("unknown_option", "delta needs one positive value per interval, the first 1")

    sign = 1.0 if alternative == "greater" else -1.0
    sample = between.Sample.of(y, v)
    unit = sample.unit
    model = _Model.of(sign * y / unit, v / unit**2, ends)
    counts = tuple(int(count) for count in np.bincount(model.where, minlength=len(ends)))
    if delta is None and len(ends) > 1 and min(counts) == 0:
        low, high = (0.0, *ends)[counts.index(0)], ends[counts.index(0)]
        raise StatisticsError("empty_interval", f"no study has a p value between {low:g} and {high:g}")

    base = between.estimate(sample, "ML") if method == "ML" else 0.0
    logs = np.zeros(len(ends)) if delta is None else np.log(np.asarray(delta, dtype=np.float64))
    free = np.concatenate(([True, method == "ML"], np.full(len(ends) - 1, delta is None)))
    w = 1 / (model.v + base)
    mean = float((w * model.y).sum() / w.sum())
    starts = [(mean, base), (mean, 0.0), (0.0, base), (0.0, 2 * base + 0.1), (mean / 2, base + 0.1)]
    best: tuple[FloatArray, float, FloatArray] | None = None
    for mu, tau2 in starts:
        start = np.concatenate(([mu, tau2 if method == "ML" else 0.0], logs[1:]))
        found = model.climb(start, free)
        if found is not None and (best is None or found[1] > best[1] + 1e-12):
            best = found
    if best is None:
        raise StatisticsError("no_finite_maximum", "the selection model has no finite maximum for these data")
    point, height, hessian = best

    weights = np.concatenate(([1.0], np.exp(point[2:])))
    # From log δ to δ; at the maximum the slope is zero, so that only the scale changes.
    jacobian = np.concatenate(([1.0, 1.0], weights[1:]))
    inside = free & ~((np.arange(point.size) == 1) & (point[1] == 0))
    variance = np.full(point.size, np.nan)
    curved = -hessian[np.ix_(inside, inside)] / np.outer(jacobian[inside], jacobian[inside])
    variance[inside] = np.diag(np.linalg.inv(curved))
    half = critical(level)
    estimate, se = sign * float(point[0]) * unit, math.sqrt(float(variance[0])) * unit
    delta_se = np.concatenate(([np.nan], np.sqrt(variance[2:])))
    full = height - y.size * math.log(unit)
    lrt = None
    if delta is None and len(ends) > 1:
        lrt = max(0.0, 2 * (full - log_likelihood(y, v, base * unit**2, restricted=False)))
    return Selection(
        k=y.size,
        estimate=estimate,
        se=se,
        statistic=estimate / se,
        p_value=two_sided_p(estimate / se),
        ci_low=estimate - half * se,
        ci_high=estimate + half * se,
        tau2=float(point[1]) * unit**2,
        tau2_se=math.sqrt(float(variance[1])) * unit**2 if inside[1] else None,
        steps=ends,
        counts=counts,
        delta=frozen(weights),
        delta_se=frozen(delta_se),
        delta_ci_low=frozen(np.maximum(0.0, weights - half * delta_se)),
        delta_ci_high=frozen(weights + half * delta_se),
        lrt=lrt,
        lrt_df=None if lrt is None else len(ends) - 1,
        lrt_p=None if lrt is None else float(special.chdtrc(len(ends) - 1, lrt)),
        log_likelihood=full,
        alternative=alternative,
        method=method,
        level=level,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """Log-likelihood by (mu, tau², log δ₂, …), for the alternative ``greater``, in a scaled unit.

    ``where`` is each study's interval; ``cuts`` (k, m + 1) are the effects at which a study's p value crosses
    from one interval to the next, from +∞ down to −∞.
    """

    y: FloatArray
    v: FloatArray
    where: NDArray[np.intp]
    cuts: FloatArray

    @staticmethod
    def of(y: FloatArray, v: FloatArray, ends: tuple[float, ...]) -> _Model:
        se = np.sqrt(v)
        p = special.ndtr(-y / se)
        quantiles = -special.ndtri(np.concatenate(([0.0], ends)))
        return _Model(y, v, np.searchsorted(ends, p), se[:, None] * quantiles)

    def evaluate(self, point: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Value, gradient and Hessian."""
        mu, tau2 = point[0], point[1]
        delta = np.concatenate(([1.0], np.exp(point[2:])))
        s = self.v + tau2
        r = self.y - mu
        h = (self.cuts - mu) / np.sqrt(s)[:, None]
        known = np.isfinite(h)
        g = np.where(known, h, 0.0)
        density = np.where(known, np.exp(-0.5 * g**2) / math.sqrt(2 * math.pi), 0.0)
        root = np.sqrt(s)[:, None]
        level = special.ndtr(h)
        # Φ(h) and its derivatives by mu and s, at the cuts; an interval's are differences of neighbours.
        tables = [
            level,
            -density / root,
            -density * g / (2 * s[:, None]),
            -density * g / s[:, None],
            -density * (g**2 - 1) / (2 * root**3),
            -density * g * (g**2 - 3) / (4 * s[:, None] ** 2),
        ]
        share, by_mu, by_s, mu_mu, mu_s, s_s = (-np.diff(table, axis=1) for table in tables)
        total = share @ delta
        first = np.column_stack([by_mu @ delta, by_s @ delta, share[:, 1:] * delta[1:]]) / total[:, None]

        k, size = self.y.size, point.size
        chosen = (self.where[:, None] == np.arange(1, delta.size)).astype(np.float64)
        value = float(point[2:] @ chosen.sum(axis=0))
        value += float((-0.5 * np.log(s) - 0.5 * r**2 / s - np.log(total)).sum()) - 0.5 * k * math.log(
            2 * math.pi
        )
        gradient = -first.sum(axis=0)
        gradient[0] += float((r / s).sum())
        gradient[1] += 0.5 * float((r**2 / s**2 - 1 / s).sum())
        gradient[2:] += chosen.sum(axis=0)

        second = np.zeros((size, size))
        second[0, 0] = (mu_mu @ delta / total).sum()
        second[0, 1] = (mu_s @ delta / total).sum()
        second[1, 1] = (s_s @ delta / total).sum()
        second[0, 2:] = (by_mu[:, 1:] * delta[1:] / total[:, None]).sum(axis=0)
        second[1, 2:] = (by_s[:, 1:] * delta[1:] / total[:, None]).sum(axis=0)
        second[range(2, size), range(2, size)] = first[:, 2:].sum(axis=0)
        second = np.triu(second) + np.triu(second, 1).T
        hessian = first.T @ first - second
        hessian[0, 0] -= float((1 / s).sum())
        hessian[0, 1] -= float((r / s**2).sum())
        hessian[1, 0] = hessian[0, 1]
        hessian[1, 1] += float((0.5 / s**2 - r**2 / s**3).sum())
        return value, gradient, hessian

    def climb(self, start: FloatArray, free: BoolArray) -> tuple[FloatArray, float, FloatArray] | None:
        """Newton's method with step halving, tau² kept at or above 0; None where it runs away."""
        point = start.copy()
        value, gradient, hessian = self.evaluate(point)
        for _ in range(300):
            moving = free.copy()
            moving[1] &= not (point[1] <= 0 and gradient[1] <= 0)
            roots, vectors = np.linalg.eigh(-hessian[np.ix_(moving, moving)])
            roots = np.maximum(np.abs(roots), 1e-8 * np.abs(roots).max())
            step = np.zeros(point.size)
            step[moving] = vectors @ ((vectors.T @ gradient[moving]) / roots)
            gain = float(step @ gradient)
            largest = np.abs(step[2:]).max(initial=0.0)
            length = min(1.0, 1.0 / largest) if largest > 0 else 1.0
            while True:
                trial = point + length * step
                trial[1] = max(0.0, trial[1])
                with np.errstate(all="ignore"):
                    ahead = self.evaluate(trial)
                if ahead[0] >= value or (gain < 1e-10 and np.isfinite(ahead[0])) or length < 1e-10:
                    break
                length *= 0.5
            if np.abs(trial[2:]).max(initial=0.0) > _FARTHEST or not np.isfinite(ahead[0]):
                return None
            point, (value, gradient, hessian) = trial, ahead
            if gain < 1e-15:
                return point, value, hessian
        return None
