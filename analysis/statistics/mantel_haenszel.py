"""Pooling tables directly: Mantel-Haenszel and Peto, for rare events and empty cells.

Both weigh the tables themselves, so nothing is added to an empty cell unless asked, and a study without any
event carries no weight under OR, RR and Peto. Heterogeneity (Q) is about the studies' own effects, which do
need a correction, and leaves out studies without (or with only) events in both arms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import special
from .arrays import FloatArray, Record, columns, frozen, numbers, refuse
from .binary import Tables, hypergeometric, odds_ratio, risk_difference, risk_ratio, tables
from .effects import EffectSizes
from .errors import StatisticsError
from .intervals import check_level, critical, two_sided_p
from .rates import rate_difference, rate_ratio

Measure = Literal["OR", "RR", "RD", "IRR", "IRD"]


@dataclass(frozen=True, eq=False)
class TableEffect(Record):
    """A common effect pooled from tables, on the analysis scale (log for OR, RR, IRR and PETO).

    Attributes
    ----------
    k, k_effects : int
        Tables given, and those that have an effect of their own (the ones behind Q).
    statistic, p_value : float or None
        Test of no effect; None where the standard error is 0 (an RD without any event).
    weights : ndarray, shape (k,)
        Percent that each table contributes; 0 without events.
    i2, h2 : float
        From Q: (Q − df)/Q in percent, and Q/df.
    tests : mapping
        For OR: ``cmh`` (Cochran-Mantel-Haenszel, no association), ``cochran``, ``breslow_day`` and
        ``tarone`` (homogeneity of the odds ratios), each with ``statistic``, ``df``, ``p_value``; for IRR:
        ``cmh``.
    """

    measure: str
    method: str
    scale: str
    k: int
    k_effects: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float | None
    p_value: float | None
    q: float
    q_df: int
    q_p_value: float
    i2: float
    h2: float
    weights: FloatArray
    level: float
    tests: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Parts:
    """What each table adds to the sums that the estimate and its variance are made of, shape (k, s)."""

    measure: str
    method: str
    sums: FloatArray
    weights: FloatArray
    yi: FloatArray
    vi: FloatArray


def mantel_haenszel(
    measure: Measure,
    count1: ArrayLike,
    size1: ArrayLike,
    count2: ArrayLike,
    size2: ArrayLike,
    *,
    variance: Literal["sato", "greenland"] = "sato",
    correction: float = 0.0,
    correct: str = "none",
    continuity: bool = True,
    level: float = 0.95,
) -> TableEffect:
    """Mantel-Haenszel estimate of a common OR, RR, RD, IRR or IRD.

    Parameters
    ----------
    count1, size1, count2, size2 : array_like, shape (k,)
        Events and people of each arm, or events and time for IRR and IRD.
    variance : {"sato", "greenland"}
        Of the RD: Sato, Greenland & Robins (1989), or Greenland & Robins (1985). OR: Robins, Breslow &
        Greenland (1986); RR: Greenland & Robins (1985).
    correction, correct : float, str
        What to add to the pooled tables; nothing by default. Q always uses ½ where a cell is empty.
    continuity : bool
        Whether the tests of no association subtract ½.

    Raises
    ------
    StatisticsError
        ``not_estimable`` where one arm has no event in any study (OR, RR, IRR).
    """
    parts, t = _mantel_haenszel_parts(measure, count1, size1, count2, size2, variance, correction, correct)
    tests = {} if t is None else _tests(t, _estimates(parts, np.ones((1, parts.yi.size)))[0][0], continuity)
    if measure == "IRR":
        tests = _rate_test(count1, size1, count2, size2, continuity)
    (effect,) = _effects(parts, np.ones((1, parts.yi.size)), level, tests)
    return effect


def peto(
    events1: ArrayLike, n1: ArrayLike, events2: ArrayLike, n2: ArrayLike, *, level: float = 0.95
) -> TableEffect:
    """Peto's odds ratio (Yusuf 1985): Σ(O − E)/ΣV on the log scale, for rare events and small effects."""
    parts = _peto_parts(events1, n1, events2, n2)
    (effect,) = _effects(parts, np.ones((1, parts.yi.size)), level, {})
    return effect


def leave_one_table_out(
    measure: Literal["OR", "RR", "RD", "IRR", "IRD", "PETO"],
    count1: ArrayLike,
    size1: ArrayLike,
    count2: ArrayLike,
    size2: ArrayLike,
    *,
    level: float = 0.95,
) -> list[TableEffect]:
    """The pooled effect (Mantel-Haenszel, or Peto for ``PETO``) without each table in turn."""
    parts = _parts(measure, count1, size1, count2, size2)
    if parts.yi.size < 2:
        raise StatisticsError("too_few", "leaving one out needs two studies")
    return _effects(parts, 1.0 - np.eye(parts.yi.size), level, {})


