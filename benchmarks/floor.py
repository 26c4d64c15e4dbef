"""The floor of a clean build, measured in the folder of a built project: ``benchmarks/build.py`` runs it.

The first line of the file it writes: seconds by the clock and of all cores; then a line for each figure.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))

from analysis.figures import Figure
from analysis.showing import blocks, drawn
from publishing import pdf
from publishing.chapters import run_chapters
from publishing.execute import Interpreter
from publishing.glyphs import find_fonts
from publishing.inputs import read_inputs
from publishing.pandoc import READER, pandoc
from publishing.site import all_books
from publishing.source import read_chapter
from publishing.workers import available_cores
from store import Store

Drawn = tuple[Figure, str]


def figures_of(books: Sequence[Any]) -> list[Drawn]:
    """Every picture that the chapters ask for, laid out but not drawn."""
    found: list[Drawn] = []

    def note(figure: Figure, form: str, store: Store) -> bytes:
        found.append((figure, form))
        return b""

    drawn.of = blocks.drawn.of = note
    for book in books:
        interpreter = Interpreter(book, Path("_build", "floor").resolve())
        for chapter in book.chapters:
            interpreter.run(read_chapter(book, chapter))
    return [(figure, form) for figure, form in found if form not in ("csv", "json")]


def spread(work: Callable[[Any], float], jobs: Sequence[Any]) -> list[float]:
    """Do the jobs over the cores, in processes that have imported everything."""
    with multiprocessing.get_context("fork").Pool(available_cores()) as pool:
        return pool.map(work, jobs, chunksize=1)


def draw(job: tuple[Figure, tuple[str, ...]]) -> float:
    """Draw one figure in all its forms; the seconds it took."""
    began = time.perf_counter()
    for form in job[1]:
        job[0].file(form)
    return time.perf_counter() - began


def compile_pdf(main: Path) -> float:
    """Compile one PDF from the sources that the build left."""
    began = time.perf_counter()
    pdf._compile(main, Path.cwd(), find_fonts(Path.cwd()))
    return time.perf_counter() - began


def main(out: Path) -> None:
    """Measure and write."""
    project = Path.cwd()
    books = all_books(project)
    ran = run_chapters(books, read_inputs(books[0]), Store.of(project), lambda lang, what: None)
    texts = [text for _, _, found in ran for text in found]
    forms: dict[int, tuple[Figure, list[str]]] = {}
    for figure, form in figures_of(books):
        forms.setdefault(id(figure), (figure, []))[1].append(form)
    jobs = [(figure, tuple(wanted)) for figure, wanted in forms.values()]
    # What is imported once and measured never.
    draw(jobs[0])
    jobs[0][0].__dict__.pop("drawing", None), jobs[0][0].__dict__.pop("_matplotlib_svg", None)
    began, cpu = time.perf_counter(), _cpu()
    seconds = spread(draw, jobs)
    spread(compile_pdf, [project / "_build" / f"pdf-{book.lang}" / "main.typ" for book in books])
    with ThreadPoolExecutor(available_cores()) as pool:
        list(pool.map(lambda text: pandoc(text, READER, "html5"), texts))
    lines = [f"{time.perf_counter() - began} {_cpu() - cpu}"]
    lines += [f"{figure.id}-{figure.lang} {spent}" for (figure, _), spent in zip(jobs, seconds, strict=True)]
    out.write_text("\n".join(lines), encoding="utf-8")


def _cpu() -> float:
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    os._exit(0)
