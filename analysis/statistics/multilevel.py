"""The three-level model: several effects of one study (or cluster), pooled with their dependence.

y = Xβ + cluster effect N(0, σ²_between) + effect within cluster N(0, σ²_within) + sampling error
(Konstantopoulos 2011, Res Synth Methods 2:61). Sampling errors of one cluster may be given a common
correlation, which with `robust.robust` gives the correlated and hierarchical effects model of Pustejovsky &
Tipton (2022), Prev Sci 23:425.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from . import special
from .arrays import BoolArray, FloatArray, Record, frozen, studies
from .blocks import Blocks
from .errors import StatisticsError
from .intervals import check_level, critical, two_sided_p
from .regression import design_matrix
from .roots import root

_GRID = 9
_CHUNK = 1 << 21


@dataclass(frozen=True, eq=False)
class Multilevel(Record):
    """A fitted three-level model.

    Attributes
    ----------
    k, clusters : int
        Effects, and clusters they come from.
    names, beta, se, statistic, p_value, ci_low, ci_high : (p,)
        Coefficients; the only one without moderators is the pooled effect, ``intercept``.
    df : ndarray, (p,), or None
        Degrees of freedom; None for a normal reference.
    covariance : ndarray, (p, p)
    sigma2_between, sigma2_within : float
        Variance between clusters, and between the effects of one cluster.
    sigma2_between_ci, sigma2_within_ci : (low, high) or None
        Profile-likelihood limits.
    i2, i2_between, i2_within : float
        Percent of the variance that is not sampling error, and its two parts, with
        v̄ = (k − p)/tr P at the sampling variances alone.
    q_residual, q_residual_df, q_residual_p
        Residual heterogeneity against the sampling covariance.
    prediction_low, prediction_high : float or None
        Interval for the effect in a new cluster; None with moderators.
    log_likelihood : float
        Restricted under REML; metafor's constants.
    """

    k: int
    clusters: int
    names: tuple[str, ...]
    beta: FloatArray
    se: FloatArray
    statistic: FloatArray
    df: FloatArray | None
    p_value: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    covariance: FloatArray
    sigma2_between: float
    sigma2_within: float
    sigma2_between_ci: tuple[float, float] | None
    sigma2_within_ci: tuple[float, float] | None
    i2: float
    i2_between: float
    i2_within: float
    q_residual: float
    q_residual_df: int
    q_residual_p: float
    prediction_low: float | None
    prediction_high: float | None
    log_likelihood: float
    correlation: float
    method: str
    interval: str
    level: float


def pool_multilevel(
    yi: ArrayLike,
    vi: ArrayLike,
    cluster: Sequence[object],
    *,
    moderators: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    correlation: float = 0.0,
    method: str = "REML",
    interval: str = "contain",
    level: float = 0.95,
    profile: bool = False,
) -> Multilevel:
    """Fit the three-level model.

    Parameters
    ----------
    yi, vi : array_like, (k,)
    cluster : sequence, (k,)
        The study (or cohort) each effect belongs to.
    moderators : array_like, (k, m), optional
        Without the intercept's column.
    correlation : float
        Assumed correlation of the sampling errors within a cluster.
    method : {"REML", "ML"}
    interval : {"contain", "t", "wald"}
        ``contain``: t with clusters − p degrees of freedom for a coefficient that is constant within clusters
        (such as the pooled effect), k − p for another; ``t``: k − p; ``wald``: normal.
    profile : bool
        Whether the profile-likelihood intervals of the variances are wanted.

    Raises
    ------
    StatisticsError
        As `regression.regress`; ``one_cluster``; ``not_identified`` where every cluster has one effect, so
        that the two variances cannot be told apart; ``too_few_clusters`` where ``contain`` has no degree of
        freedom.
    """
    y, v = studies(yi, vi)
    check_level(level)
    if method not in ("REML", "ML"):
        raise StatisticsError("unknown_option", f"method {method!r} is neither REML nor ML")
    x, labels = design_matrix(moderators, y.size, names)
    blocks = Blocks.of(y, v, x, cluster, correlation)
    j, k, p = len(blocks.names), blocks.k, blocks.p
    if j == k:
        raise StatisticsError("not_identified", "every cluster has one effect; use pooling.pool")
    df = _degrees(blocks, x, interval)

    fit = _Components(blocks, restricted=method == "REML")
    best, height = fit.maximise()
    unit2 = blocks.unit**2
    between, within = float(best[0]) * unit2, float(best[1]) * unit2
    state = fit.evaluate(best[None])
    beta = blocks.start + state.beta[0] * blocks.unit
    covariance = state.covariance[0] * unit2
    se = np.sqrt(np.diag(covariance))
    references = [None] * p if df is None else [float(value) for value in df]
    half = np.array([critical(level, reference) for reference in references]) * se
    statistic = beta / se
    p_value = np.array(
        [two_sided_p(s, reference) for s, reference in zip(statistic, references, strict=True)]
    )

    zero = fit.evaluate(np.zeros((1, 2)))
    q = float(zero.scatter[0])
    typical = (k - p) / float(zero.trace[0, 1])
    total = float(best.sum()) + typical
    low = high = None
    if p == 1:
        spread = critical(level, references[0]) * math.sqrt(between + within + float(covariance[0, 0]))
        low, high = float(beta[0]) - spread, float(beta[0]) + spread
    free = k - p if method == "REML" else k
    constant = -0.5 * free * math.log(2 * math.pi) - free * math.log(blocks.unit)
    if method == "REML":
        constant += 0.5 * float(np.linalg.slogdet(x.T @ x)[1])
    intervals = [fit.interval(index, best, height, level) if profile else None for index in (0, 1)]
    limits = [None if pair is None else (pair[0] * unit2, pair[1] * unit2) for pair in intervals]
    return Multilevel(
        k=k,
        clusters=j,
        names=labels,
        beta=frozen(beta),
        se=frozen(se),
        statistic=frozen(statistic),
        df=None if df is None else frozen(df),
        p_value=frozen(p_value),
        ci_low=frozen(beta - half),
        ci_high=frozen(beta + half),
        covariance=frozen(covariance),
        sigma2_between=between,
        sigma2_within=within,
        sigma2_between_ci=limits[0],
        sigma2_within_ci=limits[1],
        i2=100 * float(best.sum()) / total,
        i2_between=100 * float(best[0]) / total,
        i2_within=100 * float(best[1]) / total,
        q_residual=q,
        q_residual_df=k - p,
        q_residual_p=float(special.chdtrc(k - p, q)),
        prediction_low=low,
        prediction_high=high,
        log_likelihood=height + constant,
        correlation=correlation,
        method=method,
        interval=interval,
        level=level,
    )


def _degrees(blocks: Blocks, x: FloatArray, interval: str) -> FloatArray | None:
    k, p = x.shape
    if interval == "wald":
        return None
    if interval == "t":
        return np.full(p, float(k - p))
    if interval != "contain":
        raise StatisticsError("unknown_option", f"interval {interval!r} is none of contain, t, wald")
    first = blocks.x[:, :1]
    constant = ((np.abs(blocks.x - first) * blocks.mask[..., None]).max(axis=(0, 1))) == 0
    df = np.where(constant, float(len(blocks.names) - p), float(k - p))
    if (df <= 0).any():
        raise StatisticsError("too_few_clusters", f"{len(blocks.names)} clusters for {p} coefficients")
    return df


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """The likelihood at several pairs of variances (axis 0), with derivatives by the pair."""

    height: FloatArray
    gradient: FloatArray
    hessian: FloatArray
    beta: FloatArray
    covariance: FloatArray
    scatter: FloatArray
    trace: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Components:
    """The (restricted) likelihood of the two variances, in the blocks' scaled unit.

    Derivatives as in Searle, Casella & McCulloch (1992), with A₁ the ones of a cluster and A₂ the identity.
    """

    blocks: Blocks
    restricted: bool

    def evaluate(self, pairs: FloatArray) -> _State:
        """At ``pairs``, shape (g, 2): between, within."""
        b = self.blocks
        size = max(1, _CHUNK // max(1, b.v.size))
        parts = [self._evaluate(pairs[start : start + size]) for start in range(0, len(pairs), size)]
        if len(parts) == 1:
            return parts[0]
        return _State(*(np.concatenate([getattr(part, name) for part in parts]) for name in _State.__slots__))

    def _evaluate(self, pairs: FloatArray) -> _State:
        b = self.blocks
        sigma = b.covariance(pairs[:, 0], pairs[:, 1])
        inverse = np.linalg.inv(sigma)
        log_det = np.linalg.slogdet(sigma)[1].sum(axis=1)
        sx = inverse @ b.x
        info = np.einsum("jmp,gjml->gpl", b.x, sx)
        c = np.linalg.inv(info)
        sy = np.einsum("gjmn,jn->gjm", inverse, b.y)
        beta = np.einsum("gpl,jml,gjm->gp", c, b.x, sy)
        u = sy - np.einsum("gjmp,gp->gjm", sx, beta)
        scatter = np.einsum("jm,gjm->g", b.y, u)

        s1 = np.einsum("gjmn,jn->gjm", inverse, b.mask)
        s11 = np.einsum("gjm,jm->gj", s1, b.mask)
        real = inverse * b.mask[:, :, None]
        a = np.stack([u.sum(axis=2, keepdims=True) * b.mask, u], axis=1)  # A₁Py and A₂Py
        along = np.einsum("gjmp,gajm->gap", sx, a)
        spread = np.einsum("gajm,gjmn,gcjn->gac", a, inverse, a) - np.einsum(
            "gap,gpl,gcl->gac", along, c, along
        )
        fit = np.einsum("gajm,gjm->ga", a, u)

        trace = np.stack([s11.sum(axis=1), np.einsum("gjmm->g", real)], axis=1)
        trace2 = np.empty((len(pairs), 2, 2))
        trace2[:, 0, 0] = (s11**2).sum(axis=1)
        trace2[:, 0, 1] = trace2[:, 1, 0] = np.einsum("gjm,gjm,jm->g", s1, s1, b.mask)
        trace2[:, 1, 1] = np.einsum("gjmn,gjmn,jn->g", real, real, b.mask)
        if self.restricted:
            x1 = np.einsum("jmp,gjm->gjp", b.x, s1)
            ss1 = np.einsum("gjmp,gjm->gjp", sx, s1)
            single = np.stack(
                [np.einsum("gjp,gjl->gpl", x1, x1), np.einsum("gjmp,gjml->gpl", sx, sx)], axis=1
            )
            double = np.empty((len(pairs), 2, 2, b.p, b.p))
            double[:, 0, 0] = np.einsum("gj,gjp,gjl->gpl", s11, x1, x1)
            double[:, 0, 1] = double[:, 1, 0] = np.einsum("gjp,gjl->gpl", x1, ss1)
            double[:, 1, 1] = np.einsum("gjmp,gjmn,gjnl->gpl", sx, inverse, sx)
            cs = np.einsum("gpl,galq->gapq", c, single)
            trace = trace - np.einsum("gapp->ga", cs)
            trace2 += np.einsum("gapq,gcqp->gac", cs, cs) - 2 * np.einsum("gpl,gaclp->gac", c, double)
        height = -0.5 * (log_det + scatter)
        if self.restricted:
            height = height - 0.5 * np.linalg.slogdet(info)[1]
        return _State(
            height=height,
            gradient=0.5 * (fit - trace),
            hessian=0.5 * trace2 - spread,
            beta=beta,
            covariance=c,
            scatter=scatter,
            trace=trace,
        )

    def maximise(self) -> tuple[FloatArray, float]:
        """Highest point over both variances ≥ 0: every peak on a grid, polished."""
        b = self.blocks
        top = 2.0 * float((b.y**2).sum()) / (b.k - b.p)
        low = 0.02 * float(np.einsum("jmm,jm->jm", b.v, b.mask)[b.mask > 0].min())
        axis = np.zeros(1)
        if top > low:
            axis = np.concatenate((axis, np.geomspace(low, top, _GRID)))
        grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
        height = self.evaluate(grid.reshape(-1, 2)).height.reshape(grid.shape[:2])
        padded = np.pad(height, 1, constant_values=-np.inf)
        n = axis.size
        around = [
            padded[1 + i : 1 + i + n, 1 + j : 1 + j + n] for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j
        ]
        peaks = grid[(height[None] >= np.array(around)).all(axis=0)]
        found = [self.climb(start, np.ones(2, dtype=np.bool_)) for start in peaks]
        return max(found, key=lambda item: item[1])

    def climb(self, start: FloatArray, free: BoolArray) -> tuple[FloatArray, float]:
        """Newton's method on the variances marked ``free``, kept at or above 0."""
        point = start.copy()
        state = self.evaluate(point[None])
        for _ in range(200):
            gradient = state.gradient[0]
            moving = free & ~((point <= 0) & (gradient <= 0))
            if not moving.any():
                break
            roots, vectors = np.linalg.eigh(-state.hessian[0][np.ix_(moving, moving)])
            roots = np.maximum(np.abs(roots), 1e-10 * np.abs(roots).max())
            step = np.zeros(2)
            step[moving] = vectors @ ((vectors.T @ gradient[moving]) / roots)
            gain = float(step @ gradient)
            length = 1.0
            while True:
                trial = np.maximum(0.0, point + length * step)
                ahead = self.evaluate(trial[None])
                if ahead.height[0] >= state.height[0] or gain < 1e-10 or length < 1e-8:
                    break
                length *= 0.5
            moved = np.abs(trial - point).max()
            point, state = trial, ahead
            if gain < 1e-16 or moved <= 1e-13 * point.max():
                break
        return point, float(state.height[0])

    def interval(self, index: int, best: FloatArray, height: float, level: float) -> tuple[float, float]:
        """Profile-likelihood limits of one variance; infinite where the profile never falls far enough."""
        cut = height - 0.5 * float(special.chdtri(1, 1 - level))
        free = np.arange(2) != index

        def above(value: float) -> float:
            tops = []
            for other in {0.0, float(best[1 - index]), float(best.sum())}:
                start = np.full(2, other)
                start[index] = value
                tops.append(self.climb(start, free)[1])
            return max(tops) - cut

        centre = float(best[index])
        low = 0.0
        if centre > 0 and above(0.0) < 0:
            low = root(above, 0.0, centre, xtol=1e-14)
        near, far = centre, 2 * max(centre, float(best.sum()), 1.0)
        while above(far) > 0:
            near, far = far, 4 * far
            if far > 1e12:
                return low, math.inf
        return low, root(above, near, far, xtol=1e-14)
