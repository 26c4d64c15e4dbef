"""The keys that the steps of a build are kept by."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from store import digest_of, key_of, packages

ROOM = Path(__file__).parent


def step_key(step: str, *inputs: str | bytes) -> str:
    """The key of what `step` makes from `inputs`: it holds all code of this room and the packages too.

    Whose code a step runs need not be known then, and what older code has kept is never misread.
    """
    return key_of(step, *inputs, _code(), packages())


@lru_cache(maxsize=1)
def _code() -> str:
    return digest_of((*ROOM.glob("*.py"), *ROOM.glob("filters/**/*.lua")), ROOM)
