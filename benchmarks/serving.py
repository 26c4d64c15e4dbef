"""How long somebody who writes waits for ``make serve``: from saving a file to the page, and to all the rest.

``benchmarks/build.py`` puts it into its table, or measures it alone with ``--serving``.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

LOOK_SECONDS = 0.02
MOST_SECONDS = 600


@dataclass(frozen=True)
class Waited:
    """Seconds from a change to the page that is being read, and to all that the site holds."""

    page: float
    whole: float


class Served:
    """A served project whose pages in some languages are open."""

    def __init__(self, address: str, process: subprocess.Popen[bytes], languages: tuple[str, ...]) -> None:
        self._address, self._process, self._languages = address, process, languages

    def state(self) -> tuple[list[int], bool, str]:
        """The number of each open page, whether all is made, and what is wrong."""
        states = []
        for lang in self._languages:
            with urllib.request.urlopen(f"{self._address}/__build?{lang}", timeout=30) as answer:
                states.append(json.load(answer))
        return [state["shown"] for state in states], states[0]["whole"], states[0]["error"]

    def wait(self, holds: Callable[[list[int], bool], bool]) -> None:
        """Look until it is so."""
        end = time.monotonic() + MOST_SECONDS
        while time.monotonic() < end:
            with suppress(OSError):
                shown, whole, error = self.state()
                if error:
                    raise SystemExit(f"serving failed: {error}")
                if holds(shown, whole):
                    return
            if self._process.poll() is not None:
                raise SystemExit("the server ended")
            time.sleep(LOOK_SECONDS)
        raise SystemExit("the server never came to it")

    def after(self, change: Callable[[], None]) -> Waited:
        """Make a change; how long each is waited for."""
        before, _, _ = self.state()
        change()
        began = time.perf_counter()
        self.wait(lambda shown, whole: all(a > b for a, b in zip(shown, before, strict=True)))
        page = time.perf_counter() - began
        self.wait(lambda shown, whole: whole)
        return Waited(page, time.perf_counter() - began)


@contextmanager
def served(folder: Path, languages: tuple[str, ...] = ("en",)) -> Iterator[Served]:
    """Serve a project until all of it is there and its processes are at rest."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "publishing", "serve", "--port", str(port)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        found = Served(f"http://127.0.0.1:{port}", process, languages)
        found.wait(lambda shown, whole: whole)
        # Modules are imported for the first change before anybody has made one.
        time.sleep(5)
        yield found
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
