"""Every defensible choice at once: the same question under all combinations of data, model and interval.

One analysis is one path through many choices. Showing all of them shows whether the conclusion depends on a
choice that could as well have gone the other way (Steegen et al. 2016, Perspect Psychol Sci 11:702).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, Record, numbers
from .errors import StatisticsError
from .intervals import check_level
from .pooling import PooledEffect, pool

METHODS = ("EE", "DL", "REML", "PM", "SJ")
INTERVALS = ("wald", "hksj", "hksj_adhoc")


@dataclass(frozen=True)
class Universe(Record):
    """One combination of choices.

    Attributes
    ----------
    data, selection, method, interval : str
        Names of the effect sizes, of the studies kept, of the tau² estimator and of the interval.
    k : int
        Studies pooled.
    effect : PooledEffect or None
    reason : str or None
        Error code where there is no effect.
    """

    data: str
    selection: str
    method: str
    interval: str
    k: int
    effect: PooledEffect | None
    reason: str | None = None


@dataclass(frozen=True)
class Multiverse(Record):
    """All combinations, and what they agree on.

    Attributes
    ----------
    universes : tuple of Universe
        Data, then selection, method and interval, in the order given.
    computed : int
        Those with an effect; the rest below are counts and values among these.
    lowest, median, highest : float or None
        Of the estimates.
    above, below : int
        Intervals wholly above, wholly below ``null``.
    null : float
    """

    universes: tuple[Universe, ...]
    computed: int
    lowest: float | None
    median: float | None
    highest: float | None
    above: int
    below: int
    null: float


def multiverse(
    data: Mapping[str, tuple[ArrayLike, ArrayLike]],
    *,
    selections: Mapping[str, Sequence[bool]] | None = None,
    methods: Sequence[str] = METHODS,
    intervals: Sequence[str] = INTERVALS,
    prediction: str = "hts",
    level: float = 0.95,
    null: float = 0.0,
) -> Multiverse:
    """Pool under every combination of choices.

    Parameters
    ----------
    data : mapping of name to (yi, vi)
        Effect sizes on one scale, computed under different assumptions (a correction, a correlation), for the
        same studies in the same order. A row with NaN cannot be pooled there and is left out of that data
        set only.
    selections : mapping of name to bool sequence, optional
        Which studies to keep (all; low risk of bias; without the outlier).
    methods, intervals, prediction, level
        As in `pooling.pool`. The ``hksj`` intervals are skipped for ``EE``, whose standard error they would
        replace by one that allows for heterogeneity after all.
    null : float
        The value of no effect.

    Raises
    ------
    StatisticsError
        ``unequal_lengths`` where a selection does not fit; ``unknown_option``. A combination that cannot be
        computed stays, with its reason.
    """
    check_level(level)
    chosen = selections or {"all": ()}
    universes = []
    for name, (yi, vi) in data.items():
        y, v = numbers("yi", yi), numbers("vi", vi)
        usable = np.isfinite(y) & np.isfinite(v) & (v > 0) if y.size == v.size else None
        for label, keep in chosen.items():
            mask = np.ones(y.size, dtype=np.bool_) if len(keep) == 0 else np.array(keep, dtype=np.bool_)
            if usable is None or mask.size != y.size:
                raise StatisticsError("unequal_lengths", f"{name}, {label}: {y.size} effects do not fit")
            rows = mask & usable
            for method in methods:
                for interval in intervals:
                    if method in ("EE", "FE") and interval.startswith("hksj"):
                        continue
                    universes.append(
                        _universe(name, label, y[rows], v[rows], method, interval, prediction, level)
                    )
    effects = [universe.effect for universe in universes if universe.effect is not None]
    estimates = np.array([effect.estimate for effect in effects])
    return Multiverse(
        universes=tuple(universes),
        computed=len(effects),
        lowest=float(estimates.min()) if effects else None,
        median=float(np.median(estimates)) if effects else None,
        highest=float(estimates.max()) if effects else None,
        above=sum(effect.ci_low > null for effect in effects),
        below=sum(effect.ci_high < null for effect in effects),
        null=null,
    )


def _universe(
    data: str,
    selection: str,
    y: FloatArray,
    v: FloatArray,
    method: str,
    interval: str,
    prediction: str,
    level: float,
) -> Universe:
    try:
        effect = pool(
            y, v, method=method, interval=interval, prediction=prediction, level=level, q_profile=False
        )
    except StatisticsError as error:
        if error.code == "unknown_option":
            raise
        return Universe(data, selection, method, interval, int(y.size), None, error.code)
    return Universe(data, selection, method, interval, effect.k, effect)
