"""What is read while something is made, so that it is made again when that has changed."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from store import digest

Reading = tuple[str, str]
"""A file, and the pattern of the lines that were looked at; `""` for all of it."""

_followed: dict[Reading, None] = {}
_here = threading.local()
_hooked = False


def follow() -> None:
    """Take note, from now on and for the rest of this process, of every file opened to be read."""
    global _hooked
    if not _hooked:
        _hooked = True
        sys.addaudithook(_hook)


def followed() -> list[Reading]:
    """What this process has read so far: what it remembers of a file may serve again."""
    return list(_followed)


def lines(path: Path, pattern: str) -> list[str]:
    """The lines of a file that match; whoever asks depends on no others."""
    _followed[os.path.abspath(path), pattern] = None
    with _unnoticed():
        return _lines(path, pattern)


def digest_reading(reading: Reading) -> str:
    """SHA-256 of what would be read now; `""` where there is no such file."""
    path, pattern = Path(reading[0]), reading[1]
    try:
        # To look whether a file has changed is not to make anything from it.
        with _unnoticed():
            if not pattern:
                return digest(path)
            state = path.stat()
            return _digest_lines(path, pattern, state.st_mtime_ns, state.st_size)
    except OSError:
        return ""


@lru_cache(maxsize=8192)
def _digest_lines(path: Path, pattern: str, mtime_ns: int, size: int) -> str:
    return hashlib.sha256("\n".join(_lines(path, pattern)).encode()).hexdigest()


def _lines(path: Path, pattern: str) -> list[str]:
    matches = re.compile(pattern).match
    return [line for line in path.read_text(encoding="utf-8").splitlines() if matches(line)]


@contextmanager
def _unnoticed() -> Iterator[None]:
    _here.quiet = True
    try:
        yield
    finally:
        _here.quiet = False


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event != "open" or getattr(_here, "quiet", False):
        return
    path, mode = arguments[0], arguments[1]
    if isinstance(path, str | bytes | os.PathLike) and not (isinstance(mode, str) and set(mode) & set("wax")):
        _followed[os.path.abspath(os.fsdecode(path)), ""] = None
