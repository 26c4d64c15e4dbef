"""From a study's numbers to its effect, and from effects to a pooled answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.statistics import effect_sizes, glmm, pooling, proportions, special
from analysis.statistics.errors import StatisticsError
from analysis.statistics.glmm_many import glmm_proportions
from analysis.synthesis.candidates import Candidate
from analysis.synthesis.protocol import Model, Question
from analysis.synthesis.results import Pooled

NOT_PEOPLE = {"assumed_n", "pooled_cycles", "split_control"}
"""Marks of numbers that are not counts of people."""


@dataclass(frozen=True)
class Effect:
    """A study's effect: ``yi``, ``vi`` on the analysis scale, estimate and interval on the natural one."""

    yi: float
    vi: float
    estimate: float
    ci_low: float
    ci_high: float


def natural(scale: str, value: float) -> float:
    """Back from the analysis scale (``identity``, ``log``, ``logit``)."""
    if scale == "log":
        return math.exp(value) if value < 709 else math.inf
    if scale == "logit":
        return 1.0 / (1.0 + math.exp(-value)) if value >= 0 else math.exp(value) / (1.0 + math.exp(value))
    return value


def effect_of(question: Question, candidate: Candidate, level: float) -> Effect | None:
    """The effect of one study; None when its numbers allow none (``not_estimable``).

    Shares carry the exact (Clopper-Pearson) interval; everything else the Wald interval of its
    analysis scale.
    """
    data = {key: value for key, value in candidate.data.items() if value is not None}
    if question.measure == "PR":
        if data["n"] <= 0:
            return None
        sizes = proportions.proportion([data["events"]], [data["n"]], transform="logit")
        low, high = proportions.exact_interval([data["events"]], [data["n"]], level=level)
        share = data["events"] / data["n"]
        return Effect(float(sizes.yi[0]), float(sizes.vi[0]), share, float(low[0]), float(high[0]))
    if question.measure == "MC":
        before, after = (data["mean_pre"], data["sd_pre"]), (data["mean_post"], data["sd_post"])
        sizes = effect_sizes.change_from_baseline(*before, *after, data["n"], data["r"])
    elif question.measure == "MD":
        first, second = ((data[f"mean{i}"], data[f"sd{i}"], data[f"n{i}"]) for i in (1, 2))
        sizes = effect_sizes.mean_difference(*first, *second)
    else:
        function = {
            "RR": effect_sizes.risk_ratio,
            "OR": effect_sizes.odds_ratio,
            "RD": effect_sizes.risk_difference,
        }[question.measure]
        sizes = function(data["events1"], data["n1"], data["events2"], data["n2"])
    yi, vi = float(sizes.yi[0]), float(sizes.vi[0])
    if not (math.isfinite(yi) and math.isfinite(vi) and vi > 0):
        return None
    half = float(special.ndtri(0.5 + level / 2)) * math.sqrt(vi)
    scale = question.scale
    return Effect(yi, vi, natural(scale, yi), natural(scale, yi - half), natural(scale, yi + half))


@dataclass(frozen=True)
class Choice:
    """One way to pool: ``model`` is ``random``, ``common`` or ``glmm``; `transform` for shares only."""

    code: str
    model: str = "random"
    tau2: str = "REML"
    interval: str = "hksj"
    prediction: Literal["hts", "t_k1", "normal"] = "t_k1"
    transform: str = "logit"


def primary_choice(question: Question, model: Model) -> Choice:
    """What the protocol says; shares go through the GLMM, with a t interval."""
    if question.measure == "PR":
        return Choice("primary", "glmm", "ML", "t", model.prediction)
    return Choice("primary", "random", model.tau2, model.interval, model.prediction)


def other_choices(question: Question, model: Model) -> tuple[Choice, ...]:
    """The other defensible ways to pool the same studies."""
    pred = model.prediction
    if question.measure == "PR":
        return (
            Choice("glmm_wald", "glmm", "ML", "wald", pred),
            Choice("logit_hksj", "random", model.tau2, model.interval, pred, "logit"),
            Choice("double_arcsine_hksj", "random", model.tau2, model.interval, pred, "double_arcsine"),
            Choice("double_arcsine_dl_wald", "random", "DL", "wald", pred, "double_arcsine"),
            Choice("common_logit", "common", "EE", "wald", pred, "logit"),
        )
    return (
        Choice("reml_hksj_adhoc", "random", model.tau2, "hksj_adhoc", pred),
        Choice("reml_wald", "random", model.tau2, "wald", pred),
        Choice("dl_hksj", "random", "DL", "hksj", pred),
        Choice("dl_wald", "random", "DL", "wald", pred),
        Choice("common", "common", "EE", "wald", pred),
    )


