"""Inverse-variance pooling of one set of studies."""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from . import special
from . import tau2 as between
from .arrays import FloatArray, Record, frozen, studies
from .errors import StatisticsError
from .intervals import (
    INTERVALS,
    PREDICTIONS,
    check_level,
    chi2_limits,
    critical,
    prediction_df,
    two_sided_p,
)


@dataclass(frozen=True, eq=False)
class PooledEffect(Record):
    """A pooled estimate and everything that describes it, on the scale of ``yi``.

    Attributes
    ----------
    k : int
        Studies pooled.
    estimate, se, ci_low, ci_high : float
        ``se`` is the one the interval uses (scaled under ``hksj`` and ``hksj_adhoc``).
    statistic, df, p_value : float or None
        Test of no effect; ``df`` is None for a normal reference. With a standard error of zero (HKSJ of
        identical effects) there is no test: statistic and p are None.
    tau2, tau2_ci_low, tau2_ci_high : float or None
        Between-study variance and Q-profile interval (Viechtbauer 2007); both limits are 0 where even
        tau² = 0 explains less scatter than was seen (the interval is empty). The limits are None for k = 1
        and for EE and FE.
    i2, i2_ci_low, i2_ci_high, h2, h2_ci_low, h2_ci_high : float or None
        I² (percent) = tau²/(tau² + v̄) and H² = 1 + tau²/v̄ with the typical variance v̄ = (k−1)/tr P
        (Higgins & Thompson 2002): equal to (Q−df)/Q only under DL, or EE and FE, where Q is all there is.
    i2_q : float
        (Q − df)/Q in percent, whatever the estimator.
    q, q_df, q_p_value : float, int, float
        Cochran's Q at the weights 1/v.
    prediction_low, prediction_high : float or None
        estimate ± quantile · √(tau² + se²); None for EE, FE and where ``prediction`` has no df.
    weights : ndarray, shape (k,)
        Percent, in the order of the studies.
    method, interval, prediction, level
        What was computed. A single study has no t interval, so its ``interval`` reads ``wald``.
    """

    k: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float | None
    df: float | None
    p_value: float | None
    tau2: float
    tau2_ci_low: float | None
    tau2_ci_high: float | None
    i2: float
    i2_ci_low: float | None
    i2_ci_high: float | None
    i2_q: float
    h2: float
    h2_ci_low: float | None
    h2_ci_high: float | None
    q: float
    q_df: int
    q_p_value: float
    prediction_low: float | None
    prediction_high: float | None
    weights: FloatArray
    method: str
    interval: str
    prediction: str | None
    level: float


def check_options(interval: str, prediction: str, level: float) -> None:
    """Refuse a name that is not one of ours rather than fall back."""
    if interval not in INTERVALS:
        raise StatisticsError("unknown_option", f"interval {interval!r} is none of {', '.join(INTERVALS)}")
    if prediction not in PREDICTIONS:
        raise StatisticsError(
            "unknown_option", f"prediction {prediction!r} is none of {', '.join(PREDICTIONS)}"
        )
    check_level(level)


def pool(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: str = "REML",
    interval: str = "hksj",
    prediction: str = "hts",
    level: float = 0.95,
    q_profile: bool = True,
) -> PooledEffect:
    """Pool effects by inverse variance.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and sampling variances (not standard errors).
    method : {"REML", "DL", "DL2", "PM", "EB", "ML", "HE", "HS", "SJ", "EE", "FE"}
        Estimator of tau²; ``EE`` and ``FE`` set it to 0. REML and ML take the highest peak of the
        likelihood, however many there are.
    interval : {"hksj", "hksj_adhoc", "t", "wald"}
        ``hksj``: Hartung-Knapp-Sidik-Jonkman, t(k−1) with the standard error scaled by the observed
        scatter; ``hksj_adhoc`` never scales it down (Knapp & Hartung 2003); ``t``: t(k−1), not scaled.
    prediction : {"hts", "t_k1", "normal"}
        Reference of the prediction interval: t(k−2), t(k−1), normal. It uses ``se`` as reported.
    level : float
        Of all intervals.
    q_profile : bool
        Whether the intervals of tau², I² and H² are wanted.

    Raises
    ------
    StatisticsError
        ``no_studies``, ``unequal_lengths``, ``unknown_option``; naming the study: ``not_finite``,
        ``variance_not_positive``.

    Notes
    -----
    k = 1 gives the study itself with a Wald interval, and tau² = 0 because nothing can be said about it.
    """
    y, v = studies(yi, vi)
    check_options(interval, prediction, level)
    sample = between.Sample.of(y, v)
    k, df = sample.k, sample.k - 1
    tau2 = between.estimate(sample, method)
    common = method in ("EE", "FE")
    total, mean, scatter = sample.at(tau2)
    q = sample.at(0.0)[2] if tau2 > 0.0 else scatter

    variance = 1.0 / total
    if k == 1:
        interval = "wald"
    elif interval.startswith("hksj"):
        factor = scatter / df
        variance *= max(1.0, factor) if interval == "hksj_adhoc" else factor
    reference = None if interval == "wald" else float(df)
    unit = sample.unit
    estimate, se = sample.centre + unit * mean, unit * math.sqrt(variance)
    half = critical(level, reference) * se
    statistic = estimate / se if se > 0.0 else None

    prediction_low = prediction_high = None
    if not common:
        prediction_reference = prediction_df(prediction, k)
        if prediction_reference is not None:
            normal = prediction == "normal"
            spread = critical(level, None if normal else prediction_reference) * math.hypot(
                unit * math.sqrt(tau2), se
            )
            prediction_low, prediction_high = estimate - spread, estimate + spread

    typical = df / sample.trace(0.0) if df else math.nan
    i2_q = 100.0 * max(0.0, 1.0 - df / q) if q > 0.0 else 0.0
    if df == 0:
        i2, h2 = 0.0, 1.0
    elif common:
        i2, h2 = i2_q, q / df
    else:
        i2, h2 = 100.0 * tau2 / (tau2 + typical), 1.0 + tau2 / typical

    limits: list[float | None] = [None] * 6
    if q_profile and df and not common:
        lower, upper = chi2_limits(level, df)
        low = between.solve_q(sample, upper)
        high = between.solve_q(sample, lower, start=low)
        limits = [low * unit * unit, high * unit * unit]
        limits += [100.0 * limit / (limit + typical) for limit in (low, high)]
        limits += [1.0 + limit / typical for limit in (low, high)]

    tau2 *= unit * unit
    weights = 1.0 / (v + tau2)
    weights *= 100.0 / float(weights.sum())
    return PooledEffect(
        k=k,
        estimate=estimate,
        se=se,
        ci_low=estimate - half,
        ci_high=estimate + half,
        statistic=statistic,
        df=reference,
        p_value=None if statistic is None else two_sided_p(statistic, reference),
        tau2=tau2,
        tau2_ci_low=limits[0],
        tau2_ci_high=limits[1],
        i2=i2,
        i2_ci_low=limits[2],
        i2_ci_high=limits[3],
        i2_q=i2_q,
        h2=h2,
        h2_ci_low=limits[4],
        h2_ci_high=limits[5],
        q=q,
        q_df=df,
        q_p_value=float(special.chdtrc(df, q)) if df else 1.0,
        prediction_low=prediction_low,
        prediction_high=prediction_high,
        weights=frozen(weights),
        method=method,
        interval=interval,
        prediction=None if common else prediction,
        level=level,
    )
