"""The zero of a function of one variable."""

from __future__ import annotations

from collections.abc import Callable


def root(function: Callable[[float], float], low: float, high: float, *, xtol: float) -> float:
    """Where a continuous function is zero between two points at which it differs in sign, by Brent's method.

    Parameters
    ----------
    xtol : float
        How far from the zero the answer may be, in units of the variable; relatively, 1e-12.

    Raises
    ------
    ValueError
        When the signs are the same.
    """
    # scipy.optimize is slow to import, and most builds fit nothing anew.
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=xtol, rtol=1e-12))
