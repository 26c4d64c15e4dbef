"""A single-arm result beside what happens without treatment.

A series without controls cannot say what treatment did. The least that can be done is to set its share
beside a share from people who were not treated, with the uncertainty of both. The contrast is **not** an
effect estimate: it is confounded by who was selected, when they were measured (regression to the mean) and
by whom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, Record, columns, frozen, refuse
from .proportions import exact_interval


@dataclass(frozen=True, eq=False)
class Contrast(Record):
    """Difference and ratio of shares, one row per natural-history scenario.

    Attributes
    ----------
    share, share_low, share_high : ndarray
        The single-arm share (pooled), natural scale.
    reference, reference_low, reference_high : ndarray
        The natural-history share.
    difference, difference_low, difference_high : ndarray
        share − reference, with MOVER limits.
    ratio, ratio_low, ratio_high : ndarray
        share / reference, with MOVER limits; infinite or NaN where the reference reaches 0.
    """

    share: FloatArray
    share_low: FloatArray
    share_high: FloatArray
    reference: FloatArray
    reference_low: FloatArray
    reference_high: FloatArray
    difference: FloatArray
    difference_low: FloatArray
    difference_high: FloatArray
    ratio: FloatArray
    ratio_low: FloatArray
    ratio_high: FloatArray


def contrast(
    share: ArrayLike,
    share_low: ArrayLike,
    share_high: ArrayLike,
    reference: ArrayLike,
    reference_low: ArrayLike | None = None,
    reference_high: ArrayLike | None = None,
) -> Contrast:
    """Contrast a share with natural-history shares, each with its confidence limits at the same level.

    MOVER: the limits of the two shares, from whatever model, are combined without assuming symmetry; Zou &
    Donner (2008), Stat Med 27:1693 for the difference, Donner & Zou (2012), Stat Methods Med Res 21:347 for
    the ratio. With Wilson limits the difference is Newcombe's (1998) hybrid interval.

    Parameters
    ----------
    share, share_low, share_high : float
        For instance a pooled proportion and its limits, back-transformed.
    reference, reference_low, reference_high : float or array_like
        One or more scenarios. Without limits the share is taken as known.

    Raises
    ------
    StatisticsError
        ``not_finite``; ``impossible_share`` outside 0 to 1 or limits in the wrong order, naming the scenario.
    """
    low2 = reference if reference_low is None else reference_low
    high2 = reference if reference_high is None else reference_high
    p1, l1, u1, p2, l2, u2 = columns(
        share=share,
        share_low=share_low,
        share_high=share_high,
        reference=reference,
        reference_low=low2,
        reference_high=high2,
    )
    for name, p, low, high in (("share", p1, l1, u1), ("reference", p2, l2, u2)):
        refuse(~np.isfinite(p + low + high), "not_finite", f"{name} or one of its limits is missing")
        wrong = ~((low >= 0) & (low <= p) & (p <= high) & (high <= 1))
        refuse(wrong, "impossible_share", f"{name} {{}} with limits {{}} to {{}}", p, low, high)
    difference = p1 - p2
    below = np.hypot(p1 - l1, u2 - p2)
    above = np.hypot(u1 - p1, p2 - l2)
    with np.errstate(divide="ignore", invalid="ignore"):
        product = p1 * p2
        # In this form the lower limit neither cancels nor divides by u2 (2 p2 − u2), which may be 0.
        least, near = l1 * (2 * p1 - l1), l2 * (2 * p2 - l2)
        root_low = np.sqrt(np.maximum(0, product**2 - least * u2 * (2 * p2 - u2)))
        root_high = np.sqrt(np.maximum(0, product**2 - u1 * (2 * p1 - u1) * near))
        ratio_low = np.where(least > 0, least / (product + root_low), 0.0)
        ratio_high = np.where(near > 0, (product + root_high) / near, np.inf)
        ratio = p1 / p2
    return Contrast(
        share=frozen(p1),
        share_low=frozen(l1),
        share_high=frozen(u1),
        reference=frozen(p2),
        reference_low=frozen(l2),
        reference_high=frozen(u2),
        difference=frozen(difference),
        difference_low=frozen(np.maximum(-1.0, difference - below)),
        difference_high=frozen(np.minimum(1.0, difference + above)),
        ratio=frozen(ratio),
        ratio_low=frozen(ratio_low),
        ratio_high=frozen(ratio_high),
    )


def contrast_counts(
    share: ArrayLike,
    share_low: ArrayLike,
    share_high: ArrayLike,
    events: ArrayLike,
    n: ArrayLike,
    *,
    level: float = 0.95,
) -> Contrast:
    """`contrast` with natural-history counts, whose limits are exact (Clopper-Pearson)."""
    x, size = columns(events=events, n=n)
    low, high = exact_interval(x, size, level)
    return contrast(share, share_low, share_high, x / size, low, high)
