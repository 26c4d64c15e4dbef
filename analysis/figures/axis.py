"""The axis of a forest plot: where it ends, where its ticks stand, where a value falls on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Final

from analysis.wording import numbers

AXIS_WIDTH: Final = 190.0
"""Length of a forest plot's axis, in points."""
MOST_TICKS: Final = 7
_LETTER: Final = 4.6
"""Width of a digit of a tick's label, in points."""
_REACH: Final = 4.0
"""An interval is clipped when it leaves the estimates by more than this many typical half-widths."""
_WORTH: Final = 0.75
"""Clipping has to save at least a quarter of the axis, or nothing is clipped."""
_ROOM: Final = 0.15
"""Share of the axis that is kept free beyond the null value."""
_MANTISSAS: Final = ((1.0, 1.5, 2.0, 3.0, 5.0, 7.0), (1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))

Interval = tuple[float, float, float]
"""Estimate, lower and upper limit."""


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high` in natural units; `percent` shows shares in percent."""

    low: float
    high: float
    ticks: tuple[float, ...]
    log: bool = False
    percent: bool = False

    def position(self, value: float) -> float:
        """Where `value` falls between the ends, 0 to 1; beyond them, below 0 or above 1."""
        low, high = _forward(self.low, self.log), _forward(self.high, self.log)
        if self.log and value <= 0:
            return -math.inf
        return (_forward(value, self.log) - low) / (high - low)

    def labels(self) -> tuple[str, ...]:
        """The ticks as text, all with the same decimals on a linear axis."""
        shown = [100 * tick if self.percent else tick for tick in self.ticks]
        if self.log:
            return tuple(numbers.plain(tick, 6) for tick in shown)
        places = max((_decimals(tick) for tick in shown), default=0)
        return tuple(numbers.decimal(tick, places) for tick in shown)


def share_axis(intervals: Sequence[Interval]) -> Axis:
    """From 0 to a round share above the highest limit, at most 100%."""
    highest = max((high for _, _, high in intervals), default=1.0)
    step = next(
        (step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if highest <= 5.05 * step),
        0.25 if highest > 0.8 else 0.2,
    )
    count = min(math.ceil(highest / step - 1e-9), round(1 / step))
    ticks = tuple(round(step * index, 10) for index in range(max(count, 1) + 1))
    return Axis(0.0, ticks[-1], ticks, percent=True)


def effect_axis(
    intervals: Sequence[Interval],
    *,
    null: float | None,
    mid: float | None = None,
    log: bool = False,
    percent: bool = False,
) -> Axis:
    """An axis that shows every estimate, and every interval that does not stretch it out of reason.

    Parameters
    ----------
    intervals : sequence of (estimate, low, high)
        What is drawn.
    null : float or None
        Value of no effect; the axis goes on beyond it far enough for a label.
    mid : float or None
        Minimal important difference, on the axis to both sides of the null value.
    log : bool
        Whether the values are ratios, to be shown on a logarithmic axis.
    percent : bool
        Whether ticks are labelled in percent.
    """
    scaled = [
        tuple(_forward(value, log) if not log or value > 0 else -math.inf for value in interval)
        for interval in intervals
    ]
    fixed = [_forward(value, log) for value in landmarks(null, mid, log)]
    fixed += [estimate for estimate, _, _ in scaled]
    fixed = [value for value in fixed if math.isfinite(value)]
    if not fixed:
        fixed = [0.0]
    inner_low, inner_high = min(fixed), max(fixed)
    half_widths = [(high - low) / 2 for _, low, high in scaled if math.isfinite(high - low)]
    typical = median_low(half_widths) if half_widths else 0.0
    lows = [low for _, low, _ in scaled if math.isfinite(low)] + [inner_low]
    highs = [high for _, _, high in scaled if math.isfinite(high)] + [inner_high]
    full_low, full_high = min(lows), max(highs)
    low = max(full_low, inner_low - _REACH * typical)
    high = min(full_high, inner_high + _REACH * typical)
    if high - low > _WORTH * (full_high - full_low):
        low, high = full_low, full_high
    if high - low < 1e-9:
        room = math.log(2) if log else max(abs(low), 1.0)
        low, high = low - room, high + room
    margin = 0.03 * (high - low)
    low, high = low - margin, high + margin
    if null is not None:
        room, zero = _ROOM * (high - low), _forward(null, log)
        low, high = min(low, zero - room), max(high, zero + room)
    for most in range(MOST_TICKS, 1, -1):
        if log:
            axis = Axis(
                math.exp(low), math.exp(high), log_ticks(math.exp(low), math.exp(high), most), log=True
            )
        else:
            axis = Axis(low, high, linear_ticks(low, high, most), percent=percent)
        if _LETTER * sum(len(label) + 2 for label in axis.labels()) <= AXIS_WIDTH:
            break
    return axis


def landmarks(null: float | None, mid: float | None, log: bool) -> list[float]:
    """The null value and the edges of the band of unimportant differences around it."""
    if null is None:
        return []
    if mid is None:
        return [null]
    return [null, null / mid, null * mid] if log else [null, null - mid, null + mid]


def _forward(value: float, log: bool) -> float:
    return math.log(value) if log else value


def linear_ticks(low: float, high: float, most: int = MOST_TICKS) -> tuple[float, ...]:
    """At most `most` round ticks within the ends, with zero among them where it is in between."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for step in (power * m for m in (1, 2, 2.5, 5, 10, 20)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return tuple(round(step * index, 12) for index in range(first, last + 1))
    raise AssertionError("a step of twice a power of ten always fits")


def log_ticks(low: float, high: float, most: int = MOST_TICKS) -> tuple[float, ...]:
    """The closest of four series of round numbers that fits; below a doubling, linear ticks."""
    if high / low < 2:
        return tuple(tick for tick in linear_ticks(low, high, most) if tick > 0)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for mantissas in _MANTISSAS:
        ticks = [m * 10.0**power for power in range(first, last + 1) for m in mantissas]
        ticks = [float(f"{tick:.3g}") for tick in ticks if low <= tick <= high]
        if len(ticks) <= most:
            return tuple(ticks)
    every = math.ceil((last - first) / most)
    powers = [power for power in range(first, last + 1) if power % every == 0]
    return tuple(10.0**power for power in powers if low <= 10.0**power <= high)


def _decimals(value: float) -> int:
    text = f"{value:.6f}".rstrip("0")
    return len(text.split(".")[1])
