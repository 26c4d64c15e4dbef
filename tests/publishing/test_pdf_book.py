"""The PDF of the test book, from its chapters on: every number is the one the pages carry."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from pypdf import PdfReader

from publishing import pdf
from publishing.glyphs import find_fonts
from publishing.markdown import BookText, load_book

BOOK = Path(__file__).parent / "book"
FONTS = find_fonts(BOOK)

Printed = tuple[BookText, str, list[str]]


@pytest.fixture(scope="module", params=["en", "zh"])
def printed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Printed:
    """The book's text, and what a reader finds in its PDF: text on one line, and bookmarks."""
    folder = tmp_path_factory.mktemp("print") / "book"
    shutil.copytree(BOOK, folder)
    book_text = load_book(folder, request.param)
    reader = PdfReader(pdf.build(book_text, folder / "book.pdf", fonts=FONTS))
    text = re.sub(r"\s+", " ", "\n".join(page.extract_text() for page in reader.pages))
    return book_text, text, _titles(reader.outline)


def _titles(outline: list) -> list[str]:
    return [
        title for item in outline for title in (_titles(item) if isinstance(item, list) else [item.title])
    ]


def test_sections_are_bookmarks_with_the_pages_numbers(printed: Printed) -> None:
    book_text, _, bookmarks = printed
    expected = [
        f"{label.number} {label.title}".strip() for label in book_text.labels.values() if label.kind == "sec"
    ]
    assert sorted(bookmarks) == sorted(expected)


def test_floats_have_the_pages_numbers_and_captions(printed: Printed) -> None:
    book_text, text, _ = printed
    words, colon = book_text.book.labels, {"en": ": ", "zh": "："}[book_text.book.lang]
    floats = [label for label in book_text.labels.values() if label.kind in ("fig", "tbl")]
    assert floats
    for label in floats:
        assert f"{words[f'crossref-{label.kind}-title']} {label.number}{colon}" in text


def test_tabs_and_print_only_text_are_there_and_web_only_text_is_not(printed: Printed) -> None:
    _, text, bookmarks = printed
    assert "Only in print" in text
    assert "Only on the web" not in text
    assert "Left panel." in text
    assert "Right panel" in text
    assert "Left 左" not in bookmarks


def test_references_are_listed_once(printed: Printed) -> None:
    _, text, _ = printed
    assert text.count("Another simulated trial") == 1


def test_citations_are_punctuated_for_the_language(printed: Printed) -> None:
    book_text, text, _ = printed
    assert ("论断（Alpha" if book_text.book.lang == "zh" else "A claim (Alpha") in text


def test_untrusted_text_stays_text(printed: Printed) -> None:
    assert "<b>a*b*</b>" in printed[1]
