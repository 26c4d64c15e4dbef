"""Where things stand in the PDF: what a careful typesetter would not let through."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pypdf import PageObject, PdfReader
from pypdf.generic import IndirectObject

from publishing import pdf
from publishing.glyphs import find_fonts
from publishing.pdf_appendix import MOST_ROWS
from tests.publishing.pdf_sample import REPOSITORY, sample_book

FONTS = find_fonts(REPOSITORY)
LANGUAGES = ("en", "zh")

APPENDIX = {"en": "Data appendix", "zh": "数据附录"}
FILLER = "\n\n".join(f"Filler paragraph {number} of the sample." for number in range(200))


def pages_of(folder: Path, extra: str, lang: str = "en", rows: int = 3) -> list[PageObject]:
    book = sample_book(folder, lang, extra=f"\n\n{extra}\n", rows=rows)
    return list(PdfReader(pdf.build(book, folder / "out.pdf", fonts=FONTS)).pages)


def text(page: PageObject) -> str:
    return re.sub(r"\s+", " ", page.extract_text())


def page_with(pages: list[PageObject], words: str) -> int:
    """The one page that has these words."""
    (found,) = [number for number, page in enumerate(pages, start=1) if words in text(page)]
    return found


def bookmarked(folder: Path, title: str) -> int:
    """The page that a bookmark of the first level leads to."""
    reader = PdfReader(folder / "out.pdf")
    (entry,) = [entry for entry in reader.outline if not isinstance(entry, list) and entry.title == title]
    number = reader.get_destination_page_number(entry)
    assert number is not None
    return number + 1


def raw(typst: str) -> str:
    return f"```{{=typst}}\n{typst}\n```"


LOOKED_UP = f"""
## Studies {{#sec-looked-up .data-appendix number="1.2"}}

Words to look up.

## More studies {{#sec-looked-up-too .data-appendix number="1.3"}}

More words to look up.

## Text again {{#sec-again number="1.4"}}

Words to read.

