"""What of a language's folder is no page: who waits for a page need not wait for it.

Until it is made again, the last one stays in its place.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from publishing.downloads import DATA, FIGURES, TABLES
from publishing.files import names_below, share
from publishing.metadata import CARD
from publishing.project import Book
from publishing.references import BIBTEX, RIS
from publishing.reproduce import NAME as REPRODUCE
from publishing.search import INDEX


def made_later(book: Book) -> tuple[str, ...]:
    """Files and folders that are made when the pages are there, by their names in the language's folder."""
    return (f"{book.output_file}.pdf", CARD, INDEX, FIGURES, TABLES, DATA, BIBTEX, RIS, REPRODUCE)


def keep_last(book: Book, present: Path, folder: Path) -> None:
    """Put what is made later into a language's folder as it is in the present one."""
    for name in made_later(book):
        take_over(present / name, folder / name)


def take_over(source: Path, target: Path) -> None:
    """Give a file, or every file of a folder, a further name; what is not there is left out."""
    alone = [(source, target)] if source.is_file() else []
    for old, new in alone or [(source / name, target / name) for name in names_below(source)]:
        if not share(new, old):
            shutil.copyfile(old, new)
