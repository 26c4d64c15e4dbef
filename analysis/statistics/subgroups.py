"""Pooling within subgroups, and the test of a difference between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from . import special
from .arrays import BoolArray, FloatArray, Record, frozen, studies
from .errors import StatisticsError
from .intervals import critical, prediction_df, two_sided_p
from .pooling import PooledEffect, pool
from .regression import regress


@dataclass(frozen=True, eq=False)
class Subgroups(Record):
    """Pooled effects by subgroup.

    Attributes
    ----------
    names : tuple of str
        In order of first appearance.
    effects : tuple of PooledEffect
        One per name. With a common tau², ``tau2`` and its interval are the common ones (the residual of the
        model in which subgroups differ), and t intervals have k − m degrees of freedom (m subgroups in all).
    q_between, q_between_df, q_between_p : float or None
        Test that all subgroups have the same mean: χ², or F = q_between on (q_between_df, q_between_df2) for
        a common tau² with a t interval. None where a subgroup's standard error is zero.
    q_between_df2 : float or None
    tau2 : str
        ``separate`` or ``common``.
    """

    names: tuple[str, ...]
    effects: tuple[PooledEffect, ...]
    q_between: float | None
    q_between_df: int
    q_between_df2: float | None
    q_between_p: float | None
    tau2: str


def subgroups(
    yi: ArrayLike,
    vi: ArrayLike,
    groups: Sequence[object],
    *,
    tau2: str = "separate",
    method: str = "REML",
    interval: str = "hksj",
    prediction: str = "hts",
    level: float = 0.95,
) -> Subgroups:
    """Pool within each subgroup and compare the subgroups.

    Parameters
    ----------
    groups : sequence, length k
        Each study's subgroup.
    tau2 : {"separate", "common"}
        Whether every subgroup has its own between-study variance. A common one is the better choice where
        subgroups are small (Borenstein et al. 2009, ch. 19).
    method, interval, prediction, level
        As in `pooling.pool`.

    Raises
    ------
    StatisticsError
        As `pooling.pool`; ``unequal_lengths``; ``one_subgroup``; ``too_few_studies`` where a common tau² has
        as many subgroups as studies.
    """
    y, v = studies(yi, vi)
    labels = [str(group) for group in groups]
    if len(labels) != y.size:
        raise StatisticsError("unequal_lengths", f"{y.size} effects but {len(labels)} subgroup labels")
    names = tuple(dict.fromkeys(labels))
    if len(names) < 2:
        raise StatisticsError("one_subgroup", "there is only one subgroup, so nothing to compare")
    if tau2 not in ("separate", "common"):
        raise StatisticsError("unknown_option", f"tau2 {tau2!r} is neither separate nor common")
    member = [np.array([label == name for label in labels]) for name in names]
    effects = tuple(
        pool(y[rows], v[rows], method=method, interval=interval, prediction=prediction, level=level)
        for rows in member
    )
    df2 = None
    m = len(names)
    if tau2 == "common":
        if y.size <= m:
            raise StatisticsError("too_few_studies", f"{y.size} studies cannot support {m} subgroups")
        effects = _with_common(effects, y, v, member, method, interval, prediction, level)
        df2 = None if interval == "wald" else float(y.size - m)

    se = np.array([effect.se for effect in effects])
    q = p = None
    if (se > 0).all():
        estimate, w = np.array([effect.estimate for effect in effects]), 1 / se**2
        centred = estimate - estimate[int(w.argmax())]
        q = float((w * (centred - (w * centred).sum() / w.sum()) ** 2).sum())
        if df2 is None:
            p = float(special.chdtrc(m - 1, q))
        else:
            q /= m - 1
            p = float(special.fdtrc(m - 1, df2, q))
    return Subgroups(names, effects, q, m - 1, df2, p, tau2)


def _with_common(
    effects: tuple[PooledEffect, ...],
    y: FloatArray,
    v: FloatArray,
    member: list[BoolArray],
    method: str,
    interval: str,
    prediction: str,
    level: float,
) -> tuple[PooledEffect, ...]:
    """The subgroups' effects again, with the tau² of a model whose moderators are the subgroups."""
    model = regress(
        y,
        v,
        np.column_stack(member).astype(np.float64),
        intercept=False,
        method=method,
        interval=interval,
        level=level,
    )
    common = method in ("EE", "FE")
    lost = len(member)
    free = prediction_df(prediction, y.size - lost + 1)
    out = []
    for index, (effect, rows) in enumerate(zip(effects, member, strict=True)):
        estimate, se = float(model.beta[index]), float(model.se[index])
        half = critical(level, model.df) * se
        weights = 1 / (v[rows] + model.tau2)
        spread = None
        if free is not None and not common:
            spread = critical(level, None if math.isinf(free) else free) * math.hypot(
                math.sqrt(model.tau2), se
            )
        changed = replace(
            effect,
            estimate=estimate,
            se=se,
            ci_low=estimate - half,
            ci_high=estimate + half,
            statistic=estimate / se if se > 0 else None,
            df=model.df,
            p_value=two_sided_p(estimate / se, model.df) if se > 0 else None,
            tau2=model.tau2,
            tau2_ci_low=model.tau2_ci_low,
            tau2_ci_high=model.tau2_ci_high,
            prediction_low=None if spread is None else estimate - spread,
            prediction_high=None if spread is None else estimate + spread,
            weights=frozen(100 * weights / weights.sum()),
            interval=interval,
        )
        if not common:
            changed = _heterogeneity(changed, v[rows])
        out.append(changed)
    return tuple(out)


def _heterogeneity(effect: PooledEffect, v: FloatArray) -> PooledEffect:
    """I² and H² of a subgroup whose tau² was set from outside."""
    if effect.k == 1:
        return replace(effect, i2_ci_low=None, i2_ci_high=None, h2_ci_low=None, h2_ci_high=None)
    w = 1 / v
    typical = (effect.k - 1) / float(w.sum() - w @ w / w.sum())

    def share(tau2: float | None) -> float | None:
        return None if tau2 is None else 100 * tau2 / (tau2 + typical)

    def ratio(tau2: float | None) -> float | None:
        return None if tau2 is None else 1 + tau2 / typical

    return replace(
        effect,
        i2=100 * effect.tau2 / (effect.tau2 + typical),
        i2_ci_low=share(effect.tau2_ci_low),
        i2_ci_high=share(effect.tau2_ci_high),
        h2=1 + effect.tau2 / typical,
        h2_ci_low=ratio(effect.tau2_ci_low),
        h2_ci_high=ratio(effect.tau2_ci_high),
    )
