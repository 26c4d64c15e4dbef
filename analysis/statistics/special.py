"""`scipy.special`, imported when a function of it is first asked for.

It is slow to import, and most builds compute nothing anew.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    import scipy.special

    found = globals()[name] = getattr(scipy.special, name)
    return found
