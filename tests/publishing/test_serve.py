"""The local server: pages with a reload script, and the number of the build."""

from __future__ import annotations

import functools
import http.server
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from publishing import search, site
from publishing.builders import PAGES_ONLY, Conductor, Superseded, Worker
from publishing.errors import BookError
from publishing.progress import Progress
from publishing.serve import Handler, State, _Filter, is_code
from tests.publishing.conftest import TestBook


@contextmanager
def served(folder: Path, state: State) -> Iterator[Callable[[str], tuple[int, str]]]:
    """Serve a folder; gives what asks for an address and returns status and text."""
    handler = functools.partial(Handler, directory=str(folder), state=state)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def get(path: str) -> tuple[int, str]:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{server.server_address[1]}{path}") as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()

        yield get
        server.shutdown()


def test_pages_reload_themselves(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<body>x</body>", encoding="utf-8")
    (tmp_path / "style.css").write_text("a{}", encoding="utf-8")
    state = State(["en", "zh"])
    with served(tmp_path, state) as get:
        assert "location.reload()" in get("/")[1]
        assert "location.reload()" in get("/index.html?x=1")[1]
        assert get("/style.css") == (200, "a{}")
        assert json.loads(get("/__build?en")[1]) == {"shown": 0, "whole": False, "error": ""}


def test_what_is_not_there_yet_is_said_to_be_made_and_what_never_will_be_is_not_found(tmp_path: Path) -> None:
    state = State(["en", "zh"])
    with served(tmp_path / "site", state) as get:
        for path in ("/", "/en/index.html", "/en/book.pdf"):
            status, text = get(path)
            assert status == 503
            assert "data-waiting" in text
            assert "正在生成" in text
            assert "location.reload()" in text
        state.complete()
        assert get("/en/book.pdf")[0] == 404


def test_each_language_has_its_number_and_the_languages_read_come_first() -> None:
    state = State(["en", "zh"])

    def shown() -> list[int]:
        return [json.loads(state.answer(lang, hidden=True))["shown"] for lang in ("en", "zh", "")]

    assert state.reading() == ("en", "zh")
    assert not json.loads(state.answer(""))["shown"]
    state.answer("zh")
    state.answer("en", hidden=True)
    assert state.reading() == ("zh",)
    state.begin()
    state.show("zh")
    assert shown() == [0, 1, 1]
    state.tell("wrong")
    assert json.loads(state.answer("en"))["error"] == "wrong"
    state.complete()
    assert shown() == [1, 1, 1]
    assert json.loads(state.answer("en")) == {"shown": 1, "whole": True, "error": ""}
    state.begin()
    assert not state.whole


def test_only_sources_are_watched() -> None:
    for project in ("/p", "/home/tests/reviews/bcg"):
        watched = _Filter(Path(project))
        for path in ("chapters/a.qmd", "data/outcomes.csv", "_quarto.yml", "assets/review.css"):
            assert watched(None, f"{project}/{path}"), path
        for path in (
            "_site/en/search.js",
            "_build/en/results.json",
            ".venv/x.py",
            "tests/x.py",
            "notes.txt",
            "site_libs/bootstrap/bootstrap.min.css",
            "chapters/a_files/execute-results/html.json",
        ):
            assert not watched(None, f"{project}/{path}"), path


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


def wait_for(holds: Callable[[], bool], goes_on: Callable[[], bool] = lambda: True) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        with suppress(OSError):
            if holds():
                return
        assert goes_on()
        time.sleep(0.05)
    raise AssertionError("it took too long")


def test_an_edit_shows_and_a_mistake_is_told_while_the_page_stays(book: TestBook) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "publishing", "serve", "--no-pdf"]
    process = subprocess.Popen(
        [*command, "--project", str(book.folder), "--port", str(port)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def get(path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.read().decode()

    def comes(shown: int, error: str = "") -> None:
        def holds() -> bool:
            state = json.loads(get("/__build?en"))
            return state["shown"] == shown and error in state["error"] and bool(error) == bool(state["error"])

        wait_for(holds, lambda: process.poll() is None)

    try:
        comes(1)
        book.append("chapters/first.qmd", "A sentence added while serving.")
        comes(2)
        assert "A sentence added while serving." in get("/en/chapters/first.html")
        line = book.append("chapters/first.qmd", "See @fig-nowhere.")
        comes(2, f"first.qmd:{line}: @fig-nowhere points to nothing")
        assert "A sentence added while serving." in get("/en/chapters/first.html")
        book.replace("chapters/first.qmd", "See @fig-nowhere.", "See @fig-main.")
        comes(3)
        book.replace("book_shapes.py", "The mean is 0.50.", "The mean is 0.75.")
        comes(4)
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


def quiet(line: str) -> None:
    """In place of `print`."""


def gated(folder: Path, gate: Path, *, pages_of: Sequence[str] = (), keep_on: Callable[[], None]) -> None:
    """Build; the whole site only when the gate is open."""
    while not pages_of and not gate.exists():
        time.sleep(0.02)
    site.build(folder, engine="embedded", pages_of=pages_of, keep_on=keep_on, say=quiet)


def nothing(*, keep_on: Callable[[], None]) -> None:
    """Import nothing."""


@contextmanager
def conducted(book: TestBook, gate: Path) -> Iterator[tuple[Conductor, State]]:
    """What `serve` does without its server, with the site there and the English pages open."""
    state = State(["en", "zh"])
    build = functools.partial(gated, book.folder, gate)
    with (
        tempfile.TemporaryDirectory(prefix="test-serve-") as temporary,
        Conductor(build, state, Path(temporary), nothing) as conductor,
    ):
        gate.touch()
        conductor.change()
        wait_for(lambda: state.whole)
        state.reading = lambda: ("en",)  # type: ignore[method-assign]
        yield conductor, state


def shown(state: State) -> int:
    return int(json.loads(state.answer("en"))["shown"])


def test_pages_come_before_the_rest_and_what_is_newer_does_not_wait_for_it(
    book: TestBook, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    with conducted(book, gate) as (conductor, state):
        before = contents(book.site)
        pdf = next(name for name in before if name.endswith(".pdf") and name.startswith("en"))
        gate.unlink()
        for number, sentence in enumerate(("The first change.", "The second change."), shown(state) + 1):
            book.append("chapters/first.qmd", sentence)
            conductor.change()
            wait_for(lambda number=number: shown(state) == number)  # type: ignore[misc]
            now = contents(book.site)
            assert sentence.encode() in now["en/chapters/first.html"]
            assert not state.whole
            changed = {name for name in now if now[name] != before.get(name)}
            assert changed == {"en/chapters/first.html"}
            assert now.keys() == before.keys()
        gate.touch()
        wait_for(lambda: state.whole)
        assert shown(state) == number
        after = contents(book.site)
        assert after[pdf] != before[pdf]
        assert b"The second change." in after["zh/chapters/first.html"]
        said: list[str] = []
        site.build(book.folder, engine="embedded", say=said.append)
        assert "Nothing has changed" in said[-1]
        site.build(book.folder, engine="embedded", cached=False, say=quiet)
        assert contents(book.site) == after


def test_a_pdf_that_cannot_be_made_is_told_while_the_new_pages_stay(book: TestBook, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with conducted(book, gate) as (conductor, state):
        pdf = next(book.site.glob("en/*.pdf"))
        before = pdf.read_bytes()
        book.append("chapters/first.qmd", "A letter without a glyph: \U00012345.")
        conductor.change()
        wait_for(lambda: "U+12345" in json.loads(state.answer("en"))["error"])
        told = json.loads(state.answer("en"))
        assert told["error"].startswith(PAGES_ONLY.format("en", "en"))
        assert not told["whole"]
        assert "\U00012345" in book.page("en", "chapters/first.html")
        assert pdf.read_bytes() == before
        said: list[str] = []
        with pytest.raises(BookError, match=r"U\+12345"):
            site.build(book.folder, engine="embedded", say=said.append)
        assert "Nothing has changed" not in said[-1]
        book.replace("chapters/first.qmd", "\U00012345", "x")
        conductor.change()
        wait_for(lambda: state.whole)
        assert not json.loads(state.answer("en"))["error"]


def end_at_once() -> None:
    raise Superseded


def test_what_is_superseded_while_cells_run_leaves_the_site(book: TestBook) -> None:
    site.build(book.folder, engine="embedded", with_pdf=False, say=quiet)
    before = contents(book.site)
    book.replace("book_shapes.py", "The mean is 0.50.", "The mean is 0.75.")
    with pytest.raises(Superseded):
        site.build(book.folder, engine="embedded", pages_of=("en",), keep_on=end_at_once, say=quiet)
    assert contents(book.site) == before
    assert not list((book.folder / ".cache").glob("work-*"))


def start_another(note: Path, *, keep_on: Callable[[], None]) -> None:
    """Leave files, start a process, note its number, and never end."""
    for place in filter(os.path.isdir, (search.MEMORY, tempfile.gettempdir())):
        Path(place, f"{search.PREFIX}{Path(tempfile.gettempdir()).name}-left").mkdir()
    note.write_text(str(subprocess.Popen(["sleep", "600"]).pid))
    time.sleep(600)


def until_told(*, keep_on: Callable[[], None]) -> None:
    while True:
        keep_on()
        time.sleep(0.01)


def fail(*, keep_on: Callable[[], None]) -> None:
    raise BookError("it is wrong", "有误")


def die(*, keep_on: Callable[[], None]) -> None:
    os._exit(3)


def test_a_worker_ends_with_all_it_has_started_and_goes_on_after_anything(tmp_path: Path) -> None:
    note, temporary = tmp_path / "note", Path(tempfile.mkdtemp(prefix="test-worker-"))
    worker = Worker(temporary)
    try:
        with pytest.raises(Superseded):
            worker.run(functools.partial(start_another, note), must_stop=lambda: bool(read(note)))
        wait_for(lambda: not is_running(int(read(note))))
        assert not temporary.exists()
        assert not list(search.left_behind(temporary))
        with pytest.raises(BookError, match="without a word"):
            worker.run(die)
        with pytest.raises(BookError, match="it is wrong"):
            worker.run(fail)
        with pytest.raises(Superseded):
            worker.run(until_told, newer=lambda: True)
        worker.run(nothing)
    finally:
        worker.stop()


def read(note: Path) -> str:
    return note.read_text() if note.exists() else ""


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "zombie" not in Path(f"/proc/{process}/status").read_text() if Path("/proc").is_dir() else True


def test_a_build_killed_between_the_two_steps_of_the_swap_is_made_undone(book: TestBook) -> None:
    site.build(book.folder, engine="embedded", with_pdf=False, say=quiet)
    before = contents(book.site)
    book.site.rename(book.folder / ".cache" / "site-before")
    book.append("chapters/first.qmd", "See @fig-nowhere.")
    with pytest.raises(BookError):
        site.build(book.folder, engine="embedded", with_pdf=False, say=quiet)
    assert contents(book.site) == before


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
