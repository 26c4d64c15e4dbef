"""The PDF: real text in both languages, fonts inside, structure for readers, and failures in words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from publishing import pdf
from publishing.errors import BookError
from publishing.glyphs import find_fonts
from tests.publishing.pdf_sample import REPOSITORY, TITLES, sample_book

FONTS = find_fonts(REPOSITORY)
LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sample's PDF in each language."""
    folder = tmp_path_factory.mktemp("sample")
    return {
        lang: pdf.build(sample_book(folder, lang), folder / f"{lang}.pdf", fonts=FONTS) for lang in LANGUAGES
    }


def text_of(path: Path) -> str:
    """The text without line ends; the space that a line's end leaves between Chinese characters goes too."""
    text = "\n".join(page.extract_text() for page in PdfReader(path).pages)
    return re.sub(r"\s+", " ", re.sub(r"(?<=[\u3000-\u9fff])\n(?=[\u3000-\u9fff])", "", text))


def titles(outline: list) -> list[str]:
    return [title for item in outline for title in (titles(item) if isinstance(item, list) else [item.title])]


def fail(folder: Path, extra: str, lang: str = "en") -> BookError:
    out = folder / "out.pdf"
    with pytest.raises(BookError) as caught:
        pdf.build(sample_book(folder, lang, extra=extra, rows=3), out, fonts=FONTS)
    assert not out.exists()
    return caught.value


def test_text_is_real_in_both_languages(built: dict[str, Path]) -> None:
    english, chinese = text_of(built["en"]), text_of(built["zh"])
    for words in ("Opening words before any number", "“quoted”", "Kučera", "Parkinson’s", "Take care"):
        assert words in english
    for words in ("带脚注的句子", "第二行紧接着第一行", "引用“样例”研究与", "脚注的文字", "请注意"):
        assert words in chinese


def test_numbers_are_the_websites(built: dict[str, Path]) -> None:
    english, chinese = text_of(built["en"]), text_of(built["zh"])
    assert "Section 1.1, Figure 1.1, Table 2.1 and Chapter 2" in english
    assert "Figure 1.1: Caption of the figure." in english
    assert "参见小节 1.1、图 1.1、表 2.1 和章节 2；" in chinese
    assert "图 1.1：图的说明。" in chinese


def test_status_and_citation_stand_on_the_title_page(built: dict[str, Path]) -> None:
    first = {lang: PdfReader(path).pages[0].extract_text() for lang, path in built.items()}
    for words in (
        "Version 2026.1.0",
        "Evidence up to 1 November 2026",
        "Next search",
        "CC BY 4.0",
        "How to cite",
    ):
        assert words in first["en"]
    for words in ("版本 2026.1.0", "证据截至", "下次检索", "引用方式", "目录"):
        assert words in first["zh"]