def cumulate_tables(
    measure: Literal["OR", "RR", "RD", "IRR", "IRD", "PETO"],
    count1: ArrayLike,
    size1: ArrayLike,
    count2: ArrayLike,
    size2: ArrayLike,
    order: ArrayLike,
    *,
    level: float = 0.95,
) -> list[TableEffect]:
    """The pooled effect of the first table, the first two …; ``order`` holds positions (from 0)."""
    parts = _parts(measure, count1, size1, count2, size2)
    rank = numbers("order", order).astype(np.intp)
    included = np.zeros((rank.size, parts.yi.size))
    included[:, rank] = np.tri(rank.size)
    return _effects(parts, included, level, {})


def _parts(measure: str, count1: ArrayLike, size1: ArrayLike, count2: ArrayLike, size2: ArrayLike) -> _Parts:
    if measure == "PETO":
        return _peto_parts(count1, size1, count2, size2)
    return _mantel_haenszel_parts(measure, count1, size1, count2, size2, "sato", 0.0, "none")[0]


def _mantel_haenszel_parts(
    measure: str,
    count1: ArrayLike,
    size1: ArrayLike,
    count2: ArrayLike,
    size2: ArrayLike,
    variance: str,
    correction: float,
    correct: str,
) -> tuple[_Parts, Tables | None]:
    if variance not in ("sato", "greenland"):
        raise StatisticsError("unknown_option", f"variance {variance!r} is neither sato nor greenland")
    if measure in ("IRR", "IRD"):
        x1, t1, x2, t2 = columns(events1=count1, time1=size1, events2=count2, time2=size2)
        own = (rate_ratio if measure == "IRR" else rate_difference)(x1, t1, x2, t2, double_zeros="drop")
        time = t1 + t2
        if measure == "IRR":
            sums = [x1 * t2 / time, x2 * t1 / time, t1 / time * t2 / time * (x1 + x2)]
            weights = sums[1]
        else:
            weights = t1 * t2 / time
            sums = [weights * (x1 / t1 - x2 / t2), weights, weights**2 * (x1 / t1**2 + x2 / t2**2)]
        return _assemble(measure, "MH", sums, weights, own), None

    t = tables(count1, size1, count2, size2, correction, correct)
    own = _OWN[measure](count1, size1, count2, size2, double_zeros="drop")
    a, b, c, d = t.a, t.b, t.c, t.d
    n1, n2 = a + b, c + d
    n = n1 + n2
    if measure == "OR":
        r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
        sums, weights = [r, s, p * r, p * s + q * r, q * s], s
    elif measure == "RR":
        sums = [a * n2 / n, c * n1 / n, (n1 * n2 * (a + c) - a * c * n) / n**2]
        weights = sums[1]
    else:
        weights = n1 * n2 / n
        sums = [weights * (a / n1 - c / n2), weights]
        if variance == "sato":
            sums += [
                (c * n1**2 - a * n2**2 + n1 * n2 * (n2 - n1) / 2) / n**2,
                (a * (n2 - c) + c * (n1 - a)) / (2 * n),
            ]
        else:
            sums += [np.zeros(n.size), weights**2 * (a * b / n1**3 + c * d / n2**3)]
    return _assemble(measure, "MH", sums, weights, own), t if measure == "OR" else None


_OWN = {"OR": odds_ratio, "RR": risk_ratio, "RD": risk_difference}


def _peto_parts(events1: ArrayLike, n1: ArrayLike, events2: ArrayLike, n2: ArrayLike) -> _Parts:
    t = tables(events1, n1, events2, n2, correct="none")
    expected, spread = hypergeometric(t.a, t.b, t.c, t.d)
    excess = t.a - expected
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(spread > 0, excess / spread, np.nan), np.where(spread > 0, 1 / spread, np.nan)
    refuse(t.missing, "missing_value", "a count is missing")
    return _Parts("PETO", "Peto", np.column_stack([excess, spread]), spread, *own)


def _assemble(
    measure: str, method: str, sums: list[FloatArray], weights: FloatArray, own: EffectSizes
) -> _Parts:
    missing = np.array([reason == "missing_value" for reason in own.reasons], dtype=np.bool_)
    refuse(missing, "missing_value", "a count is missing")
    return _Parts(measure, method, np.column_stack(sums), weights, own.yi, own.vi)


