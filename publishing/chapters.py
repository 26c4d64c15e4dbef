"""Runs the cells of the chapters that need it, in every language at once, and keeps what they gave.

A chapter is run again when its own code has changed or anything its cells may read; its prose alone is
not run. What a chapter's cells write is kept with what they show.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from publishing.execute import Interpreter, Results, assemble, code_of
from publishing.files import names_below, write
from publishing.inputs import Inputs, is_followed
from publishing.keys import step_key
from publishing.project import Book
from publishing.source import Cell, Source, read_chapter
from publishing.workers import import_once, run_jobs
from store import Store, key_of
from store.readings import digest_reading, follow, followed

CACHE = ".cache"

Progress = Callable[[str, str], None]
"""Takes a language and what is being done."""


@dataclass(frozen=True)
class Job:
    """One chapter to run in one language, and what it is kept by."""

    book: Book
    source: Source
    key: str
    work: Path


@dataclass(frozen=True)
class Ran:
    """What a chapter's cells gave: results to show, files for the site, and what they read of the project.

    Attributes
    ----------
    files : mapping
        Contents by name, as seen from the build folder.
    readings : sequence
        File, pattern and digest of what the key does not hold.
    """

    results: Results
    files: Mapping[str, bytes]
    readings: Sequence[tuple[str, str, str]]


def run_chapters(
    books: Sequence[Book], inputs: Inputs, store: Store, progress: Progress
) -> Iterator[tuple[Book, list[Source], list[str]]]:
    """The Markdown of each language's chapters, as soon as the language is complete.

    The build folder then holds what its cells wrote, and nothing else.

    Raises
    ------
    BookError
        With file and line.
    """
    work = _work_folder(books[0].project_dir / CACHE)
    jobs: dict[str, list[Job]] = {}
    missing: list[Job] = []
    ran: dict[tuple[str, str], Ran | None] = {}
    try:
        # What is complete is taken further while the next language is still looked at.
        for book in books:
            mine = [_job(book, read_chapter(book, chapter), inputs, work) for chapter in book.chapters]
            jobs[book.lang] = mine
            ran |= {(book.lang, job.source.chapter.path): _kept(job, store) for job in mine}
            lacking = _lacking(mine, ran)
            if not lacking:
                yield _complete(book, mine, ran)
            # The longest first within a language, so that no core is left waiting at its end.
            missing += sorted(lacking, key=lambda job: -_expected_seconds(job, store))
        if missing:
            import_once(cell.code for job in missing for cell in _cells(job.source))
        for job, found in run_jobs(_run, missing, lambda job, done: progress(job.book.lang, done)):
            ran[job.book.lang, job.source.chapter.path] = found
            mine = jobs[job.book.lang]
            if not _lacking(mine, ran):
                yield _complete(job.book, mine, ran)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _work_folder(cache: Path) -> Path:
    """A new folder for this process; those of processes that were killed are removed."""
    for folder in cache.glob("work-*"):
        if not _is_running(int(folder.name.partition("-")[2])):
            shutil.rmtree(folder, ignore_errors=True)
    work = cache / f"work-{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    return work


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _job(book: Book, source: Source, inputs: Inputs, work: Path) -> Job:
    code = json.dumps(code_of(source), ensure_ascii=False, default=str)
    return Job(book, source, key_of("cells", inputs.cells, book.lang, source.chapter.path, code), work)


def _expected_seconds(job: Job, store: Store) -> float:
    """How long the chapter took when it was last run; one that never was may take a second a cell."""
    return float(store.get(_seconds_key(job)) or len(_cells(job.source)))


def _seconds_key(job: Job) -> str:
    """Of no content: what is kept by it only decides what is begun first."""
    return step_key("seconds", job.book.lang, job.source.chapter.path)


def _kept(job: Job, store: Store) -> Ran | None:
    """What the chapter's cells gave before, when all they read is as it was and all they wrote is there."""
    if (entry := store.get(job.key)) is None:
        return None
    kept = json.loads(entry)
    root = job.book.project_dir
    if any(digest_reading((str(root / name), pattern)) != was for name, pattern, was in kept["readings"]):
        return None
    files = {name: store.get(blob) for name, blob in kept["files"].items()}
    found = {name: content for name, content in files.items() if content is not None}
    return Ran(kept["results"], found, kept["readings"]) if len(found) == len(files) else None


def _lacking(jobs: Sequence[Job], ran: Mapping[tuple[str, str], Ran | None]) -> list[Job]:
    return [job for job in jobs if ran[job.book.lang, job.source.chapter.path] is None]


def _keep(job: Job, ran: Ran, store: Store) -> None:
    blobs = {name: key_of("file", content) for name, content in ran.files.items()}
    for name, blob in blobs.items():
        store.put(blob, ran.files[name])
    entry = {"results": ran.results, "files": blobs, "readings": ran.readings}
    store.put(job.key, json.dumps(entry, ensure_ascii=False).encode())


def _complete(
    book: Book, jobs: Sequence[Job], ran: dict[tuple[str, str], Ran | None]
) -> tuple[Book, list[Source], list[str]]:
    """Lay out what the cells of a language's jobs wrote, and put their results into the text."""
    sources, texts = [], []
    files: dict[str, bytes] = {}
    for job in jobs:
        # Taken out: the files of a large review should not stay in memory while pages are made.
        found = ran.pop((book.lang, job.source.chapter.path))
        assert found is not None
        # Some files every chapter leaves.
        files |= found.files
        sources.append(job.source)
        texts.append(assemble(job.source, found.results))
    _lay_out(files, book.build_dir)
    return book, sources, texts


def _lay_out(files: Mapping[str, bytes], folder: Path) -> None:
    """Leave these files, named from above the folder, and no others in it; what is there already stays."""
    for name in list(names_below(folder)):
        if f"{folder.name}/{name}" not in files:
            (folder / name).unlink()
    for name, content in files.items():
        write(folder.parent / name, content)


def _cells(source: Source) -> list[Cell]:
    return [segment for segment in source.segments if isinstance(segment, Cell)]


def _run(job: Job, tell: Callable[[Any], None]) -> Ran:
    """In a process of its own: run a chapter from an empty build folder, as a kernel of its own would."""
    path, root = job.source.chapter.path, job.book.project_dir
    began = time.perf_counter()
    tell(path)
    follow()
    folder = job.work / job.book.lang / path.replace("/", "-")
    folder.mkdir(parents=True)
    results = Interpreter(job.book, folder).run(job.source)
    readings = [
        (os.path.relpath(file, root), pattern, digest_reading((file, pattern)))
        for file, pattern in followed()
        if is_followed(file, root)
    ]
    ran = Ran(results, {name: (folder / name).read_bytes() for name in sorted(names_below(folder))}, readings)
    shutil.rmtree(folder)
    store = Store.of(root)
    _keep(job, ran, store)
    store.put(_seconds_key(job), f"{time.perf_counter() - began:.3f}".encode())
    return ran
