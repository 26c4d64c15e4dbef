"""What a mixed model of counts is asked for and what it answers; the models themselves are in `glmm`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import special
from .arrays import BoolArray, FloatArray, frozen
from .effects import EffectSizes
from .errors import StatisticsError
from .glmm_fit import (
    Maximum,
    Profiled,
    RandomStudies,
    Studies,
    coefficients_at,
    maximise,
    tau_interval,
)
from .intervals import critical, prediction_df, two_sided_p
from .marginal import NODES, Arms, Kernel
from .pooling import PooledEffect, check_options

# Nodes of each of the two nested integrals of UM.RS.
NESTED_NODES = 31


@dataclass(frozen=True)
class Options:
    """What every model is asked for."""

    interval: str
    prediction: str
    level: float
    profile: bool

    def __post_init__(self) -> None:
        if self.interval not in ("wald", "t"):
            raise StatisticsError("unknown_option", f"interval {self.interval!r} is neither wald nor t")
        check_options("wald", self.prediction, self.level)


@dataclass(frozen=True, eq=False)
class MixedEffect(PooledEffect):
    """A `PooledEffect` from a mixed model of counts. What differs from inverse-variance pooling:

    Attributes
    ----------
    estimate
        The mean of the study effects on the logit (proportion) or log (rate, ratios) scale; ±infinity
        for a proportion or rate where no study, or every person, had the event.
    se
        From the observed information, tau estimated along with the mean.
    tau2_ci_low, tau2_ci_high
        Profile-likelihood limits (None for UM.RS and for k = 1; infinite where the profile never drops).
    i2, h2
        With v̄ from the inverse-variance effects (½ added to the zero cells only), as in metafor.
        Their intervals and ``i2_q`` are those limits put through the same formula, and Q's own.
    q, q_df, q_p_value
        Likelihood-ratio test of homogeneity (common effect against one effect per study); None for UM.RS.
    weights
        Each study's share, in percent, of the observed information about the mean; in the order given, 0
        for a study that the model cannot use (no event, or only events, in both arms).
    method
        ``ML``.
    interval
        ``wald``, ``t``, or ``exact`` where no study (or everyone) had the event: then the Clopper-Pearson
        (rates: Poisson) interval of the studies' total, as if they were one study.
    model : str
        ``binomial``, ``poisson``, ``UM.FS``, ``UM.RS``, ``CM.AL`` or ``CM.EL``.
    scale : str
        ``logit`` or ``log``; see `effects.to_natural`.
    log_likelihood : float
        With all constants.
    sigma2 : float or None
        Variance of the study levels (UM.RS).
    """

    q: float | None  # type: ignore[assignment]
    q_p_value: float | None  # type: ignore[assignment]
    model: str
    scale: str
    log_likelihood: float
    sigma2: float | None = None


def binomial_top(x: FloatArray, n: FloatArray) -> float:
    """Log-likelihood with each study's own share."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(x > 0, x * np.log(x / n), 0.0) + np.where(x < n, (n - x) * np.log1p(-x / n), 0.0)
    return float((terms + special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)).sum())


def poisson_top(x: FloatArray) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(x > 0, x * np.log(x), 0.0) - x
    return float((terms - special.gammaln(x + 1)).sum())


def hypergeometric_top(kernel: Kernel, extreme: BoolArray) -> float:
    """Log-likelihood with each study's own conditional odds ratio; 0 for one at its limit."""
    u = np.zeros(extreme.size)
    for _ in range(100):
        _, first, second = kernel(u)
        step = np.where(extreme, 0.0, np.clip(-first / np.minimum(second, -1e-12), -2.0, 2.0))
        u = u + step
        if np.abs(step).max() < 1e-9:
            break
    return float(np.where(extreme, 0.0, kernel(u)[0]).sum())


def certain(low: float, high: float, size: FloatArray, model: str, scale: str, level: float) -> MixedEffect:
    """No event anywhere, or in everyone: the estimate is at infinity, and one limit with it."""
    k = int(size.size)
    return MixedEffect(
        k=k,
        estimate=low if np.isinf(low) else high,
        se=np.inf,
        ci_low=low,
        ci_high=high,
        statistic=None,
        df=None,
        p_value=None,
        tau2=0.0,
        tau2_ci_low=None,
        tau2_ci_high=None,
        i2=0.0,
        i2_ci_low=None,
        i2_ci_high=None,
        i2_q=0.0,
        h2=1.0,
        h2_ci_low=None,
        h2_ci_high=None,
        q=0.0,
        q_df=k - 1,
        q_p_value=1.0,
        prediction_low=None,
        prediction_high=None,
        weights=frozen(100 * size / size.sum()),
        method="ML",
        interval="exact",
        prediction=None,
        level=level,
        model=model,
        scale=scale,
        log_likelihood=0.0,
    )


