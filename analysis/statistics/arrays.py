"""Checking and shaping the arrays that come in, and writing results out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import StatisticsError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
_Item = TypeVar("_Item", bound=np.generic)


def numbers(name: str, values: ArrayLike) -> FloatArray:
    """One value per study as a new float array; ``None`` becomes NaN.

    Raises
    ------
    StatisticsError
        ``not_a_number`` for text, ``wrong_shape`` for anything but one dimension.
    """
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError("not_a_number", f"{name} must hold numbers only ({error})") from error
    if array.ndim == 0:
        array = array.reshape(1)
    if array.ndim != 1:
        raise StatisticsError("wrong_shape", f"{name} must have one dimension, not {array.ndim}")
    return array


def columns(**values: ArrayLike) -> tuple[FloatArray, ...]:
    """Several columns of equal length; a single number stands for every study."""
    arrays = {name: numbers(name, value) for name, value in values.items()}
    length = max(array.size for array in arrays.values())
    if length > 1 and any(array.size == 0 for array in arrays.values()):
        length = -1
    for name, array in arrays.items():
        if array.size not in (1, length):
            sizes = ", ".join(f"{key} {item.size}" for key, item in arrays.items())
            raise StatisticsError("unequal_lengths", f"{name} does not fit the others: {sizes}")
        if array.size != length:
            arrays[name] = np.full(length, array[0])
    return tuple(arrays.values())


def refuse(bad: BoolArray, code: str, message: str, *shown: FloatArray) -> None:
    """Raise for the first study where ``bad`` holds; ``message`` may show that study's values."""
    if bad.any():
        study = int(np.argmax(bad))
        raise StatisticsError(code, message.format(*(array[study] for array in shown)), study)


def studies(yi: ArrayLike, vi: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Effects and variances that can be pooled.

    Raises
    ------
    StatisticsError
        ``no_studies``, ``unequal_lengths``; with the study: ``not_finite``, ``variance_not_positive``.
    """
    y, v = numbers("yi", yi), numbers("vi", vi)
    if y.size != v.size:
        raise StatisticsError("unequal_lengths", f"{y.size} effects (yi) but {v.size} variances (vi)")
    if y.size == 0:
        raise StatisticsError("no_studies", "there is no study to pool")
    if not (math.isfinite(float(np.add.reduce(y)) + float(np.add.reduce(v))) and np.minimum.reduce(v) > 0):
        refuse(~np.isfinite(y), "not_finite", "the effect (yi) is {}, not a finite number", y)
        refuse(~np.isfinite(v), "not_finite", "the variance (vi) is {}, not a finite number", v)
        refuse(v <= 0, "variance_not_positive", "the variance (vi) is {}, and must be above 0", v)
    return y, v


def frozen(array: NDArray[_Item]) -> NDArray[_Item]:
    """The same array, closed to writing."""
    array.flags.writeable = False
    return array


def plain(value: Any) -> Any:
    """A value as JSON can hold it: arrays become lists, NaN and infinity become None."""
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return value


class Record:
    """Mixin of the result dataclasses: ``to_dict()`` gives what JSON can hold."""

    def to_dict(self) -> dict[str, Any]:
        """All fields by name, as plain Python values (NaN becomes None)."""
        return {item.name: plain(getattr(self, item.name)) for item in fields(self)}  # type: ignore[arg-type]
