"""Effects that come in clusters, held as padded blocks so that all clusters are computed at once.

Blocks have shape (clusters, m, …), m the largest cluster. Padding has rows of zeros in y and X and a unit
diagonal in V, so it contributes nothing to any sum below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray
from .designs import without_rounding
from .errors import StatisticsError


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Clustered effects made ready.

    Attributes
    ----------
    y : ndarray, (j, m)
        Residuals of least squares (scaled): same Py as the effects.
    x : ndarray, (j, m, p)
    v : ndarray, (j, m, m)
        Sampling covariances, scaled by unit².
    mask : ndarray, (j, m)
        1 for an effect, 0 for padding.
    place : ndarray of int, (k, 2)
        Cluster and position of each effect, in the order given.
    names : tuple
        The clusters, in order of first appearance.
    start : ndarray, (p,)
        Least squares, to be added to the coefficients found for ``y``.
    unit : float
    """

    y: FloatArray
    x: FloatArray
    v: FloatArray
    mask: FloatArray
    place: NDArray[np.intp]
    names: tuple[object, ...]
    start: FloatArray
    unit: float

    @staticmethod
    def of(
        yi: FloatArray, vi: FloatArray, x: FloatArray, cluster: Sequence[object], correlation: float
    ) -> Blocks:
        """Arrange checked effects by cluster.

        Parameters
        ----------
        correlation : float
            Of the sampling errors within a cluster.

        Raises
        ------
        StatisticsError
            ``unequal_lengths``, ``unknown_option`` (correlation), ``one_cluster``.
        """
        labels = list(cluster)
        if len(labels) != yi.size:
            raise StatisticsError("unequal_lengths", f"{yi.size} effects but {len(labels)} cluster labels")
        if not 0 <= correlation < 1:
            raise StatisticsError("unknown_option", f"correlation is {correlation}, and must be in [0, 1)")
        names = tuple(dict.fromkeys(labels))
        if len(names) < 2:
            raise StatisticsError("one_cluster", "all effects belong to one cluster")
        number = {name: index for index, name in enumerate(names)}
        sizes = [0] * len(names)
        place = np.empty((yi.size, 2), dtype=np.intp)
        for row, label in enumerate(labels):
            index = number[label]
            place[row] = index, sizes[index]
            sizes[index] += 1
        shape = (len(names), max(sizes))
        unit = math.ldexp(1.0, math.frexp(float(vi.min()))[1] // 2)
        start: FloatArray = np.asarray(np.linalg.lstsq(x, yi, rcond=None)[0], dtype=np.float64)
        at = (place[:, 0], place[:, 1])
        y, mask, s = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        y[at], mask[at], s[at] = without_rounding(yi - x @ start, yi) / unit, 1.0, np.sqrt(vi) / unit
        design = np.zeros((*shape, x.shape[1]))
        design[at] = x
        eye = np.eye(shape[1])
        v = correlation * s[:, :, None] * s[:, None, :] * (1 - eye)
        v += (s**2 + (1 - mask))[:, :, None] * eye
        return Blocks(y, design, v, mask, place, names, start, unit)

    @property
    def k(self) -> int:
        return len(self.place)

    @property
    def p(self) -> int:
        return int(self.x.shape[2])

    def covariance(self, between: FloatArray, within: FloatArray) -> FloatArray:
        """V plus the variance components (scaled), (…, j, m, m) for components of shape (…)."""
        ones = self.mask[:, :, None] * self.mask[:, None, :]
        eye = self.mask[:, :, None] * np.eye(self.mask.shape[1])
        add = (
            np.asarray(between)[..., None, None, None] * ones
            + np.asarray(within)[..., None, None, None] * eye
        )
        return np.asarray(self.v + add)

    def flat(self, padded: FloatArray) -> FloatArray:
        """Values of shape (j, m) in the order of the effects."""
        return np.asarray(padded[self.place[:, 0], self.place[:, 1]])
