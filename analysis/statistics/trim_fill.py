"""Trim and fill (Duval & Tweedie 2000, Biometrics 56:455; JASA 95:89)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import BoolArray, FloatArray, Record, frozen, studies
from .errors import StatisticsError
from .pooling import PooledEffect, pool
from .regression import regress
from .small_study import FEWEST, require_studies


@dataclass(frozen=True, eq=False)
class TrimFill(Record):
    """Studies that a symmetric funnel would need, and the effect with them.

    Attributes
    ----------
    k0 : int
        Studies filled in.
    k0_se : float or None
        None where the formula for ``L0`` has no real root.
    k0_p : float or None
        Test that none is missing (``R0`` only).
    side : str
        ``left`` or ``right``: where the missing studies would lie.
    estimator : str
    yi, vi : ndarray, (k + k0,)
        The studies as given, then the filled ones.
    filled : ndarray of bool
    effect : PooledEffect
        Of all of these.
    """

    k0: int
    k0_se: float | None
    k0_p: float | None
    side: str
    estimator: str
    yi: FloatArray
    vi: FloatArray
    filled: BoolArray
    effect: PooledEffect


def trim_and_fill(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    estimator: str = "L0",
    side: str | None = None,
    method: str = "REML",
    interval: str = "hksj",
    prediction: str = "hts",
    level: float = 0.95,
    fewest: int = FEWEST,
) -> TrimFill:
    """Trim the funnel to symmetry, fill in mirror images, pool again.

    A sensitivity analysis, not a correction: it supposes that studies are missing because of their effect,
    and misleads where effects differ between studies (Terrin 2003, Peters 2007).

    Parameters
    ----------
    estimator : {"L0", "R0"}
        Of the number missing.
    side : {"left", "right"}, optional
        Where studies are missing; by default the side that the slope of effects on standard errors points
        away from.
    method, interval, prediction, level
        As in `pooling.pool`, for every step.
    fewest : int
        As in `small_study.egger`.
    """
    y, v = studies(yi, vi)
    require_studies(y.size, fewest)
    if estimator not in ("L0", "R0"):
        raise StatisticsError("unknown_option", f"estimator {estimator!r} is neither L0 nor R0")
    if side is None:
        se = np.sqrt(v)
        slope = 0.0
        if np.ptp(se) > 1e-12 * se.max():
            slope = float(regress(y, v, se, method=method, interval="wald", q_profile=False).beta[1])
        side = "right" if slope < 0 else "left"
    if side not in ("left", "right"):
        raise StatisticsError("unknown_option", f"side {side!r} is neither left nor right")

    k = y.size
    sign = -1.0 if side == "right" else 1.0
    order = np.argsort(sign * y, kind="stable")
    x, w = sign * y[order], v[order]
    k0 = 0
    seen: set[int] = set()
    while True:
        centre = pool(x[: k - k0], w[: k - k0], method=method, interval="wald", q_profile=False).estimate
        number, se0 = _missing(x - centre, estimator)
        if number == k0 or number in seen:
            break
        seen.add(k0)
        k0 = min(number, k - 1)
    extreme = slice(k - k0, k)
    fill = sign * (2 * centre - x[extreme])
    all_y, all_v = np.concatenate((y, fill)), np.concatenate((v, w[extreme]))
    effect = pool(all_y, all_v, method=method, interval=interval, prediction=prediction, level=level)
    return TrimFill(
        k0=k0,
        k0_se=se0,
        k0_p=0.5 ** (k0 + 1) if estimator == "R0" else None,
        side=side,
        estimator=estimator,
        yi=frozen(all_y),
        vi=frozen(all_v),
        filled=np.arange(k + k0) >= k,
        effect=effect,
    )


def _missing(centred: FloatArray, estimator: str) -> tuple[int, float | None]:
    """Number of studies missing on the left of centred effects, and its standard error."""
    k = centred.size
    rank = np.empty(k)
    rank[np.argsort(np.abs(centred), kind="stable")] = np.arange(1, k + 1)
    signed = np.sign(centred) * rank
    if estimator == "R0":
        below = signed[signed < 0]
        n = k - float((-below).max() if below.size else 0) - 1
        return max(0, round(n)), math.sqrt(2 * max(0.0, n) + 2)
    n = (4 * float(signed[signed > 0].sum()) - k * (k + 1)) / (2 * k - 1)
    spread = k * (k + 1) * (2 * k + 1) + 10 * n**3 + 27 * n**2 + 17 * n
    spread += 6 * k**2 * n - 18 * k * n**2 - 18 * k * n
    return max(0, round(n)), 4 * math.sqrt(spread / 24) / (2 * k - 1) if spread >= 0 else None
