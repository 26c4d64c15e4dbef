"""Chapters as tests see them: pairs of texts in both languages, cells, and what text is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "zh")
HAN = "\u3400-\u4dbf\u4e00-\u9fff"

_OPEN = re.compile(r'^(:{3,}) \{\.content-visible when-profile="(en|zh)"\}$')
# What only the page or only the PDF shows; a colon more than the languages' divs, which stand inside.
_FORMAT = re.compile(r'^::::(?: \{\.content-(?:visible|hidden) when-format="html"\})?$')
_DIV = re.compile(r"^:{3,}")
_KINDS = (
    ("heading", re.compile(r"^#{1,6} ")),
    ("fence", _DIV),
    ("item", re.compile(r"^(?:[-*]|\d+\.) ")),
    ("quote", re.compile(r"^>")),
    ("definition", re.compile(r"^: {3}")),
)
INLINE = re.compile(r"`\{python\} ([^`]+)`")
CITATION = re.compile(r"(?<![\w\\])@([a-z][a-z0-9_]*[a-z0-9])(?![\w-])")
CROSSREF = re.compile(r"@((?:sec|fig|tbl)-[a-z0-9-]*[a-z0-9])")
_ATTRIBUTES = re.compile(r"\{[#.][^{}]*\}")


@dataclass(frozen=True)
class Block:
    """A line of text: a paragraph stands on one line."""

    line: int
    kind: str
    text: str

    @property
    def inline(self) -> list[str]:
        """The Python expressions in it, sorted."""
        return sorted(match.strip() for match in INLINE.findall(self.text))

    @property
    def citations(self) -> set[str]:
        """The keys it cites."""
        return set(CITATION.findall(INLINE.sub("", self.text)))

    @property
    def references(self) -> set[str]:
        """The figures, tables and sections it refers to."""
        return set(CROSSREF.findall(INLINE.sub("", self.text)))

    @property
    def anchor(self) -> str:
        """A heading's level and id."""
        found = re.search(r"\{#([\w-]+)", self.text)
        return f"{self.text.split(' ')[0]} {found[1] if found else ''}" if self.kind == "heading" else ""


@dataclass(frozen=True)
class Pair:
    """The same passage in both languages, line by line."""

    en: tuple[Block, ...]
    zh: tuple[Block, ...]

    def of(self, lang: str) -> tuple[Block, ...]:
        """One of its sides."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True)
class Chapter:
    """A chapter's source, taken apart.

    Attributes
    ----------
    outside : tuple of Block
        What stands in neither language's div, cells aside.
    cells : tuple of str
        The code of each cell.
    unpaired : tuple of str
        Divs that do not stand en first and zh right behind.
    """

    name: str
    outside: tuple[Block, ...]
    pairs: tuple[Pair, ...]
    cells: tuple[str, ...]
    unpaired: tuple[str, ...]

    def blocks(self, lang: str) -> tuple[Block, ...]:
        """All text in one language."""
        return tuple(block for pair in self.pairs for block in pair.of(lang))

    @property
    def shown(self) -> set[str]:
        """The ids of the figures and tables that its cells show."""
        return {found for cell in self.cells if (found := shown_id(cell))}

    @property
    def anchors(self) -> set[str]:
        """The section ids it defines."""
        headings = [block for block in (*self.outside, *self.blocks("en")) if block.kind == "heading"]
        return {block.anchor.split(" ")[1] for block in headings}


def read(path: Path) -> Chapter:
    """Read a chapter's file."""
    return parse(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())


def parse(text: str, name: str = "example.qmd") -> Chapter:
    """Take a chapter's text apart."""
    outside: list[Block] = []
    divs: list[tuple[str, tuple[Block, ...], int]] = []
    cells: list[str] = []
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        if _FORMAT.match(line):
            at += 1
            continue
        opening = _OPEN.match(line)
        if line.startswith("```"):
            end = next(i for i in range(at + 1, len(lines)) if lines[i].startswith("```"))
            cells.append("\n".join(lines[at + 1 : end]))
            at = end
        elif opening:
            end = next(i for i in range(at + 1, len(lines)) if lines[i] == opening[1])
            inside = [block(i + 1, lines[i]) for i in range(at + 1, end) if lines[i].strip()]
            divs.append((opening[2], tuple(inside), at + 1))
            at = end
        elif line.strip():
            outside.append(block(at + 1, line))
        at += 1
    pairs, unpaired = _paired(divs)
    return Chapter(name, tuple(outside), pairs, tuple(cells), unpaired)


def _paired(divs: list[tuple[str, tuple[Block, ...], int]]) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    pairs, unpaired, at = [], [], 0
    while at < len(divs):
        lang, blocks, line = divs[at]
        if lang == "en" and at + 1 < len(divs) and divs[at + 1][0] == "zh":
            pairs.append(Pair(blocks, divs[at + 1][1]))
            at += 2
        else:
            unpaired.append(f"line {line}: {lang}")
            at += 1
    return tuple(pairs), tuple(unpaired)


def block(line: int, text: str) -> Block:
    """A line with its kind."""
    kind = next((name for name, pattern in _KINDS if pattern.match(text)), "paragraph")
    return Block(line, kind, text)


def shown_id(cell: str) -> str:
    """The id of the figure or table that a cell shows, or nothing."""
    forest = re.search(r'show\.forest\("([^"]+)"', cell)
    figure = re.search(r'show\.figure\("([^"]+)"(?:, "([^"]+)")?', cell)
    table = re.search(r'show\.table\("([^"]+)"(?:, \w+="([^"]+)")?', cell)
    if cell.strip() == "show.versions()":
        return "tbl-versions"
    if forest:
        return f"fig-{forest[1]}"
    if figure:
        return "-".join(part for part in ("fig", figure[2], figure[1]) if part)
    if table:
        return "-".join(part for part in ("tbl", table[1], (table[2] or "").replace("_", "-")) if part)
    return ""


def prose(text: str, code: str = "") -> str:
    """What a reader reads of a line: no markers, ids, keys, maths; `code` in place of inline code."""
    text = INLINE.sub(code, text)
    text = re.sub(r"^(?:#{1,6} |[-*] |\d+\. |> ?|: {3})", "", text)
    text = re.sub(r"^:{3,}.*?(?:title=\"([^\"]*)\")?\}?$", r"\1", text)
    text = _ATTRIBUTES.sub("", text)
    text = re.sub(r"\$[^$]+\$", "x", text)
    text = re.sub(r"`[^`]+`", "x", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"\[@[^\]]+\]", "[x]", text)
    text = CITATION.sub("x", CROSSREF.sub("x", text))
    return re.sub(r"\*+", "", text).strip()
