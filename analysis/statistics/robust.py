"""Cluster-robust (sandwich) standard errors, with small-sample corrections and Satterthwaite df.

For effects that depend on each other in ways the model does not know. Weights are the inverse of a working
covariance Φ. With M = (X'WX)⁻¹, the variance is M (Σ X'W A e e' A' W X) M over clusters, and A is

- ``CR0``  the identity (Liang & Zeger 1986)
- ``CR1``  √(J/(J−1)); ``CR1p`` √(J/(J−p)); ``CR1S`` √(J(N−1)/((J−1)(N−p)))
- ``CR2``  the correction that makes it unbiased under Φ (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018)
- ``CR3``  (I − H)⁻¹ of the cluster: close to leaving it out (jackknife)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import BoolArray, FloatArray, Record, frozen, refuse, studies
from .blocks import Blocks
from .errors import StatisticsError
from .intervals import check_level, critical, two_sided_p
from .regression import design_matrix, ratio

KINDS = ("CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3")
# Tipton (2015), Psychol Methods 20:375: below about 4 degrees of freedom the t approximation breaks down.
MIN_DF = 4.0


@dataclass(frozen=True, eq=False)
class Robust(Record):
    """Coefficients with cluster-robust standard errors.

    Attributes
    ----------
    names, beta, se, statistic, df, p_value, ci_low, ci_high : (p,)
        ``df`` are Satterthwaite's, or clusters − p.
    covariance : ndarray, (p, p)
    trustworthy : ndarray of bool, (p,)
        Whether Satterthwaite's df are at least 4; where not, p value and interval should not be relied on.
    clusters : int
    kind : str
    """

    names: tuple[str, ...]
    beta: FloatArray
    se: FloatArray
    statistic: FloatArray
    df: FloatArray
    p_value: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    covariance: FloatArray
    trustworthy: BoolArray
    clusters: int
    kind: str
    level: float


def robust(
    yi: ArrayLike,
    vi: ArrayLike,
    cluster: Sequence[object],
    *,
    moderators: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    tau2: float = 0.0,
    tau2_between: float = 0.0,
    correlation: float = 0.0,
    kind: str = "CR2",
    df: str = "satterthwaite",
    level: float = 0.95,
) -> Robust:
    """Coefficients weighted by a working covariance, with cluster-robust standard errors.

    Parameters
    ----------
    yi, vi, cluster, moderators, names
        As in `multilevel.pool_multilevel`.
    tau2, tau2_between, correlation : float
        The working covariance: V with this correlation within clusters, ``tau2`` added to each effect (the
        tau² of `pooling.pool`, or sigma2_within of `multilevel.pool_multilevel`) and ``tau2_between`` to each
        cluster.
    kind : {"CR2", "CR0", "CR1", "CR1p", "CR1S", "CR3"}
    df : {"satterthwaite", "clusters"}
        The latter is clusters − p.

    Raises
    ------
    StatisticsError
        As `multilevel.pool_multilevel`; ``too_few_clusters`` where there are no more than coefficients;
        ``cluster_alone`` (CR3) where a coefficient rests on one cluster, which cannot then be left out.
    """
    y, v = studies(yi, vi)
    check_level(level)
    if kind not in KINDS:
        raise StatisticsError("unknown_option", f"kind {kind!r} is none of {', '.join(KINDS)}")
    if df not in ("satterthwaite", "clusters"):
        raise StatisticsError("unknown_option", f"df {df!r} is neither satterthwaite nor clusters")
    for name, value in (("tau2", tau2), ("tau2_between", tau2_between)):
        refuse(np.array([not 0 <= value < np.inf]), "unknown_option", f"{name} is {value}")
    x, labels = design_matrix(moderators, y.size, names)
    b = Blocks.of(y, v, x, cluster, correlation)
    clusters, p = len(b.names), b.p
    if clusters <= p:
        raise StatisticsError("too_few_clusters", f"{clusters} clusters cannot support {p} coefficients")

    unit2 = b.unit**2
    phi = b.covariance(np.array(tau2_between / unit2), np.array(tau2 / unit2))
    wx: FloatArray = np.asarray(np.linalg.solve(phi, b.x), dtype=np.float64)
    m: FloatArray = np.asarray(np.linalg.inv(np.einsum("jap,jal->pl", b.x, wx)), dtype=np.float64)
    beta = m @ np.einsum("jap,ja->p", wx, b.y)
    residual = b.y - b.x @ beta
    # Rows of A'WXM, one block per cluster: what the residuals are multiplied by.
    loading = np.einsum("jba,jbp->jap", _correction(b, phi, wx, m, kind), wx @ m)
    scores = np.einsum("jap,ja->jp", loading, residual)
    covariance = scores.T @ scores * unit2
    beta = b.start + beta * b.unit
    se = np.sqrt(np.diag(covariance))
    free = _satterthwaite(b, phi, m, loading)
    trustworthy = free >= MIN_DF
    if df == "clusters":
        free = np.full(p, float(clusters - p))
    half = np.array([critical(level, float(value)) for value in free]) * se
    statistic = ratio(beta, se)
    return Robust(
        names=labels,
        beta=frozen(beta),
        se=frozen(se),
        statistic=frozen(statistic),
        df=frozen(free),
        p_value=frozen(np.array([two_sided_p(s, float(f)) for s, f in zip(statistic, free, strict=True)])),
        ci_low=frozen(beta - half),
        ci_high=frozen(beta + half),
        covariance=frozen(covariance),
        trustworthy=trustworthy,
        clusters=clusters,
        kind=kind,
        level=level,
    )


def _correction(b: Blocks, phi: FloatArray, wx: FloatArray, m: FloatArray, kind: str) -> FloatArray:
    """A of each cluster, (j, a, a)."""
    j, p, n = len(b.names), b.p, b.k
    eye = np.broadcast_to(np.eye(phi.shape[1]), phi.shape)
    if kind == "CR3":
        rest = eye - np.einsum("jap,pl,jbl->jab", b.x, m, wx)
        alone = np.linalg.svd(rest, compute_uv=False)[:, -1] < 1e-10
        if alone.any():
            name = b.names[int(alone.argmax())]
            raise StatisticsError("cluster_alone", f"a coefficient rests on cluster {name} alone")
        return np.asarray(np.linalg.inv(rest))
    if kind != "CR2":
        factor = {"CR0": 1.0, "CR1": j / (j - 1), "CR1p": j / (j - p)}
        factor["CR1S"] = j * (n - 1) / ((j - 1) * (n - p))
        return np.asarray(np.sqrt(factor[kind]) * eye)
    lower = np.linalg.cholesky(phi)
    inside = np.swapaxes(lower, 1, 2) @ (phi - np.einsum("jap,pl,jbl->jab", b.x, m, b.x)) @ lower
    roots, vectors = np.linalg.eigh(inside)
    # Directions that the model fits exactly have no residual to correct.
    usable = roots > 1e-12 * roots.max(axis=1, keepdims=True)
    power = np.where(usable, 1 / np.sqrt(np.where(usable, roots, 1.0)), 0.0)
    middle = np.einsum("jab,jb,jcb->jac", vectors, power, vectors)
    return np.asarray(lower @ middle @ np.swapaxes(lower, 1, 2))


def _satterthwaite(b: Blocks, phi: FloatArray, m: FloatArray, loading: FloatArray) -> FloatArray:
    """Degrees of freedom 2 E(V)²/Var(V) of each coefficient's variance, under Φ."""
    out = np.empty(b.p)
    for coefficient in range(b.p):
        u = loading[:, :, coefficient]
        along = np.einsum("jap,ja->jp", b.x, u)
        p = np.diag(np.einsum("ja,jab,jb->j", u, phi, u)) - along @ m @ along.T
        out[coefficient] = np.trace(p) ** 2 / (p**2).sum()
    return out
