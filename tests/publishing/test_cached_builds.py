"""A build with what was made before gives the same bytes as one without, whatever was touched or broken."""

from __future__ import annotations

import ast
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from publishing import chapters, inputs, keys, markdown, pdf, site
from publishing.inputs import read_inputs
from publishing.project import load_project
from tests.publishing.conftest import TestBook, copy_book

ROOT = Path(__file__).parents[2]
PUBLISHING = ROOT / "publishing"
FIRST = "chapters/first.qmd"
EN_FIRST, ZH_FIRST = "en/chapters/first.html", "zh/chapters/first.html"
PAGES = ("index.html", "chapters/first.html", "chapters/second.html", "chapters/references.html")


def build(book: TestBook, *, cached: bool = True, with_pdf: bool = False) -> dict[str, bytes]:
    """Build, and what the site then holds."""
    site.build(book.folder, engine="embedded", with_pdf=with_pdf, cached=cached, say=lambda line: None)
    return contents(book)


def contents(book: TestBook) -> dict[str, bytes]:
    files = (path for path in book.site.rglob("*") if path.is_file())
    return {path.relative_to(book.site).as_posix(): path.read_bytes() for path in files}


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """The files that differ, the search index aside."""
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return {name for name in names if "/pagefind/" not in name}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> TestBook:
    """A built book, to be copied."""
    book = copy_book(tmp_path_factory.mktemp("made") / "book")
    build(book)
    return book


