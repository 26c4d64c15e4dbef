"""From what papers print to means, standard deviations and standard errors.

Every function takes one value or one value per study and returns an array in the same order. A value that was
converted is an assumption the reader must see: mark it where it shows, and repeat the analysis without it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from . import special
from .arrays import FloatArray, Record, columns, refuse
from .errors import StatisticsError
from .intervals import check_level


def sd_from_se(se: ArrayLike, n: ArrayLike) -> FloatArray:
    """SD of one group from the standard error of its mean: SE·√n."""
    error, size = columns(se=se, n=n)
    return error * np.sqrt(size)


def sd_from_interval(
    ci_low: ArrayLike, ci_high: ArrayLike, n: ArrayLike, *, level: float = 0.95, t: bool = True
) -> FloatArray:
    """SD of one group from the confidence interval of its mean: √n (high − low) / 2q.

    q is the quantile of t(n−1), or with ``t=False`` the normal one (1.96), which Cochrane's Handbook
    (6.5.2.2) advises only for more than 60 people.
    """
    low, high, size = columns(ci_low=ci_low, ci_high=ci_high, n=n)
    return np.sqrt(size) * se_from_interval(low, high, df=size - 1 if t else None, level=level)


def se_from_interval(
    ci_low: ArrayLike, ci_high: ArrayLike, *, df: ArrayLike | None = None, level: float = 0.95
) -> FloatArray:
    """Standard error from a confidence interval: (high − low) / 2q, q normal or t(df)."""
    check_level(level)
    low, high = columns(ci_low=ci_low, ci_high=ci_high)
    refuse(high < low, "limits_swapped", "the limits are {} and {}", low, high)
    tail = (1 - level) / 2
    quantile = -special.ndtri(tail) if df is None else -special.stdtrit(_positive_df(df), tail)
    return np.asarray((high - low) / (2 * quantile), dtype=np.float64)


def se_from_t(difference: ArrayLike, t: ArrayLike) -> FloatArray:
    """Standard error of a difference (or a mean change) from its t (or z): |difference| / |t|."""
    d, statistic = columns(difference=difference, t=t)
    refuse(statistic == 0, "not_estimable", "t is 0, which tells nothing of the standard error")
    return np.abs(d / statistic)


def se_from_p(difference: ArrayLike, p_value: ArrayLike, *, df: ArrayLike | None = None) -> FloatArray:
    """Standard error of a difference from its exact two-sided p value, of a z or t(df) test."""
    d, p = columns(difference=difference, p_value=p_value)
    refuse((p <= 0) | (p >= 1), "impossible_p", "p is {}, and must lie between 0 and 1", p)
    tail = p / 2
    return se_from_t(d, -special.ndtri(tail) if df is None else -special.stdtrit(_positive_df(df), tail))


def sd_from_difference(se: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> FloatArray:
    """Common SD of two groups from the standard error of their difference: SE / √(1/n₁ + 1/n₂)."""
    error, a, b = columns(se=se, n1=n1, n2=n2)
    return error / np.sqrt(1 / a + 1 / b)


def p_from_interval(
    estimate: ArrayLike, ci_low: ArrayLike, ci_high: ArrayLike, *, level: float = 0.95, log: bool = False
) -> FloatArray:
    """Two-sided p value of the z test that a printed interval implies; ``log`` for ratios."""
    yi, low, high = columns(estimate=estimate, ci_low=ci_low, ci_high=ci_high)
    if log:
        refuse((yi <= 0) | (low <= 0), "not_positive", "a ratio must be above 0, not {}", low)
        yi, low, high = np.log(yi), np.log(low), np.log(high)
    z = np.abs(yi) / se_from_interval(low, high, level=level)
    return np.asarray(2 * special.ndtr(-z), dtype=np.float64)


def p_range_from_interval(
    estimate: float, ci_low: float, ci_high: float, *, decimals: int, level: float = 0.95
) -> tuple[float, float]:
    """The p values that a printed difference and interval allow, given that each was rounded.

    A printed p outside this range does not belong to the printed interval.
    """
    half = 0.5 * 10.0**-decimals
    corners = [
        float(p_from_interval(estimate + a * half, ci_low + b * half, ci_high - b * half, level=level)[0])
        for a in (-1, 1)
        for b in (-1, 1)
    ]
    crosses = abs(estimate) < half
    return min(corners), 1.0 if crosses else max(corners)


def sd_of_change(sd_pre: ArrayLike, sd_post: ArrayLike, r: ArrayLike) -> FloatArray:
    """SD of the change: √(SD₁² + SD₂² − 2 r SD₁ SD₂) (Cochrane Handbook 6.5.2.8)."""
    s1, s2, corr = columns(sd_pre=sd_pre, sd_post=sd_post, r=r)
    refuse(np.abs(corr) > 1, "impossible_correlation", "r is {}, outside −1 to 1", corr)
    return np.sqrt(s1**2 + s2**2 - 2 * corr * s1 * s2)


def correlation_from_sds(sd_pre: ArrayLike, sd_post: ArrayLike, sd_change: ArrayLike) -> FloatArray:
    """Correlation of before and after from the three SDs; refused where they cannot go together."""
    s1, s2, change = columns(sd_pre=sd_pre, sd_post=sd_post, sd_change=sd_change)
    refuse((s1 <= 0) | (s2 <= 0), "zero_variance", "a standard deviation is {} and {}", s1, s2)
    corr = (s1**2 + s2**2 - change**2) / (2 * s1 * s2)
    refuse(np.abs(corr) > 1 + 1e-9, "impossible_correlation", "the three SDs imply r = {}", corr)
    return np.clip(corr, -1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Moments(Record):
    """Mean and SD estimated from quantiles, and the formulae used for each study."""

    mean: FloatArray
    sd: FloatArray
    known: tuple[str, ...]
    """``range``, ``iqr`` or ``range_iqr``: what each study printed beside its median."""


def mean_sd_from_quantiles(
    n: ArrayLike,
    median: ArrayLike,
    *,
    q1: ArrayLike = math.nan,
    q3: ArrayLike = math.nan,
    minimum: ArrayLike = math.nan,
    maximum: ArrayLike = math.nan,
    mean: Literal["luo", "wan"] = "luo",
    sd: Literal["shi", "wan"] = "shi",
) -> Moments:
    """Mean and SD from median, quartiles and/or range, of data not far from normal.

    Means by Luo (2018) or Wan (2014); SDs by Wan's formulae with Φ⁻¹, and where range and quartiles are both
    known by Shi (2020) or as Wan's average of the two.

    Notes
    -----
    R's meta replaces the Φ⁻¹ formulae by Wan's rounded tables for n ≤ 50 (range) and n ≤ 201 (quartiles), and
    so differs in the third digit there; metafor does as we do.
    """
    size, m, lower, upper, low, high = columns(
        n=n, median=median, q1=q1, q3=q3, minimum=minimum, maximum=maximum
    )
    if mean not in ("luo", "wan") or sd not in ("shi", "wan"):
        raise StatisticsError("unknown_option", f"no formulae mean={mean!r}, sd={sd!r}")
    quartiles, ends = np.isfinite(lower + upper), np.isfinite(low + high)
    refuse(~(np.isfinite(size + m) & (quartiles | ends)), "missing_value", "n, median and q1, q3 or range")
    refuse(size < 2, "too_few", "n is {}", size)
    refuse(quartiles & ((lower > m) | (m > upper)), "not_ordered", "q1 {}, median {}, q3 {}", lower, m, upper)
    refuse(ends & ((low > m) | (m > high)), "not_ordered", "minimum {}, median {}, maximum {}", low, m, high)
    both = quartiles & ends
    refuse(both & ((low > lower) | (upper > high)), "not_ordered", "range {} to {}", low, high)

    middle, centre = (lower + upper) / 2, (low + high) / 2
    if mean == "luo":
        root = size**0.75
        from_quartiles = (0.7 + 0.39 / size) * middle + (0.3 - 0.39 / size) * m
        from_range = 4 / (4 + root) * centre + root / (4 + root) * m
        w1, w2 = 2.2 / (2.2 + root), 0.7 - 0.72 / size**0.55
        from_both = w1 * centre + w2 * middle + (1 - w1 - w2) * m
    else:
        from_quartiles = (lower + m + upper) / 3
        from_range = (low + 2 * m + high) / 4
        from_both = (low + 2 * lower + 2 * m + 2 * upper + high) / 8

    widest = special.ndtri((size - 0.375) / (size + 0.25))
    quarter = special.ndtri((0.75 * size - 0.125) / (size + 0.25))
    sd_quartiles, sd_range = (upper - lower) / (2 * quarter), (high - low) / (2 * widest)
    if sd == "shi":
        power = size**0.6
        sd_both = (high - low) / ((2 + 0.14 * power) * widest) + (upper - lower) / (
            (2 + 2 / (0.07 * power)) * quarter
        )
    else:
        sd_both = (sd_quartiles + sd_range) / 2
    return Moments(
        mean=np.where(both, from_both, np.where(quartiles, from_quartiles, from_range)),
        sd=np.where(both, sd_both, np.where(quartiles, sd_quartiles, sd_range)),
        known=tuple(
            "range_iqr" if b else "iqr" if q else "range"
            for b, q in zip(both.tolist(), quartiles.tolist(), strict=True)
        ),
    )


def combine_arms(mean: ArrayLike, sd: ArrayLike, n: ArrayLike) -> tuple[float, float, float]:
    """Mean, SD and n of several arms taken as one group (Cochrane Handbook table 6.5.a), exact."""
    m, s, size = columns(mean=mean, sd=sd, n=n)
    refuse(size <= 0, "no_people", "n is {}", size)
    total = float(size.sum())
    centre = float(size.dot(m)) / total
    squares = float(((size - 1) * s**2 + size * (m - centre) ** 2).sum())
    return centre, math.sqrt(squares / (total - 1)), total


def split_control(*counts: float, parts: int) -> tuple[float, ...]:
    """Equal shares of a control arm that ``parts`` comparisons use: its n, and its events or time.

    Means and SDs stay as they are (Cochrane Handbook 23.3.4). The shares add up to the arm, so nobody counts
    twice; the comparisons remain correlated, which combining the other arms avoids.
    """
    if parts < 1:
        raise StatisticsError("unknown_option", f"parts is {parts}")
    return tuple(count / parts for count in counts)


@dataclass(frozen=True)
class CrossOver(Record):
    """One cross-over comparison: mean difference and, standardised by the average SD, SMD."""

    md: float
    md_se: float
    smd: float
    smd_se: float


def cross_over(mean1: float, sd1: float, mean2: float, sd2: float, n: float, r: float) -> CrossOver:
    """Paired analysis of a cross-over trial whose ``n`` people had both treatments.

    ``r`` is the correlation of one person's two outcomes; it is rarely printed, so other values belong in a
    sensitivity analysis. SE(MD) = √((SD₁² + SD₂² − 2 r SD₁ SD₂)/n); SMD = MD/√((SD₁² + SD₂²)/2) with
    SE √(1/n + SMD²/2n)·√(2(1 − r)) (Cochrane Handbook 23.2.7).
    """
    difference = mean1 - mean2
    md_se = float(sd_of_change(sd1, sd2, r)[0]) / math.sqrt(n)
    smd = difference / math.sqrt((sd1**2 + sd2**2) / 2)
    return CrossOver(difference, md_se, smd, math.sqrt((1 / n + smd**2 / (2 * n)) * 2 * (1 - r)))


def d_from_t(t: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> FloatArray:
    """Cohen's d from an independent-samples t: t·√(1/n₁ + 1/n₂)."""
    statistic, a, b = columns(t=t, n1=n1, n2=n2)
    return statistic * np.sqrt(1 / a + 1 / b)


def log_odds_ratio_from_d(d: ArrayLike, *, method: Literal["logistic", "cox"] = "logistic") -> FloatArray:
    """Log odds ratio from an SMD: d·π/√3 (Hasselblad & Hedges 1995) or 1.65·d (Cox)."""
    return np.asarray(d, dtype=np.float64) * _odds_per_sd(method)


def d_from_log_odds_ratio(
    log_odds_ratio: ArrayLike, *, method: Literal["logistic", "cox"] = "logistic"
) -> FloatArray:
    """SMD from a log odds ratio; divide its standard error by the same factor. See above."""
    return np.asarray(log_odds_ratio, dtype=np.float64) / _odds_per_sd(method)


def _odds_per_sd(method: str) -> float:
    if method not in ("logistic", "cox"):
        raise StatisticsError("unknown_option", f"method {method!r} is neither logistic nor cox")
    return math.pi / math.sqrt(3) if method == "logistic" else 1.65


def _positive_df(df: ArrayLike) -> FloatArray:
    (free,) = columns(df=df)
    refuse(free <= 0, "no_degrees_of_freedom", "df is {}", free)
    return free
