"""Change within one group: before and after, in the same people."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from . import special
from .arrays import FloatArray, columns, refuse
from .continuous import hedges_correction
from .effects import EffectSizes, effect_sizes
from .errors import StatisticsError


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


def standardised_mean_change(
    mean_pre: ArrayLike,
    sd_pre: ArrayLike,
    mean_post: ArrayLike,
    sd_post: ArrayLike,
    n: ArrayLike,
    r: ArrayLike,
    *,
    standardiser: Literal["change", "baseline"] = "change",
    variance: Literal["LS", "LS2", "UB"] = "LS",
    correct: bool = True,
) -> EffectSizes:
    """Standardised mean change, after minus before.

    Parameters
    ----------
    standardiser : {"change", "baseline"}
        The SD of the change (SMCC) or the SD before (SMCR, comparable with an SMD; Becker 1988).
    variance : {"LS", "LS2", "UB"}
        With q = 1 (SMCC) or 2(1−r) (SMCR), J the correction and m = n − 1: ``LS`` q/n + g²/2n;
        ``LS2`` J² (q/n + d²/2n); ``UB`` q/n + (1 − (m−2)/(m J²)) g², with r made unbiased in q for SMCR.
    correct : bool
        Multiply by the exact small-sample factor.
    """
    m1, s1, m2, s2, size, corr = _paired(mean_pre, sd_pre, mean_post, sd_post, n, r)
    if standardiser not in ("change", "baseline"):
        raise StatisticsError("unknown_option", f"standardiser {standardiser!r} is not known")
    change = standardiser == "change"
    with np.errstate(divide="ignore", invalid="ignore"):
        sd = np.sqrt(s1**2 + s2**2 - 2 * corr * s1 * s2) if change else s1
        d = (m2 - m1) / sd
        df = size - 1
        factor = hedges_correction(df) if correct else np.ones(d.size)
        g = factor * d
        spread = np.ones(d.size) if change else 2 * (1 - corr)
        if variance == "LS":
            vi = spread / size + g**2 / (2 * size)
        elif variance == "LS2":
            vi = factor**2 * (spread / size + d**2 / (2 * size))
        elif variance == "UB":
            if not change:
                unbiased = corr * special.hyp2f1(0.5, 0.5, (size - 2) / 2, 1 - corr**2)
                spread = np.where(size > 4, 2 * (1 - unbiased), np.nan)
            vi = spread / size + (1 - (df - 2) / (df * factor**2)) * g**2
        else:
            raise StatisticsError("unknown_option", f"variance {variance!r} is none of LS, LS2, UB")
    missing = np.isnan(m1 + s1 + m2 + size + corr + (s2 if change else 0.0))
    return effect_sizes(
        "SMCC" if change else "SMCR",
        "identity",
        g,
        vi,
        size,
        missing=missing,
        reasons={"too_few": (df <= (1 if correct else 0)) & ~missing},
        options={"variance": variance, "correct": correct, "standardiser": standardiser},
    )
