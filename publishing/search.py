"""The search index of one language's pages, made by Pagefind: a record for each section."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from pagefind.service import get_executable

from publishing import search_order
from publishing.archive import EPOCH
from publishing.errors import BookError
from publishing.keys import step_key
from publishing.page_sections import page_sections
from publishing.search_words import SYNONYMS, read_synonyms, write_words
from store import Store

# Pagefind's own interfaces; ours (assets/js/search.js) talks to pagefind.js.
UNUSED = re.compile(r"pagefind-(ui|modular-ui|component-ui|highlight)\.")
# Cells are words apart, also where nothing stands between their tags.
CELL_END, CELL_APART = re.compile(r"</t[hd]>"), r"\g<0> "
HTML_LANG = re.compile(r'<html\b[^>]*?\slang="([^"]*)"')


def write_index(
    folder: Path, pages: Sequence[str], last: Collection[str] = (), store: Store | None = None
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
    key = step_key("search", *records)
    packed = store.memo(key, lambda: _index(records))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder / "pagefind")
    write_words(folder / "pagefind" / "words.json", texts.values(), read_synonyms(folder / SYNONYMS))


def _index(records: Iterable[str]) -> bytes:
    """The index's files, packed."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, records)
        search_order.settle(folder)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not UNUSED.match(path.name):
                    entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
                    archive.writestr(entry, path.read_bytes())
        return packed.getvalue()


def _write(folder: Path, records: Iterable[str]) -> None:
    """Run Pagefind over the records as files.

    Not through its Python interface: that waits a tenth of a second after every message, and ends the
    program by a signal while its last files may still be unwritten.
    """
    with TemporaryDirectory() as written:
        for number, html in enumerate(records):
            (Path(written) / f"{number:05}.html").write_text(html, encoding="utf-8")
        command = [get_executable(), "--site", written, "--output-path", folder, "--quiet"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    empty = [path.name for path in folder.rglob("*") if path.is_file() and not path.stat().st_size]
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
            f"{CELL_END.sub(CELL_APART, section.html)}</body></html>"
        )
