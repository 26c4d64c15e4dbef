"""Builds the whole site beside the old one, and puts it in its place when all of it is there."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from publishing import finish, html, pdf, quarto
from publishing.chapters import run_chapters
from publishing.errors import BookError
from publishing.inputs import Inputs, read_inputs
from publishing.later import made_later, take_over
from publishing.markdown import load_book, number_book
from publishing.progress import Progress
from publishing.project import Book, load_project
from publishing.source import Cell, Source, read_chapter
from publishing.stamp import Stamp
from publishing.workers import import_once
from store import OFF, VARIABLE, Store, key_of

ENGINES = ("auto", "quarto", "embedded")
CACHE = ".cache"


def build(
    project_dir: Path,
    *,
    engine: str = "auto",
    languages: Sequence[str] = (),
    with_pdf: bool = True,
    cached: bool = True,
    pages_of: Sequence[str] = (),
    keep_on: Callable[[], None] = lambda: None,
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
    cached : bool
        Whether to use what was made before; the same bytes come of it either way.
    pages_of : sequence of str
        Make only the pages of these languages, for somebody who waits for them. All else stays as it is, what
        `publishing.later` names too, until a whole build; only then is the site taken for complete.
    keep_on : callable
        Called as each chapter's cells begin; it may raise an exception to end the build.
    say : callable
        Takes the one line that names the engine, and the one that says that nothing has changed.

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
    chosen = [book for book in books if book.lang in (pages_of or languages or book.languages)]
    if unknown := set(languages) - {book.lang for book in books}:
        load_project(project_dir, sorted(unknown)[0])
    site = site_dir(books[0])
    with _lock(project_dir, say), _without_cache(not cached), _staging(project_dir, site) as staging:
        program = _choose(project_dir, engine, say)
        store = Store.of(project_dir)
        inputs = read_inputs(books[0])
        stamp = Stamp(store, key_of("site", inputs.site, program or "", *languages, str(with_pdf)))
        if stamp.fits(site):
            say("Nothing has changed since the last build. / 自上次构建以来没有变化。")
            return site
        for book in books:
            if book not in chosen:
                take_over(site / book.lang, staging / book.lang)
        with Progress() as progress:
            if program:
                for book in chosen:
                    quarto.render(program, book, staging / book.lang, partial(progress.update, book.lang))

            def told(lang: str, what: str) -> None:
                keep_on()
                progress.update(lang, what)

            wanted = _Wanted(staging, not program, with_pdf and not pages_of, bool(pages_of))
            _make_languages(chosen, inputs, wanted, told, progress)
            progress.update("site", "links")
            absent = [book.lang for book in books if not (staging / book.lang).is_dir()]
            if not with_pdf:
                absent += [f"{book.lang}/{book.output_file}.pdf" for book in books]
            if pages_of:
                absent += [book.lang for book in books if book not in chosen]
                absent += [f"{book.lang}/{name}" for book in chosen for name in made_later(book)]
            finish.finish_site(staging, books, absent)
        _swap(staging, site)
        # Who waits for a page need not wait for what comes after it.
        if not pages_of:
            shutil.rmtree(_before(staging), ignore_errors=True)
            stamp.put_on(site)
            store.prune()
    return site


def all_books(project_dir: Path) -> list[Book]:
    """The project in every language, the default one first."""
    first = load_project(project_dir)
    return [first, *(load_project(project_dir, lang) for lang in first.languages[1:])]


def warm(project_dir: Path, *, keep_on: Callable[[], None] = lambda: None) -> None:
    """Import what the chapters' cells import, so that a process is ready for the first that must be run."""
    book = load_project(project_dir)
    sources = [read_chapter(book, chapter) for chapter in book.chapters]
    keep_on()
    import_once(
        segment.code for source in sources for segment in source.segments if isinstance(segment, Cell)
    )


def site_dir(book: Book) -> Path:
    """The folder that holds the languages' folders."""
    return (book.project_dir / book.output_dir).parent


@dataclass(frozen=True)
class _Wanted:
    """What is made of each language's text, and in which site."""

    site: Path
    pages: bool
    pdf: bool
    pages_only: bool


