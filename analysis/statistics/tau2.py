"""Between-study variance (tau²) of one set of studies: ten estimators and its Q-profile interval.

Notation of Viechtbauer (2005), J Educ Behav Stat 30:261. With W = diag(1/(v + t)) and the residual-making
P = W − W11'W / 1'W1, every estimator here needs only sums over studies (time and memory linear in k):

    Q(t) = y'Py,  a(t) = y'PPy,  b(t) = y'PPPy,  p(t) = tr P,  c(t) = tr PP

The (restricted) likelihood may have several peaks. A local maximum solves a(t) = p(t) (ML: a(t) = 1'W1), or
is t = 0. None lies above the `_ceiling`, and as functions of log(v + t) both sides change over distances of
about 1, so a grid five times finer brackets every peak; each is solved for and the highest is taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .arrays import FloatArray
from .errors import StatisticsError

METHODS = ("EE", "FE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM", "DL2")

GRID_STEP = 0.2
_CHUNK = 1 << 20  # numbers per block of the grid: memory stays linear in k


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Studies made ready: scaled, centred on the most precise study, which comes first.

    The scale is a power of two, so it changes no digit, and nothing in the solvers depends on the unit of
    the outcome. With the most precise study first and at zero, sums do not cancel when it dominates.
    """

    y: FloatArray
    v: FloatArray
    k: int
    unit: float
    centre: float

    @staticmethod
    def of(yi: FloatArray, vi: FloatArray) -> Sample:
        """Prepare effects and variances that `arrays.studies` has checked."""
        first = int(vi.argmin())
        unit = math.ldexp(1.0, math.frexp(float(vi[first]))[1] // 2)
        centre = float(yi[first])
        y = (yi - centre) / unit
        v = vi / unit / unit
        if first:
            y[0], y[first] = y[first], y[0]
            v[0], v[first] = v[first], v[0]
        return Sample(y, v, yi.size, unit, centre)

    def at(self, t: float) -> tuple[float, float, float]:
        """1'W1, the weighted mean and Q at tau² = t."""
        w = 1.0 / (self.v + t)
        total = float(np.add.reduce(w))
        mean = float(w.dot(self.y)) / total
        r = self.y - mean
        return total, mean, float((w * r).dot(r))

    def trace(self, t: float) -> float:
        """tr P at tau² = t."""
        return _traces(1.0 / (self.v + t))[1]

    def variance(self, lost: int) -> float:
        """Variance of the effects over k − ``lost``."""
        r = self.y - float(np.add.reduce(self.y)) / self.k
        return float(r.dot(r)) / (self.k - lost)


def _traces(w: FloatArray) -> tuple[float, float]:
    """Sum of the weights and tr P, which does not cancel where the first (largest) weight dominates."""
    others = w[1:]
    first = float(w[0])
    rest = float(np.add.reduce(others))
    total = first + rest
    return total, (rest * (first + total) - float(others.dot(others))) / total


def estimate(sample: Sample, method: str) -> float:
    """tau² in the scaled unit of ``sample``; 0 for a single study and for EE and FE."""
    if method not in _ESTIMATORS and method not in ("EE", "FE"):
        raise StatisticsError("unknown_option", f"method {method!r} is none of {', '.join(METHODS)}")
    if sample.k == 1 or method in ("EE", "FE"):
        return 0.0
    return max(0.0, _ESTIMATORS[method](sample))


def _moment(sample: Sample) -> float:
    """DerSimonian & Laird (1986)."""
    return (sample.at(0.0)[2] - (sample.k - 1)) / sample.trace(0.0)


def _two_step(sample: Sample) -> float:
    """Two-step DL: the moment equation at the weights of the first step (DerSimonian & Kacker 2007)."""
    w = 1.0 / (sample.v + max(0.0, _moment(sample)))
    total, trace = _traces(w)
    r = sample.y - float(w.dot(sample.y)) / total
    expected = float((w * sample.v).sum()) - float((w * w).dot(sample.v)) / total
    return (float((w * r).dot(r)) - expected) / trace


def _hedges(sample: Sample) -> float:
    """Hedges (1983), the variance component estimator of Hedges & Olkin and of Cochran's ANOVA."""
    return sample.variance(1) - float(sample.v.mean())


def _hunter_schmidt(sample: Sample) -> float:
    """Hunter & Schmidt: (Q − k) / Σw."""
    total, _, q = sample.at(0.0)
    return (q - sample.k) / total


def _sidik_jonkman(sample: Sample) -> float:
    """Sidik & Jonkman (2005), started from var(y)(k−1)/k."""
    start = sample.variance(0)
    return start * sample.at(start)[2] / (sample.k - 1)


def _paule_mandel(sample: Sample) -> float:
    """Paule & Mandel (1982), which is also Morris's (1983) empirical Bayes: Q(t) = k − 1."""
    return solve_q(sample, sample.k - 1)


def solve_q(sample: Sample, target: float, start: float = 0.0) -> float:
    """The t with Q(t) = target, or ``start`` where even Q(start) is smaller.

    1/Q is increasing and concave (Cauchy-Schwarz on Q'' Q ≥ 2 Q'²), so Newton's steps on it climb from the
    start to the root without ever passing it.
    """
    y, v = sample.y, sample.v
    t = start
    for _ in range(200):
        w = 1.0 / (v + t)
        r = y - float(w.dot(y)) / float(np.add.reduce(w))
        u = w * r
        q = float(u.dot(r))
        if q <= target:
            break
        step = q * (q - target) / (target * float(u.dot(u)))
        t += step
        if step <= 1e-8 * t:
            break
    return t


def _restricted(sample: Sample) -> float:
    return _highest_peak(sample, restricted=True)


def _likelihood(sample: Sample) -> float:
    return _highest_peak(sample, restricted=False)


def log_likelihood(sample: Sample, t: float, restricted: bool) -> float:
    """(Restricted) log-likelihood at tau² = t, profiled over the mean, up to a constant."""
    total, _, q = sample.at(t)
    value = float(np.log(sample.v + t).sum()) + q
    return -0.5 * (value + math.log(total) if restricted else value)


def _ceiling(sample: Sample, restricted: bool) -> float:
    """No stationary point of the likelihood lies above this tau².

    a(t) ≤ SS/(v_min + t)² and tr P ≥ (k−1)/(v_max + t) (ML: Σw ≥ k/(v_max + t)), so the slope is negative
    as soon as (v_min + t)² > s(v_max + t) with s = SS/(k−1) (ML: SS/k).
    """
    s = sample.variance(1 if restricted else 0)
    low = float(sample.v[0])
    gap = float(sample.v.max()) - low
    return (s + math.sqrt(s * (s + 4.0 * gap))) / 2.0 - low


def _excess(sample: Sample, t: FloatArray, restricted: bool) -> FloatArray:
    """a(t)/p(t) − 1 on a grid: the slope of the likelihood, free of units."""
    y, v = sample.y, sample.v
    out = np.empty(t.size)
    block = max(1, _CHUNK // sample.k)
    for start in range(0, t.size, block):
        w = 1.0 / (v + t[start : start + block, None])
        first, others = w[:, 0], w[:, 1:]
        rest = others.sum(axis=1)
        total = first + rest
        u = y - (w @ y / total)[:, None]
        u *= w
        slope = np.vecdot(u, u)
        if restricted:
            total = (rest * (first + total) - np.vecdot(others, others)) / total
        out[start : start + block] = slope / total - 1.0
    return out


def _highest_peak(sample: Sample, restricted: bool) -> float:
    ceiling = _ceiling(sample, restricted)
    if ceiling <= 0.0:
        return 0.0
    low = float(sample.v[0])
    reach = math.log1p(ceiling / low) + 1e-6
    cells = math.ceil(reach / GRID_STEP) + 1
    t = low * np.expm1(np.arange(-1.0, cells + 1.0) * (reach / cells))
    excess = _excess(sample, t, restricted)
    peaks = [
        _solve_slope(sample, start, low, high, restricted)
        for low, start, high in _brackets(sample, t.tolist(), excess.tolist(), restricted)
    ]
    if excess[1] <= 0.0:
        peaks.append(0.0)
    if len(peaks) == 1:
        return peaks[0]
    return max(peaks, key=lambda peak: log_likelihood(sample, peak, restricted), default=0.0)


def _brackets(
    sample: Sample, t: list[float], excess: list[float], restricted: bool
) -> list[tuple[float, float, float]]:
    """Every cell in which the slope falls through zero: its ends, and a guess between them.

    Where the slope turns back towards zero without being seen to cross it, a finer grid looks again. The
    first node lies below 0, so that a turn between 0 and the next node shows as well.
    """
    found = []
    before, here = excess[0], excess[1]
    for j in range(1, len(t) - 1):
        after = excess[j + 1]
        if here > 0.0 >= after:
            found.append((t[j], _guess(t[j], t[j + 1], here, after), t[j + 1]))
        elif (before < here) != (here < after) and before * here > 0.0 and after * here > 0.0:
            bend = 2.0 * here - before - after
            if here * bend < 0.0 and (here + (after - before) ** 2 / (4.0 * bend)) * here <= 0.0:
                fine = np.linspace(max(0.0, t[j - 1]), t[j + 1], 65)
                at = _excess(sample, fine, restricted)
                for i in np.flatnonzero((at[:-1] > 0.0) & (at[1:] <= 0.0)).tolist():
                    ends = float(fine[i]), float(fine[i + 1])
                    found.append((ends[0], _guess(*ends, float(at[i]), float(at[i + 1])), ends[1]))
        before, here = here, after
    return found


def _guess(low: float, high: float, at_low: float, at_high: float) -> float:
    """Where p/a, which is nearly linear in t, would be 1."""
    return low + (high - low) * at_low * (1.0 + at_high) / (at_low - at_high)


def _solve_slope(sample: Sample, t: float, low: float, high: float, restricted: bool) -> float:
    """The tau² between ``low`` and ``high`` where the likelihood's slope is zero, from the guess ``t``.

    Newton's steps on p/a − 1, kept inside the bracket.
    """
    y, v = sample.y, sample.v
    for _ in range(100):
        w = 1.0 / (v + t)
        total, p = _traces(w)
        u = w * (y - float(w.dot(y)) / total)
        ww = w * w
        a, s2 = float(u.dot(u)), float(w.dot(w))
        b = float((w * u).dot(u)) - float(w.dot(u)) ** 2 / total
        if restricted:
            c = s2 - 2.0 * float(ww.dot(w)) / total + (s2 / total) ** 2
        else:
            p, c = total, s2
        if a > p:
            low = t
        else:
            high = t
        slope = 2.0 * b * p / a - c
        step = (a - p) / slope if slope > 0.0 else math.inf
        if not low <= t + step <= high:
            step = (low + high) / 2.0 - t
        t += step
        if abs(step) <= 1e-8 * t or abs(step) <= 1e-16 * float(v[0]):
            break
    return t


_ESTIMATORS: dict[str, Callable[[Sample], float]] = {
    "DL": _moment,
    "DL2": _two_step,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "SJ": _sidik_jonkman,
    "ML": _likelihood,
    "REML": _restricted,
    "PM": _paule_mandel,
    "EB": _paule_mandel,
}
