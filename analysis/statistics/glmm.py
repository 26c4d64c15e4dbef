"""Mixed models for counts: proportions, rates, odds ratios and rate ratios by maximum likelihood.

Nothing is added to a zero: each study enters with its binomial, Poisson or hypergeometric likelihood, and
the study effects are normal on the logit or log scale. Models and names are those of Stijnen, Hamza &
Özdemir (2010), Stat Med 29:3046, and of R's metafor:

- ``UM.FS``  both arms' counts, each study's level a fixed parameter of its own
- ``UM.RS``  both arms' counts, levels random and independent of the effects
- ``CM.EL``  given the total of each study: noncentral hypergeometric (odds ratio), binomial (rate ratio)
- ``CM.AL``  given the total, the hypergeometric replaced by the binomial that it tends to for rare events

Integrals are taken to nearly full precision and tau is searched for globally (`marginal`, `glmm_fit`), so
results are the maximum-likelihood estimates themselves. metafor's differ from them by up to about 1e-4 for
its 7 quadrature points and its stopping rule, and more for UM.RS, where it uses the Laplace approximation.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from . import special
from .arrays import BoolArray, FloatArray, columns, refuse
from .effect_sizes import odds_ratio, proportion, rate, rate_ratio
from .errors import StatisticsError
from .glmm_fit import Integrated
from .marginal import Arms, binomial_kernel, hypergeometric_kernel, poisson_kernel
from .mixed import MixedEffect, Options, Problem, binomial_top, certain, hypergeometric_top, poisson_top
from .proportions import exact_interval

Interval = Literal["wald", "t"]
Prediction = Literal["hts", "t_k1", "normal"]
OddsModel = Literal["UM.FS", "UM.RS", "CM.AL", "CM.EL"]
RateModel = Literal["UM.FS", "UM.RS", "CM.EL"]


def glmm_proportion(
    events: ArrayLike,
    n: ArrayLike,
    *,
    interval: Interval = "wald",
    prediction: Prediction = "hts",
    level: float = 0.95,
    profile: bool = True,
) -> MixedEffect:
    """Random-intercept logistic model of single proportions.

    Parameters
    ----------
    events, n : array_like, (k,)
        People with the event, of how many; whole numbers.
    interval : {"wald", "t"}
        Normal, or t with k − 1 degrees of freedom.
    prediction : {"hts", "t_k1", "normal"}
        Quantile of the prediction interval: t(k − 2), t(k − 1) or normal.
    profile : bool
        Whether to compute the profile-likelihood interval of tau².

    Raises
    ------
    StatisticsError
        ``no_studies``; ``not_finite``, ``not_whole``, ``impossible_count`` (naming the study);
        ``no_finite_maximum`` where the studies have none or all of the events, and both kinds occur.
    """
    x, m = _counts(events=events, n=n)
    refuse(x > m, "impossible_count", "events ({}) is larger than n ({})", x, m)
    refuse(m == 0, "impossible_count", "n is {}", m)
    options = Options(interval, prediction, level, profile)
    if x.sum() in (0, m.sum()):
        low, high = (float(limit[0]) for limit in exact_interval(x.sum(), m.sum(), level))
        return certain(float(special.logit(low)), float(special.logit(high)), m, "binomial", "logit", level)
    start = float(special.logit(x.sum() / m.sum()))
    every = np.ones(x.size, dtype=np.bool_)
    problem = Problem("binomial", proportion(x, m), every, start, binomial_top(x, m))
    return problem.solve(Integrated(binomial_kernel(x, m)), options)


def glmm_rate(
    events: ArrayLike,
    time: ArrayLike,
    *,
    interval: Interval = "wald",
    prediction: Prediction = "hts",
    level: float = 0.95,
    profile: bool = True,
) -> MixedEffect:
    """Random-intercept Poisson model of single rates; `time` is the time at risk.

    Options and errors as in `glmm_proportion`; the estimate is a log rate per unit of `time`.
    """
    x, t = _counts(events=events, time=time)
    refuse(t <= 0, "impossible_count", "time is {}", t)
    options = Options(interval, prediction, level, profile)
    if x.sum() == 0:
        high = float(np.log(special.gammaincinv(1, 0.5 + level / 2) / t.sum()))
        return certain(-np.inf, high, t, "poisson", "log", level)
    every = np.ones(x.size, dtype=np.bool_)
    problem = Problem("poisson", rate(x, t), every, float(np.log(x.sum() / t.sum())), poisson_top(x))
    return problem.solve(Integrated(poisson_kernel(x, t)), options)


def glmm_odds_ratio(
    events1: ArrayLike,
    n1: ArrayLike,
    events2: ArrayLike,
    n2: ArrayLike,
    *,
    model: OddsModel = "UM.FS",
    coding: float = 0.5,
    interval: Interval = "wald",
    prediction: Prediction = "hts",
    level: float = 0.95,
    profile: bool = True,
) -> MixedEffect:
    """Log odds ratio (arm 1 against arm 2) by a mixed model of the two arms' counts.

    Parameters
    ----------
    model : {"UM.FS", "UM.RS", "CM.AL", "CM.EL"}
        See the module's text.
    coding : {0.5, 1.0}
        For UM: whether the effect's spread is shared by both arms (±½) or falls on arm 1 (1 and 0).

    Studies with no event, or only events, in both arms say nothing here: weight 0, and not counted in
    ``k``. Other options as in `glmm_proportion`.

    Raises
    ------
    StatisticsError
        Besides those of `glmm_proportion`: ``no_studies`` where none is left, and ``no_finite_maximum``
        where all studies point to an odds ratio of zero, or all to infinity.
    """
    a, n_first, b, n_second = _counts(events1=events1, n1=n1, events2=events2, n2=n2)
    refuse(a > n_first, "impossible_count", "events1 ({}) is larger than n1 ({})", a, n_first)
    options = Options(interval, prediction, level, profile)
    refuse(b > n_second, "impossible_count", "events2 ({}) is larger than n2 ({})", b, n_second)
    used = (a + b > 0) & (a + b < n_first + n_second) & (n_first > 0) & (n_second > 0)
    a, n_first, b, n_second = (values[used] for values in (a, n_first, b, n_second))
    total = a + b
    low = (a == 0) | (b == n_second)
    high = (b == 0) | (a == n_first)
    if model == "CM.AL":
        low, high = a == 0, b == 0
    _check_ratio(used, low, high, "odds ratio")
    effects = odds_ratio(a, n_first, b, n_second)
    if model == "CM.AL":
        problem = Problem(model, effects, used, 0.0, binomial_top(a, total))
        return problem.solve(Integrated(binomial_kernel(a, total, np.log(n_first / n_second))), options)
    if model == "CM.EL":
        kernel = hypergeometric_kernel(a, n_first, b, n_second)
        problem = Problem(model, effects, used, 0.0, hypergeometric_top(kernel, low | high))
        return problem.solve(Integrated(kernel), options)
    saturated = binomial_top(a, n_first) + binomial_top(b, n_second)
    problem = Problem(model, effects, used, 0.0, saturated)
    arms = Arms(binomial_kernel(a, n_first), binomial_kernel(b, n_second), _codes(coding))
    return problem.solve_arms(arms, np.log(total / (n_first + n_second - total)), options)


def glmm_rate_ratio(
    events1: ArrayLike,
    time1: ArrayLike,
    events2: ArrayLike,
    time2: ArrayLike,
    *,
    model: RateModel = "UM.FS",
    coding: float = 0.5,
    interval: Interval = "wald",
    prediction: Prediction = "hts",
    level: float = 0.95,
    profile: bool = True,
) -> MixedEffect:
    """Log rate ratio (arm 1 against arm 2) by a mixed model of the two arms' counts.

    As `glmm_odds_ratio`, with time at risk for people. Studies without any event are not used.
    """
    a, t1, b, t2 = _counts(events1=events1, time1=time1, events2=events2, time2=time2)
    refuse(t1 <= 0, "impossible_count", "time1 is {}", t1)
    refuse(t2 <= 0, "impossible_count", "time2 is {}", t2)
    options = Options(interval, prediction, level, profile)
    used = a + b > 0
    a, t1, b, t2 = (values[used] for values in (a, t1, b, t2))
    _check_ratio(used, a == 0, b == 0, "rate ratio")
    effects = rate_ratio(a, t1, b, t2)
    if model == "CM.EL":
        problem = Problem(model, effects, used, 0.0, binomial_top(a, a + b))
        return problem.solve(Integrated(binomial_kernel(a, a + b, np.log(t1 / t2))), options)
    problem = Problem(model, effects, used, 0.0, poisson_top(a) + poisson_top(b))
    arms = Arms(poisson_kernel(a, t1), poisson_kernel(b, t2), _codes(coding))
    return problem.solve_arms(arms, np.log((a + b) / (t1 + t2)), options)


def _counts(**values: ArrayLike) -> tuple[FloatArray, ...]:
    arrays = columns(**values)
    if arrays[0].size == 0:
        raise StatisticsError("no_studies", "there is no study to pool")
    for name, array in zip(values, arrays, strict=True):
        refuse(~np.isfinite(array), "not_finite", f"{name} is {{}}, not a finite number", array)
        refuse(array < 0, "impossible_count", f"{name} is {{}}", array)
        if not name.startswith("time"):
            refuse(array != np.round(array), "not_whole", f"{name} is {{}}, not a whole number", array)
    return arrays


def _codes(coding: float) -> tuple[float, float]:
    if coding not in (0.5, 1.0):
        raise StatisticsError("unknown_option", f"coding is {coding}, and must be 0.5 or 1")
    return coding, coding - 1.0


def _check_ratio(used: BoolArray, low: BoolArray, high: BoolArray, what: str) -> None:
    if not used.any():
        raise StatisticsError("no_studies", "no study has an event in one arm and a person without in one")
    if low.all() or high.all():
        value = "zero" if low.all() else "infinity"
        raise StatisticsError("no_finite_maximum", f"every study points to an {what} of {value}")
