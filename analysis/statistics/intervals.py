"""Quantiles, confidence intervals and prediction intervals, each by name."""

from __future__ import annotations

import math
from functools import lru_cache

from . import special
from .errors import StatisticsError

INTERVALS = ("wald", "t", "hksj", "hksj_adhoc")
PREDICTIONS = ("hts", "t_k1", "normal")


def check_level(level: float) -> float:
    """A level strictly between 0 and 1 (0.95, not 95)."""
    if not 0.0 < level < 1.0:
        raise StatisticsError("unknown_option", f"level is {level}, and must lie between 0 and 1 (say 0.95)")
    return float(level)


@lru_cache(maxsize=512)
def critical(level: float, df: float | None = None) -> float:
    """Two-sided critical value: normal, or t where degrees of freedom are given."""
    tail = (1.0 - level) / 2.0
    return float(-special.ndtri(tail) if df is None else -special.stdtrit(df, tail))


@lru_cache(maxsize=512)
def chi2_limits(level: float, df: int) -> tuple[float, float]:
    """Lower and upper chi² quantiles of a central interval."""
    tail = (1.0 - level) / 2.0
    return float(special.chdtri(df, 1.0 - tail)), float(special.chdtri(df, tail))


def two_sided_p(statistic: float, df: float | None = None) -> float:
    """Two-sided p value of a z or t statistic."""
    size = -abs(statistic)
    return float(2.0 * (special.ndtr(size) if df is None else special.stdtr(df, size)))


def prediction_df(prediction: str, k: int) -> float | None:
    """Degrees of freedom of a prediction interval; infinite for ``normal``, None where there are none.

    ``hts``: k − 2 (Higgins, Thompson & Spiegelhalter 2009); ``t_k1``: k − 1 (Veroniki 2019).
    """
    if prediction == "normal":
        return math.inf
    df = k - 2 if prediction == "hts" else k - 1
    return df if df > 0 else None