def _make_languages(
    books: Sequence[Book],
    inputs: Inputs,
    wanted: _Wanted,
    told: Callable[[str, str], None],
    progress: Progress,
) -> None:
    """Make of each language's text what is wanted, while the cells of the next are still run."""
    with ThreadPoolExecutor(len(books)) as pool:
        if not (wanted.pages or wanted.pdf):
            finished = [pool.submit(finish_language, book, wanted.site / book.lang) for book in books]
        else:
            store = Store.of(books[0].project_dir)
            finished = []
            for book, sources, texts in run_chapters(books, inputs, store, told):
                make = partial(_make_language, book, sources, texts, wanted)
                finished.append(pool.submit(make, partial(progress.update, book.lang)))
        for future in finished:
            future.result()


def _make_language(
    book: Book,
    sources: Sequence[Source],
    texts: Sequence[str],
    wanted: _Wanted,
    progress: Callable[[str], None],
) -> None:
    progress("text")
    text = number_book(book, sources, texts)
    folder = wanted.site / book.lang
    with ThreadPoolExecutor(1) as pool:
        out = folder / f"{book.output_file}.pdf"
        # The slowest step begins first and needs nothing of the pages.
        made = pool.submit(pdf.build, text, out) if wanted.pdf else None
        progress("pages and PDF" if wanted.pdf else "pages")
        if wanted.pages:
            html.render(text, folder)
        progress("links" if wanted.pages_only else "search")
        pdf_made = made.result if made else None
        finish_language(book, folder, pdf_made, pages_only=wanted.pages_only)


def finish_language(
    book: Book, folder: Path, pdf_made: Callable[[], object] | None = None, *, pages_only: bool = False
) -> None:
    """Complete one language's pages.

    Parameters
    ----------
    folder : Path
        The language's folder; it already holds the pages.
    pdf_made, pages_only : optional
        As for `publishing.finish.finish_language`.
    """
    others = {other.lang: other.html_lang for other in all_books(book.project_dir)}
    finish.finish_language(book, folder, others, pdf_made, pages_only=pages_only)


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
        text = load_book(project_dir, book.lang)
        pdf.build(text, folder / f"{book.output_file}.pdf")
        finish_language(book, folder)
        books = all_books(project_dir)
        absent = [other.lang for other in books if not (folder.parent / other.lang).is_dir()]
        finish.finish_site(folder.parent, books, absent)
    else:
        finish_language(book, folder)


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


@contextmanager
def _lock(project_dir: Path, say: Callable[[str], None] = print) -> Iterator[None]:
    """One build of a project at a time: another waits until the first is done."""
    folder = project_dir / CACHE
    folder.mkdir(exist_ok=True)
    with (folder / "build.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another build is running here: waiting for it. / 此处已有构建正在进行，等待其完成。")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _without_cache(off: bool) -> Iterator[None]:
    """Keep nothing and use nothing kept, in this process and in all that it starts."""
    before = os.environ.get(VARIABLE)
    if off:
        os.environ[VARIABLE] = OFF
    try:
        yield
    finally:
        if off:
            os.environ.pop(VARIABLE)
            if before is not None:
                os.environ[VARIABLE] = before


@contextmanager
def _staging(project_dir: Path, site: Path) -> Iterator[Path]:
    """An empty folder; what earlier builds left goes first, and a swap that was cut off is made undone."""
    staging = project_dir / CACHE / "site"
    if (old := _before(staging)).is_dir() and not site.exists():
        old.rename(site)
    for folder in (old, staging):
        shutil.rmtree(folder, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _swap(staging: Path, site: Path) -> None:
    """Put the new site in the old one's place; if that is interrupted, the old one comes back."""
    old = _before(staging)
    had_one = site.exists()
    try:
        if had_one:
            site.rename(old)
        staging.rename(site)
    except BaseException:
        if had_one and not site.exists():
            old.rename(site)
        raise


def _before(staging: Path) -> Path:
    return staging.with_name("site-before")


def report(error: BookError) -> None:
    """Say on standard error what is wrong."""
    sys.stderr.write(f"\n{error}\n")
