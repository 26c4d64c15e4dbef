"""A local server for reading while writing: rebuilds on a change, and the open page reloads."""

from __future__ import annotations

import functools
import http.server
import sys
import threading
import time
from collections.abc import Sequence
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
POLL = b"""<script>(function () {
  let known = null;
  async function look() {
    try {
      const now = await (await fetch("/__build", { cache: "no-store" })).text();
      if (known !== null && now !== known) location.reload();
      known = now;
    } catch (error) { /* the server is away */ }
    setTimeout(look, 1000);
  }
  look();
})();</script></body>"""


class _Filter(DefaultFilter):
    def __call__(self, change: object, path: str) -> bool:
        parts = Path(path).parts
        return path.endswith(ENDINGS) and not any(name in parts for name in IGNORED)


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the site, with a reload script in every page, and the number of the build."""

    builds = 0

    def do_GET(self) -> None:
        if self.path == "/__build":
            self._send(str(_Handler.builds).encode(), "text/plain")
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

    A build that fails says why and leaves the last good site on show.
    """
    project_dir = project_dir.resolve()
    folder = site.site_dir(site.all_books(project_dir)[0])

    def build() -> None:
        start = time.monotonic()
        try:
            site.build(project_dir, engine=engine, languages=languages, with_pdf=with_pdf)
        except BookError as error:
            site.report(error)
            return
        _Handler.builds += 1
        sys.stdout.write(f"Built in {time.monotonic() - start:.0f} s / 已建成\n")

    build()
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer((host, port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdout.write(f"http://{host}:{server.server_address[1]}/  (Ctrl-C ends / 按 Ctrl-C 结束)\n")
        sys.stdout.flush()
        try:
            for _ in watch(project_dir, watch_filter=_Filter(), raise_interrupt=True):
                build()
        except KeyboardInterrupt:
            sys.stdout.write("\n")
