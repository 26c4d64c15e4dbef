"""Small-study effects: do smaller studies tell another story?

Asymmetry of a funnel plot has many causes and "should not be equated with publication bias" (Sterne 2011).
With few studies the tests find nothing even where there is much, so all of them refuse below ten studies
unless asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, Record, columns, refuse, studies
from .effect_sizes import odds_ratio
from .errors import StatisticsError
from .intervals import check_level, critical, two_sided_p
from .regression import Regression, regress

FEWEST = 10
# Below this two-sided p of PET's intercept PEESE takes over (Stanley & Doucouliagos 2014: one-sided 5 %).
PEESE_LEVEL = 0.10


@dataclass(frozen=True)
class AsymmetryTest(Record):
    """A regression test of funnel-plot asymmetry.

    Attributes
    ----------
    test : str
        ``egger``, ``egger_mixed``, ``peters``, ``harbord``, ``pustejovsky_rodgers``; ``peese`` in `PetPeese`.
    k : int
        Studies in the regression.
    predictor : str
        What the effects were regressed on: ``se``, ``inverse_n``, ``sqrt_inverse_n``, ``variance``.
    bias, bias_se, statistic, df, p_value
        Slope on the predictor and its test; df None for a normal reference.
    limit, limit_ci_low, limit_ci_high : float
        Effect where the predictor is 0 (an infinitely large study).
    tau2 : float or None
        Of ``egger_mixed``.
    """

    test: str
    k: int
    predictor: str
    bias: float
    bias_se: float
    statistic: float
    df: float | None
    p_value: float
    limit: float
    limit_ci_low: float
    limit_ci_high: float
    tau2: float | None
    level: float


@dataclass(frozen=True)
class RankTest(Record):
    """Begg and Mazumdar's rank correlation test; ``exact`` names the null distribution used."""

    k: int
    tau: float
    p_value: float
    exact: bool


@dataclass(frozen=True)
class PetPeese(Record):
    """The precision-effect test and estimate.

    Attributes
    ----------
    pet, peese : AsymmetryTest
        Effects regressed on the standard error and on the variance; ``limit`` is the corrected effect.
    chosen : str
        ``peese`` where PET's limit differs from 0 (two-sided p < 0.10), else ``pet``.
    pet_p_value : float
        Of PET's limit.
    """

    pet: AsymmetryTest
    peese: AsymmetryTest
    chosen: str
    pet_p_value: float

    @property
    def estimate(self) -> AsymmetryTest:
        return self.peese if self.chosen == "peese" else self.pet


def egger(yi: ArrayLike, vi: ArrayLike, *, level: float = 0.95, fewest: int = FEWEST) -> AsymmetryTest:
    """Egger's test: effects on standard errors, weighted 1/v, with a multiplicative dispersion; t(k − 2).

    Egger et al. (1997), BMJ 315:629; the same as regressing yi/se on 1/se.

    Parameters
    ----------
    fewest : int
        Refuse fewer studies than this; 10 is the usual rule, 3 the least possible.

    Raises
    ------
    StatisticsError
        As `pooling.pool`; ``too_few_for_asymmetry``; ``equal_sizes`` where all studies are equally precise;
        ``no_scatter`` where the effects are identical.
    """
    y, v = studies(yi, vi)
    require_studies(y.size, fewest)
    return _weighted("egger", "se", y, np.sqrt(v), v, level)


def egger_mixed(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: str = "REML",
    interval: str = "wald",
    level: float = 0.95,
    fewest: int = FEWEST,
) -> AsymmetryTest:
    """Egger's test as a mixed-effects meta-regression on the standard error (Sterne & Egger 2005).

    ``method`` and ``interval`` as in `regression.regress`; the default is R metafor's. Errors as `egger`.
    """
    y, v = studies(yi, vi)
    require_studies(y.size, fewest)
    _spread(v)
    fit = regress(y, v, np.sqrt(v), method=method, interval=interval, level=level, q_profile=False)
    return _test_of(fit, "egger_mixed", "se", fit.tau2, level)


def begg(yi: ArrayLike, vi: ArrayLike, *, fewest: int = FEWEST) -> RankTest:
    """Begg & Mazumdar (1994), Biometrics 50:1088: Kendall's tau of standardised effects and variances.

    Exact below 50 studies without ties, else normal without continuity correction. Less powerful than
    Egger's test and "therefore not recommended" by the Cochrane Handbook; here for comparison. Errors as
    `egger`.
    """
    y, v = studies(yi, vi)
    require_studies(y.size, fewest)
    _spread(v)
    w = 1 / v
    mean = (w * y).sum() / w.sum()
    z = (y - mean) / np.sqrt(v - 1 / w.sum())
    exact = y.size < 50 and np.unique(z).size == np.unique(v).size == y.size
    # scipy.stats is slow to import, and few reviews come here.
    from scipy.stats import kendalltau

    found = kendalltau(z, v, method="exact" if exact else "asymptotic")
    return RankTest(y.size, float(found.statistic), float(found.pvalue), exact)


def peters(
    events1: ArrayLike,
    n1: ArrayLike,
    events2: ArrayLike,
    n2: ArrayLike,
    *,
    level: float = 0.95,
    fewest: int = FEWEST,
) -> AsymmetryTest:
    """Peters' test for odds ratios: log odds ratio on 1/n, weights from the events and non-events.

    Peters et al. (2006), JAMA 295:676. Studies without any event, or with only events, are left out. Errors
    as `egger`.
    """
    a, m1, b, m2 = columns(events1=events1, n1=n1, events2=events2, n2=n2)
    effects = odds_ratio(a, m1, b, m2)
    total, size = a + b, m1 + m2
    used = effects.usable & (total > 0) & (total < size)
    require_studies(int(used.sum()), fewest)
    y, events, n = effects.yi[used], total[used], size[used]
    return _weighted("peters", "inverse_n", y, 1 / n, 1 / events + 1 / (n - events), level)