def test_text_for_the_page_only_is_left_out(built: dict[str, Path]) -> None:
    assert "Only on the page" not in text_of(built["en"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_fonts_are_embedded(built: dict[str, Path], lang: str) -> None:
    fonts = {
        font.get_object()["/BaseFont"]: font.get_object()
        for page in PdfReader(built[lang]).pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert any("NotoSansSC" in name for name in fonts)
    for font in fonts.values():
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert descriptor.keys() & {"/FontFile2", "/FontFile3"}
        assert "/ToUnicode" in font


@pytest.mark.parametrize("lang", LANGUAGES)
def test_document_says_what_it_is(built: dict[str, Path], lang: str) -> None:
    reader = PdfReader(built[lang])
    root = reader.trailer["/Root"]
    assert root["/Lang"] == {"en": "en-GB", "zh": "zh-CN"}[lang]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == TITLES[lang]
    assert b"pdfuaid" in reader.trailer["/Root"]["/Metadata"].get_object().get_data()


def test_bookmarks_carry_the_numbers(built: dict[str, Path]) -> None:
    assert titles(PdfReader(built["en"]).outline) == [
        TITLES["en"],
        "1.1 Disability",
        "2 Second chapter",
        "2.1 Study one",
    ]


def test_figures_have_alternative_text(built: dict[str, Path]) -> None:
    root = PdfReader(built["zh"]).trailer["/Root"]["/StructTreeRoot"]
    found, waiting = set(), [root]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            found.add(node.get("/Alt"))
            waiting += [node["/K"]] if "/K" in node else []
    assert "两项研究及其均值" in found
    assert "\\tau^2 = 0" in found


def test_long_table_repeats_its_head_on_landscape_pages(built: dict[str, Path]) -> None:
    pages = [page for page in PdfReader(built["en"]).pages if page.mediabox.width > page.mediabox.height]
    assert len(pages) > 2
    for page in pages:
        assert re.search(r"MSC\s+Name n MD Route\s+Study one\n", page.extract_text())


def test_links_lead_inside_the_file_or_to_the_site(built: dict[str, Path]) -> None:
    actions = [
        annotation.get_object().get("/A", {})
        for page in PdfReader(built["en"]).pages
        for annotation in page.get("/Annots", [])
    ]
    outside = {action["/URI"] for action in actions if "/URI" in action}
    assert "https://example.org/review/en/data.csv" in outside
    assert "https://doi.org/10.1000/sample" in outside
    assert not any(uri.endswith((".qmd", "#study-one")) for uri in outside)


def test_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pdf.build(sample_book(tmp_path / name, "zh", rows=5), tmp_path / f"{name}.pdf", fonts=FONTS)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_a_book_without_status_still_has_its_title(tmp_path: Path) -> None:
    book = sample_book(tmp_path, "en", rows=3)
    (tmp_path / "_build" / "en" / "status.json").unlink()
    first = PdfReader(pdf.build(book, tmp_path / "out.pdf", fonts=FONTS)).pages[0].extract_text()
    assert "a living" in first
    assert "Version" not in first


def test_a_cell_longer_than_a_page_goes_on(tmp_path: Path) -> None:
    words = " ".join(f"word{number}" for number in range(900))
    cell = f'\n\n```{{=typst}}\n#review-table(columns: (3cm, 1fr), header: ("a", "b"), "{words}", "c")\n```\n'
    out = pdf.build(sample_book(tmp_path, "en", extra=cell, rows=3), tmp_path / "out.pdf", fonts=FONTS)
    holding = [page for page in PdfReader(out).pages if re.search(r"word\d+ word\d+", page.extract_text())]
    assert len(holding) > 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_marks_of_typst_are_plain_text(tmp_path: Path, lang: str) -> None:
    marks = "#hash @ $5 <b> [x] {y} //z _b_c ~t = + - x"
    extra = "\n\n" + re.sub(r"([^\w\s])", r"\\\1", marks) + "\n\n- \\- item\n"
    out = pdf.build(sample_book(tmp_path, lang, extra=extra, rows=3), tmp_path / "out.pdf", fonts=FONTS)
    assert marks in text_of(out)
    assert "- item" in text_of(out)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_missing_glyph_fails_with_the_character_and_its_place(tmp_path: Path, lang: str) -> None:
    error = fail(tmp_path, "\n\nA sign 𓀀 of Egypt.\n", lang)
    assert error.file == "index.qmd"
    assert "𓀀 (U+13000)" in error.en
    assert "A sign" in error.en
    assert "𓀀（U+13000）" in error.zh


@pytest.mark.parametrize(
    ("svg", "expected"),
    [
        ("<text style=\"font-family: 'Noto Sans SC'\">Sign 𓀀</text>", "𓀀 (U+13000)"),
        ('<text font-family="DejaVu Sans">Sign</text>', "DejaVu Sans"),
    ],
)
def test_a_figure_must_be_drawable(tmp_path: Path, svg: str, expected: str) -> None:
    book = sample_book(tmp_path, "en", rows=3)
    figure = tmp_path / "_build" / "en" / "figures" / "forest.svg"
    figure.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{svg}</svg>', encoding="utf-8")
    with pytest.raises(BookError) as caught:
        pdf.build(book, tmp_path / "out.pdf", fonts=FONTS)
    assert caught.value.file == "index.qmd"
    assert expected in caught.value.en
    assert "forest.svg" in caught.value.zh


@pytest.mark.parametrize(
    ("extra", "en", "zh"),
    [
        ('```{=typst}\n#image("/none.svg", alt: "x")\n```', "none.svg is not there", "none.svg"),
        ('```{=typst}\n#image("/none.png", alt: "x")\n```', "none.png is not there", "找不到文件"),
        (
            '```{=typst}\n#image("/_build/en/figures/forest.svg")\n```',
            "no alternative text",
            "缺少替代文本",
        ),
        ('```{=typst}\n#review-table(columns: 2, "a")\n```', "too few cells", "单元格不足"),
        ("```{=typst}\n#oops[\n```", "Typst stopped", "Typst 出错"),
    ],
)
def test_failures_name_the_chapter_in_both_languages(tmp_path: Path, extra: str, en: str, zh: str) -> None:
    error = fail(tmp_path, "\n\n" + extra + "\n")
    assert error.file == "index.qmd"
    assert en in error.en
    assert zh in error.zh


def test_an_earlier_pdf_outlives_a_failure(tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    out.write_bytes(b"earlier")
    with pytest.raises(BookError):
        pdf.build(sample_book(tmp_path, "en", extra="\n\n𓀀\n"), out, fonts=FONTS)
    assert out.read_bytes() == b"earlier"


def test_status_is_completed_from_the_book(tmp_path: Path) -> None:
    book = sample_book(tmp_path, "en")
    status = pdf.read_status(book)
    assert status["authors"] == ["Ann Example", "Ben Example"]
    assert status["url"] == "https://example.org/review/en/"
    path = tmp_path / "_build" / "en" / "status.json"
    path.write_text(json.dumps(status | {"authors": ["Someone Else"]}), encoding="utf-8")
    assert pdf.read_status(book)["authors"] == ["Someone Else"]
