"""Maximum likelihood for models whose studies are integrated in `marginal`.

The likelihood is concave in the coefficients once tau is fixed, but not in tau: there may be a
maximum at tau = 0 and a higher one inside. So tau is first tried on a grid (all values in one
batch), and every peak of that profile is polished by Newton's method in all parameters at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from . import special
from .errors import StatisticsError
from .marginal import (
    LOG_NORMAL,
    NODES,
    SEARCH_NODES,
    Arms,
    Array,
    Kernel,
    integrate,
    moments,
    nodes,
    peak,
)
from .roots import root

FARTHEST_TAU = 30.0
TAU_GRID = np.concatenate(([0.0], np.geomspace(0.04, 15.0, 16)))


def _gain(tau: float) -> float:
    """Log-likelihood that a maximum must gain over tau = 0, beyond what quadrature may be wrong by."""
    return 1e-10 * max(1.0, tau) ** 4


class Studies(Protocol):
    """Log-likelihood of each study, nuisance parameters dealt with."""

    def __call__(self, eta: Array, tau: Array, count: int) -> tuple[Array, Array, Array]:
        """(k, b), (b,) → value (k, b), gradient (k, b, 2), hessian (k, b, 2, 2) by (eta, tau)."""


@dataclass(frozen=True)
class Integrated:
    """Studies with one predictor each."""

    kernel: Kernel

    def __call__(self, eta: Array, tau: Array, count: int) -> tuple[Array, Array, Array]:
        return integrate(self.kernel, eta, tau, count)


@dataclass(frozen=True)
class Profiled:
    """Two-arm studies, each study's own level alpha at its maximum-likelihood value."""

    arms: Arms
    start: Array

    def __call__(self, eta: Array, tau: Array, count: int) -> tuple[Array, Array, Array]:
        start = np.broadcast_to(self.start[:, None], eta.shape)

        def slope(alpha: Array) -> tuple[Array, Array]:
            _, gradient, hessian = self.arms.integrate(alpha, eta, tau, count)
            return gradient[..., 0], hessian[..., 0, 0]

        alpha = peak(slope, start - 60.0, start + 60.0, start)
        value, gradient, hessian = self.arms.integrate(alpha, eta, tau, count)
        cross = hessian[..., 1:, 0]
        schur = cross[..., :, None] * cross[..., None, :] / hessian[..., :1, :1]
        return value, gradient[..., 1:], hessian[..., 1:, 1:] - schur


@dataclass(frozen=True)
class Maximum:
    """A maximum of the likelihood.

    Attributes
    ----------
    beta : Array, (p,)
        Coefficients.
    scale : Array, (q,)
        Standard deviations of the random effects; 0 means on the boundary.
    covariance : Array, (p, p)
        Of beta, from the observed information (scales on the boundary held there).
    log_likelihood : float
    """

    beta: Array
    scale: Array
    covariance: Array
    log_likelihood: float


Objective = Callable[[Array], tuple[float, Array, Array]]


def climb(objective: Objective, start: Array, free_sign: int) -> tuple[Array, float, Array]:
    """Newton's method with step halving from `start`; parameters from `free_sign` on are scales.

    The likelihood is even in a scale, so a step across 0 is reflected.

    Returns
    -------
    parameters, value, hessian

    Raises
    ------
    StatisticsError
        ``no_convergence`` after 200 steps.
    """
    point = start.copy()
    value, gradient, hessian = objective(point)
    for _ in range(200):
        roots, vectors = np.linalg.eigh(-hessian)
        roots = np.maximum(np.abs(roots), 1e-8 * max(1.0, float(np.abs(roots).max())))
        step = vectors @ ((vectors.T @ gradient) / roots)
        decrement = float(gradient @ step)
        largest = float(np.abs(step).max())
        step *= min(1.0, 3.0 / largest) if largest > 0 else 1.0
        length = 1.0
        while True:
            trial = point + length * step
            trial[free_sign:] = np.abs(trial[free_sign:])
            candidate = objective(trial)
            # Near the top the gain drowns in rounding: take the step, it is a last refinement.
            if candidate[0] >= value or decrement < 1e-9 or length < 1e-6:
                break
            length *= 0.5
        point, (value, gradient, hessian) = trial, candidate
        if decrement < 1e-14:
            return point, value, hessian
    raise StatisticsError("no_convergence", "the likelihood of the mixed model did not converge")


