"""The search index of one language's pages, made by Pagefind: a record for each section."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from publishing import search_order
from publishing.archive import EPOCH
from publishing.errors import BookError
from publishing.files import holds, names_below, share, write
from publishing.keys import step_key
from publishing.page_sections import page_sections
from publishing.search_text import searched
from publishing.search_words import SYNONYMS, read_synonyms, write_words
from store import Store

# Pagefind's own interfaces; ours (assets/js/search.js) talks to pagefind.js.
UNUSED = re.compile(r"pagefind-(ui|modular-ui|component-ui|highlight)\.")
INDEX = "pagefind"
MEMORY = Path("/dev/shm")
"""Where Linux has memory as a folder."""
MEMORY_FACTOR = 50
PREFIX = "review-index-"
ORPHAN_SECONDS = 3600
"""So old, what is made in memory was left by a process that was killed."""
HTML_LANG = re.compile(r'<html\b[^>]*?\slang="([^"]*)"')


def write_index(
    folder: Path,
    pages: Sequence[str],
    last: Collection[str] = (),
    store: Store | None = None,
    present: Path | None = None,
) -> None:
    """Index pages into ``<folder>/pagefind``, each section as a result of its own.

    Two words are then found together where they stand in one section; the script turns to whole pages
    when there is none.

    Parameters
    ----------
    folder : Path
        A language's folder, such as ``_site/zh``.
    pages : sequence of str
        The pages to index, relative to the folder.
    last : collection of str
        Those of them that a search shows after the others.
    store : Store, optional
        Holds the index of the same records where they were indexed before.
    present : Path, optional
        The language's folder of the site that is there now; files that both have are stored once.
    """
    store = store or Store(None)
    texts = {page: (folder / page).read_text(encoding="utf-8") for page in pages}
    records = [
        record
        for page, html in texts.items()
        for record in store.memo_json(
            step_key("records", page, html, str(page in last)),
            lambda page=page, html=html: list(_records(page, html, page in last)),  # type: ignore[misc]
        )
    ]
    packed = store.memo(step_key("search", *records), lambda: _index(records))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    _lay_out(files, folder / INDEX, present / INDEX if present else None)
    write_words(folder / INDEX / "words.json", records, read_synonyms(folder / SYNONYMS), store)


def _lay_out(files: Mapping[str, bytes], index: Path, present: Path | None) -> None:
    """Leave these files and no others, taking from the present site those that stay as they are."""
    index.mkdir(parents=True, exist_ok=True)
    for name in set(names_below(index)) - files.keys():
        (index / name).unlink()
    for name, content in files.items():
        path = index / name
        if holds(path, content):
            continue
        if not (present and holds(present / name, content) and share(path, present / name)):
            write(path, content)


def _index(records: Sequence[str]) -> bytes:
    """The index's files, packed."""
    for folder in MEMORY.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > ORPHAN_SECONDS:
                shutil.rmtree(folder)
    # Named after the usual place for temporary files: who removes that one finds it, see `left_behind`.
    prefix = f"{PREFIX}{Path(gettempdir()).name}-"
    with TemporaryDirectory(prefix=prefix, dir=_quick_folder(sum(map(len, records)))) as name:
        pages, folder = Path(name, "pages"), Path(name, "index")
        _write(pages, folder, records)
        search_order.settle(folder)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for file in sorted(names_below(folder)):
                if not UNUSED.match(file):
                    archive.writestr(zipfile.ZipInfo(file, EPOCH), (folder / file).read_bytes())
        return packed.getvalue()


def left_behind(usual: Path) -> Iterator[Path]:
    """What a process that was killed may have left elsewhere than in its folder for temporary files."""
    return MEMORY.glob(f"{PREFIX}{usual.name}-*")


def _quick_folder(size: int) -> Path | None:
    """Where hundreds of small files cost least; None for the usual place."""
    with suppress(OSError):
        if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_FACTOR * size:
            return MEMORY
    return None


def _write(pages: Path, folder: Path, records: Iterable[str]) -> None:
    """Run Pagefind over the records as files, `pages`.

    Not through its Python interface: that waits a tenth of a second after every message, and ends the
    program by a signal while its last files may still be unwritten.
    """
    # Where nothing is being made the import would only cost time.
    from pagefind.service import get_executable

    pages.mkdir()
    for number, html in enumerate(records):
        (pages / f"{number:05}.html").write_text(html, encoding="utf-8")
    command = [get_executable(), "--site", pages, "--output-path", folder, "--quiet"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    empty = [name for name in names_below(folder) if not (folder / name).stat().st_size]
    if done.returncode or empty:
        why = ", ".join(empty) or (done.stderr or done.stdout).strip()
        raise BookError(
            f"Pagefind could not write the search index: {why}", f"Pagefind 未能写出搜索索引：{why}"
        )


def _records(page: str, html: str, last: bool) -> Iterator[str]:
    """Each section as a page that Pagefind can read, with its address among what is known of it."""
    found = HTML_LANG.search(html)
    lang = found[1] if found else "en"
    for section in page_sections(html):
        title = section.title or (section.above[-1] if section.above else page)
        known = {
            "title": title,
            "above": " › ".join(section.above),
            "page": page,
            "anchor": section.anchor,
            "last": "yes" if last else "",
        }
        meta = "".join(
            f'<i data-pagefind-meta="{name}[data-of]" data-of="{escape(text)}"></i>'
            for name, text in known.items()
            if text
        )
        yield (
            f'<!DOCTYPE html><html lang="{escape(lang)}"><body data-pagefind-body>{meta}'
            f'<i data-pagefind-filter="page[data-of]" data-of="{escape(page)}"></i>'
            f"{searched(section.html)}</body></html>"
        )
