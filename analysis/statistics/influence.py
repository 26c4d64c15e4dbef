"""How much the answer hangs on single studies."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .arrays import studies
from .errors import StatisticsError
from .pooling import PooledEffect, pool


def leave_one_out(yi: ArrayLike, vi: ArrayLike, **pool_args: Any) -> list[PooledEffect]:
    """The pooled effect without each study in turn, in the order of the studies."""
    y, v = studies(yi, vi)
    if y.size < 2:
        raise StatisticsError("too_few", "leaving one out needs two studies")
    return [pool(np.delete(y, i), np.delete(v, i), **pool_args) for i in range(y.size)]
