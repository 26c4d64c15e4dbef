"""Effect sizes of two arms compared on a continuous outcome."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from . import special
from .arrays import FloatArray, columns, refuse
from .effects import EffectSizes, effect_sizes
from .errors import StatisticsError


def _two_arms(
    mean1: ArrayLike, sd1: ArrayLike, n1: ArrayLike, mean2: ArrayLike, sd2: ArrayLike, n2: ArrayLike
) -> tuple[FloatArray, ...]:
    arms = columns(mean1=mean1, sd1=sd1, n1=n1, mean2=mean2, sd2=sd2, n2=n2)
    for name, sd, n in (("1", arms[1], arms[2]), ("2", arms[4], arms[5])):
        refuse(sd < 0, "negative_sd", f"sd{name} is {{}}", sd)
        refuse(n <= 0, "no_people", f"n{name} is {{}}", n)
    return arms


def mean_difference(
    mean1: ArrayLike,
    sd1: ArrayLike,
    n1: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
    n2: ArrayLike,
    *,
    variance: Literal["separate", "pooled"] = "separate",
) -> EffectSizes:
    """Mean difference (MD), arm 1 minus arm 2, in the outcome's unit.

    Variance SD₁²/n₁ + SD₂²/n₂; with ``variance="pooled"`` one common SD is assumed (Normand 1999).
    """
    m1, s1, a, m2, s2, b = _two_arms(mean1, sd1, n1, mean2, sd2, n2)
    if variance == "separate":
        vi = s1**2 / a + s2**2 / b
    elif variance == "pooled":
        vi = ((a - 1) * s1**2 + (b - 1) * s2**2) / (a + b - 2) * (1 / a + 1 / b)
    else:
        raise StatisticsError("unknown_option", f"variance {variance!r} is neither separate nor pooled")
    yi = m1 - m2
    return effect_sizes(
        "MD", "identity", yi, vi, a + b, missing=np.isnan(yi + vi), options={"variance": variance}
    )


def hedges_correction(df: ArrayLike) -> FloatArray:
    """Exact small-sample factor J = Γ(m/2) / (√(m/2) Γ((m−1)/2)) (Hedges 1981), NaN for m ≤ 1."""
    m = np.asarray(df, dtype=np.float64)
    valid = m > 1
    safe = np.where(valid, m, 2.0)
    # poch is the ratio of the gammas without the cancellation of their logarithms
    return np.where(valid, special.poch((safe - 1) / 2, 0.5) / np.sqrt(safe / 2), np.nan)


_SMD_MEASURE = {"pooled": "SMD", "average": "SMDH", "control": "SMD1"}


def standardised_mean_difference(
    mean1: ArrayLike,
    sd1: ArrayLike,
    n1: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
    n2: ArrayLike,
    *,
    standardiser: Literal["pooled", "average", "control"] = "pooled",
    variance: Literal["LS", "LS2", "UB", "RevMan"] = "LS",
    correct: bool = True,
) -> EffectSizes:
    """Standardised mean difference (SMD, Hedges' g), arm 1 minus arm 2.

    Parameters
    ----------
    standardiser : {"pooled", "average", "control"}
        The SD of both arms pooled (SMD); √((SD₁² + SD₂²)/2), arms of unequal spread (SMDH, Bonett 2009);
        the SD of arm 2 alone (SMD1, Glass).
    variance : {"LS", "UB", "LS2", "RevMan"}
        With g the effect, N = n₁ + n₂ (n₂ for ``control``), m its degrees of freedom and J their correction:
        ``LS`` 1/n₁ + 1/n₂ + g²/2N (Hedges 1982; R metafor); ``UB`` 1/n₁ + 1/n₂ + (1 − (m−2)/(m J²)) g²,
        unbiased (Hedges 1983; R meta); ``LS2`` J² (1/n₁ + 1/n₂ + d²/2N) (Borenstein 2009); ``RevMan``
        1/n₁ + 1/n₂ + g²/(2(N − 3.94)). ``average`` has Bonett's own form, called ``LS``.
    correct : bool
        Multiply by the exact small-sample factor (`hedges_correction`); without it the effect is Cohen's d.
    """
    m1, s1, a, m2, s2, b = _two_arms(mean1, sd1, n1, mean2, sd2, n2)
    if standardiser not in _SMD_MEASURE:
        raise StatisticsError("unknown_option", f"standardiser {standardiser!r} is not known")
    df = b - 1 if standardiser == "control" else a + b - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        if standardiser == "pooled":
            sd = np.sqrt(((a - 1) * s1**2 + (b - 1) * s2**2) / df)
        else:
            sd = s2 if standardiser == "control" else np.sqrt((s1**2 + s2**2) / 2)
        d = (m1 - m2) / sd
        if standardiser != "average":
            return standardised_difference(
                d, a, b, variance=variance, correct=correct, glass=standardiser == "control"
            )
        yi = d * (hedges_correction(df) if correct else 1.0)
        if variance != "LS":
            raise StatisticsError("unknown_option", "the average standardiser has the variance form LS only")
        scatter = (s1**4 / (a - 1) + s2**4 / (b - 1)) / (8 * sd**4)
        vi = yi**2 * scatter + (s1**2 / (a - 1) + s2**2 / (b - 1)) / sd**2
    return effect_sizes(
        _SMD_MEASURE[standardiser],
        "identity",
        yi,
        vi,
        a + b,
        missing=np.isnan(m1 + s1 + a + m2 + s2 + b),
        options={"variance": variance, "correct": correct, "standardiser": standardiser},
    )


def standardised_difference(
    d: ArrayLike,
    n1: ArrayLike,
    n2: ArrayLike,
    *,
    variance: Literal["LS", "LS2", "UB", "RevMan"] = "LS",
    correct: bool = True,
    glass: bool = False,
) -> EffectSizes:
    """SMD from Cohen's d as reported (or from t, see `conversions.d_from_t`).

    ``glass`` says that d was standardised by the SD of arm 2 alone. See `standardised_mean_difference`.
    """
    effect, a, b = columns(d=d, n1=n1, n2=n2)
    refuse(a <= 0, "no_people", "n1 is {}", a)
    refuse(b <= 0, "no_people", "n2 is {}", b)
    df, total = (b - 1, b) if glass else (a + b - 2, a + b)
    factor = hedges_correction(df) if correct else np.ones(effect.size)
    g = factor * effect
    arms = 1 / a + 1 / b
    with np.errstate(divide="ignore", invalid="ignore"):
        if variance == "LS":
            vi = arms + g**2 / (2 * total)
        elif variance == "LS2":
            vi = factor**2 * (arms + effect**2 / (2 * total))
        elif variance == "UB":
            vi = arms + (1 - (df - 2) / (df * factor**2)) * g**2
        elif variance == "RevMan":
            vi = arms + g**2 / (2 * (total - 3.94))
        else:
            raise StatisticsError("unknown_option", f"variance {variance!r} is none of LS, LS2, UB, RevMan")
    missing = np.isnan(effect + a + b)
    return effect_sizes(
        "SMD1" if glass else "SMD",
        "identity",
        g,
        vi,
        a + b,
        missing=missing,
        reasons={"too_few": (df <= (1 if correct else 0)) & ~missing},
        options={"variance": variance, "correct": correct, "standardiser": "control" if glass else "pooled"},
    )


def ratio_of_means(
    mean1: ArrayLike,
    sd1: ArrayLike,
    n1: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
    n2: ArrayLike,
    *,
    variance: Literal["separate", "pooled"] = "separate",
    correct: bool = True,
) -> EffectSizes:
    """Log ratio of means (ROM), arm 1 over arm 2; both means must have the same sign.

    ``correct`` removes the first-order bias ½(CV₁²/n₁ − CV₂²/n₂) (Lajeunesse 2015, equation 8). Variance
    CV₁²/n₁ + CV₂²/n₂, with the pooled SD in both for ``variance="pooled"``.
    """
    m1, s1, a, m2, s2, b = _two_arms(mean1, sd1, n1, mean2, sd2, n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.log(m1 / m2)
        first, second = s1**2 / (a * m1**2), s2**2 / (b * m2**2)
        if correct:
            yi = yi + (first - second) / 2
        if variance == "separate":
            vi = first + second
        elif variance == "pooled":
            common = ((a - 1) * s1**2 + (b - 1) * s2**2) / (a + b - 2)
            vi = common / (a * m1**2) + common / (b * m2**2)
        else:
            raise StatisticsError("unknown_option", f"variance {variance!r} is neither separate nor pooled")
    missing = np.isnan(m1 + s1 + a + m2 + s2 + b)
    return effect_sizes(
        "ROM", "log", yi, vi, a + b, missing=missing, options={"variance": variance, "correct": correct}
    )
