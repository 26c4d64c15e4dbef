"""The local server: pages with a reload script, and the number of the build."""

from __future__ import annotations

import functools
import http.server
import io
import threading
import urllib.request
from pathlib import Path

from publishing.progress import Progress
from publishing.serve import _Filter, _Handler


def test_pages_reload_themselves(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<body>x</body>", encoding="utf-8")
    (tmp_path / "style.css").write_text("a{}", encoding="utf-8")
    handler = functools.partial(_Handler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"

        def get(path: str) -> str:
            with urllib.request.urlopen(address + path) as answer:
                return answer.read().decode()

        assert "location.reload()" in get("/")
        assert "location.reload()" in get("/index.html?x=1")
        assert get("/style.css") == "a{}"
        assert get("/__build") == str(_Handler.builds)
        server.shutdown()


def test_only_sources_are_watched() -> None:
    watched = _Filter()
    for path in ("/p/chapters/a.qmd", "/p/data/outcomes.csv", "/p/_quarto.yml", "/p/assets/review.css"):
        assert watched(None, path), path
    for path in ("/p/_site/en/index.html", "/p/_build/en/results.json", "/p/.venv/x.py", "/p/notes.txt"):
        assert not watched(None, path), path


def test_a_log_gets_a_line_for_each_chapter_and_a_screen_one_line() -> None:
    log = io.StringIO()
    with Progress(log) as progress:
        for what in ("a.qmd (1/2)", "a.qmd (1/2), 1/3", "a.qmd (1/2), 2/3", "b.qmd (2/2)"):
            progress.update("en", what)
    assert log.getvalue() == "en: a.qmd (1/2)\nen: b.qmd (2/2)\n"

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    with Progress(screen) as progress:
        progress.update("en", "a.qmd (1/2), 1/3")
        progress.update("zh", "b.qmd (2/2)")
    assert "en: a.qmd (1/2), 1/3   zh: b.qmd (2/2)" in screen.getvalue()
    assert "\n" not in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")
