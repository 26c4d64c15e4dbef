"""The local server: pages with a reload script, and the number of the build."""

from __future__ import annotations

import functools
import http.server
import io
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from publishing.progress import Progress
from publishing.serve import _Filter, _Handler, is_code
from tests.publishing.conftest import TestBook


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


def test_an_edit_shows_and_a_mistake_is_told_while_the_page_stays(book: TestBook) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "publishing", "serve", "--engine", "embedded", "--no-pdf"]
    process = subprocess.Popen(
        [*command, "--project", str(book.folder), "--port", str(port)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def get(path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.read().decode()

    def wait_for(holds: Callable[[], bool]) -> None:
        end = time.monotonic() + 90
        while time.monotonic() < end:
            with suppress(OSError):
                if holds():
                    return
            assert process.poll() is None
            time.sleep(0.1)
        raise AssertionError(get("/__build"))

    try:
        wait_for(lambda: get("/__build") == "1")
        book.append("chapters/first.qmd", "A sentence added while serving.")
        wait_for(lambda: get("/__build") == "2")
        assert "A sentence added while serving." in get("/en/chapters/first.html")
        line = book.append("chapters/first.qmd", "See @fig-nowhere.")
        wait_for(lambda: f"first.qmd:{line}: @fig-nowhere points to nothing" in get("/__build"))
        assert get("/__build").startswith("2\n")
        assert "A sentence added while serving." in get("/en/chapters/first.html")
        book.replace("chapters/first.qmd", "See @fig-nowhere.", "See @fig-main.")
        wait_for(lambda: get("/__build") == "3")
        book.replace("book_shapes.py", "The mean is 0.50.", "The mean is 0.75.")
        wait_for(lambda: get("/__build") == "4")
        assert "The mean is 0.75." in get("/en/index.html")
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_code_needs_another_process_and_text_does_not() -> None:
    project = Path("/p")
    assert is_code(project / "analysis" / "wording" / "catalogue" / "show.yml", project)
    assert is_code(project / "book_shapes.py", project)
    assert not is_code(project / "chapters" / "first.qmd", project)
    assert not is_code(project / "data" / "outcomes.csv", project)
