"""What a language's folder offers as files: archives of figures, tables and data, and the list of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from publishing.archive import write_zip
from publishing.project import Book
from publishing.references import write_references
from store import Store

FIGURES, TABLES, DATA = "figures.zip", "tables.zip", "data-package.zip"
DATA_ENDINGS = (".csv", ".json", ".yml", ".bib")
SLOT = re.compile(r'(<div id="downloads-list"[^>]*>).*?</div>', re.DOTALL)


def write_downloads(book: Book, folder: Path, present: Path | None = None) -> None:
    """Pack what the pages show and what they were made from.

    Parameters
    ----------
    folder : Path
        The language's folder.
    present : Path, optional
        The same of the site that is there now; archives that stay as they are are taken from it.
    """
    store = Store.of(book.project_dir)
    for name, archive in (("figures", FIGURES), ("tables", TABLES)):
        files = sorted(path for path in (folder / name).glob("*") if path.is_file())
        if files:
            entries = ((f"{name}/{path.name}", path) for path in files)
            write_zip(folder / archive, entries, store, present and present / archive)
    data = book.project_dir / "data"
    # Earlier versions stay in the project; the archive holds what these pages were made from.
    files = sorted(path for path in data.glob("[!.]*") if path.is_file() and path.suffix in DATA_ENDINGS)
    if (data / "datapackage.json") in files:
        entries = ((f"data/{path.name}", path) for path in files)
        write_zip(folder / DATA, entries, store, present and present / DATA)
    write_references(book, folder)


def unlisted(html: str) -> str:
    """The page with nothing in that place: what depends on the files is no part of what a search finds."""
    return SLOT.sub(r"\1</div>", html, count=1)


def listed(html: str, book: Book, folder: Path, root: str, words: Mapping[str, str]) -> str:
    """The page with the list of files in the place that a chapter keeps for it."""
    rows = "".join(
        f'<li><a href="{escape(root + address)}" download>{escape(words[f"file-{key}"])}</a> '
        f'<span class="muted">{escape(path.suffix.lstrip(".").upper())}, {_size(path)}</span></li>'
        for key, address, path in _files(book, folder)
    )
    return SLOT.sub(lambda match: f'{match[1]}<ul class="review-files">{rows}</ul></div>', html, count=1)


def _files(book: Book, folder: Path) -> Iterator[tuple[str, str, Path]]:
    """What there is: its name in the words, its address in the language's folder, its path."""
    names = {
        "pdf": f"{book.output_file}.pdf",
        "figures": FIGURES,
        "tables": TABLES,
        "results": "results.json",
        "data": DATA,
        "references-bib": "references.bib",
        "references-ris": "references.ris",
        "reproduce": "reproduce.zip",
    }
    for key, name in names.items():
        # What both languages share may stand above them.
        for address in (name, f"../{name}"):
            if (folder / address).is_file():
                yield key, address, folder / address
                break


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
