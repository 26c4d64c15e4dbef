"""Permutation tests of meta-regression, for when too few studies make its p values doubtful."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations as orders

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import FloatArray, Record, frozen, studies
from .designs import Designs
from .errors import StatisticsError
from .pooling import check_options
from .regression import design_matrix

_TOLERANCE = 1e-10
_BATCH = 2000


@dataclass(frozen=True, eq=False)
class PermutationTest(Record):
    """Permutation p values: how often the moderators, dealt to the studies anew, do at least as well.

    Attributes
    ----------
    names, p_value
        Of each moderator (the intercept has none).
    model_p : float
        Of all moderators together.
    permutations : int
        Number of arrangements compared, the observed one included.
    exact : bool
        Whether these were all the arrangements there are.
    """

    names: tuple[str, ...]
    p_value: FloatArray
    model_p: float
    permutations: int
    exact: bool


def permutation_test(
    yi: ArrayLike,
    vi: ArrayLike,
    moderators: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    method: str = "REML",
    interval: str = "hksj",
    permutations: int = 1000,
    seed: int = 0,
) -> PermutationTest:
    """Permutation test of a meta-regression (Follmann & Proschan 1999; Higgins & Thompson 2004).

    The rows of the moderators are dealt to the studies anew and the model, tau² included, is fitted each
    time. All k! orders are taken where they are no more than ``permutations``; else ``permutations`` random
    ones, among which the observed one counts.
    """
    y, v = studies(yi, vi)
    check_options(interval, "normal", 0.95)
    x, labels = design_matrix(moderators, y.size, names, True)
    if permutations < 1:
        raise StatisticsError("unknown_option", f"permutations is {permutations}, and must be at least 1")
    exact = y.size < 20 and math.factorial(y.size) <= permutations
    if Designs.of(y, v, x[None]).y.any():
        observed = _statistics(y, v, x[None], method, interval)[0]
    else:
        raise StatisticsError("no_scatter", "the moderators explain every effect exactly; nothing to test")
    reached, total = np.zeros(observed.size), 0
    for order in _batches(y.size, permutations, exact, np.random.default_rng(seed)):
        found = _statistics(y, v, x[order], method, interval)
        reached += (found >= observed - _TOLERANCE * np.abs(observed)).sum(axis=0)
        total += len(order)
    if not exact:
        reached, total = reached + 1, total + 1
    share = reached / total
    return PermutationTest(labels[1:], frozen(share[:-1]), float(share[-1]), total, exact)


def _batches(k: int, count: int, exact: bool, random: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    if exact:
        everything = np.array(list(orders(range(k))), dtype=np.intp)
        yield from (everything[start : start + _BATCH] for start in range(0, len(everything), _BATCH))
        return
    for start in range(0, count - 1, _BATCH):
        size = min(_BATCH, count - 1 - start)
        yield random.permuted(np.tile(np.arange(k, dtype=np.intp), (size, 1)), axis=1)


def _statistics(y: FloatArray, v: FloatArray, x: FloatArray, method: str, interval: str) -> FloatArray:
    """|t| of each moderator and the joint Wald statistic, for each design (b, k, p) → (b, p)."""
    designs = Designs.of(y, v, x)
    tau2 = designs.estimate(method)
    root = 1 / np.sqrt(v + tau2[:, None])
    q, r = np.linalg.qr(root[..., None] * x)
    z = root * y
    along = np.einsum("bkp,bk->bp", q, z)
    inverse = np.linalg.inv(r)
    beta = np.einsum("bpq,bq->bp", inverse, along)
    covariance = np.einsum("bpq,blq->bpl", inverse, inverse)
    residual = z - np.einsum("bkp,bp->bk", q, along)
    df = x.shape[1] - x.shape[2]
    if interval.startswith("hksj"):
        factor = (residual**2).sum(axis=1) / df
        if interval == "hksj_adhoc":
            factor = np.maximum(1.0, factor)
        covariance = covariance * factor[:, None, None]
    size = np.abs(beta[:, 1:]) / np.sqrt(np.einsum("bpp->bp", covariance)[:, 1:])
    weighted = np.linalg.solve(covariance[:, 1:, 1:], beta[:, 1:, None])[..., 0]
    return np.column_stack([size, (beta[:, 1:] * weighted).sum(axis=1)])