@pytest.fixture
def book(made: TestBook, tmp_path: Path) -> TestBook:
    shutil.copytree(made.folder, tmp_path / "book", symlinks=True)
    return TestBook(tmp_path / "book")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Language and path of the chapters that are run from now on, in the order they are begun."""
    found: list[tuple[str, str]] = []
    jobs = chapters.run_jobs

    def noted(work: object, missing: list[chapters.Job], told: object) -> object:
        found.extend((job.book.lang, job.source.chapter.path) for job in missing)
        return jobs(work, missing, told)  # type: ignore[arg-type]

    monkeypatch.setattr(chapters, "run_jobs", noted)
    return found


def append(name: str, text: str) -> Callable[[TestBook], object]:
    return lambda book: book.append(name, text)


def replace(name: str, old: str, new: str) -> Callable[[TestBook], object]:
    return lambda book: book.replace(name, old, new)


TOUCHED: dict[str, tuple[Callable[[TestBook], object], set[str], int]] = {
    "prose of one language": (
        append(FIRST, '::: {.content-visible when-profile="en"}\nOne more sentence.\n:::'),
        {EN_FIRST},
        0,
    ),
    "prose of both": (append(FIRST, "2026"), {EN_FIRST, ZH_FIRST}, 0),
    "a cell": (append(FIRST, '```{python}\nprint("new")\n```'), {EN_FIRST, ZH_FIRST}, 2),
    "an inline expression": (append(FIRST, "`{python} 40 + 2`"), {EN_FIRST, ZH_FIRST}, 2),
    "what cells import": (
        replace("book_shapes.py", "The mean is 0.50.", "The mean is 0.75."),
        {"en/index.html"},
        6,
    ),
    "the bibliography": (
        replace("data/references.bib", "A simulated trial", "A changed trial"),
        {f"{lang}/chapters/references.html" for lang in ("en", "zh")},
        6,
    ),
    "an image": (
        replace("assets/picture.svg", "<svg", "<svg id='x'"),
        {f"{lang}/assets/picture.svg" for lang in ("en", "zh")},
        0,
    ),
}


@pytest.mark.parametrize("kind", TOUCHED)
def test_what_is_touched_changes_and_nothing_else(
    book: TestBook, kind: str, run: list[tuple[str, str]]
) -> None:
    touch, expected, runs = TOUCHED[kind]
    before = contents(book)
    touch(book)
    after = build(book)
    assert expected <= changed(before, after)
    lists = {name for name in after if name.rpartition("/")[2].startswith("references.")}
    pages = {f"{lang}/{page}" for lang in ("en", "zh") for page in PAGES}
    assert changed(before, after) <= expected | pages | lists
    if runs < 3:
        assert len(run) == runs
        assert changed(before, after) == expected
    else:
        assert len(run) >= runs
    assert changed(build(book, cached=False), after) == set()


def test_the_chapter_that_took_longest_is_begun_first(book: TestBook, run: list[tuple[str, str]]) -> None:
    book.append("chapters/second.qmd", "```{python}\nimport time\ntime.sleep(0.5)\n```")
    build(book)
    run.clear()
    # Every chapter is run again, as any may read the data.
    book.write("data/one-more.csv", "a\n1\n")
    build(book)
    languages = [lang for lang, _ in run]
    assert languages == sorted(languages)
    assert set(languages) == {"en", "zh"}
    for lang in ("en", "zh"):
        assert run[languages.index(lang)] == (lang, "chapters/second.qmd")


def test_with_pdfs_and_without_what_was_kept_the_bytes_are_the_same(book: TestBook) -> None:
    kept = build(book, with_pdf=True)
    again = build(book, with_pdf=True)
    assert kept == again == build(book, cached=False, with_pdf=True)


def test_nothing_changed_leaves_the_site_alone(book: TestBook) -> None:
    said: list[str] = []
    stamp = (book.site / EN_FIRST).stat().st_mtime_ns
    site.build(book.folder, engine="embedded", with_pdf=False, say=said.append)
    assert "Nothing has changed" in said[-1]
    assert (book.site / EN_FIRST).stat().st_mtime_ns == stamp
    whole = contents(book)
    (book.site / EN_FIRST).write_text("edited by hand", encoding="utf-8")
    (book.site / "zh" / "stray.html").write_text("x", encoding="utf-8")
    assert build(book) == whole


INPUTS: dict[str, tuple[str, bool]] = {
    "code/publishing/templates/page.html.j2": ("publishing/templates/page.html.j2", False),
    "a style": ("assets/review.css", False),
    "a chapter": ("chapters/first.qmd", False),
    "evidence": ("data/references.bib", True),
    "the project": ("_quarto.yml", True),
    "a profile": ("_quarto-zh.yml", True),
    "code of the analysis": ("analysis/show.py", True),
    "a text of the catalogue": ("analysis/wording/catalogue/show.yml", True),
    "code of the renderer": ("publishing/execute.py", True),
}


@pytest.mark.parametrize("kind", INPUTS)
def test_the_keys_hold_every_input(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, runs_cells = INPUTS[kind]
    book = copy_book(tmp_path / "book")
    for other in ("analysis/show.py", "analysis/wording/catalogue/show.yml", "publishing/execute.py", name):
        path = book.folder / other
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text("before\n", encoding="utf-8")
    monkeypatch.setattr(inputs, "ROOT", book.folder)
    before = read_inputs(load_project(book.folder))
    path = book.folder / name
    path.write_text(path.read_text(encoding="utf-8") + "\n# more\n", encoding="utf-8")
    after = read_inputs(load_project(book.folder))
    assert after.site != before.site
    assert (after.cells != before.cells) == runs_cells


def test_packages_fonts_day_and_environment_are_inputs(
    book: TestBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = load_project(book.folder)
    seen = {read_inputs(project).cells}
    for name, value in (
        ("packages", lambda: "other versions"),
        ("_fonts_key", lambda folder: "other fonts"),
    ):
        with monkeypatch.context() as changed_one:
            changed_one.setattr(inputs, name, value)
            seen.add(read_inputs(project).cells)
    monkeypatch.setenv("REVIEW_SITE_URL", "https://example.org")
    seen.add(read_inputs(project).cells)
    monkeypatch.setenv("REVIEW_BUILD", "elsewhere")
    seen.add(read_inputs(project).cells)
    assert len(seen) == 4


def test_filters_and_typst_templates_are_inputs(
    book: TestBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = build(book, with_pdf=True)
    room = tmp_path / "room"
    shutil.copytree(PUBLISHING, room)
    page = room / "filters" / "quarto" / "html.lua"
    page.write_text(page.read_text(encoding="utf-8").replace('"anchored"', '"fastened"'), encoding="utf-8")
    with monkeypatch.context() as other:
        other.setattr(keys, "ROOM", room)
        other.setattr(markdown, "FILTER", room / "filters" / "quarto.lua")
        keys._code.cache_clear()
        book.append(FIRST, "2026")
        assert b"fastened" in build(book)["en/chapters/second.html"]
    keys._code.cache_clear()
    template = tmp_path / "typst"
    shutil.copytree(pdf.TEMPLATE, template)
    style = template / "style.typ"
    style.write_text(style.read_text(encoding="utf-8").replace("25mm", "35mm"), encoding="utf-8")
    monkeypatch.setattr(pdf, "TEMPLATE", template)
    book.append(FIRST, "2027")
    name = next(name for name in before if name.endswith(".pdf"))
    wide = build(book, with_pdf=True)[name]
    assert wide == build(book, cached=False, with_pdf=True)[name] != before[name]


def test_damaged_entries_heal(book: TestBook) -> None:
    whole = contents(book)
    chance = random.Random(9)
    for path in (book.folder / ".cache" / "store").rglob("*"):
        if path.is_file():
            content = bytearray(path.read_bytes())
            content[chance.randrange(len(content))] ^= 0xFF
            path.write_bytes(bytes(content[: chance.choice((None, 10, 0))]))
    assert build(book) == whole


def start(book: TestBook) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "publishing", "build", "--engine", "embedded", "--no-pdf"]
    return subprocess.Popen(
        [*command, "--project", str(book.folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_build_killed_at_any_moment_is_followed_by_a_right_one(made: TestBook, tmp_path: Path) -> None:
    book = copy_book(tmp_path / "book")
    whole, chance = contents(made), random.Random(4)
    for _ in range(4):
        process = start(book)
        time.sleep(chance.uniform(0.2, 2.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not book.site.exists() or contents(book) == whole
    assert build(book) == whole
    assert not [path for path in (book.folder / ".cache").iterdir() if path.name.startswith("work-")]


def test_two_builds_at_once_do_not_hurt_each_other(made: TestBook, tmp_path: Path) -> None:
    book = copy_book(tmp_path / "book")
    processes = [start(book) for _ in range(2)]
    for process in processes:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
    assert contents(book) == contents(made)


def test_cells_of_a_process_that_was_killed_leave_no_folder(tmp_path: Path) -> None:
    gone = tmp_path / f"work-{_no_process()}"
    gone.mkdir()
    (tmp_path / f"work-{os.getppid()}").mkdir()
    chapters._work_folder(tmp_path)
    assert not gone.exists()
    assert (tmp_path / f"work-{os.getppid()}").is_dir()


def _no_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


WHOLE_INPUTS = {"inputs", "site", "stamp", "cells", "file"}
"""Steps whose keys hold every file of the code, or nothing but a content."""


@pytest.mark.parametrize("path", sorted(PUBLISHING.glob("*.py")), ids=lambda path: path.name)
def test_what_is_kept_is_kept_by_the_code_that_makes_it(path: Path) -> None:
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "key_of":
            step = ast.unparse(call.args[0]).strip("'")
            assert step in WHOLE_INPUTS or path.name == "keys.py", f"{step}: take step_key"


def test_a_step_s_key_holds_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(PUBLISHING, tmp_path / "publishing")
    found = {keys.step_key("x", "y")}
    monkeypatch.setattr(keys, "ROOM", tmp_path / "publishing")
    for text in ("", "# more\n"):
        with (tmp_path / "publishing" / "html.py").open("a", encoding="utf-8") as file:
            file.write(text)
        keys._code.cache_clear()
        found.add(keys.step_key("x", "y"))
    keys._code.cache_clear()
    assert len(found) == 2
