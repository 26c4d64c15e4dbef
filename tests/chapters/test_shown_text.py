"""The chapters' text with its computed parts in place reads as one text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analysis.show import say
from tests.chapters import rules
from tests.chapters.reading import INLINE, LANGUAGES, ROOT, Block
from tests.chapters.test_chapters import WITH_TEXT


@pytest.fixture(scope="module", autouse=True)
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project of its own on the real evidence, so that nothing is written into the tree."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "data").symlink_to(ROOT / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUARTO_PROJECT_DIR", str(folder))
        yield folder


def filled(lang: str, blocks: tuple[Block, ...]) -> list[Block]:
    """The blocks with inline code replaced by what it says in that language."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUARTO_PROFILE", lang)
        return [
            Block(block.line, block.kind, INLINE.sub(lambda found: _plain(found[1]), block.text))
            for block in blocks
            if block.inline
        ]


def _plain(expression: str) -> str:
    return re.sub(r"\\(?=[^\w\s])", "", str(eval(expression, {"say": say})))


def findings(lang: str, rule: Callable[[Block], list[str]]) -> list[str]:
    return [
        f"{chapter.name}, line {block.line}: {found}"
        for chapter in WITH_TEXT
        for block in filled(lang, chapter.blocks(lang))
        for found in rule(block)
    ]


@pytest.mark.parametrize("rule", [rules.spacing, rules.half_width, rules.stuck_references])
def test_chinese(rule: Callable[[Block], list[str]]) -> None:
    assert findings("zh", rule) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_text_is_in_its_language(lang: str) -> None:
    assert findings(lang, lambda block: rules.wrong_language(block, lang)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences_end_once(lang: str) -> None:
    assert (
        findings(
            lang, lambda block: re.findall(r"[.。;；:：,，]\s*[.。;；,，]|[^.。]{0,9} [,.;]", block.text)
        )
        == []
    )
