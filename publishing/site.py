"""Builds the whole site beside the old one, and puts it in its place when all of it is there."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import queue
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from publishing import finish, html, pdf, quarto
from publishing.errors import BookError
from publishing.markdown import load_book
from publishing.progress import Progress
from publishing.project import Book, load_project

ENGINES = ("auto", "quarto", "embedded")
CACHE = ".cache"


def build(
    project_dir: Path,
    *,
    engine: str = "auto",
    languages: Sequence[str] = (),
    with_pdf: bool = True,
    say: Callable[[str], None] = print,
) -> Path:
    """Build the site; the one that is there stays until the new one is complete.

    Parameters
    ----------
    project_dir : Path
        The folder of ``_quarto.yml``.
    engine : str
        ``auto`` (Quarto where it can be had), ``quarto`` or ``embedded``.
    languages : sequence of str
        Profiles to build; all when empty. A language left out keeps its present pages.
    with_pdf : bool
        Whether to make the PDFs.
    say : callable
        Takes the one line that names the engine.

    Returns
    -------
    Path
        The site's folder.

    Raises
    ------
    BookError
        When anything is wrong; the present site is untouched.
    """
    project_dir = project_dir.resolve()
    books = all_books(project_dir)
    chosen = [book for book in books if not languages or book.lang in languages]
    if unknown := set(languages) - {book.lang for book in books}:
        load_project(project_dir, sorted(unknown)[0])
    site = site_dir(books[0])
    with _lock(project_dir), _staging(project_dir) as staging:
        program = _choose(project_dir, engine, say)
        for book in books:
            if book not in chosen and (site / book.lang).is_dir():
                shutil.copytree(site / book.lang, staging / book.lang)
        with Progress() as progress:
            if program:
                for book in chosen:
                    quarto.render(program, book, staging / book.lang, partial(progress.update, book.lang))
            jobs = [(book, staging / book.lang, not program, with_pdf) for book in chosen]
            _run_jobs(jobs, progress)
            progress.update("site", "links")
            absent = [book.lang for book in books if not (staging / book.lang).is_dir()]
            if not with_pdf:
                absent += [f"{book.lang}/{book.output_file}.pdf" for book in books]
            finish.finish_site(staging, books, absent)
        _swap(staging, site)
    return site


def all_books(project_dir: Path) -> list[Book]:
    """The project in every language, the default one first."""
    first = load_project(project_dir)
    return [first, *(load_project(project_dir, lang) for lang in first.languages[1:])]


def site_dir(book: Book) -> Path:
    """The folder that holds the languages' folders."""
    return (book.project_dir / book.output_dir).parent


def build_language(
    book: Book,
    folder: Path,
    *,
    with_pages: bool,
    with_pdf: bool,
    progress: Callable[[str], None] = lambda what: None,
) -> None:
    """Run one language's cells once, and make of the text what is wanted: pages, PDF, or both.

    Parameters
    ----------
    folder : Path
        The language's folder; with Quarto it already holds the pages.
    """
    if with_pages or with_pdf:
        shutil.rmtree(book.build_dir, ignore_errors=True)
        text = load_book(book.project_dir, book.lang, progress)
        if with_pages:
            progress("pages")
            html.render(text, folder)
        if with_pdf:
            progress("PDF")
            pdf.build(text, folder / f"{book.output_file}.pdf")
    progress("search")
    others = {other.lang: other.html_lang for other in all_books(book.project_dir)}
    finish.finish_language(book, folder, others)


