"""The plain-language summary is for readers of 12 to 14: school grades 7 to 9 of the Flesch-Kincaid formula.

Kincaid JP, Fishburne RP, Rogers RL, Chissom BS (1975): 0.39 words a sentence + 11.8 syllables a word
- 15.59. Syllables are estimated from groups of vowels, which is right to about half a grade on a whole
page; so the page has to stay at grade 7, the lower end.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.chapters.reading import ROOT, prose, read
from tests.chapters.shown import text_of
from tests.chapters.variants import VARIANTS, Data

PAGE = "chapters/plain-language.qmd"
HARDEST = 7.0
LONGEST = 24
"""Han characters that a sentence of the Chinese summary may have on average."""

_SILENT = re.compile(r"(?:[^laeiouy]es|[^aeiouytd]ed|[^laeiouy]e)$")


def syllables(word: str) -> int:
    """An estimate: groups of vowels, without a silent ending."""
    word = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", _SILENT.sub("", word) or word))
    return max(1, groups)


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of a text."""
    ends = [part for part in re.split(r"[.!?:]+(?:\s|$)", text) if re.search(r"[A-Za-z]", part)]
    words = re.findall(r"[A-Za-z][A-Za-z'’-]*|\d+", text)
    spoken = sum(syllables(word) for word in words)
    return 0.39 * len(words) / len(ends) + 11.8 * spoken / len(words) - 15.59


@pytest.fixture(scope="module", params=["as_it_is", "nothing_usable", "rated_low", "many_against"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    data = Data(tmp_path_factory.mktemp(request.param))
    VARIANTS[request.param](data)
    return {lang: text(data.project, lang) for lang in ("en", "zh")}


def text(project: Path, lang: str) -> str:
    """The page as it is read, without headings, names of studies and citations."""
    blocks = text_of((read(ROOT / PAGE),), project, lang)[PAGE]
    lines = [prose(block.text).replace("[x]", "") for block in blocks if block.kind != "heading"]
    return "\n".join(line for line in lines if line)


def test_the_english_summary_is_easy(page: dict[str, str]) -> None:
    assert grade(page["en"]) <= HARDEST


def test_the_chinese_summary_has_short_sentences(page: dict[str, str]) -> None:
    sentences = [part for part in re.split(r"[。！？：；\n]", page["zh"]) if part.strip()]
    han = [len(re.findall(r"[\u4e00-\u9fff]", part)) for part in sentences]
    assert sum(han) / len(han) <= LONGEST
    assert max(han) <= 3 * LONGEST


@pytest.mark.parametrize(
    ("word", "expected"),
    [("cells", 1), ("people", 2), ("disease", 2), ("treatment", 2), ("laboratory", 5), ("better", 2)],
)
def test_syllables(word: str, expected: int) -> None:
    assert syllables(word) == expected


def test_hard_text_is_found() -> None:
    """The review's own technical summary is not plain language."""
    hard = read(ROOT / "chapters" / "methods.qmd")
    lines = [prose(block.text, "5") for block in hard.blocks("en") if block.kind == "paragraph"]
    assert grade("\n".join(lines)) > HARDEST
