"""Running text on its way to Typst: what Chinese asks of spaces, and what Typst would misread."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from publishing import pdf
from publishing.citations import with_citations
from publishing.glyphs import advances, find_fonts
from tests.publishing.pdf_sample import REPOSITORY, sample_book

X = '#math.equation(block: false, alt: "x", $x$.body);'


@pytest.mark.parametrize(
    ("lang", "markdown", "typst"),
    [
        ("zh", "甲\n乙 丙 d 丁", "甲乙丙 d 丁"),
        ("zh", "甲 *乙*", "甲#strong[乙]"),
        ("zh", "甲$x$乙 $x$ 丙", f"甲#h(0.2em){X}#h(0.2em)乙 {X} 丙"),
        ("en", "a\nb $x$ c", f"a b {X} c"),
        ("en", "*a*.b and a.b", "#emph[a];.b and a.b"),
        ("en", r"\- one", "#[]- one"),
        ("en", r"1\. one", "#[]1. one"),
        ("en", "a ![x](data.png) b", 'a #box(image("/data.png", alt: "x", width: 100%)); b'),
    ],
)
def test_running_text(tmp_path: Path, lang: str, markdown: str, typst: str) -> None:
    widths = advances(find_fonts(REPOSITORY), lang)
    book = sample_book(tmp_path, lang, extra=f"\nFIRST\n\n{markdown}\n\nLAST\n", rows=1)
    text = pdf.typst_chapters(book, widths)["index.qmd"]
    assert text[text.index("FIRST") + 5 : text.index("LAST")].strip() == typst


def test_pandoc_is_not_given_the_pictures_of_the_other_format() -> None:
    """The document is simulated."""
    raw = [{"t": "RawBlock", "c": [form, f"of {form}"]} for form in ("html", "typst", "html5")]
    ast = json.dumps({"blocks": [{"t": "Div", "c": [["", [], []], raw]}]})
    (div,) = with_citations(ast, "[]", "html")["blocks"]
    found = [block["c"] for block in div["c"][1]]
    assert found == [
        ["html", ""],
        ["typst", "of typst"],
        ["html5", "of html5"],
    ]
