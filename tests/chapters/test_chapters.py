"""Every chapter keeps every rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest
import yaml

from tests.chapters import rules
from tests.chapters.reading import LANGUAGES, ROOT, Block, Chapter, read

CHAPTERS = tuple(read(path) for path in (ROOT / "index.qmd", *sorted((ROOT / "chapters").glob("*.qmd"))))
WITH_TEXT = tuple(chapter for chapter in CHAPTERS if chapter.pairs)
SET_UP = "#| include: false\nfrom analysis import show\nfrom analysis.show import say"

LISTED = frozenset(yaml.safe_load((ROOT / "_quarto.yml").read_text(encoding="utf-8"))["book"]["chapters"])

every_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
every_text = pytest.mark.parametrize("chapter", WITH_TEXT, ids=lambda chapter: chapter.name)


def findings(blocks: tuple[Block, ...], rule: Callable[[Block], list[str]]) -> list[str]:
    return [f"line {block.line}: {found}" for block in blocks for found in rule(block)]


def test_the_book_lists_these_chapters() -> None:
    assert {chapter.name for chapter in CHAPTERS} == LISTED


@every_chapter
def test_the_title_comes_from_the_profiles(chapter: Chapter) -> None:
    title = chapter.outside[0]
    key = chapter.name.removeprefix("chapters/").removesuffix(".qmd")
    assert title.text.startswith(f"# {{{{< meta chapter-titles.{key} >}}}} {{#sec-")
    for lang in LANGUAGES:
        profile = yaml.safe_load((ROOT / f"_quarto-{lang}.yml").read_text(encoding="utf-8"))
        assert profile["chapter-titles"][key]


@every_text
def test_the_first_cell_sets_up(chapter: Chapter) -> None:
    assert chapter.cells[0] == SET_UP


@every_text
def test_all_text_stands_in_a_language(chapter: Chapter) -> None:
    assert chapter.unpaired == ()
    assert [block.text for block in chapter.outside[1:]] == []


@every_text
def test_both_languages_say_the_same(chapter: Chapter) -> None:
    assert [found for pair in chapter.pairs for found in rules.unequal(pair)] == []


@every_text
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("rule", [rules.typed_numerals, rules.stuck_references, rules.touching_code])
def test_text(chapter: Chapter, lang: str, rule: Callable[[Block], list[str]]) -> None:
    assert findings(chapter.blocks(lang), rule) == []


@every_text
@pytest.mark.parametrize("rule", [rules.half_width, rules.spacing, rules.slanted_han])
def test_chinese(chapter: Chapter, rule: Callable[[Block], list[str]]) -> None:
    assert findings(chapter.blocks("zh"), rule) == []


@every_text
@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_text_is_in_its_language(chapter: Chapter, lang: str) -> None:
    assert findings(chapter.blocks(lang), lambda block: rules.wrong_language(block, lang)) == []


@every_text
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_paragraph_stands_on_one_line(chapter: Chapter, lang: str) -> None:
    assert rules.broken_paragraphs(chapter.blocks(lang)) == []


@every_text
def test_figures_and_tables_are_mentioned(chapter: Chapter) -> None:
    assert rules.unmentioned(chapter) == []


@every_text
def test_terms_are_those_of_the_glossary(chapter: Chapter) -> None:
    assert [found for pair in chapter.pairs for found in rules.terms(pair, rules.glossary())] == []


@every_text
def test_what_is_cited_is_in_the_bibliography(chapter: Chapter) -> None:
    cited = {key for block in chapter.blocks("en") for key in block.citations}
    assert cited - rules.bibliography() == set()


@every_text
def test_what_is_referred_to_exists(chapter: Chapter) -> None:
    there = set().union(*(other.shown | other.anchors for other in CHAPTERS))
    named = {name for block in chapter.blocks("en") for name in block.references}
    assert named - there == set()


@every_text
def test_quotes_stand_in_the_evidence(chapter: Chapter) -> None:
    quoted = [block for block in chapter.blocks("en") if block.kind == "quote"]
    assert [block.text for block in quoted if not rules.is_printed(block)] == []


def test_every_study_has_one_section() -> None:
    rows = rules.table_rows("studies.csv")
    calls = [cell for chapter in CHAPTERS for cell in chapter.cells if cell.startswith("show.studies(")]
    conditions = [dict(re.findall(r'(\w+)="(\w+)"', call)) for call in calls]
    sections = Counter(
        row["study_id"] for wanted in conditions for row in rows if wanted.items() <= row.items()
    )
    assert sections == Counter(row["study_id"] for row in rows)


def test_a_figure_is_shown_once() -> None:
    shown = [name for chapter in CHAPTERS for name in chapter.shown]
    assert len(shown) == len(set(shown))


def test_a_section_id_stands_once() -> None:
    headings = [
        block.anchor.split(" ")[1]
        for chapter in CHAPTERS
        for block in (*chapter.outside, *chapter.blocks("en"))
        if block.kind == "heading"
    ]
    assert [name for name, count in Counter(headings).items() if count > 1 or not name] == []
