"""GOSH: the pooled effect of every subset of the studies (Olkin, Dahabreh & Trikalinos 2012).

A picture of these estimates shows whether a few studies, together, make the result. Res Synth Methods 3:214.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import BoolArray, FloatArray, Record, studies
from .errors import StatisticsError
from .many import pool_many

EVERY_UP_TO = 15


@dataclass(frozen=True, eq=False)
class Gosh(Record):
    """Pooled effects of subsets.

    Attributes
    ----------
    member : ndarray of bool, (n, k)
        Which studies each subset has.
    size, estimate, tau2, i2, q : ndarray, (n,)
    every : bool
        Whether these are all the non-empty subsets, or a sample of them.
    method : str
    """

    member: BoolArray
    size: NDArray[np.int64]
    estimate: FloatArray
    tau2: FloatArray
    i2: FloatArray
    q: FloatArray
    every: bool
    method: str

    def share_with(self, study: int) -> tuple[FloatArray, FloatArray]:
        """Estimates of the subsets with, and of those without, one study (counting from 0)."""
        inside = self.member[:, study]
        return self.estimate[inside], self.estimate[~inside]


def gosh(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    subsets: int = 10_000,
    method: str = "REML",
    seed: int = 0,
) -> Gosh:
    """Pool subsets: all 2^k − 1 up to k = 15, beyond that a random sample.

    Parameters
    ----------
    subsets : int
        How many to draw for k > 15, each non-empty subset being equally likely.
    method : str
        As in `pooling.pool`.
    seed : int
        The same seed draws the same subsets.

    Raises
    ------
    StatisticsError
        As `pooling.pool`; ``too_few_studies`` for one study.
    """
    y, v = studies(yi, vi)
    k = y.size
    if k < 2:
        raise StatisticsError("too_few_studies", "a single study has no subsets")
    every = k <= EVERY_UP_TO
    if every:
        number = np.arange(1, 2**k)
        member = (number[:, None] >> np.arange(k)) & 1 == 1
    else:
        if subsets < 1:
            raise StatisticsError("unknown_option", f"subsets is {subsets}, and must be at least 1")
        member = _draw(k, subsets, np.random.default_rng(seed))
    fits = pool_many(y, v, member, method=method, interval="wald", prediction="normal")
    return Gosh(member, fits.k, fits.estimate, fits.tau2, fits.i2, fits.q, every, method)


def _draw(k: int, count: int, random: np.random.Generator) -> BoolArray:
    member = random.random((count, k)) < 0.5
    while (empty := ~member.any(axis=1)).any():
        member[empty] = random.random((int(empty.sum()), k)) < 0.5
    return member
