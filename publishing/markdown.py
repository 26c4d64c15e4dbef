"""From chapters to pandoc: the executed text of the book, its numbers and its labels.

``load_book`` is what both outputs start from: cells are run once a language, and the pages and the PDF
are made of the same text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from publishing.project import Book

PANDOC_READER = "markdown"
"""What every chapter is read as: pandoc's Markdown, as in Quarto."""


@dataclass(frozen=True)
class Label:
    """Something that ``@id`` can point to.

    Attributes
    ----------
    kind : str
        ``sec``, ``fig`` or ``tbl``. A chapter's own title is a ``sec`` with ``is_chapter``.
    number : str
        ``4.1``; a chapter's ``4``; a figure of an unnumbered chapter ``1``; an unnumbered section ``""``.
    chapter : str
        The chapter's path, such as ``chapters/efficacy.qmd``; ``page`` is the page it becomes.
    title : str
        The section's title or the caption, as plain text.
    """

    id: str
    kind: str
    number: str
    chapter: str
    page: str
    title: str
    is_chapter: bool = False


@dataclass(frozen=True)
class ChapterText:
    """One chapter in one language, its cells run.

    Attributes
    ----------
    markdown : str
        Pandoc Markdown without cells, inline code or shortcodes. Not yet decided: conditional content.
    ast : str
        The same as pandoc's JSON: content of other profiles is gone, ``when-format`` content is still
        there, the title is taken out (``title``, ``title_ast``), sections, figures and tables carry their
        number in the attribute ``number`` (none when unnumbered). Callouts, tabsets, figure and table
        divs, citations and ``@sec-``/``@fig-``/``@tbl-`` references are as the author wrote them.
        Start from this (``pandoc -f json``) rather than from ``markdown`` unless there is a reason.
    number : str
        ``"4"``, or ``""`` for the index and ``{.unnumbered}`` chapters.
    title : str
        As plain text; ``title_ast`` is a JSON list of pandoc inlines.
    id : str
        The explicit id of the title, such as ``sec-efficacy``.
    """

    path: str
    source: Path
    page: str
    number: str
    title: str
    title_ast: str
    id: str
    markdown: str
    ast: str


@dataclass(frozen=True)
class BookText:
    """The executed book in one language.

    ``labels`` maps an id to its `Label`, over all chapters.
    """

    book: Book
    chapters: tuple[ChapterText, ...]
    labels: Mapping[str, Label]


def load_book(project_dir: Path, lang: str) -> BookText:
    """Run the cells of every chapter in one language and number what can be referred to.

    Raises
    ------
    BookError
        With file and line, for a failing cell, unsupported syntax, an unresolved reference or citation.
    """
    raise NotImplementedError
