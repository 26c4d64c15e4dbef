"""The project's settings: merged as Quarto merges them, and refused with file and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from publishing.errors import BookError
from publishing.project import load_project, merge
from tests.publishing.conftest import TestBook

ROOT = Path(__file__).parents[2]


def test_a_profile_is_merged_over_the_project() -> None:
    base = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    assert merge(base, {"a": {"b": 2, "c": [2, 3]}}) == {"a": {"b": 2, "c": [1, 2, 3]}, "d": 1}
    assert base == {"a": {"b": 1, "c": [1, 2]}, "d": 1}


def test_each_language_sees_its_own_titles(book: TestBook) -> None:
    english, chinese = load_project(book.folder), load_project(book.folder, "zh")
    assert (english.lang, english.html_lang, english.output_file) == ("en", "en", "small-book-en")
    assert (chinese.lang, chinese.html_lang, chinese.output_file) == ("zh", "zh-Hans", "small-book-zh")
    assert chinese.title == "模拟数据小书"
    assert chinese.languages == ("en", "zh")
    assert [chapter.page for chapter in chinese.chapters][:2] == ["index.html", "chapters/first.html"]
    assert chinese.meta("chapter-titles.first") == "第一章标题"
    assert chinese.labels["crossref-fig-title"] == "图"
    assert chinese.labels["tools-download"] == "下载"


def test_the_reviews_own_settings_are_valid() -> None:
    for lang in ("en", "zh"):
        assert load_project(ROOT, lang).output_file == f"msc-ms-living-review-{lang}"


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("_quarto.yml", "type: book", "type: website", "_quarto.yml:project.type"),
        ("_quarto.yml", "group: [en, zh]", "group: en", "_quarto.yml:profile.group"),
        ("_quarto.yml", "default: en", "default: fr", "_quarto.yml:profile.default"),
        ("_quarto.yml", "freeze: false", "freeze: auto", "_quarto.yml:execute.freeze"),
        (
            "_quarto.yml",
            "html-math-method: mathml",
            "html-math-method: katex",
            "format.html.html-math-method",
        ),
        ("_quarto.yml", "toc: true", "code-fold: true", "_quarto.yml:format.html.code-fold"),
        ("_quarto.yml", "link-citations: true", "filters: [x.lua]", "_quarto.yml:filters"),
        ("_quarto.yml", "- chapters/first.qmd", "- part: First", "_quarto.yml:book.chapters[1]"),
        ("_quarto.yml", "- chapters/first.qmd", "- chapters/none.qmd", "_quarto.yml:book.chapters[1]"),
        ("_quarto.yml", "data/references.bib", "data/none.bib", "_quarto.yml:bibliography"),
        ("_quarto.yml", "  type: book", "  type: [book", "_quarto.yml:3: this is not valid YAML"),
        ("_quarto-en.yml", "lang: en\n", "", "_quarto-en.yml:lang"),
        ("_quarto-en.yml", '  title: "A small book of simulated data"\n', "", "_quarto-en.yml:book.title"),
        ("_quarto-en.yml", "  output-file: small-book-en\n", "", "_quarto-en.yml:book.output-file"),
    ],
)
def test_a_wrong_setting_is_named(book: TestBook, file: str, old: str, new: str, place: str) -> None:
    book.replace(file, old, new)
    with pytest.raises(BookError) as caught:
        load_project(book.folder, "en")
    assert place in str(caught.value)
    assert caught.value.en != caught.value.zh


def test_an_unknown_language_is_named(book: TestBook) -> None:
    with pytest.raises(BookError, match="no profile “fr”"):
        load_project(book.folder, "fr")


def test_index_comes_first(book: TestBook) -> None:
    text = (
        book.read("_quarto.yml")
        .replace("    - index.qmd\n", "")
        .replace("    - chapters/first.qmd\n", "    - chapters/first.qmd\n    - index.qmd\n")
    )
    book.write("_quarto.yml", text)
    with pytest.raises(BookError, match=r"first chapter must be index\.qmd"):
        load_project(book.folder)