def _estimates(parts: _Parts, included: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Estimate and standard error of each row of ``included`` (fits × tables)."""
    sums = (included @ parts.sums).T
    if parts.method == "Peto":
        excess, spread = sums
        refuse(spread <= 0, "not_estimable", "no table has both events and people without")
        return excess / spread, np.sqrt(1 / spread)
    if parts.measure in ("RD", "IRD"):
        estimate = sums[0] / sums[1]
        spread = sums[3] + estimate * sums[2] if parts.measure == "RD" else sums[2]
        return estimate, np.sqrt(spread) / sums[1]
    r, s = sums[0], sums[1]
    if ((r <= 0) | (s <= 0)).any():
        raise StatisticsError(
            "not_estimable", f"the common {parts.measure} is zero or infinite: one arm has no event anywhere"
        )
    if parts.measure == "OR":
        spread = (sums[2] / r**2 + sums[3] / (r * s) + sums[4] / s**2) / 2
    else:
        spread = sums[2] / (r * s)
    return np.log(r / s), np.sqrt(spread)


def _effects(
    parts: _Parts, included: FloatArray, level: float, tests: Mapping[str, Mapping[str, float]]
) -> list[TableEffect]:
    check_level(level)
    estimates, errors = _estimates(parts, included)
    has_effect = np.isfinite(parts.yi) & (parts.vi > 0)
    w = np.where(has_effect, 1 / parts.vi, 0.0)
    scatter = np.where(has_effect, parts.yi, 0.0)[None, :] - estimates[:, None]
    q = np.einsum("ij,ij,j->i", scatter**2, included, w)
    tables_with_effect = included @ has_effect.astype(np.float64)
    weights = included * parts.weights
    weights = 100.0 * weights / weights.sum(axis=1, keepdims=True)
    quantile = critical(level)
    return [
        TableEffect(
            measure=parts.measure,
            method=parts.method,
            scale="identity" if parts.measure in ("RD", "IRD") else "log",
            k=int(row.sum()),
            k_effects=int(effects),
            estimate=float(estimate),
            se=float(se),
            ci_low=float(estimate - quantile * se),
            ci_high=float(estimate + quantile * se),
            statistic=float(estimate / se) if se > 0 else None,
            p_value=two_sided_p(float(estimate / se)) if se > 0 else None,
            weights=frozen(weight[row > 0]),
            level=level,
            tests=tests,
            **_heterogeneity(float(scatter_q), int(effects) - 1),  # type: ignore[arg-type]
        )
        for row, effects, estimate, se, weight, scatter_q in zip(
            included, tables_with_effect, estimates, errors, weights, q, strict=True
        )
    ]


def _heterogeneity(q: float, df: int) -> dict[str, float]:
    if df < 1:
        return {"q": 0.0, "q_df": 0, "q_p_value": 1.0, "i2": 0.0, "h2": 1.0}
    i2 = 100.0 * max(0.0, 1.0 - df / q) if q > 0 else 0.0
    return {"q": q, "q_df": df, "q_p_value": float(special.chdtrc(df, q)), "i2": i2, "h2": q / df}


def _test(statistic: float, df: int) -> dict[str, float]:
    return {"statistic": statistic, "df": df, "p_value": float(special.chdtrc(df, statistic))}


def _tests(t: Tables, log_odds: float, continuity: bool) -> dict[str, Mapping[str, float]]:
    """Association (Cochran, Mantel & Haenszel) and homogeneity (Breslow & Day, Tarone)."""
    n1, n2, events = t.a + t.b, t.c + t.d, t.a + t.c
    n = n1 + n2
    expected, spread = hypergeometric(t.a, t.b, t.c, t.d)
    excess = max(0.0, abs(float((t.a - expected).sum())) - (0.5 if continuity else 0.0)) ** 2
    found: dict[str, Mapping[str, float]] = {
        "cmh": _test(excess / float(spread.sum()), 1),
        "cochran": _test(excess / float((spread * (n - 1) / n).sum()), 1),
    }
    informative = (events > 0) & (events < n)
    a, size1, size2, x = (item[informative] for item in (t.a, n1, n2, events))
    fitted = _cell_at(math.exp(log_odds), size1, size2, x)
    inside = fitted > 0
    a, size1, size2, x, fitted = (item[inside] for item in (a, size1, size2, x, fitted))
    with np.errstate(divide="ignore"):
        precision = 1 / fitted + 1 / (size1 - fitted) + 1 / (x - fitted) + 1 / (size2 - x + fitted)
    distance = a - fitted
    breslow = float((distance**2 * precision).sum())
    tarone = max(0.0, breslow - float(distance.sum()) ** 2 / float((1 / precision).sum()))
    if a.size > 1:
        found["breslow_day"] = _test(breslow, a.size - 1)
        found["tarone"] = _test(tarone, a.size - 1)
    return found


def _cell_at(odds: float, n1: FloatArray, n2: FloatArray, events: FloatArray) -> NDArray[np.float64]:
    """Cell a of each table that has these margins and this odds ratio (Breslow & Day 1980)."""
    half = (odds * (n1 + events) + n2 - events) / 2
    # the root of a quadratic in the form that stays exact as the odds ratio approaches 1
    return odds * n1 * events / (half + np.sqrt(half**2 - odds * (odds - 1) * n1 * events))


def _rate_test(
    events1: ArrayLike, time1: ArrayLike, events2: ArrayLike, time2: ArrayLike, continuity: bool
) -> dict[str, Mapping[str, float]]:
    x1, t1, x2, t2 = columns(events1=events1, time1=time1, events2=events2, time2=time2)
    events, share = x1 + x2, t1 / (t1 + t2)
    excess = max(0.0, abs(float((x1 - events * share).sum())) - (0.5 if continuity else 0.0)) ** 2
    return {"cmh": _test(excess / float((events * share * (1 - share)).sum()), 1)}
