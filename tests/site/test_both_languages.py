"""Both languages are one review: the same pages, ids, figures, tables, citations and numbers."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from pypdf import PdfReader

from tests.site.conftest import LANGUAGES, Project

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class Article(HTMLParser):
    """What a page says: ids, links to citations, and the text of its main part."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.citations: list[str] = []
        self.text: list[str] = []
        self._main = 0
        self._skip = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "main":
            self._main += 1
        if tag in ("script", "style", "svg", "nav"):
            self._skip += 1
        if self._main and (anchor := given.get("id")) and tag not in ("g", "path", "text", "clippath"):
            self.ids.append(anchor)
        if self._main and given.get("role") == "doc-biblioref":
            self.citations.append((given.get("href") or "").split("#")[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._main -= 1
        if tag in ("script", "style", "svg", "nav"):
            self._skip -= 1

    def handle_data(self, data: str) -> None:
        if self._main and not self._skip:
            self.text.append(data)


def addresses(built: Project, lang: str) -> set[str]:
    root = built.site / lang
    return {str(path.relative_to(root)) for path in root.rglob("*.html") if "pagefind" not in path.parts}


def test_both_languages_have_the_same_pages(built: Project) -> None:
    english, chinese = (addresses(built, lang) for lang in LANGUAGES)
    assert english == chinese
    assert {"index.html", "chapters/efficacy.html", "chapters/references.html"} <= english


def test_pages_agree_in_ids_and_citations(built: Project) -> None:
    for address in sorted(addresses(built, "en")):
        english, chinese = (Article(built.page(lang, address)) for lang in LANGUAGES)
        assert set(english.ids) == set(chinese.ids), address
        assert sorted(set(english.citations)) == sorted(set(chinese.citations)), address


@pytest.mark.parametrize("address", ["index.html", "chapters/efficacy.html", "chapters/safety.html"])
def test_pages_agree_in_their_numbers(built: Project, address: str) -> None:
    english, chinese = (
        set(NUMBER.findall(" ".join(Article(built.page(lang, address)).text))) for lang in LANGUAGES
    )
    decimals = {number for number in english ^ chinese if "." in number}
    assert not decimals, address


def test_the_downloads_of_both_languages_hold_the_same_numbers(built: Project) -> None:
    english, chinese = (built.site / lang for lang in LANGUAGES)
    names = {path.name for path in (english / "figures").glob("*.json")}
    assert names
    assert names == {path.name for path in (chinese / "figures").glob("*.json")}
    assert (english / "results.json").read_bytes() == (chinese / "results.json").read_bytes()


@pytest.mark.parametrize(("lang", "words"), [("en", "multiple sclerosis"), ("zh", "多发性硬化")])
def test_pdfs_hold_real_text_in_embedded_fonts(built: Project, lang: str, words: str) -> None:
    reader = PdfReader(built.site / lang / f"msc-ms-living-review-{lang}.pdf")
    text = "".join(page.extract_text() for page in reader.pages)
    assert words in text.replace("\n", "")
    assert "�" not in text
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            descendants = font.get_object().get("/DescendantFonts")
            described = descendants[0].get_object() if descendants else font.get_object()
            files = set(described["/FontDescriptor"].get_object()) & {"/FontFile", "/FontFile2", "/FontFile3"}
            assert files, described


def test_the_chooser_offers_both_languages_without_javascript(built: Project) -> None:
    page = (built.site / "index.html").read_text(encoding="utf-8")
    plain = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    links = re.findall(r"<a[^>]+href=\"(?:\./)?(en|zh)/(?:index\.html)?\"", plain)
    assert list(dict.fromkeys(links)) == ["en", "zh"]
