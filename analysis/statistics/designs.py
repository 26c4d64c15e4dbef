"""Between-study variance with moderators, for one design matrix or many at once.

Notation of `tau2`, with P = W − WX(X'WX)⁻¹X'W. Everything comes from the QR decomposition of √W X, which
keeps its digits where weights differ by many orders of magnitude: with H = QQ', tr P = Σ w(1 − h),
tr PP = Σ w²(1 − 2h) + |Q'WQ|², and Py = √w(z − Hz) for z = √w y.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray
from .errors import StatisticsError
from .tau2 import METHODS

_GRID_STEP = 0.1
_CHUNK = 1 << 18


def without_rounding(residual: FloatArray, values: FloatArray) -> FloatArray:
    """Residuals, those that are nothing but the rounding of ``values`` set to exactly 0."""
    noise = 4 * np.finfo(np.float64).eps * values.size * float(np.abs(values).max())
    return np.where(np.abs(residual) <= noise, 0.0, residual)


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What the estimators need, at each design (axis 0) and tau² (axis 1)."""

    q: FloatArray
    """y'Py"""
    a: FloatArray
    """y'PPy"""
    b: FloatArray
    """y'PPPy"""
    trace: FloatArray
    trace2: FloatArray
    total: FloatArray
    """Σw"""
    total2: FloatArray
    """Σw²"""
    height: FloatArray
    """−½(Σ log(v + t) + Q): the log-likelihood without its constant"""
    log_det: FloatArray
    """log |X'WX|"""


