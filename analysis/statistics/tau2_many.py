"""`tau2` for many fits at once: the same formulae and the same search, one row per fit.

A fit counts how often each study takes part: 0 or 1 for a subset, any whole number for a resample. What
`tau2` does in plain numbers is done here in columns; the single fit keeps its own code because arrays of one
row would make it three times slower.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from . import tau2 as between
from .arrays import BoolArray, FloatArray
from .errors import StatisticsError

CHUNK = 1 << 18  # numbers per temporary array: small enough for the processor's cache


def slices(total: int, size: int) -> Iterator[slice]:
    """Consecutive slices of at most ``size`` that cover ``total``."""
    return (slice(start, min(start + size, total)) for start in range(0, total, size))


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """Fits made ready, as `tau2.Sample` makes one: scaled, centred on each row's most precise study."""

    y: FloatArray
    v: FloatArray
    counts: FloatArray
    k: FloatArray
    first: NDArray[np.intp]
    unit: FloatArray
    centre: FloatArray

    @staticmethod
    def of(yi: FloatArray, vi: FloatArray, counts: FloatArray) -> Fits:
        rows = np.arange(counts.shape[0])
        v = np.broadcast_to(vi, counts.shape)
        first = np.where(counts > 0, v, np.inf).argmin(axis=1)
        unit = np.ldexp(1.0, np.frexp(v[rows, first])[1] // 2)
        y = np.broadcast_to(yi, counts.shape)
        centre = y[rows, first]
        scaled = v / unit[:, None] / unit[:, None]
        return Fits(
            (y - centre[:, None]) / unit[:, None], scaled, counts, counts.sum(axis=1), first, unit, centre
        )

    def rows(self, chosen: NDArray[np.intp] | BoolArray) -> Fits:
        return Fits(*(getattr(self, item.name)[chosen] for item in fields(self)))

    def weights(self, t: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """w per study; counts·w; their sum; tr P, without cancellation where one study dominates."""
        w = 1.0 / (self.v + t[:, None])
        weighted = self.counts * w
        index = np.arange(self.first.size)
        largest = w[index, self.first]
        others = weighted.copy()
        others[index, self.first] -= largest
        rest = others.sum(axis=1)
        total = largest + rest
        trace = (rest * (largest + total) - np.vecdot(others, w)) / total
        return w, weighted, total, trace

    def at(self, t: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Sum of weights, weighted mean, Q and tr P at each row's tau²."""
        _, weighted, total, trace = self.weights(t)
        mean = np.vecdot(weighted, self.y) / total
        r = self.y - mean[:, None]
        return total, mean, np.einsum("ij,ij,ij->i", weighted, r, r), trace

    def variance(self, lost: int) -> FloatArray:
        """Variance of the effects over k − ``lost``."""
        mean = np.vecdot(self.counts, self.y) / self.k
        r = self.y - mean[:, None]
        squares: FloatArray = np.einsum("ij,ij,ij->i", self.counts, r, r)
        return squares / np.maximum(self.k - lost, 1.0)


def estimate(
    fits: Fits, method: str, at_zero: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
) -> FloatArray:
    """tau² of every row in its scaled unit; ``at_zero`` is ``fits.at`` of tau² = 0."""
    if method not in between.METHODS:
        raise StatisticsError("unknown_option", f"method {method!r} is none of {', '.join(between.METHODS)}")
    total, _, q, trace = at_zero
    df = fits.k - 1
    several = df > 0
    safe_trace = np.where(several, trace, 1.0)
    if method == "DL":
        tau2 = (q - df) / safe_trace
    elif method == "HS":
        tau2 = (q - fits.k) / total
    elif method == "HE":
        tau2 = fits.variance(1) - np.vecdot(fits.counts, fits.v) / fits.k
    elif method == "SJ":
        start = fits.variance(0)
        tau2 = start * fits.at(start)[2] / np.where(several, df, 1.0)
    elif method == "DL2":
        first = np.where(several, np.maximum(0.0, (q - df) / safe_trace), 0.0)
        w, weighted, total, trace = fits.weights(first)
        expected = np.vecdot(weighted, fits.v)
        expected -= np.einsum("ij,ij,ij->i", weighted, w, fits.v) / total
        tau2 = (fits.at(first)[2] - expected) / np.where(several, trace, 1.0)
    elif method in ("PM", "EB"):
        tau2 = solve_q(fits, df)
    else:
        tau2 = _highest_peak(fits, method == "REML")
    return np.where(several, np.maximum(0.0, tau2), 0.0)


def solve_q(fits: Fits, target: FloatArray) -> FloatArray:
    """As `tau2.solve_q`, for every row."""
    t = np.zeros(fits.k.size)
    open_rows = np.flatnonzero(fits.k > 1)
    for _ in range(200):
        if open_rows.size == 0:
            break
        here = fits.rows(open_rows)
        aim, at = target[open_rows], t[open_rows]
        w = 1.0 / (here.v + at[:, None])
        weighted = here.counts * w
        r = here.y - (np.vecdot(weighted, here.y) / weighted.sum(axis=1))[:, None]
        weighted *= r
        q = np.vecdot(weighted, r)
        slope = np.einsum("ij,ij,ij->i", weighted, w, r)
        below = q <= aim
        step = np.where(below, 0.0, q * (q - aim) / (aim * np.where(below, 1.0, slope)))
        t[open_rows] = at + step
        open_rows = open_rows[~below & (step > 1e-8 * (at + step))]
    return t


def _highest_peak(fits: Fits, restricted: bool) -> FloatArray:
    """As `tau2._highest_peak`, for every row."""
    index = np.arange(fits.k.size)
    low = fits.v[index, fits.first]
    gap = np.where(fits.counts > 0, fits.v, 0.0).max(axis=1) - low
    s = fits.variance(1 if restricted else 0)
    ceiling = (s + np.sqrt(s * (s + 4.0 * gap))) / 2.0 - low
    tau2 = np.zeros(fits.k.size)
    chosen = np.flatnonzero((ceiling > 0) & (fits.k > 1))
    if chosen.size == 0:
        return tau2
    reach = np.log1p(ceiling[chosen] / low[chosen]) + 1e-6
    cells = math.ceil(float(reach.max()) / between.GRID_STEP) + 1
    block = max(1, CHUNK // (fits.y.shape[1] * (cells + 2)))
    for part in slices(chosen.size, block):
        rows = chosen[part]
        nodes = low[rows, None] * np.expm1(np.arange(-1.0, cells + 1.0) * (reach[part, None] / cells))
        tau2[rows] = _peaks(fits.rows(rows), nodes, restricted)
    return tau2


def _excess(fits: Fits, nodes: FloatArray, restricted: bool) -> FloatArray:
    """a(t)/p(t) − 1 for every row at its own grid: the slope of the likelihood, free of units."""
    index = np.arange(fits.first.size)
    others = fits.counts.copy()
    others[index, fits.first] -= 1.0
    w = 1.0 / (fits.v[:, None, :] + nodes[:, :, None])
    largest = 1.0 / (fits.v[index, fits.first][:, None] + nodes)
    rest = np.einsum("bgk,bk->bg", w, others)
    p = total = largest + rest
    mean = np.einsum("bgk,bk->bg", w, fits.counts * fits.y) / total
    r = fits.y[:, None, :] - mean[:, :, None]
    w *= w
    if restricted:
        p = (rest * (largest + total) - np.einsum("bgk,bk->bg", w, others)) / total
    r *= r
    r *= w
    return np.asarray(np.einsum("bgk,bk->bg", r, fits.counts) / p - 1.0)


def _peaks(fits: Fits, nodes: FloatArray, restricted: bool) -> FloatArray:
    excess = _excess(fits, nodes, restricted)
    rows, cells = np.nonzero((excess[:, 1:-1] > 0) & (excess[:, 2:] <= 0))
    cells += 1  # the first node lies below 0, as in `tau2._brackets`
    found = _solve_slope(
        fits.rows(rows),
        nodes[rows, cells],
        nodes[rows, cells + 1],
        excess[rows, cells],
        excess[rows, cells + 1],
        restricted,
    )
    at_zero = np.flatnonzero(excess[:, 1] <= 0)
    rows, found = np.concatenate([rows, at_zero]), np.concatenate([found, np.zeros(at_zero.size)])
    tau2 = np.zeros(fits.k.size)
    tau2[rows] = found
    contested = np.bincount(rows, minlength=fits.k.size)[rows] > 1
    if contested.any():
        rows, found = rows[contested], found[contested]
        height = _log_likelihood(fits.rows(rows), found, restricted)
        best = np.lexsort((height, rows))
        tau2[rows[best]] = found[best]
    for row in np.flatnonzero(_turns_back(excess)):
        n = fits.counts[row].astype(np.intp)
        sample = between.Sample.of(np.repeat(fits.y[row], n), np.repeat(fits.v[row], n))
        tau2[row] = between.estimate(sample, "REML" if restricted else "ML") * sample.unit**2
    return tau2


def _turns_back(excess: FloatArray) -> BoolArray:
    """Rows whose slope comes so near to zero between two nodes that it may cross it unseen."""
    before, here, after = excess[:, :-2], excess[:, 1:-1], excess[:, 2:]
    bend = 2 * here - before - after
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = here + (after - before) ** 2 / (4 * bend)
    turns = (here * bend < 0) & ((before < here) != (here < after))
    unseen = turns & (reach * here <= 0) & (before * here > 0) & (after * here > 0)
    return np.asarray(unseen.any(axis=1))


def _log_likelihood(fits: Fits, t: FloatArray, restricted: bool) -> FloatArray:
    total, _, q, _ = fits.at(t)
    value: FloatArray = np.einsum("ij,ij->i", fits.counts, np.log(fits.v + t[:, None])) + q
    return -0.5 * (value + np.log(total) if restricted else value)


def _solve_slope(
    fits: Fits,
    low: FloatArray,
    high: FloatArray,
    at_low: FloatArray,
    at_high: FloatArray,
    restricted: bool,
) -> FloatArray:
    """As `tau2._solve_slope`, for every row."""
    t = low + (high - low) * at_low * (1.0 + at_high) / (at_low - at_high)  # where p/a, taken as linear, is 1
    smallest = fits.v[np.arange(t.size), fits.first]
    for _ in range(100):
        if t.size == 0:
            break
        w, weighted, total, p = fits.weights(t)
        r = fits.y - (np.vecdot(weighted, fits.y) / total)[:, None]
        s2 = np.vecdot(weighted, w)
        u = w * r
        weighted *= r
        a = np.vecdot(weighted, u)
        b = np.einsum("ij,ij,ij->i", weighted, w, u) - np.vecdot(weighted, w) ** 2 / total
        if restricted:
            c = s2 - 2.0 * np.einsum("ij,ij,ij,ij->i", fits.counts, w, w, w) / total + (s2 / total) ** 2
        else:
            p, c = total, s2
        rising = a > p
        low, high = np.where(rising, t, low), np.where(rising, high, t)
        slope = 2.0 * b * p / a - c
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = t + (a - p) / slope
        inside = (slope > 0) & (newton >= low) & (newton <= high)
        following = np.where(inside, newton, (low + high) / 2.0)
        step = np.abs(following - t)
        t = following
        if ((step <= 1e-8 * t) | (step <= 1e-16 * smallest)).all():
            break
    return t