:::: {{#tbl-looked-up .data-appendix .landscape number="1.1"}}
{raw('#review-table(columns: (1fr, 1fr), header: ("a", "b"), "cell to look up", "c")')}

What is looked up
::::
"""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_looked_up_stands_after_what_is_read(tmp_path: Path, lang: str) -> None:
    pages = pages_of(tmp_path, LOOKED_UP, lang)
    begins = page_with(pages, "Words to look up.")
    assert page_with(pages, "Journal of Samples") < begins == page_with(pages, "More words to look up.")
    assert text(pages[begins - 1]).index(APPENDIX[lang]) < text(pages[begins - 1]).index("Words to look up.")
    read = text(pages[page_with(pages, "Words to read.") - 1])
    table = page_with(pages, "cell to look up")
    moved = {
        "en": (
            f"Sections 1.2–1.3: in the data appendix, from page {begins}.",
            f"Table 1.1: in the data appendix, from page {table}.",
        ),
        "zh": (
            f"小节 1.2–1.3：见文末的数据附录，自第 {begins} 页起。",
            f"表 1.1：见文末的数据附录，自第 {table} 页起。",
        ),
    }
    for words in moved[lang]:
        assert words in read
    assert str(begins) in text(pages[0])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_appendix_is_a_bookmark_with_its_sections(tmp_path: Path, lang: str) -> None:
    pages_of(tmp_path, LOOKED_UP, lang)
    outline = PdfReader(tmp_path / "out.pdf").outline
    last, inside = outline[-2:]
    assert last.title == APPENDIX[lang]
    assert [entry.title for entry in inside][:2] == ["1.2 Studies", "1.3 More studies"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_of_an_appendix_too_long_to_print_the_pdf_says_where_it_is(tmp_path: Path, lang: str) -> None:
    cells = ", ".join(f'anchor("v{row}") + "value {row}", "b"' for row in range(MOST_ROWS))
    table = raw(f'#review-table(columns: 2, header: ("a", "b"), {cells})')
    moved = f'## Studies {{#sec-looked-up .data-appendix number="1.2"}}\n\nWords to look up.\n\n{table}'
    text_there = '## Text again {#sec-again number="1.4"}\n\n[One value](#v7) to read.'
    assert page_with(pages_of(tmp_path / "fits", f"{moved}\n\n{text_there}", lang), "Words to look up.")
    long = moved.replace('"value 0", "b"', '"value 0", "b", "one", "more"')
    pages = pages_of(tmp_path / "long", f"{long}\n\n{text_there}", lang)
    address = f"https://example.org/review/{lang}/index.html"
    assert not [page for page in pages if "Words to look up." in text(page)]
    end = text(pages[-1])
    said = {
        "en": f"The tables of this appendix have {MOST_ROWS + 1} rows; no more than {MOST_ROWS} are printed.",
        "zh": f"本附录的表格共 {MOST_ROWS + 1} 行，印刷版最多收录 {MOST_ROWS} 行。",
    }
    name = {"en": "Section 1.2", "zh": "小节 1.2"}[lang]
    for words in (APPENDIX[lang], said[lang], name, f"{address}#sec-looked-up"):
        assert words in end
    assert f"{address}#v7" in addresses(pages)
    tells = {
        "en": (f"on the website; page {len(pages)} tells where.",) * 2,
        "zh": (f"均见网站，网址列于第 {len(pages)} 页。", f"小节 1.2：见网站，网址列于第 {len(pages)} 页。"),
    }
    assert tells[lang][0].replace(" ", "") in text(pages[0]).replace(" ", "")
    assert page_with(pages[1:-1], tells[lang][1])


def addresses(pages: list[PageObject]) -> set[str]:
    """Where links lead outside the file."""
    notes = [note.get_object() for page in pages for note in page.get("/Annots") or ()]
    return {str(note["/A"]["/URI"]) for note in notes if "/URI" in note.get("/A", {})}


def test_a_book_without_an_appendix_has_none(tmp_path: Path) -> None:
    pages = pages_of(tmp_path, "Nothing to look up.")
    assert not [page for page in pages if "appendix" in text(page)]


def test_text_goes_on_where_a_figure_does_not_fit(tmp_path: Path) -> None:
    figure = ':::: {#fig-tall number="1.2"}\n' + raw("#rect(width: 4cm, height: 20cm)") + "\n\nTall.\n::::"
    pages = pages_of(tmp_path, f"Words before.\n\n{figure}\n\nWords after.")
    assert page_with(pages, "Words before.") == page_with(pages, "Words after.")
    assert page_with(pages, "Figure 1.2") > page_with(pages, "Words after.")


@pytest.mark.parametrize("paragraphs", range(5, 10))
def test_no_line_of_a_list_is_lost_beside_a_tall_figure(tmp_path: Path, paragraphs: int) -> None:
    tall = raw("#rect(width: 4cm, height: 22.35cm)")
    figure = f':::: {{#fig-tall number="1.2"}}\n{tall}\n\nTall.\n::::'
    items = [
        [f"word{item}{word:02}" for word in range(size)] for item, size in enumerate((25, 14, 19, 25, 10, 25))
    ]
    listed = "\n".join("- " + " ".join(words) for words in items)
    filler = "\n\n".join(FILLER.split("\n\n")[:paragraphs])
    pages = pages_of(tmp_path, f"{filler}\n\n{figure}\n\nWords.\n\n{listed}")
    found = " ".join(text(page) for page in pages)
    assert not [word for words in items for word in words if word not in found]


def test_a_figure_stays_in_its_chapter(tmp_path: Path) -> None:
    figure = ':::: {#fig-tall number="1.2"}\n' + raw("#rect(width: 4cm, height: 20cm)") + "\n\nTall.\n::::"
    pages = pages_of(tmp_path, figure)
    assert page_with(pages, "Figure 1.2") <= bookmarked(tmp_path, "2 Second chapter")


def test_long_wide_tables_wait_for_the_end_of_their_chapter(tmp_path: Path) -> None:
    rows = ", ".join(f'"row {number}", "cell"' for number in range(80))
    table = raw(f'#review-table(columns: (1fr, 1fr), header: ("a", "b"), {rows})')
    wide = f':::: {{#tbl-wide .landscape number="1.1"}}\n{table}\n\nWide.\n::::'
    pages = pages_of(tmp_path, f"Words before.\n\n{wide}\n\nWords after.")
    assert page_with(pages, "Words before.") == page_with(pages, "Words after.")
    first = page_with(pages, "Table 1.1:")
    assert page_with(pages, "Words after.") < first < page_with(pages, "Table 2.1:")
    assert pages[first - 1].mediabox.width > pages[first - 1].mediabox.height


@pytest.mark.parametrize("paragraphs", range(20, 60, 4))
def test_a_table_s_head_does_not_stand_alone(tmp_path: Path, paragraphs: int) -> None:
    filler = "\n\n".join(FILLER.split("\n\n")[:paragraphs])
    rows = ", ".join(f'"row {number}", "cell"' for number in range(40))
    table = raw(f'#review-table(columns: (1fr, 1fr), header: ("a", "b"), group("Group"), {rows})')
    pages = pages_of(tmp_path, f'{filler}\n\n:::: {{#tbl-x number="1.1"}}\n{table}\n\nBroken.\n::::')
    assert "row 3 cell" in text(pages[page_with(pages, "Table 1.1:") - 1])


@pytest.mark.parametrize("paragraphs", range(20, 60, 4))
def test_a_minor_title_stays_with_its_table(tmp_path: Path, paragraphs: int) -> None:
    filler = "\n\n".join(FILLER.split("\n\n")[:paragraphs])
    rows = ", ".join(f'"row {number}", "cell"' for number in range(40))
    table = f'#minor-title("Minor title")\n#review-table(columns: (1fr, 1fr), header: ("a", "b"), {rows})'
    pages = pages_of(tmp_path, f"{filler}\n\n{raw(table)}")
    assert "Minor title a b row 0 cell row 1 cell" in text(pages[page_with(pages, "Minor title") - 1])


def test_a_term_and_its_definition_share_a_line(tmp_path: Path) -> None:
    pages = pages_of(tmp_path, "CI\n:   Confidence *interval*\n\nLong\n:   One.\n\n    Two.")
    lines = "\n".join(page.extract_text() for page in pages).splitlines()
    assert any(re.fullmatch(r"CI\s+Confidence interval", line.strip()) for line in lines)
    assert "Two." in " ".join(lines)


@pytest.mark.parametrize(("lang", "title"), [("en", "2 Second chapter"), ("zh", "2 第二章")])
def test_a_table_of_places_tells_their_pages(tmp_path: Path, lang: str, title: str) -> None:
    cell = raw('#review-table(columns: 2, header: ("a", "b"), "x", to-page("sec-second", "the place"))')
    pages = pages_of(tmp_path, cell, lang)
    page = bookmarked(tmp_path, title)
    words = {"en": f"the place, p. {page}", "zh": f"the place，第 {page} 页"}[lang]
    assert page_with(pages, words)


def test_code_in_a_chinese_text_is_of_no_country(tmp_path: Path) -> None:
    pages_of(tmp_path, "文件 `data/review.yml` 如下。", "zh")
    assert languages(PdfReader(tmp_path / "out.pdf").trailer["/Root"]["/StructTreeRoot"]) <= {"en", "zh-CN"}


def languages(node: object) -> set[str]:
    """The languages that parts of the structure are marked with."""
    node = node.get_object() if isinstance(node, IndirectObject) else node
    if isinstance(node, list):
        return {lang for child in node for lang in languages(child)}
    if not isinstance(node, dict):
        return set()
    own = {str(node["/Lang"])} if "/Lang" in node else set()
    return own | languages(node.get("/K"))
