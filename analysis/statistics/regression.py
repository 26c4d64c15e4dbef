"""Mixed-effects meta-regression: study effects explained by moderators, with what is left over as tau²."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from . import special
from . import tau2 as between
from .arrays import FloatArray, Record, frozen, refuse, studies
from .designs import Designs
from .errors import StatisticsError
from .intervals import chi2_limits, critical, two_sided_p
from .pooling import check_options


@dataclass(frozen=True, eq=False)
class Regression(Record):
    """A fitted meta-regression.

    Attributes
    ----------
    names : tuple of str, length p
        Coefficients, ``intercept`` first where there is one.
    beta, se, statistic, p_value, ci_low, ci_high : ndarray, (p,)
        Coefficients; tests of each against 0. The test is NaN where ``hksj`` finds no scatter to scale by.
    covariance : ndarray, (p, p)
        As the interval uses it (scaled under ``hksj``).
    df : float or None
        k − p; None for a normal reference.
    scale : float
        Factor of the squared standard errors: 1 for ``wald`` and ``t``.
    tau2, tau2_ci_low, tau2_ci_high : float or None
        Residual between-study variance, Q-profile limits.
    i2, h2 : float
        Residual I² (percent) and H², with v̄ = (k − p)/tr P.
    r2 : float or None
        Percent of the between-study variance explained, 100 · max(0, (tau²₀ − tau²)/tau²₀), tau²₀ by the same
        estimator without moderators; EE and FE compare Q/df. None without an intercept or where tau²₀ = 0.
    q_residual, q_residual_df, q_residual_p
        Test of residual heterogeneity.
    q_model, q_model_df, q_model_p
        Test of all moderators (all coefficients, without an intercept): χ², or where the interval uses t
        F = q_model on (q_model_df, df). None without moderators, or without any residual scatter.
    fitted : ndarray, (k,)
    log_likelihood, log_likelihood_restricted : float
        At this tau², with metafor's constants.
    """

    k: int
    names: tuple[str, ...]
    beta: FloatArray
    se: FloatArray
    statistic: FloatArray
    df: float | None
    p_value: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    covariance: FloatArray
    scale: float
    tau2: float
    tau2_ci_low: float | None
    tau2_ci_high: float | None
    i2: float
    h2: float
    r2: float | None
    q_residual: float
    q_residual_df: int
    q_residual_p: float
    q_model: float | None
    q_model_df: int
    q_model_p: float | None
    fitted: FloatArray
    log_likelihood: float
    log_likelihood_restricted: float
    intercept: bool
    method: str
    interval: str
    level: float


@dataclass(frozen=True, eq=False)
class Predictions(Record):
    """Predicted mean effects, and where a new study's effect would lie (None: not defined)."""

    estimate: FloatArray
    se: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    prediction_low: FloatArray | None
    prediction_high: FloatArray | None
    prediction: str


