"""All effect sizes under one name; each kind has its own file."""

from __future__ import annotations

from .binary import risk_ratio
from .continuous import mean_difference
from .effects import EffectSizes, to_natural
from .paired import change_from_baseline, mean_change
from .proportions import proportion

__all__ = [
    "EffectSizes",
    "change_from_baseline",
    "mean_change",
    "mean_difference",
    "proportion",
    "risk_ratio",
    "to_natural",
]