def after_quarto() -> None:
    """Quarto's `post-render`: finish the profile that was rendered, as a build of ours would.

    A partial render (`quarto preview`) gets neither a new PDF nor a link check.
    """
    if os.environ.get(quarto.OURS):
        return
    project_dir = Path(os.environ["QUARTO_PROJECT_DIR"])
    lang = os.environ.get("QUARTO_PROFILE", "").partition(",")[0]
    book = load_project(project_dir, lang or None)
    folder = project_dir / os.environ.get("QUARTO_PROJECT_OUTPUT_DIR", book.output_dir)
    whole = bool(os.environ.get("QUARTO_PROJECT_RENDER_ALL"))
    if whole:
        build_language(book, folder, with_pages=False, with_pdf=True)
        books = all_books(project_dir)
        absent = [other.lang for other in books if not (folder.parent / other.lang).is_dir()]
        finish.finish_site(folder.parent, books, absent)
    else:
        others = {other.lang: other.html_lang for other in all_books(project_dir)}
        finish.finish_language(book, folder, others)


def _choose(project_dir: Path, engine: str, say: Callable[[str], None]) -> str | None:
    """Quarto's path, or None for the embedded renderer; says which and why in one line."""
    if engine == "embedded":
        say("Engine: embedded renderer, as asked / 引擎：内置渲染器（按要求）")
        return None
    asked = engine == "quarto"
    with Progress() as progress:
        found, why = quarto.get_quarto(project_dir, partial(progress.update, "Quarto"), again=asked)
    if asked and not found:
        raise quarto.missing_quarto(why)
    if found:
        say(f"Engine: Quarto{', as asked' if asked else ''} ({found}) / 引擎：Quarto")
    else:
        say(f"Engine: embedded renderer, no Quarto here ({why}) / 引擎：内置渲染器（无法获得 Quarto）")
    return found


def _run_jobs(jobs: Sequence[tuple[Book, Path, bool, bool]], progress: Progress) -> None:
    """Each language in a process of its own; the first error stops them all."""
    context = multiprocessing.get_context("spawn")
    messages: Any = context.Queue()
    processes = [context.Process(target=_job, args=(messages, *job), daemon=True) for job in jobs]
    try:
        for process in processes:
            process.start()
        running = len(processes)
        while running:
            try:
                kind, lang, content = messages.get(timeout=1)
            except queue.Empty:
                if all(not process.is_alive() for process in processes) and messages.empty():
                    raise BookError(
                        "a language's process ended without a word", "某一语言的进程意外结束"
                    ) from None
                continue
            if kind == "progress":
                progress.update(lang, content)
            elif kind == "error":
                raise content
            else:
                running -= 1
    finally:
        for process in processes:
            if process.is_alive():
                process.terminate()
            if process.pid:
                process.join()


def _job(messages: Any, book: Book, folder: Path, with_pages: bool, with_pdf: bool) -> None:
    # The parent alone answers Ctrl-C, by ending us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        build_language(
            book,
            folder,
            with_pages=with_pages,
            with_pdf=with_pdf,
            progress=lambda what: messages.put(("progress", book.lang, what)),
        )
        messages.put(("done", book.lang, ""))
    except BookError as error:
        messages.put(("error", book.lang, error))
    except BaseException:
        text = traceback.format_exc()
        messages.put(("error", book.lang, BookError(f"[{book.lang}] {text}", "程序出错（见上）")))


@contextmanager
def _lock(project_dir: Path) -> Iterator[None]:
    """Two builds of one project at once would write into each other's folders."""
    folder = project_dir / CACHE
    folder.mkdir(exist_ok=True)
    with (folder / "build.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BookError(
                "another build is running in this folder", "此文件夹中已有构建正在进行"
            ) from error
        yield


@contextmanager
def _staging(project_dir: Path) -> Iterator[Path]:
    staging = project_dir / CACHE / "site"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _swap(staging: Path, site: Path) -> None:
    """Put the new site in the old one's place; if that is interrupted, the old one comes back."""
    old = staging.with_name("site-before")
    shutil.rmtree(old, ignore_errors=True)
    had_one = site.exists()
    try:
        if had_one:
            site.rename(old)
        staging.rename(site)
    except BaseException:
        if had_one and not site.exists():
            old.rename(site)
        raise
    shutil.rmtree(old, ignore_errors=True)


def report(error: BookError) -> None:
    """Say on standard error what is wrong."""
    sys.stderr.write(f"\n{error}\n")
