"""The book's text: numbers, labels, and references that must have a target."""

from __future__ import annotations

import json

import pytest

from publishing.errors import BookError
from publishing.markdown import load_book
from tests.publishing.conftest import TestBook

SECOND = "chapters/second.qmd"


def fails(book: TestBook) -> BookError:
    with pytest.raises(BookError) as caught:
        load_book(book.folder, "en")
    return caught.value


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_numbers_are_by_chapter_and_the_same_in_both_languages(book: TestBook, lang: str) -> None:
    text = load_book(book.folder, lang)
    assert [(chapter.id, chapter.number) for chapter in text.chapters] == [
        ("sec-summary", ""),
        ("sec-first", "1"),
        ("sec-second", "2"),
        ("sec-references", ""),
    ]
    numbers = {label.id: (label.kind, label.number, label.page) for label in text.labels.values()}
    assert numbers["sec-first"] == ("sec", "1", "chapters/first.html")
    assert numbers["sec-model"] == ("sec", "1.1", "chapters/first.html")
    assert numbers["sec-deeper"] == ("sec", "1.1.1", "chapters/first.html")
    assert numbers["sec-notes"] == ("sec", "", "chapters/first.html")
    assert numbers["fig-index"] == ("fig", "1", "index.html")
    assert numbers["fig-main"] == ("fig", "1.1", "chapters/first.html")
    assert numbers["fig-picture"] == ("fig", "1.2", "chapters/first.html")
    assert numbers["tbl-counts"] == ("tbl", "1.1", "chapters/first.html")
    assert numbers["tbl-pipe"] == ("tbl", "1.2", "chapters/first.html")
    assert numbers["tbl-second"] == ("tbl", "2.1", "chapters/second.html")
    assert not any(name.startswith("left") for name in numbers), "a tab is no section"


def test_the_text_is_in_one_language_and_for_no_format(book: TestBook) -> None:
    text = load_book(book.folder, "zh")
    ast = text.chapters[1].ast
    assert text.chapters[1].title == "第一章标题"
    assert "模型为" in ast
    assert '"model"' not in ast
    assert "仅网页" in ast
    assert "仅印刷" in ast
    raw = [block["c"][0] for block in blocks(json.loads(ast)) if block["t"] == "RawBlock"]
    assert {"html", "typst"} <= set(raw)


def blocks(node: object) -> list[dict]:
    if isinstance(node, dict):
        inner = [found for value in node.values() for found in blocks(value)]
        return [node, *inner] if "t" in node else inner
    return [found for value in node for found in blocks(value)] if isinstance(node, list) else []


def test_figures_and_tables_are_divs_that_end_in_their_caption(book: TestBook) -> None:
    text = load_book(book.folder, "en")
    for chapter in text.chapters:
        for block in blocks(json.loads(chapter.ast)):
            if block["t"] == "Div" and block["c"][0][0].startswith(("fig-", "tbl-")):
                assert block["c"][1][-1]["t"] == "Para"
                assert dict(block["c"][0][2])["number"] == text.labels[block["c"][0][0]].number


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("See @fig-none.", "@fig-none points to nothing"),
        ("See [@sec-none].", "@sec-none points to nothing"),
        ("As @nobody2020 says.", "@nobody2020 points to nothing"),
        ("See [@fig-main; @alpha2020].", "cannot share"),
        ("See @sec-notes.", "no number to refer to"),
    ],
)
def test_a_reference_without_a_target_stops_the_build(book: TestBook, text: str, says: str) -> None:
    line = book.append(SECOND, text)
    error = fails(book)
    assert (error.file, error.where) == (SECOND, line)
    assert says in error.en


def test_an_id_is_used_once_in_the_book(book: TestBook) -> None:
    line = book.append(SECOND, "## Again {#sec-model}")
    error = fails(book)
    assert (error.file, error.where) == (SECOND, line)
    assert "already used in chapters/first.qmd" in error.en


def test_a_figure_needs_a_caption(book: TestBook) -> None:
    book.append(SECOND, "::: {#fig-bare}\n![](../assets/picture.svg)\n:::")
    error = fails(book)
    assert error.file == SECOND
    assert "#fig-bare needs content, a blank line and a caption" in error.en


def test_the_index_is_unnumbered(book: TestBook) -> None:
    book.replace("index.qmd", " .unnumbered", "")
    assert "needs {.unnumbered}" in fails(book).en
