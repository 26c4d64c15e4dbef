"""Between-study variance on its own: estimate, standard error, Q-profile interval, likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from . import tau2 as between
from .arrays import FloatArray, Record, studies
from .errors import StatisticsError
from .intervals import check_level, chi2_limits


def estimate_tau2(yi: ArrayLike, vi: ArrayLike, method: str = "REML") -> float:
    """tau² by one of the methods of `pooling.pool`."""
    sample = between.Sample.of(*studies(yi, vi))
    return between.estimate(sample, method) * sample.unit**2


def tau2_interval(yi: ArrayLike, vi: ArrayLike, *, level: float = 0.95) -> tuple[float, float]:
    """Q-profile interval of tau² (Viechtbauer 2007): where Q(t) passes the chi²(k−1) quantiles.

    (0, 0) says that the interval is empty: even tau² = 0 leaves less scatter than the lower quantile.
    """
    check_level(level)
    sample = between.Sample.of(*studies(yi, vi))
    if sample.k == 1:
        raise StatisticsError("too_few", "one study says nothing of tau²")
    lower, upper = chi2_limits(level, sample.k - 1)
    low = between.solve_q(sample, upper)
    return low * sample.unit**2, between.solve_q(sample, lower, start=low) * sample.unit**2


def tau2_standard_error(yi: ArrayLike, vi: ArrayLike, method: str = "REML") -> float:
    """Large-sample standard error of tau² (Viechtbauer 2005), at its estimate.

    From the expected information for ML and REML, of Q for PM and EB, and of the quadratic form
    c(y'Py − …) otherwise. tau² is skewed and bounded: for an interval use `tau2_interval`.
    """
    y, v = studies(yi, vi)
    k, t = y.size, estimate_tau2(y, v, method)
    if k == 1 or method in ("EE", "FE"):
        raise StatisticsError("not_estimable", f"no standard error of tau² for k = {k}, method {method}")
    w = 1.0 / (v + t)
    if method == "ML":
        return math.sqrt(2.0 / float(w.dot(w)))
    if method == "REML":
        return math.sqrt(2.0 / _traces(w, v)[3])
    if method in ("PM", "EB"):
        return math.sqrt(2.0 / (k - 1)) * k / float(w.sum())
    factor = 1.0
    w = 1.0 / v
    if method == "HE":
        w = np.ones(k)
    elif method == "SJ":
        start = float(y.var())
        w, factor = 1.0 / (v + start), start
    elif method == "DL2":
        w = 1.0 / (v + estimate_tau2(y, v, "DL"))
    trace, pvpv, pvp, pp = _traces(w, v)
    size = {"HS": float(w.sum()), "HE": k - 1.0, "SJ": k - 1.0}.get(method, trace)
    return factor / size * math.sqrt(2.0 * pvpv + 4.0 * t * pvp + 2.0 * t * t * pp)


def _traces(w: FloatArray, v: FloatArray) -> tuple[float, float, float, float]:
    """tr P, tr PVPV, tr PVP and tr PP for P = W − W11'W/1'W1, in time linear in k."""
    total = float(w.sum())
    diagonal = w * (1.0 - w / total)
    squares, crossed = w * w, w * w * v
    return (
        float(diagonal.sum()),
        float(((diagonal * v) ** 2 - (crossed / total) ** 2).sum()) + (float(crossed.sum()) / total) ** 2,
        float((v * (diagonal**2 + squares * (float(squares.sum()) - squares) / total**2)).sum()),
        float((diagonal**2 - (squares / total) ** 2).sum()) + (float(squares.sum()) / total) ** 2,
    )


@dataclass(frozen=True)
class Fit(Record):
    """Log-likelihood and information criteria; ``parameters`` counts the mean, and tau² where estimated."""

    log_likelihood: float
    aic: float
    aicc: float
    bic: float
    parameters: int
    restricted: bool


def log_likelihood(yi: ArrayLike, vi: ArrayLike, tau2: float, *, restricted: bool = True) -> float:
    """Log-likelihood of tau², maximised over the mean; restricted unless told otherwise.

    With its constants (−½ log 2π per degree of freedom; ½ log k where restricted), as in R's metafor.
    """
    y, v = studies(yi, vi)
    if not tau2 >= 0:
        raise StatisticsError("unknown_option", f"tau² is {tau2}, and must not be negative")
    sample = between.Sample.of(y, v)
    free = sample.k - 1 if restricted else sample.k
    value = between.log_likelihood(sample, tau2 / sample.unit**2, restricted)
    value -= free * (0.5 * math.log(2.0 * math.pi) + math.log(sample.unit))
    return value + (0.5 * math.log(sample.k) if restricted else 0.0)


def fit(yi: ArrayLike, vi: ArrayLike, method: str = "REML", *, restricted: bool = True) -> Fit:
    """How well a pooling method fits; compare likelihoods of one kind only."""
    y, v = studies(yi, vi)
    value = log_likelihood(y, v, estimate_tau2(y, v, method), restricted=restricted)
    parameters = 1 if method in ("EE", "FE") else 2
    free = y.size - 1 if restricted else y.size
    least = max(free, parameters + 2)
    return Fit(
        log_likelihood=value,
        aic=2.0 * (parameters - value),
        aicc=2.0 * (parameters * least / (least - parameters - 1) - value),
        bic=parameters * math.log(free) - 2.0 * value if free else math.nan,
        parameters=parameters,
        restricted=restricted,
    )