def harbord(
    events1: ArrayLike,
    n1: ArrayLike,
    events2: ArrayLike,
    n2: ArrayLike,
    *,
    level: float = 0.95,
    fewest: int = FEWEST,
) -> AsymmetryTest:
    """Harbord's test for odds ratios: Z/V on 1/√V, weighted by V, from the score of the log odds ratio.

    Harbord et al. (2006), Stat Med 25:3443. Studies without any event, or with only events, are left out.
    Errors as `egger`.
    """
    a, m1, b, m2 = columns(events1=events1, n1=n1, events2=events2, n2=n2)
    odds_ratio(a, m1, b, m2)  # refuses impossible counts
    total, n = a + b, m1 + m2
    used = np.isfinite(n) & (total > 0) & (total < n) & (m1 > 0) & (m2 > 0)
    require_studies(int(used.sum()), fewest)
    a, m1, m2, total, n = (values[used] for values in (a, m1, m2, total, n))
    score = a - total * m1 / n
    information = m1 * m2 * total * (n - total) / (n**2 * (n - 1))
    return _weighted("harbord", "se", score / information, information**-0.5, 1 / information, level)


def pustejovsky_rodgers(
    yi: ArrayLike,
    vi: ArrayLike,
    n1: ArrayLike,
    n2: ArrayLike,
    *,
    level: float = 0.95,
    fewest: int = FEWEST,
) -> AsymmetryTest:
    """Egger's test for standardised mean differences, on √(1/n₁ + 1/n₂) instead of their standard errors.

    Pustejovsky & Rodgers (2019), Res Synth Methods 10:57: the standard error of an SMD depends on the SMD
    itself, so that Egger's test finds asymmetry where there is none. Weights are 1/v. Errors as `egger`.
    """
    y, v = studies(yi, vi)
    m1, m2 = columns(n1=n1, n2=n2)
    if m1.size != y.size:
        raise StatisticsError("unequal_lengths", f"{y.size} effects but {m1.size} sample sizes")
    refuse(~((m1 > 0) & (m2 > 0)), "no_people", "n1 is {} and n2 is {}", m1, m2)
    require_studies(y.size, fewest)
    return _weighted("pustejovsky_rodgers", "sqrt_inverse_n", y, np.sqrt(1 / m1 + 1 / m2), v, level)


def pet_peese(yi: ArrayLike, vi: ArrayLike, *, level: float = 0.95, fewest: int = FEWEST) -> PetPeese:
    """PET-PEESE: the effect of an infinitely large study.

    Stanley & Doucouliagos (2014), Res Synth Methods 5:60. Unreliable with few studies or much
    heterogeneity (Stanley 2017). Errors as `egger`.
    """
    y, v = studies(yi, vi)
    require_studies(y.size, fewest)
    pet = _weighted("egger", "se", y, np.sqrt(v), v, level)
    peese = _weighted("peese", "variance", y, v, v, level)
    df = float(y.size - 2)
    se = (pet.limit_ci_high - pet.limit_ci_low) / 2 / critical(level, df)
    p = two_sided_p(pet.limit / se, df) if se > 0 else 0.0
    return PetPeese(pet, peese, "peese" if p < PEESE_LEVEL else "pet", p)


def require_studies(k: int, fewest: int) -> None:
    """Refuse with ``too_few_for_asymmetry`` below ``fewest`` studies, and below 3 in any case."""
    if k < max(fewest, 3):
        raise StatisticsError(
            "too_few_for_asymmetry",
            f"{k} studies: with fewer than {max(fewest, 3)} a test of funnel-plot asymmetry has too little "
            "power to tell chance from a real pattern",
        )


def _spread(x: FloatArray) -> None:
    if np.ptp(x) <= 1e-12 * np.abs(x).max():
        raise StatisticsError("equal_sizes", "all studies are equally precise, so there is no trend to test")


def _weighted(
    test: str, predictor: str, y: FloatArray, x: FloatArray, variance: FloatArray, level: float
) -> AsymmetryTest:
    """Least squares of y on x with weights 1/variance and estimated dispersion."""
    check_level(level)
    _spread(x)
    fit = regress(y, variance, x, method="EE", interval="hksj", level=level, q_profile=False)
    if fit.scale == 0:
        raise StatisticsError("no_scatter", "the effects lie exactly on a line; there is nothing to test")
    return _test_of(fit, test, predictor, None, level)


def _test_of(fit: Regression, test: str, predictor: str, tau2: float | None, level: float) -> AsymmetryTest:
    """The slope of a fit as a test of asymmetry, its intercept as the effect without the predictor."""
    return AsymmetryTest(
        test=test,
        k=fit.k,
        predictor=predictor,
        bias=float(fit.beta[1]),
        bias_se=float(fit.se[1]),
        statistic=float(fit.statistic[1]),
        df=fit.df,
        p_value=float(fit.p_value[1]),
        limit=float(fit.beta[0]),
        limit_ci_low=float(fit.ci_low[0]),
        limit_ci_high=float(fit.ci_high[0]),
        tau2=tau2,
        level=level,
    )