@dataclass(frozen=True, slots=True, eq=False)
class Designs:
    """Studies and design matrices made ready: scaled by a power of two, columns orthonormal.

    Attributes
    ----------
    y : ndarray, (b, k)
        Residuals of least squares, which have the same Py as the effects.
    v : ndarray, (k,)
    x : ndarray, (b, k, p)
    unit : float
    start : float
        Variance of the effects over k (scaled), from which SJ starts.
    """

    y: FloatArray
    v: FloatArray
    x: FloatArray
    unit: float
    start: float

    @staticmethod
    def of(yi: FloatArray, vi: FloatArray, x: FloatArray) -> Designs:
        """Prepare checked effects, variances and design matrices (b, k, p) of full rank."""
        unit = math.ldexp(1.0, math.frexp(float(vi.min()))[1] // 2)
        basis = np.linalg.qr(x)[0]
        y = np.broadcast_to(yi / unit, (x.shape[0], yi.size))
        for _ in range(2):
            y = y - np.einsum("bkp,bjp,bj->bk", basis, basis, y)
        y = without_rounding(y, yi / unit)
        return Designs(y, vi / unit / unit, basis, unit, float((yi / unit).var()))

    @property
    def k(self) -> int:
        return int(self.v.size)

    @property
    def p(self) -> int:
        return int(self.x.shape[2])

    def part(self, rows: slice | NDArray[np.intp]) -> Designs:
        return Designs(self.y[rows], self.v, self.x[rows], self.unit, self.start)

    def at(self, t: FloatArray) -> State:
        """Evaluate at tau² = ``t``, shape (b, m), in the scaled unit."""
        w = 1.0 / (self.v + t[..., None])
        s = np.sqrt(w)
        q, r = np.linalg.qr(s[..., None] * self.x[:, None])

        def project(z: FloatArray) -> FloatArray:
            inside: FloatArray = np.einsum("bmkp,bmp->bmk", q, np.einsum("bmkp,bmk->bmp", q, z))
            return z - inside

        residual = project(s * self.y[:, None])
        u = s * residual
        leverage = np.einsum("bmkp,bmkp->bmk", q, q)
        spread = np.einsum("bmkp,bmk,bmkl->bmpl", q, w, q)
        scatter = np.einsum("bmk,bmk->bm", residual, residual)
        return State(
            q=scatter,
            a=np.einsum("bmk,bmk->bm", u, u),
            b=np.einsum("bmk,bmk->bm", s * u, project(s * u)),
            trace=np.einsum("bmk,bmk->bm", w, 1 - leverage),
            trace2=np.einsum("bmk,bmk->bm", w * w, 1 - 2 * leverage)
            + np.einsum("bmpl,bmpl->bm", spread, spread),
            total=w.sum(axis=-1),
            total2=np.einsum("bmk,bmk->bm", w, w),
            height=-0.5 * (np.log(self.v + t[..., None]).sum(axis=-1) + scatter),
            log_det=2 * np.log(np.abs(np.diagonal(r, axis1=-2, axis2=-1))).sum(axis=-1),
        )

    def estimate(self, method: str) -> FloatArray:
        """tau² of each design by ``method``, in the unit of the effects, shape (b,)."""
        if method not in METHODS:
            raise StatisticsError("unknown_option", f"method {method!r} is none of {', '.join(METHODS)}")
        size = max(1, _CHUNK // (self.k * self.p * 64))
        parts = [
            self.part(slice(start, start + size))._estimate(method)
            for start in range(0, self.x.shape[0], size)
        ]
        return np.maximum(0.0, np.concatenate(parts)) * self.unit**2

    def _estimate(self, method: str) -> FloatArray:
        zero = np.zeros((self.x.shape[0], 1))
        df = self.k - self.p
        if method in ("EE", "FE"):
            return zero[:, 0]
        if method in ("REML", "ML"):
            return self._highest_peak(restricted=method == "REML")
        if method in ("PM", "EB"):
            return self.solve_q(df)
        squares = (self.y**2).sum(axis=1)
        if method == "HE":
            free = 1 - np.einsum("bkp,bkp->bk", self.x, self.x)
            return np.asarray((squares - free @ self.v) / df)
        state = self.at(zero)
        if method == "HS":
            return np.asarray(((state.q - self.k) / state.total)[:, 0])
        if method == "DL":
            return np.asarray(((state.q - df) / state.trace)[:, 0])
        if method == "DL2":
            first = np.maximum(0.0, (state.q - df) / state.trace)
            again = self.at(first)
            # E Q = tr(PV) + t tr P at the first step's weights, and tr(PV) = (k − p) − t₁ tr P.
            return np.asarray(((again.q - df) / again.trace + first)[:, 0])
        if self.start == 0.0:
            return zero[:, 0]
        return np.asarray(self.start * self.at(zero + self.start).q[:, 0] / df)

    def solve_q(self, target: float) -> FloatArray:
        """tau² (scaled unit) at which Q is ``target``; 0 where even Q(0) is smaller. See `tau2.solve_q`."""
        t = np.zeros((self.x.shape[0], 1))
        for _ in range(200):
            state = self.at(t)
            above = state.q > target
            with np.errstate(divide="ignore", invalid="ignore"):
                step = np.where(above, state.q * (state.q - target) / (target * state.a), 0.0)
            t += step
            if np.all(step <= 1e-9 * t):
                break
        return np.asarray(t[:, 0])

    def _ceiling(self, restricted: bool) -> float:
        """No stationary point of the likelihood lies above; see `tau2._ceiling`, with least squares' SS."""
        s = float((self.y**2).sum(axis=1).max()) / (self.k - self.p if restricted else self.k)
        low = float(self.v.min())
        gap = float(self.v.max()) - low
        return (s + math.sqrt(s * (s + 4.0 * gap))) / 2.0 - low

    def _highest_peak(self, restricted: bool) -> FloatArray:
        count = self.x.shape[0]
        best = np.zeros(count)
        ceiling = self._ceiling(restricted)
        if ceiling <= 0.0:
            return best
        low = float(self.v.min())
        reach = math.log1p(ceiling / low) + 1e-6
        cells = math.ceil(reach / _GRID_STEP) + 1
        grid = low * np.expm1(np.arange(cells + 1.0) * (reach / cells))
        state = self.at(np.broadcast_to(grid, (count, grid.size)))
        slope = state.a - (state.trace if restricted else state.total)
        height = state.height - 0.5 * state.log_det if restricted else state.height
        best_height = np.where(slope[:, 0] <= 0, height[:, 0], -np.inf)
        rows, cell = np.nonzero((slope[:, :-1] > 0) & (slope[:, 1:] <= 0))
        if rows.size == 0:
            return best
        peak, peak_height = self.part(rows)._solve_slope(grid[cell], grid[cell + 1], restricted)
        for row, value, top in zip(rows, peak, peak_height, strict=True):
            if top > best_height[row]:
                best[row], best_height[row] = value, top
        return best

    def _solve_slope(
        self, low: FloatArray, high: FloatArray, restricted: bool
    ) -> tuple[FloatArray, FloatArray]:
        """Stationary point of the likelihood between ``low`` and ``high``, one per design, and its height."""
        t = 0.5 * (low + high)
        for _ in range(100):
            state = self.at(t[:, None])
            a, b = state.a[:, 0], state.b[:, 0]
            aim = (state.trace if restricted else state.total)[:, 0]
            slope = (state.trace2 if restricted else state.total2)[:, 0]
            low, high = np.where(a > aim, t, low), np.where(a > aim, high, t)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = (a - aim) / (2.0 * b * aim / a - slope)
                inside = (t + step >= low) & (t + step <= high)
            step = np.where(inside, step, 0.5 * (low + high) - t)
            t = t + step
            if np.all((np.abs(step) <= 1e-10 * t) | (np.abs(step) <= 1e-16 * self.v.min())):
                break
        state = self.at(t[:, None])
        height = state.height - 0.5 * state.log_det if restricted else state.height
        return t, height[:, 0]
