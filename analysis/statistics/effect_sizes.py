"""All effect sizes under one name; each kind has its own file."""

from __future__ import annotations

from .binary import arcsine_difference, odds_ratio, peto_odds_ratio, risk_difference, risk_ratio
from .continuous import (
    mean_difference,
    ratio_of_means,
    standardised_difference,
    standardised_mean_difference,
)
from .effects import EffectSizes, to_natural
from .generic import from_interval, from_p_value, from_se, from_variance
from .paired import change_from_baseline, mean_change, standardised_mean_change
from .proportions import proportion
from .rates import rate, rate_difference, rate_ratio, root_rate_difference

__all__ = [
    "EffectSizes",
    "arcsine_difference",
    "change_from_baseline",
    "from_interval",
    "from_p_value",
    "from_se",
    "from_variance",
    "mean_change",
    "mean_difference",
    "odds_ratio",
    "peto_odds_ratio",
    "proportion",
    "rate",
    "rate_difference",
    "rate_ratio",
    "ratio_of_means",
    "risk_difference",
    "risk_ratio",
    "root_rate_difference",
    "standardised_difference",
    "standardised_mean_change",
    "standardised_mean_difference",
    "to_natural",
]
