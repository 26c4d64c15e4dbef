"""A local server for reading while writing: rebuilds on a change, and the open page reloads."""

from __future__ import annotations

import functools
import http.server
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from functools import partial
from pathlib import Path

from watchfiles import DefaultFilter, watch

from publishing import site
from publishing.errors import BookError

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
IGNORED = ("_site", "_build", ".cache", ".venv", ".git", "__pycache__", ".quarto", "tests")
CODE = ("analysis", "publishing", "store")
"""What a running process has imported: a change there needs another process."""
POLL = b"""<script>(function () {
  let known = null;
  const told = document.createElement("pre");
  told.id = "build-error";
  told.style.cssText = "position:fixed;inset:auto 0 0 0;z-index:99;margin:0;padding:1em;max-height:40vh;"
    + "overflow:auto;white-space:pre-wrap;background:#5c1a1a;color:#fff;font:13px/1.4 monospace";
  async function look() {
    try {
      const answer = await (await fetch("/__build", { cache: "no-store" })).text();
      const end = (answer + "\\n").indexOf("\\n");
      const now = answer.slice(0, end), error = answer.slice(end + 1);
      if (known !== null && now !== known) location.reload();
      known = now;
      told.textContent = error;
      if (error) document.body.append(told); else told.remove();
    } catch (error) { /* the server is away */ }
    setTimeout(look, 500);
  }
  look();
})();</script></body>"""


class _Filter(DefaultFilter):
    def __call__(self, change: object, path: str) -> bool:
        parts = Path(path).parts
        return path.endswith(ENDINGS) and not any(name in parts for name in IGNORED)


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the site, with a reload script in every page, and the number and error of the build."""

    builds = 0
    error = ""

    def do_GET(self) -> None:
        if self.path == "/__build":
            state = f"{_Handler.builds}\n{_Handler.error}" if _Handler.error else str(_Handler.builds)
            self._send(state.encode(), "text/plain; charset=utf-8")
            return
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.split("?")[0].endswith("/"):
            path /= "index.html"
        if path.suffix == ".html" and path.is_file():
            self._send(path.read_bytes().replace(b"</body>", POLL), "text/html; charset=utf-8")
        else:
            super().do_GET()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
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
    """Build, serve, and build again whenever a file changes; ends with Ctrl-C.

    A build that fails says why, here and on the open page, and leaves the last good site on show.
    """
    project_dir = project_dir.resolve()
    folder = site.site_dir(site.all_books(project_dir)[0])
    build = partial(site.build, project_dir, engine=engine, languages=tuple(languages), with_pdf=with_pdf)
    with Builder(build) as builder:
        _show(builder)
        handler = functools.partial(_Handler, directory=str(folder))
        with http.server.ThreadingHTTPServer((host, port), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            sys.stdout.write(f"http://{host}:{server.server_address[1]}/  (Ctrl-C ends / 按 Ctrl-C 结束)\n")
            sys.stdout.flush()
            try:
                for changes in watch(
                    project_dir, watch_filter=_Filter(), raise_interrupt=True, debounce=300, step=50
                ):
                    if any(is_code(Path(path), project_dir) for _, path in changes):
                        builder.restart()
                    _show(builder)
            except KeyboardInterrupt:
                sys.stdout.write("\n")


class Builder:
    """A process that stays warm between builds: modules imported, Typst's last layout at hand.

    Parameters
    ----------
    build : callable
        Builds the site; it goes to the other process.
    """

    def __init__(self, build: Callable[[], Path]) -> None:
        self._build = build
        self._pool = self._start()

    def __enter__(self) -> Builder:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def run(self) -> None:
        """Build once.

        Raises
        ------
        BookError
            Whatever the build says is wrong.
        """
        try:
            self._pool.submit(self._build).result()
        except BrokenExecutor:
            self.restart()
            raise BookError("the building process ended without a word", "构建进程意外结束") from None

    def restart(self) -> None:
        """Build in a new process from now on, which imports the code as it is now."""
        self._pool.shutdown(cancel_futures=True)
        self._pool = self._start()

    @staticmethod
    def _start() -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def is_code(path: Path, project_dir: Path) -> bool:
    """Whether a changed file may have been imported or read for good by a running process."""
    parts = path.relative_to(project_dir).parts if path.is_relative_to(project_dir) else path.parts
    return path.suffix == ".py" or parts[0] in CODE


def _show(builder: Builder) -> None:
    start = time.monotonic()
    try:
        builder.run()
    except BookError as error:
        site.report(error)
        _Handler.error = str(error)
        return
    _Handler.error = ""
    _Handler.builds += 1
    sys.stdout.write(f"Built in {time.monotonic() - start:.1f} s / 已建成\n")
    sys.stdout.flush()
