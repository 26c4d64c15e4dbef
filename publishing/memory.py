"""Memory that is no longer needed goes back to the system."""

from __future__ import annotations

import ctypes
import sys
from functools import cache

# Numbers of glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE = 256 * 1024
_SPARE = 8 * 1024 * 1024


@cache
def give_back() -> None:
    """Keep the C library from holding on to what was freed; processes forked later do the same.

    It would keep a pool for each thread and let large blocks grow into it, so that a build that has made
    one large page or picture kept the room for it, in every process, until its end.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    for parameter, value in ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _SPARE)):
        mallopt(parameter, value)