def regress(
    yi: ArrayLike,
    vi: ArrayLike,
    moderators: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    intercept: bool = True,
    method: str = "REML",
    interval: str = "hksj",
    level: float = 0.95,
    q_profile: bool = True,
) -> Regression:
    """Regress effects on moderators.

    Parameters
    ----------
    yi, vi : array_like, (k,)
        Effects and sampling variances.
    moderators : array_like, (k,) or (k, m)
        One column per moderator; `dummies` makes columns of a grouping.
    method, interval, level, q_profile
        As in `pooling.pool`; t intervals have k − p degrees of freedom.

    Raises
    ------
    StatisticsError
        As `pooling.pool`, and ``unequal_lengths``, ``not_finite`` (moderator), ``too_few_studies`` (k ≤ p),
        ``collinear``.
    """
    y, v = studies(yi, vi)
    check_options(interval, "normal", level)
    x, labels = design_matrix(moderators, y.size, names, intercept)
    k, p = x.shape
    df = k - p
    designs = Designs.of(y, v, x[None])
    tau2 = float(designs.estimate(method)[0])
    common = method in ("EE", "FE")

    scaled = np.array([[tau2 / designs.unit**2]])
    state, at_zero = designs.at(scaled), designs.at(np.zeros((1, 1)))
    beta, covariance = solve(y, v + tau2, x)
    scale = _scale(interval, float(state.q[0, 0]) / df)
    covariance = covariance * scale
    se = np.sqrt(np.diag(covariance))
    reference = None if interval == "wald" else float(df)
    half = critical(level, reference) * se
    statistic = ratio(beta, se)

    q = float(at_zero.q[0, 0])
    typical = df / float(at_zero.trace[0, 0])
    h2 = q / df if common else 1.0 + tau2 * designs.unit**-2 / typical
    i2 = 100.0 * max(0.0, 1.0 - 1.0 / h2) if h2 > 0 else 0.0
    low = high = None
    if q_profile and not common:
        bounds = chi2_limits(level, df)
        low, high = (float(designs.solve_q(bound)[0]) * designs.unit**2 for bound in bounds[::-1])

    tested = slice(1, None) if intercept else slice(None)
    m = p - 1 if intercept else p
    q_model = q_model_p = None
    if m and scale > 0:
        q_model = float(beta[tested] @ np.linalg.solve(covariance[tested, tested], beta[tested]))
        if reference is None:
            q_model_p = float(special.chdtrc(m, q_model))
        else:
            q_model /= m
            q_model_p = float(special.fdtrc(m, reference, q_model))

    constant = -k * math.log(designs.unit)
    full = float(state.height[0, 0]) + constant - 0.5 * k * math.log(2 * math.pi)
    # log|X'WX| of the orthonormal columns is that of X less log|X'X|, which is the constant added by metafor.
    restricted = full + p * math.log(designs.unit) + 0.5 * p * math.log(2 * math.pi)
    restricted -= 0.5 * float(state.log_det[0, 0])
    return Regression(
        k=k,
        names=labels,
        beta=frozen(beta),
        se=frozen(se),
        statistic=frozen(statistic),
        df=reference,
        p_value=frozen(np.array([two_sided_p(value, reference) for value in statistic])),
        ci_low=frozen(beta - half),
        ci_high=frozen(beta + half),
        covariance=frozen(covariance),
        scale=scale,
        tau2=tau2,
        tau2_ci_low=low,
        tau2_ci_high=high,
        i2=i2,
        h2=h2,
        r2=_explained(y, v, method, tau2, q / df) if intercept else None,
        q_residual=q,
        q_residual_df=df,
        q_residual_p=float(special.chdtrc(df, q)),
        q_model=q_model,
        q_model_df=m,
        q_model_p=q_model_p,
        fitted=frozen(x @ beta),
        log_likelihood=full,
        log_likelihood_restricted=restricted,
        intercept=intercept,
        method=method,
        interval=interval,
        level=level,
    )


def predict(model: Regression, moderators: ArrayLike, *, prediction: str = "hts") -> Predictions:
    """Mean effects at new values of the moderators.

    Parameters
    ----------
    moderators : array_like, (n,) or (n, m)
        Without the intercept's column.
    prediction : {"hts", "t_k1", "normal"}
        Reference of the prediction interval: t(k − p − 1), t(k − p), normal.
    """
    check_options("wald", prediction, model.level)
    x = _columns(moderators)
    if model.intercept:
        x = np.column_stack([np.ones(len(x)), x])
    if x.shape[1] != model.beta.size:
        raise StatisticsError("unequal_lengths", f"{x.shape[1]} columns for {model.beta.size} coefficients")
    estimate = x @ model.beta
    variance = np.einsum("np,pq,nq->n", x, model.covariance, x)
    half = critical(model.level, model.df) * np.sqrt(variance)
    free = {"normal": math.inf, "t_k1": model.q_residual_df, "hts": model.q_residual_df - 1}[prediction]
    low = high = None
    if free > 0 and model.method not in ("EE", "FE"):
        spread = critical(model.level, None if math.isinf(free) else free) * np.sqrt(model.tau2 + variance)
        low, high = frozen(estimate - spread), frozen(estimate + spread)
    return Predictions(
        frozen(estimate),
        frozen(np.sqrt(variance)),
        frozen(estimate - half),
        frozen(estimate + half),
        low,
        high,
        prediction,
    )


