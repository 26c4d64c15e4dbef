"""A local server for reading while writing: shows the site, and what is changed as soon as it can be read."""

from __future__ import annotations

import http.server
import json
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from watchfiles import DefaultFilter, watch

from publishing import site
from publishing.builders import Conductor

ENDINGS = (
    ".qmd",
    ".yml",
    ".csv",
    ".bib",
    ".csl",
    ".json",
    ".py",
    ".css",
    ".js",
    ".lua",
    ".j2",
    ".typ",
    ".svg",
)
IGNORED = ("_site", "_build", ".cache", ".venv", ".git", "__pycache__", ".quarto", "site_libs", "tests")
OF_QUARTO = "_files"
"""How the folders end that Quarto makes beside the chapters while it renders them."""
CODE = ("analysis", "publishing", "store")
"""What a running process has imported: a change there needs another process."""
SCRIPT = Path(__file__).parent / "templates" / "serve.js"
READING_SECONDS = 3.0
"""A page that has asked for the state so lately is open."""
WAITING = (
    '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>…</title><body data-waiting>'
    "<p>This is being made, and shows as soon as it is there.</p>"
    '<p lang="zh-Hans">正在生成，完成后自动显示。</p></body></html>'
)


class _Filter(DefaultFilter):
    """The sources of a project, wherever it lies."""

    def __init__(self, project_dir: Path) -> None:
        super().__init__()
        self._project_dir = project_dir

    def __call__(self, change: object, path: str) -> bool:
        parts = Path(path).relative_to(self._project_dir).parts
        return path.endswith(ENDINGS) and not any(
            name in IGNORED or name.endswith(OF_QUARTO) for name in parts[:-1]
        )


class State:
    """What is shown, what is wrong, and which languages are being read.

    Parameters
    ----------
    languages : sequence of str
        Those that are built, the default one first.
    """

    def __init__(self, languages: Sequence[str]) -> None:
        self._languages = tuple(languages)
        self._lock = threading.Lock()
        self._shown = dict.fromkeys(self._languages, 0)
        # Languages whose pages are not yet those of the newest change that could be built.
        self._behind = set(self._languages)
        self._asked: dict[str, float] = {}
        self._error = ""
        self.whole = False

    def answer(self, lang: str, *, hidden: bool = False) -> bytes:
        """What an open page in a language should know; that it asks is remembered, unless it is hidden."""
        with self._lock:
            if lang in self._shown and not hidden:
                self._asked[lang] = time.monotonic()
            shown = self._shown.get(lang, max(self._shown.values()))
            state = {"shown": shown, "whole": self.whole, "error": self._error}
        return json.dumps(state, ensure_ascii=False).encode()

    def reading(self) -> tuple[str, ...]:
        """The languages of the pages that can be seen; all where there is none."""
        since = time.monotonic() - READING_SECONDS
        with self._lock:
            return (
                tuple(lang for lang in self._languages if self._asked.get(lang, 0) > since) or self._languages
            )

    def begin(self) -> None:
        """There is something new to be built."""
        with self._lock:
            self._behind = set(self._languages)
            self.whole = False

    def show(self, lang: str) -> None:
        """This language's pages are new."""
        with self._lock:
            self._shown[lang] += lang in self._behind
            self._behind.discard(lang)
            self._error = ""

    def complete(self) -> None:
        """All is new, and nothing is left to be made."""
        for lang in self._languages:
            self.show(lang)
        self.whole = True

    def tell(self, error: str) -> None:
        """Say what is wrong."""
        with self._lock:
            self._error = error


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the site, with a script in every page that reloads it, and the state of the build."""

    def __init__(self, *arguments: Any, state: State, **options: Any) -> None:
        self._state = state
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        address, _, query = self.path.partition("?")
        if address == "/__build":
            lang, _, how = query.partition("&")
            self._send(self._state.answer(lang, hidden=how == "hidden"), "application/json")
            return
        path = Path(self.translate_path(self.path))
        if path.is_dir() and address.endswith("/"):
            path /= "index.html"
        try:
            if path.suffix == ".html":
                self._send_page(path.read_text(encoding="utf-8"))
                return
        except OSError:
            pass
        if not path.exists() and not self._state.whole:
            self._send_page(WAITING, 503)
        else:
            super().do_GET()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def _send_page(self, html: str, status: int = 200) -> None:
        script = f"<script>{SCRIPT.read_text(encoding='utf-8')}</script></body>"
        self._send(html.replace("</body>", script).encode(), "text/html; charset=utf-8", status)

    def _send(self, body: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not news."""


def serve(
    project_dir: Path,
    *,
    port: int,
    engine: str,
    languages: Sequence[str],
    with_pdf: bool,
    host: str = "127.0.0.1",
) -> None:
    """Serve the site, and build it now and whenever a file changes; ends with Ctrl-C.

    The embedded renderer's pages are shown before the PDFs, search and downloads are made. A build that fails
    says why, here and on the open page, and leaves the last good pages on show.
    """
    project_dir = project_dir.resolve()
    books = site.all_books(project_dir)
    state = State([book.lang for book in books if book.lang in (languages or book.languages)])
    build = partial(site.build, project_dir, engine=engine, languages=tuple(languages), with_pdf=with_pdf)
    # Quarto renders a language as a whole, and would have to do so again for all the rest.
    warm = partial(site.warm, project_dir) if engine == "embedded" else None
    handler = partial(Handler, directory=str(site.site_dir(books[0])), state=state)
    with (
        tempfile.TemporaryDirectory(prefix="serve-") as temporary,
        http.server.ThreadingHTTPServer((host, port), handler) as server,
        Conductor(build, state, Path(temporary), warm) as conductor,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdout.write(f"http://{host}:{server.server_address[1]}/  (Ctrl-C ends / 按 Ctrl-C 结束)\n")
        sys.stdout.flush()
        conductor.change()
        try:
            for changes in watch(
                project_dir, watch_filter=_Filter(project_dir), raise_interrupt=True, debounce=300, step=50
            ):
                conductor.change(code=any(is_code(Path(path), project_dir) for _, path in changes))
        except KeyboardInterrupt:
            sys.stdout.write("\n")


def is_code(path: Path, project_dir: Path) -> bool:
    """Whether a changed file may have been imported or read for good by a running process."""
    parts = path.relative_to(project_dir).parts if path.is_relative_to(project_dir) else path.parts
    return path.suffix == ".py" or parts[0] in CODE
