"""A real Chromium for tests, and a server for a built site; tests skip by name where there is no Chromium."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH")


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Requests are not news."""


@contextmanager
def served(folder: Path, under: str = "") -> Iterator[str]:
    """A local server for a folder; the address of its root, without a final slash.

    Parameters
    ----------
    under : str
        A sub-path to serve it under, such as ``my-project``, as GitHub does for project pages.
    """

    class Handler(_Handler):
        def translate_path(self, path: str) -> str:
            prefix = f"/{under}" if under else ""
            if not path.startswith(prefix + "/"):
                return str(folder / "no-such-file")
            return super().translate_path(path.removeprefix(prefix))

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}" + (f"/{under}" if under else "")
        server.shutdown()


@contextmanager
def browser() -> Iterator[Any]:
    """A Playwright browser around the system's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


def outside_requests(page: Any, address: str) -> list[str]:
    """A list that fills with a page's requests that do not go to `address`; they are not let through."""
    seen: list[str] = []

    def decide(route: Any) -> None:
        url = route.request.url
        if url.startswith((address.rstrip("/") + "/", "data:", "blob:")):
            route.continue_()
        else:
            seen.append(url)
            route.abort()

    page.route("**/*", decide)
    return seen