def dummies(groups: Sequence[object]) -> tuple[FloatArray, tuple[str, ...]]:
    """Columns (0 or 1) for every level of a grouping but the first, and the levels' names in sorted order."""
    levels = sorted({str(group) for group in groups})
    column = [levels.index(str(group)) for group in groups]
    return np.eye(len(levels))[column][:, 1:], tuple(levels)


def ratio(estimate: FloatArray, se: FloatArray) -> FloatArray:
    """Estimate / se, NaN where se is 0."""
    return np.asarray(np.divide(estimate, se, out=np.full(se.shape, np.nan), where=se > 0))


def solve(y: FloatArray, variance: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weighted least squares: coefficients (p,) and their covariance (p, p)."""
    root = 1 / np.sqrt(variance)
    q, r = np.linalg.qr(root[:, None] * x)
    inverse = np.linalg.inv(r)
    return inverse @ (q.T @ (root * y)), inverse @ inverse.T


def _columns(moderators: ArrayLike) -> FloatArray:
    try:
        x = np.array(moderators, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError("not_a_number", f"moderators must hold numbers only ({error})") from error
    if x.ndim == 1:
        x = x[:, None]
    if x.ndim != 2:
        raise StatisticsError("wrong_shape", f"moderators must have one or two dimensions, not {x.ndim}")
    return x


def design_matrix(
    moderators: ArrayLike | None, k: int, names: Sequence[str] | None = None, intercept: bool = True
) -> tuple[FloatArray, tuple[str, ...]]:
    """Checked design matrix (k, p) of full rank, and the coefficients' names."""
    x = np.empty((k, 0)) if moderators is None else _columns(moderators)
    if x.shape[0] != k:
        raise StatisticsError("unequal_lengths", f"{k} effects but {x.shape[0]} rows of moderators")
    refuse(np.asarray(~np.isfinite(x).all(axis=1)), "not_finite", "a moderator is missing or not finite")
    labels = tuple(names) if names is not None else tuple(f"x{j + 1}" for j in range(x.shape[1]))
    if len(labels) != x.shape[1]:
        raise StatisticsError("unequal_lengths", f"{len(labels)} names for {x.shape[1]} moderators")
    if intercept:
        x, labels = np.column_stack([np.ones(k), x]), ("intercept", *labels)
    if x.shape[1] == 0:
        raise StatisticsError("no_moderators", "there is neither a moderator nor an intercept")
    if k <= x.shape[1]:
        raise StatisticsError("too_few_studies", f"{k} studies cannot support {x.shape[1]} coefficients")
    size = np.linalg.norm(x, axis=0)
    if (size == 0).any() or np.linalg.matrix_rank(x / size) < x.shape[1]:
        raise StatisticsError("collinear", "a moderator is constant, or follows from the others")
    return x, labels


def _scale(interval: str, factor: float) -> float:
    if not interval.startswith("hksj"):
        return 1.0
    return max(1.0, factor) if interval == "hksj_adhoc" else factor


def _explained(y: FloatArray, v: FloatArray, method: str, tau2: float, h2: float) -> float | None:
    sample = between.Sample.of(y, v)
    if method in ("EE", "FE"):
        before, after = sample.at(0.0)[2] / (sample.k - 1), h2
    else:
        before, after = between.estimate(sample, method) * sample.unit**2, tau2
    return 100.0 * max(0.0, 1.0 - after / before) if before > 0 else None