def coefficients_at(
    studies: Studies, x: Array, tau: Array, beta: Array, count: int, enough: float
) -> tuple[Array, Array, Array, Array]:
    """Best coefficients for each of several fixed values of tau, in one batch.

    Parameters
    ----------
    x : Array, (k, p)
    tau : Array, (b,)
    beta : Array, (p, b)
        Start.
    enough : float
        Stop where Newton's step promises to gain less than this (twice the gain, in log-likelihood).

    Returns
    -------
    beta (p, b), value (b,), slope and curvature (b,) of the log-likelihood along tau.
    """

    def total(b: Array) -> tuple[Array, Array, Array, Array, Array]:
        value, gradient, hessian = studies(x @ b, tau, count)
        by_beta = np.einsum("kp,kb->bp", x, gradient[..., 0])
        information = -np.einsum("kp,kb,kq->bpq", x, hessian[..., 0, 0], x)
        slope, curvature = gradient[..., 1].sum(axis=0), hessian[..., 1, 1].sum(axis=0)
        return value.sum(axis=0), by_beta, information, slope, curvature

    now = total(beta)
    for _ in range(50):
        value, gradient, information = now[:3]
        step = np.linalg.solve(information, gradient[..., None])[..., 0]
        decrement = (gradient * step).sum(axis=-1)
        if np.all(decrement < enough):
            break
        # With a wide effect the best mean lies far from that of a narrow one (by tau²/2 for rates).
        farthest = 4.0 + 0.5 * tau**2
        step *= np.minimum(1.0, farthest / np.maximum(np.abs(step).max(axis=-1), 1e-300))[:, None]
        length = np.ones_like(value)
        for _ in range(12):
            trial = beta + (length[:, None] * step).T
            ahead = total(trial)
            worse = (ahead[0] < value) & (decrement > max(enough, 1e-9))
            if not worse.any():
                break
            length = np.where(worse, 0.5 * length, length)
        beta, now = trial, ahead
    return beta, now[0], now[3], now[4]


def maximise(studies: Studies, x: Array, start: Array) -> Maximum:
    """Global maximum over coefficients and tau ≥ 0.

    Raises
    ------
    StatisticsError
        ``no_finite_maximum`` when the likelihood still rises at tau = 15.
    """
    p = x.shape[1]
    start = np.repeat(start[:, None], TAU_GRID.size, axis=1)
    beta, value, _, curvature = coefficients_at(studies, x, TAU_GRID, start, SEARCH_NODES, 1e-3)
    last = coefficients_at(studies, x, TAU_GRID[-1:], beta[:, -1:], NODES, 1e-6)
    if last[2][0] > 0 and last[1][0] > value[:-1].max() + _gain(TAU_GRID[-1]):
        raise StatisticsError(
            "no_finite_maximum",
            "the between-study variance has no finite maximum-likelihood estimate: "
            "the studies have none or all of the events",
        )

    def objective(point: Array) -> tuple[float, Array, Array]:
        value, gradient, hessian = studies((x @ point[:p])[:, None], point[p:], NODES)
        design = np.concatenate([x, np.ones((len(x), 1))], axis=1)
        which = np.array([0] * p + [1])
        total = np.einsum("kp,kp->p", design, gradient[:, 0][:, which])
        curve = np.einsum("kp,kq,kpq->pq", design, design, hessian[:, 0][:, which][:, :, which])
        return float(value.sum()), total, curve

    best = climb(objective, np.append(beta[:, 0], 0.0), p)
    padded = np.concatenate(([-np.inf], value, [-np.inf]))
    peaks = (value >= padded[:-2]) & (value >= padded[2:]) & (value > value[0])
    # Between 0 and the grid's next value there may be a peak that the grid does not show.
    peaks[1] |= curvature[0] > 1e-7 * np.abs(curvature).max()
    for index in np.flatnonzero(peaks):
        found = climb(objective, np.append(beta[:, index], TAU_GRID[index]), p)
        if found[1] > best[1] + _gain(float(found[0][p])):
            best = found
    return _maximum(best, p)