@dataclass(frozen=True)
class Problem:
    """The studies of one model, with what its summary needs.

    ``effects`` are the inverse-variance effects of the studies used (for the typical variance of I²);
    ``used`` marks those among all rows given; ``saturated`` is the log-likelihood of one effect per study.
    """

    model: str
    effects: EffectSizes
    used: BoolArray
    start: float
    saturated: float

    def solve(self, studies: Studies, options: Options) -> MixedEffect:
        k = self.effects.k
        x = np.ones((k, 1))
        fit = maximise(studies, x, np.array([self.start]))
        information = -studies(x * fit.beta, fit.scale, NODES)[2][:, 0, 0, 0]
        limits: tuple[float | None, float | None] = (None, None)
        if options.profile and k > 1:
            low, high = tau_interval(studies, x, fit, options.level)
            limits = low**2, high**2
        common = coefficients_at(studies, x, np.zeros(1), fit.beta[:, None], NODES, 1e-13)[1][0]
        return self.summary(fit, information, limits, max(0.0, 2 * (self.saturated - float(common))), options)

    def solve_arms(self, arms: Arms, levels: FloatArray, options: Options) -> MixedEffect:
        """UM.FS, or UM.RS started from it; ``levels`` are the studies' rough levels."""
        fixed = Profiled(arms, levels)
        if self.model == "UM.FS":
            return self.solve(fixed, options)
        if self.model != "UM.RS":
            raise StatisticsError("unknown_option", f"model {self.model!r} is not one of this measure's")
        fit = maximise(fixed, np.ones((self.effects.k, 1)), np.zeros(1))
        theta, tau = float(fit.beta[0]), max(float(fit.scale[0]), 0.1)
        spread = max(float(levels.std()), 0.1)
        starts = [(0.0, spread), (tau, spread), (tau, 0.0)]
        random = RandomStudies(arms, self.effects.k, NESTED_NODES)
        fit = random.maximise([np.array([theta, levels.mean(), t, s]) for t, s in starts])
        information = -random.evaluate(np.concatenate((fit.beta, fit.scale)))[2][:, 0, 0]
        return self.summary(fit, information, (None, None), None, options)

    def summary(
        self,
        fit: Maximum,
        information: FloatArray,
        limits: tuple[float | None, float | None],
        q: float | None,
        options: Options,
    ) -> MixedEffect:
        k = self.effects.k
        estimate, se = float(fit.beta[0]), float(np.sqrt(fit.covariance[0, 0]))
        tau2 = float(fit.scale[0]) ** 2
        df = float(k - 1) if options.interval == "t" and k > 1 else None
        half = critical(options.level, df) * se
        reference = prediction_df(options.prediction, k)
        spread = None
        if reference is not None:
            quantile = critical(options.level, None if np.isinf(reference) else reference)
            spread = quantile * float(np.hypot(np.sqrt(tau2), se))
        weights = np.zeros(self.used.size)
        weights[self.used] = 100 * information / information.sum()
        typical = _typical_variance(self.effects)
        return MixedEffect(
            k=k,
            estimate=estimate,
            se=se,
            ci_low=estimate - half,
            ci_high=estimate + half,
            statistic=estimate / se,
            df=df,
            p_value=two_sided_p(estimate / se, df),
            tau2=tau2,
            tau2_ci_low=limits[0],
            tau2_ci_high=limits[1],
            i2=_i2(tau2, typical),
            i2_ci_low=None if limits[0] is None else _i2(limits[0], typical),
            i2_ci_high=None if limits[1] is None else _i2(limits[1], typical),
            i2_q=100 * max(0.0, 1 - (k - 1) / q) if q else 0.0,
            h2=1 + tau2 / typical,
            h2_ci_low=None if limits[0] is None else 1 + limits[0] / typical,
            h2_ci_high=None if limits[1] is None else 1 + limits[1] / typical,
            q=q,
            q_df=k - 1,
            q_p_value=None if q is None else float(special.chdtrc(k - 1, q)) if k > 1 else 1.0,
            prediction_low=None if spread is None else estimate - spread,
            prediction_high=None if spread is None else estimate + spread,
            weights=frozen(weights),
            method="ML",
            interval="wald" if df is None else "t",
            prediction=options.prediction,
            level=options.level,
            model=self.model,
            scale=self.effects.scale,
            log_likelihood=fit.log_likelihood,
            sigma2=float(fit.scale[1]) ** 2 if fit.scale.size > 1 else None,
        )


def _typical_variance(effects: EffectSizes) -> float:
    """(k − 1) / tr P at weights 1/v (Higgins & Thompson 2002); infinite for one study."""
    w = 1 / effects.vi
    spare = float(w.sum() - (w**2).sum() / w.sum())
    return (effects.k - 1) / spare if effects.k > 1 else np.inf


def _i2(tau2: float, typical: float) -> float:
    return 100.0 if np.isinf(tau2) else 100 * tau2 / (tau2 + typical)
