"""Sentences that could depend on the evidence are guarded, computed, or known to stand whatever it says.

Words such as "nobody", "only", "most", "yet" make a claim about all the evidence. Outside a guarded
passage (``say.given``) a sentence with one of them has to be in ``standing.txt``: somebody has read it and
found that it holds whatever the evidence says (a rule of the method, a definition, a fact about one named
source). After a change: ``python -m tests.chapters.test_standing`` writes the list anew; read what is new
in it, and guard or compute what would not stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chapters.reading import LANGUAGES, Block, Chapter, parse, prose
from tests.chapters.test_chapters import WITH_TEXT

LIST = Path(__file__).parent / "standing.txt"

MARKERS = {
    "en": re.compile(
        r"\b(?:nobody|no (?:study|trial|report|other|tool)|none of|only|mostly|few|hardly|seldom|largest"
        r"|newest|most (?:of|studies|trials|people|sources)|yet|so far|several|the one|unknown|not known)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "尚|目前|没有一项|均未|仅|多数|大多|少数|很少|几乎|最大|最新|唯一|未知|不明|数项|不得而知|还没有|只有"
    ),
}
ENDS = {"en": re.compile(r"(?<=[.!?])\s+"), "zh": re.compile(r"(?<=[。！？])")}

# What these chapters say is about the files, the programs or the versions, not about the evidence.
OTHER = {"authors", "changes", "codebook", "data", "glossary", "living", "reporting", "validation"}
CHAPTERS = [chapter for chapter in WITH_TEXT if Path(chapter.name).stem not in OTHER]


def unguarded(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """The blocks outside every guarded passage."""
    inside = False
    for block in blocks:
        if "say.given(" in block.text:
            inside = True
        elif "say.end(" in block.text:
            inside = False
        elif not inside and block.kind != "quote":
            yield block


def claiming(chapter: Chapter, lang: str) -> list[str]:
    """The sentences of a chapter that claim something of all the evidence without a guard."""
    found = []
    for block in unguarded(chapter.blocks(lang)):
        text = prose(block.text, "…")
        found += [part for part in ENDS[lang].split(text) if MARKERS[lang].search(part)]
    return found


def listed() -> dict[str, list[str]]:
    """The reviewed sentences by chapter and language."""
    sections: dict[str, list[str]] = {}
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            sections[line[3:]] = here = []
        elif line:
            here.append(line)
    return sections


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_what_is_not_guarded_stands_whatever_the_evidence(chapter: Chapter, lang: str) -> None:
    assert claiming(chapter, lang) == listed().get(f"{chapter.name} [{lang}]", [])


EXAMPLE = """# T {{#sec-t}}

::: {{.content-visible when-profile="en"}}
{en}
:::
::: {{.content-visible when-profile="zh"}}
{zh}
:::
"""


@pytest.mark.parametrize(
    ("en", "zh"),
    [
        ("Nobody can say. Text.", "目前无法下结论。正文。"),
        ("Most studies are small.", "多数研究规模很小。"),
        ("The largest trial failed.", "规模最大的试验未达终点。"),
    ],
)
def test_a_claim_is_found_outside_a_guard_only(en: str, zh: str) -> None:
    guard = ('`{python} say.given("x.k = 1")`\n\n', "\n\n`{python} say.end()`")
    for lang in LANGUAGES:
        bare = parse(EXAMPLE.format(en=en, zh=zh))
        guarded = parse(EXAMPLE.format(en=en.join(guard), zh=zh.join(guard)))
        assert len(claiming(bare, lang)) == 1
        assert claiming(guarded, lang) == []


if __name__ == "__main__":
    parts = []
    for one in CHAPTERS:
        for language in LANGUAGES:
            if sentences := claiming(one, language):
                parts.append("\n".join((f"== {one.name} [{language}]", *sentences)) + "\n")
    LIST.write_text("\n".join(parts), encoding="utf-8")
