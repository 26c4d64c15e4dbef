"""Change within one group: before and after, in the same people."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, columns, refuse
from .effects import EffectSizes, effect_sizes


def _paired(
    mean_pre: ArrayLike,
    sd_pre: ArrayLike,
    mean_post: ArrayLike,
    sd_post: ArrayLike,
    n: ArrayLike,
    r: ArrayLike,
) -> tuple[FloatArray, ...]:
    values = columns(mean_pre=mean_pre, sd_pre=sd_pre, mean_post=mean_post, sd_post=sd_post, n=n, r=r)
    refuse(values[1] < 0, "negative_sd", "sd_pre is {}", values[1])
    refuse(values[3] < 0, "negative_sd", "sd_post is {}", values[3])
    refuse(values[4] <= 0, "no_people", "n is {}", values[4])
    refuse(np.abs(values[5]) > 1, "impossible_correlation", "r is {}, outside −1 to 1", values[5])
    return values


def change_from_baseline(
    mean_pre: ArrayLike,
    sd_pre: ArrayLike,
    mean_post: ArrayLike,
    sd_post: ArrayLike,
    n: ArrayLike,
    r: ArrayLike,
) -> EffectSizes:
    """Mean change (MC), after minus before, in the outcome's unit.

    The correlation ``r`` of before and after is part of the question and has no default:
    variance (SD₁² + SD₂² − 2 r SD₁ SD₂) / n (Cochrane Handbook 6.5.2.8).
    """
    m1, s1, m2, s2, size, corr = _paired(mean_pre, sd_pre, mean_post, sd_post, n, r)
    yi = m2 - m1
    vi = (s1**2 + s2**2 - 2 * corr * s1 * s2) / size
    return effect_sizes("MC", "identity", yi, vi, size, missing=np.isnan(yi + vi))


def mean_change(change: ArrayLike, sd_change: ArrayLike, n: ArrayLike) -> EffectSizes:
    """Mean change (MC) where the change and its SD were reported: variance SD²/n."""
    yi, sd, size = columns(change=change, sd_change=sd_change, n=n)
    refuse(sd < 0, "negative_sd", "sd_change is {}", sd)
    refuse(size <= 0, "no_people", "n is {}", size)
    vi = sd**2 / size
    return effect_sizes("MC", "identity", yi, vi, size, missing=np.isnan(yi + vi))
