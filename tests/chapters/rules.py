"""Rules of the chapters' text. Each takes a chapter (or a line) and says what is wrong with it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache

from analysis.wording.chinese import spaced
from tests.chapters.reading import HAN, LANGUAGES, ROOT, Block, Chapter, Pair, prose

NAMES_WITH_NUMERALS = ("9-hole peg test", "timed 25-foot walk", "25 英尺", "T2", "RoB 2")
"""Names in which a numeral is no number of ours."""

_NUMBER_WORDS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred"
_COUNTED = "stud|trial|people|person|patient|participant|review|database|value|report|arm|event|case|relapse"
_COUNTED_EN = re.compile(rf"\b(?:{_NUMBER_WORDS})\s+(?:\w+\s+)?(?:{_COUNTED})\w*", re.IGNORECASE)
_COUNTED_ZH = re.compile("(?<!第)[两二三四五六七八九十百]+(?:项(?!分布)|例|人|名患者|篇|个数据库)")
_ENGLISH_RUN = re.compile(r"[a-z][a-z'’-]*(?: [a-z][a-z'’-]*){2,}")
_HALF_WIDTH = re.compile(rf"[{HAN}][,.;:?!()\"']|[,;:?!(\"'][{HAN}]|(?<![\w.])\.[{HAN}]|\)[{HAN}]")


def typed_numerals(block: Block) -> list[str]:
    """Numbers are computed; a typed one is found, also in words before what is counted."""
    if block.kind == "quote" and is_printed(block):
        return []
    text = prose(block.text)
    for name in NAMES_WITH_NUMERALS:
        text = text.replace(name, "")
    found = re.findall(r"\S*\d\S*", text)
    return found + _COUNTED_EN.findall(text) + _COUNTED_ZH.findall(text)


def half_width(block: Block) -> list[str]:
    """Chinese text has full-width punctuation."""
    return _HALF_WIDTH.findall(prose(block.text, "\N{OBJECT REPLACEMENT CHARACTER}"))


def spacing(block: Block) -> list[str]:
    """Chinese text has one space between Han and Latin, none between Han or beside full-width marks."""
    text = prose(block.text, "\N{OBJECT REPLACEMENT CHARACTER}")
    text = re.sub(r"(?<=[，。；：？！、（“]) (?=x)", "", text)
    wanted = spaced(text)
    wrong = [] if text == wanted else [f"{text!r} should be {wanted!r}"]
    return wrong + re.findall(rf"[{HAN}]\[x\]", text) + re.findall(r"\S {2,}\S", text)


def stuck_references(block: Block) -> list[str]:
    """Quarto prints ``@sec-x`` as text when it stands right behind a Han character."""
    return re.findall(rf"[{HAN}]@(?:sec|fig|tbl)-[\w-]+", block.text)


def wrong_language(block: Block, lang: str) -> list[str]:
    """No Chinese in English text, no English in Chinese text."""
    text = prose(block.text)
    if lang == "en":
        return re.findall(f"[{HAN}]+", text)
    if block.kind == "quote" or not text:
        return []
    return _ENGLISH_RUN.findall(re.sub(r"\bx\b", "", text))


def slanted_han(block: Block) -> list[str]:
    """Chinese has no italics: what is stressed stands in bold."""
    return re.findall(rf"(?<!\*)\*(?!\*)[^*]*[{HAN}][^*]*(?<!\*)\*(?!\*)", block.text)


def touching_code(block: Block) -> list[str]:
    """Two inline codes side by side make one run of backticks, which is no code any more."""
    return re.findall(r"``", block.text)


def broken_paragraphs(blocks: Iterable[Block]) -> list[str]:
    """A paragraph stands on one line: a soft break between Han characters becomes a space."""
    previous: Block | None = None
    found = []
    for block in blocks:
        if previous and previous.line + 1 == block.line and block.kind == "paragraph":
            found.append(f"line {block.line}: {block.text[:40]}")
        previous = block if block.kind in ("paragraph", "item", "definition", "quote") else None
    return found


def unequal(pair: Pair) -> list[str]:
    """Both languages say the same: same shape, ids, citations, references and computed values."""
    kinds = [[block.kind for block in pair.of(lang)] for lang in LANGUAGES]
    if kinds[0] != kinds[1]:
        return [f"line {pair.en[0].line}: {kinds[0]} against {kinds[1]}"]
    found = []
    for en, zh in zip(pair.en, pair.zh, strict=True):
        for what in ("anchor", "citations", "references", "inline"):
            ours, theirs = getattr(en, what), getattr(zh, what)
            if ours != theirs:
                found.append(f"lines {en.line} and {zh.line}, {what}: {ours} against {theirs}")
    return found


def unmentioned(chapter: Chapter) -> list[str]:
    """Every figure and table that a chapter shows is mentioned in it, in both languages."""
    found = []
    for lang in LANGUAGES:
        mentioned = {name for block in chapter.blocks(lang) for name in block.references}
        found += [f"{lang}: {name}" for name in sorted(chapter.shown - mentioned)]
    return found


def terms(pair: Pair, glossary: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Where the English has a term of the glossary, the Chinese has one of its forms."""
    found = []
    if len(pair.en) != len(pair.zh):
        return found
    for en, zh in zip(pair.en, pair.zh, strict=True):
        english, chinese = prose(en.text).lower(), prose(zh.text).replace(" ", "").lower()
        if en.kind == "quote":
            continue
        for term, forms in glossary.items():
            if re.search(rf"\b{re.escape(term)}s?\b", english) and not any(form in chinese for form in forms):
                found.append(f"line {zh.line}: “{term}” without {' / '.join(forms)}")
    return found


NOT_TERMS = frozenset(
    {
        # Words of the glossary that are ordinary English words elsewhere.
        "participants",
        "main results",
        "search strategy",
        "data collection and analysis",
        "grade",
        "low risk",
        "high risk",
        "living",
    }
)


@cache
def glossary() -> dict[str, tuple[str, ...]]:
    """The glossary's terms with their Chinese forms."""
    found: dict[str, tuple[str, ...]] = {}
    for row in table_rows("glossary.csv"):
        forms = [
            form.strip().replace(" ", "").lower()
            for form in re.split(r" / |（亦作：|（|）", row["zh"])
            if form.strip()
        ]
        # The courses of MS are also named without the disease: 复发缓解型.
        forms += [form.removesuffix("多发性硬化") for form in forms if form != "多发性硬化"]
        for term in re.split(r" / ", re.sub(r"\s*\(.*?\)", "", row["en"])):
            name = term.strip().lower()
            if forms and name and name not in NOT_TERMS:
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *forms)))
    return found


@cache
def bibliography() -> frozenset[str]:
    """The keys of ``references.bib``."""
    text = (ROOT / "data" / "references.bib").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^@\w+\{([^,\s]+),", text, re.MULTILINE))


@cache
def printed_quotes() -> tuple[str, ...]:
    """Every quote in the evidence tables."""
    names = sorted(path.name for path in (ROOT / "data").glob("*.csv"))
    return tuple(row["quote"] for name in names for row in table_rows(name) if row.get("quote"))


def is_printed(block: Block) -> bool:
    """Whether a quoted line stands word for word in a quote of the evidence."""
    text = block.text.removeprefix(">").strip()
    return not text or any(text in quote for quote in printed_quotes())


def table_rows(name: str) -> list[dict[str, str]]:
    """The rows of a table of the evidence, as they stand in the file."""
    with (ROOT / "data" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
