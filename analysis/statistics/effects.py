"""Effect sizes as a record: one estimate and variance per study, in the order given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from . import special
from .arrays import BoolArray, FloatArray, Record, frozen
from .errors import StatisticsError

SCALES = ("identity", "log", "logit", "arcsine", "double_arcsine", "sqrt", "double_sqrt")


@dataclass(frozen=True, eq=False)
class EffectSizes(Record):
    """One row per study, none dropped.

    Attributes
    ----------
    measure : str
        ``MD``, ``SMD``, ``ROM``, ``MC``, ``SMCC``, ``SMCR``, ``RR``, ``OR``, ``RD``, ``PETO``, ``IRR``,
        ``IRD``, ``PR``, ``IR``, ``GEN`` …
    scale : str
        Scale of ``yi`` (one of ``SCALES``); see `natural`.
    yi, vi : ndarray, shape (k,)
        Effects and sampling variances on that scale; NaN where there is a reason, except that a row of
        ``zero_variance`` keeps its effect beside a variance of 0.
    ni : ndarray, shape (k,)
        People (or units) behind the effect; NaN where unknown.
    reasons : tuple of (str or None)
        Why a row has no usable effect: ``missing_value``, ``zero_variance``, ``not_estimable``,
        ``double_zero``, ``too_few``.
    flags : mapping of str to bool ndarray
        What was done to which row: ``corrected`` (a continuity correction was added), ``double_zero``
        (no event, or only events, in both arms).
    options : mapping
        The variant computed, such as the variance form or the correction.
    """

    measure: str
    scale: str
    yi: FloatArray
    vi: FloatArray
    ni: FloatArray
    reasons: tuple[str | None, ...]
    flags: Mapping[str, BoolArray] = field(default_factory=dict)
    options: Mapping[str, str | float | bool] = field(default_factory=dict)

    @property
    def k(self) -> int:
        """Number of rows, usable or not."""
        return int(self.yi.size)

    @property
    def usable(self) -> BoolArray:
        """Rows that can be pooled."""
        return np.array([reason is None for reason in self.reasons], dtype=np.bool_)

    @property
    def sei(self) -> FloatArray:
        """Standard errors."""
        return np.sqrt(self.vi)

    def interval(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Wald interval of each study on the analysis scale."""
        half = special.ndtri(0.5 + level / 2) * self.sei
        return self.yi - half, self.yi + half

    def natural(self, values: FloatArray | None = None) -> FloatArray:
        """``values`` (default: ``yi``) on the natural scale: a share, a ratio, a difference.

        The double-arcsine needs each row's own n and is back-transformed by Miller's formula.
        """
        return to_natural(self.yi if values is None else values, self.scale, self.ni)


def to_natural(values: FloatArray | float, scale: str, n: FloatArray | float | None = None) -> FloatArray:
    """Values from the analysis scale to the natural one.

    Parameters
    ----------
    scale : str
        One of ``SCALES``.
    n : array or float, optional
        Sample size (``double_arcsine``) or time at risk (``double_sqrt``) that the inversion needs; for a
        pooled value see `analysis.statistics.proportions.back_transform`.
    """
    x = np.asarray(values, dtype=np.float64)
    if scale == "identity":
        return x.copy()
    if scale == "log":
        return np.exp(x)
    if scale == "logit":
        return np.asarray(special.expit(x))
    if scale == "arcsine":
        return np.sin(np.clip(x, 0, np.pi / 2)) ** 2
    if scale == "sqrt":
        return np.clip(x, 0, None) ** 2
    if scale in ("double_arcsine", "double_sqrt"):
        if n is None:
            raise StatisticsError("n_needed", f"a value on the {scale} scale cannot be inverted without n")
        size = np.asarray(n, dtype=np.float64)
        return _invert_double_arcsine(x, size) if scale == "double_arcsine" else _invert_double_sqrt(x, size)
    raise StatisticsError("unknown_scale", f"scale {scale!r} is none of {', '.join(SCALES)}")


def _invert_double_arcsine(x: FloatArray, n: FloatArray) -> FloatArray:
    """Miller (1978), Am Stat 32:138; values outside the range that n people can give are 0 or 1."""
    low = 0.5 * np.arcsin(np.sqrt(1 / (n + 1)))
    inside = np.clip(x, low, np.pi / 2 - low)
    s, c = np.sin(2 * inside), np.cos(2 * inside)
    root = np.sqrt(np.clip(1 - (s + (s - 1 / s) / n) ** 2, 0, None))
    share = 0.5 * (1 - np.sign(c) * root)
    return np.where(x <= low, 0.0, np.where(x >= np.pi / 2 - low, 1.0, share))


def _invert_double_sqrt(x: FloatArray, time: FloatArray) -> FloatArray:
    """Rate from (√(x/t) + √((x+1)/t)) / 2; below the value of no event it is 0."""
    zero = 0.5 / np.sqrt(time)
    inside = np.maximum(x, zero)
    return np.where(x <= zero, 0.0, (1 / time - 4 * inside**2) ** 2 / (16 * inside**2))


def effect_sizes(
    measure: str,
    scale: str,
    yi: FloatArray,
    vi: FloatArray,
    ni: FloatArray,
    *,
    missing: BoolArray,
    reasons: Mapping[str, BoolArray] | None = None,
    flags: Mapping[str, BoolArray] | None = None,
    options: Mapping[str, str | float | bool] | None = None,
) -> EffectSizes:
    """Give every row that has no usable effect its reason, and close the arrays.

    ``reasons`` are tried in order; what is left unusable is ``not_estimable`` or ``zero_variance`` (where the
    effect is known, and stays, but cannot be weighted).
    """
    tests: dict[str, BoolArray] = {"missing_value": missing, **(reasons or {})}
    with np.errstate(invalid="ignore"):
        tests["not_estimable"] = ~(np.isfinite(yi) & np.isfinite(vi))
        tests["zero_variance"] = ~(vi > 0)
    found: list[str | None] = [None] * yi.size
    for reason, rows in tests.items():
        for row in np.flatnonzero(rows):
            found[row] = found[row] or reason
    bad = np.array([reason not in (None, "zero_variance") for reason in found], dtype=np.bool_)
    return EffectSizes(
        measure=measure,
        scale=scale,
        yi=frozen(np.where(bad, np.nan, yi)),
        vi=frozen(np.where(bad, np.nan, vi)),
        ni=frozen(np.array(ni, dtype=np.float64)),
        reasons=tuple(found),
        flags={name: frozen(np.array(rows)) for name, rows in (flags or {}).items()},
        options=dict(options or {}),
    )