def _maximum(best: tuple[Array, float, Array], p: int) -> Maximum:
    point, value, hessian = best
    # The likelihood is even in a scale, and flat to rounding this close to 0.
    point[p:][point[p:] < 1e-6] = 0.0
    inside = np.concatenate((np.ones(p, dtype=bool), point[p:] > 0))
    covariance = np.linalg.inv(-hessian[np.ix_(inside, inside)])[:p, :p]
    return Maximum(point[:p], point[p:], covariance, value)


def tau_interval(studies: Studies, x: Array, fit: Maximum, level: float) -> tuple[float, float]:
    """Profile-likelihood interval of tau: the values whose log-likelihood is within χ²(1)/2 of the best.

    The upper limit is infinite when the profile has not fallen that far at tau = 30.
    """
    cut = fit.log_likelihood - float(special.gammaincinv(0.5, level))
    tau = float(fit.scale[0])
    start = fit.beta[:, None]

    def height(value: float) -> float:
        nonlocal start
        found, top, _, _ = coefficients_at(studies, x, np.array([value]), start, NODES, 1e-11)
        start = found
        return float(top[0]) - cut

    low = 0.0
    if tau > 0 and height(0.0) < 0:
        low = root(height, 0.0, tau, xtol=1e-13)
    start = fit.beta[:, None]
    near, far = tau, max(1.5 * tau, 0.25)
    while height(far) > 0:
        near, far = far, 1.5 * far
        if far > FARTHEST_TAU:
            return low, float("inf")
    return low, root(height, near, far, xtol=1e-13)


@dataclass(frozen=True)
class RandomStudies:
    """Two-arm studies with a normal level (mean gamma, sd sigma) and, independent of it, a normal effect.

    The two integrals are nested, the effect inside and the level outside, with ``count`` nodes each.
    """

    arms: Arms
    k: int
    count: int

    def evaluate(self, point: Array) -> tuple[Array, Array, Array]:
        """Value (k,), gradient (k, 4) and Hessian (k, 4, 4) by (theta, gamma, tau, sigma)."""
        theta, gamma, tau, sigma = point

        def inner(alpha: Array) -> tuple[Array, Array, Array]:
            shape = alpha.shape
            return self.arms.integrate(alpha, np.full(shape, theta), np.full(shape, tau), self.count)

        def slope(z: Array) -> tuple[Array, Array]:
            _, gradient, hessian = inner(gamma + sigma * z)
            return sigma * gradient[..., 0] - z, sigma**2 * hessian[..., 0, 0] - 1.0

        def density(z: Array) -> Array:
            return np.asarray(inner(gamma + sigma * z)[0] - 0.5 * z**2)

        bound = sigma * inner(np.full(self.k, gamma))[1][..., 0]
        center = peak(slope, np.minimum(bound, 0.0), np.maximum(bound, 0.0), np.zeros(self.k))
        z, log_weight = nodes(density, center, slope(center)[1], self.count)
        value, g, h = inner(gamma + sigma * z)
        # Of `inner` by (alpha, eta, tau); alpha = gamma + sigma z gives two parameters, eta = theta.
        source = (1, 0, 2, 0)
        factor = (1.0, 1.0, 1.0, z)
        scores = [g[..., source[i]] * factor[i] for i in range(4)]
        curvatures = [
            [h[..., source[i], source[j]] * factor[i] * factor[j] for j in range(4)] for i in range(4)
        ]
        return moments(value - 0.5 * z**2 + log_weight + LOG_NORMAL, scores, curvatures)

    def maximise(self, starts: list[Array]) -> Maximum:
        """Best of the maxima reached from several starts (theta, gamma, tau, sigma)."""

        def objective(point: Array) -> tuple[float, Array, Array]:
            value, gradient, hessian = self.evaluate(point)
            return float(value.sum()), gradient.sum(axis=0), hessian.sum(axis=0)

        best = climb(objective, starts[0], 2)
        for start in starts[1:]:
            found = climb(objective, start, 2)
            if found[1] > best[1] + _gain(float(found[0][2])):
                best = found
        return _maximum(best, 2)
