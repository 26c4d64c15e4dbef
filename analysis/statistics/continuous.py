"""Effect sizes of two arms compared on a continuous outcome."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

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
    log_j = special.gammaln(safe / 2) - 0.5 * np.log(safe / 2) - special.gammaln((safe - 1) / 2)
    return np.where(valid, np.exp(log_j), np.nan)