def pool(
    question: Question,
    candidates: Sequence[Candidate],
    effects: Sequence[Effect],
    choice: Choice,
    level: float,
    *,
    limits: bool = True,
) -> tuple[Pooled, tuple[float, ...]]:
    """Pool at least two studies.

    Parameters
    ----------
    limits : bool
        Whether to compute the limits of tau² and I², which take as long as the estimate.

    Returns
    -------
    (Pooled, weights)
        Weights in percent, in the order of `effects`.

    Raises
    ------
    StatisticsError
        When this choice cannot be computed from these studies.
    """
    participants = participants_of(candidates)
    scale = question.scale
    yi = np.array([effect.yi for effect in effects])
    vi = np.array([effect.vi for effect in effects])

    def back(value: float) -> float:
        return natural(scale, value)

    if question.measure == "PR":
        events, n = _counts(candidates)
        if choice.model == "glmm":
            mixed = glmm.glmm_proportion(
                events,
                n,
                interval=_glmm_interval(choice),
                prediction=choice.prediction,
                level=level,
                profile=limits,
            )
            return _as_pooled(mixed, choice, participants, back)
        if choice.transform == "double_arcsine":
            sizes = proportions.proportion(events, n, transform="double_arcsine")
            yi, vi = sizes.yi, sizes.vi

            def back(value: float) -> float:
                return float(proportions.back_transform(value, "double_arcsine", n=n))

    fit = pooling.pool(
        yi,
        vi,
        method=choice.tau2,
        interval=choice.interval,
        prediction=choice.prediction,
        level=level,
        q_profile=limits,
    )
    return _as_pooled(fit, choice, participants, back)


def pool_each(
    question: Question,
    candidates: Sequence[Candidate],
    effects: Sequence[Effect],
    choice: Choice,
    level: float,
    sets: NDArray[np.bool_],
) -> list[Pooled | None]:
    """Pool each of many subsets of the studies, without limits of tau² and I².

    Parameters
    ----------
    sets : ndarray of bool, (s, k)
        Which studies each subset holds.

    Returns
    -------
    list
        In the order of `sets`, with no number of participants; None where it cannot be computed.
    """
    if choice.model == "glmm":
        mixed = glmm_proportions(
            *_counts(candidates),
            sets,
            interval=_glmm_interval(choice),
            prediction=choice.prediction,
            level=level,
        )
        scale = question.scale

        def back(value: float) -> float:
            return natural(scale, value)

        return [None if fit is None else _as_pooled(fit, choice, None, back)[0] for fit in mixed]
    found: list[Pooled | None] = []
    for chosen in sets:
        rows = np.flatnonzero(chosen).tolist()
        members = [candidates[row] for row in rows], [effects[row] for row in rows]
        try:
            pooled, _ = pool(question, *members, choice, level, limits=False)
        except StatisticsError:
            found.append(None)
        else:
            found.append(replace(pooled, participants=None))
    return found


def _counts(candidates: Sequence[Candidate]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    events = np.array([candidate.data["events"] for candidate in candidates], dtype=float)
    return events, np.array([candidate.data["n"] for candidate in candidates], dtype=float)


def _glmm_interval(choice: Choice) -> Literal["wald", "t"]:
    return "t" if choice.interval == "t" else "wald"


def _as_pooled(
    fit: pooling.PooledEffect,
    choice: Choice,
    participants: int | None,
    back: Callable[[float], float],
) -> tuple[Pooled, tuple[float, ...]]:
    exact = fit.interval == "exact"
    pooled = Pooled(
        model="exact_total" if exact else choice.model,
        tau2_method=None if exact or choice.model == "common" else choice.tau2,
        interval="clopper_pearson" if exact else fit.interval,
        prediction=None if fit.prediction_low is None else fit.prediction,
        k=fit.k,
        participants=participants,
        estimate=back(fit.estimate),
        ci_low=back(fit.ci_low),
        ci_high=back(fit.ci_high),
        prediction_low=None if fit.prediction_low is None else back(fit.prediction_low),
        prediction_high=None if fit.prediction_high is None else back(fit.prediction_high),
        beta=_finite(fit.estimate),
        se=_finite(fit.se),
        statistic=_finite(fit.statistic),
        df=_finite(fit.df),
        p_value=_finite(fit.p_value),
        tau2=_finite(fit.tau2),
        tau2_low=_finite(fit.tau2_ci_low),
        tau2_high=_finite(fit.tau2_ci_high),
        i2=_finite(fit.i2),
        i2_low=_finite(fit.i2_ci_low),
        i2_high=_finite(fit.i2_ci_high),
        h2=_finite(fit.h2),
        q=_finite(fit.q),
        q_df=fit.q_df,
        q_p=_finite(fit.q_p_value),
    )
    return pooled, tuple(float(weight) for weight in fit.weights)


def _finite(value: float | None) -> float | None:
    """The record is JSON, which has no infinity and no NaN."""
    return value if value is not None and math.isfinite(value) else None


def participants_of(candidates: Sequence[Candidate]) -> int | None:
    """People behind the numbers; None where a number is assumed or counts treatment periods."""
    total = 0.0
    for candidate in candidates:
        if {mark.code for mark in candidate.marks} & NOT_PEOPLE:
            return None
        sizes = [candidate.data[key] for key in ("n", "n1", "n2") if candidate.data.get(key) is not None]
        if not sizes:
            return None
        total += sum(size for size in sizes if size is not None)
    return round(total)
