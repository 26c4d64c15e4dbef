"""Says on the terminal what is being done: one changing line on a screen, a few lines in a log."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO


class Progress:
    """What each language is at; used as a context manager, it ends its line.

    Parameters
    ----------
    stream : file, optional
        Where to write; standard error by default, so that standard output stays one line.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._screen = self._stream.isatty()
        self._at: dict[str, str] = {}
        self._start = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._screen and self._at:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def update(self, lang: str, what: str) -> None:
        """One language has come to something new."""
        before, self._at[lang] = self._at.get(lang, ""), what
        if self._screen:
            seconds = time.monotonic() - self._start
            line = f"{seconds:3.0f} s  " + "   ".join(f"{name}: {at}" for name, at in self._at.items())
            width = shutil.get_terminal_size().columns - 1
            self._stream.write("\r\x1b[K" + line[:width])
        elif what.partition(",")[0] != before.partition(",")[0]:
            self._stream.write(f"{lang}: {what.partition(',')[0]}\n")
        self._stream.flush()
