"""What the heads of pages say, the files for download, and the references for reference managers."""

from __future__ import annotations

import json
import re
import struct
import zipfile
from pathlib import Path

import pytest

from publishing.downloads import listed, write_downloads
from publishing.metadata import CARD, CARD_SIZE, Site, head
from publishing.project import load_project
from publishing.references import ris, write_references
from publishing.words import WORDS, words_for
from tests.publishing.conftest import TestBook

OTHERS = {"en": "en", "zh": "zh-Hans"}
PAGE = (
    '<html><head><meta name="description" content="of the engine"></head><body><main class="content">'
    '<header><h1 class="title"><span>1</span> A &amp; B</h1></header><p>First <em>words</em>.</p>'
    "</main></body></html>"
)


def tags(html: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, content in re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', html):
        found.setdefault(name, []).append(content)
    return found


def linked_data(html: str) -> list[dict[str, object]]:
    text = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return json.loads(text[1])["@graph"] if text else []


@pytest.fixture
def site(built: TestBook, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The built book at an address, its status completed."""
    monkeypatch.setenv("REVIEW_SITE_URL", "https://example.org/review/")
    status = {
        "authors": ["Ann Example", "张三"],
        "date": "2026-01-05",
        "doi": "10.1/x",
        "licence": "CC BY 4.0",
        "version": "2026.1.0",
    }
    return Site(load_project(built.folder, "zh"), built.site / "zh", OTHERS, status)


def test_the_first_page_is_an_article_for_scholars(site: Site) -> None:
    found = tags("\n".join(head(site, "index.html", PAGE)[1]))
    assert found["citation_title"] == [site.book.title]
    assert found["citation_author"] == ["Ann Example", "张三"]
    assert found["citation_publication_date"] == ["2026/01/05"]
    assert found["citation_doi"] == ["10.1/x"]
    assert found["citation_language"] == ["zh"]
    assert found["citation_pdf_url"] == ["https://example.org/review/zh/small-book-zh.pdf"]


def test_other_pages_are_no_articles_of_their_own(site: Site) -> None:
    html = "\n".join(head(site, "chapters/first.html", PAGE)[1])
    assert not any(name.startswith("citation_") for name in tags(html))
    assert linked_data(html) == []


def test_nothing_unknown_is_said(built: TestBook, tmp_path: Path) -> None:
    book = load_project(built.folder, "en")
    html = "\n".join(head(Site(book, tmp_path, OTHERS, {}), "index.html", PAGE)[1])
    found = tags(html)
    assert found["citation_author"] == ["Test Author"]
    assert not found.keys() & {
        "citation_publication_date",
        "citation_doi",
        "citation_pdf_url",
        "og:image",
        "og:url",
    }
    (article,) = linked_data(html)
    assert not article.keys() & {"datePublished", "version", "license", "encoding", "isBasedOn", "image"}


def test_linked_data_names_article_and_data(site: Site, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text("{}", encoding="utf-8")
    there = Site(site.book, tmp_path, OTHERS, site.status)
    article, data = linked_data("\n".join(head(there, "index.html", PAGE)[1]))
    assert (article["@type"], data["@type"]) == ("ScholarlyArticle", "Dataset")
    assert article["license"] == data["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert article["workTranslation"] == [{"@id": "https://example.org/review/en/index.html#article"}]
    assert data["distribution"][0]["contentUrl"] == "https://example.org/review/zh/results.json"
    assert article["datePublished"] == "2026-01-05"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_page_can_be_shared(built: TestBook, lang: str) -> None:
    for page in ("index.html", "chapters/first.html"):
        html = built.page(lang, page)
        found = tags(html)
        assert len(found["description"]) == len(found["og:title"]) == len(found["og:image"]) == 1
        assert found["og:locale"] == [{"en": "en_US", "zh": "zh_CN"}[lang]]
        picture = (built.site / lang / page).parent / found["og:image"][0]
        assert picture.is_file()
    header = (built.site / lang / CARD).read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    assert struct.unpack(">II", header[16:]) == CARD_SIZE


def test_a_page_describes_itself(site: Site) -> None:
    html, lines = head(site, "chapters/first.html", PAGE)
    found = tags("\n".join(lines))
    assert "of the engine" not in html
    assert found["description"] == ["First words."]
    assert found["og:title"][0].startswith("1 A &amp; B – ")
    long = PAGE.replace("First", "First " + "word " * 60)
    (about,) = tags("\n".join(head(site, "chapters/first.html", long)[1]))["description"]
    assert len(about) <= 160
    assert about.endswith("word…")


def test_untrusted_text_stays_in_its_tag(site: Site) -> None:
    there = Site(site.book, site.folder, OTHERS, {**site.status, "authors": ['</script><b a="']})
    html = "\n".join(head(there, "index.html", PAGE)[1])
    assert "</script><b" not in html
    assert linked_data(html)[0]["creator"] == [{"@type": "Person", "name": '</script><b a="'}]


def test_archives_hold_what_the_pages_show_always_the_same(book: TestBook) -> None:
    (book.folder / "data" / "datapackage.json").write_text("{}", encoding="utf-8")
    (book.folder / "data" / "x.csv").write_text("a\n1\n", encoding="utf-8")
    (book.folder / "data" / "versions").mkdir()
    folder = book.folder / "out"
    for name in ("figures", "tables"):
        (folder / name).mkdir(parents=True)
        (folder / name / f"{name}.csv").write_text("a\n", encoding="utf-8")
    project = load_project(book.folder, "en")
    before = []
    for _ in range(2):
        write_downloads(project, folder)
        before.append({path.name: path.read_bytes() for path in folder.glob("*.zip")})
    assert before[0] == before[1]
    names = {name: zipfile.ZipFile(folder / name).namelist() for name in before[0]}
    assert names["figures.zip"] == ["figures/figures.csv"]
    assert names["tables.zip"] == ["tables/tables.csv"]
    assert names["data-package.zip"] == ["data/datapackage.json", "data/references.bib", "data/x.csv"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_only_files_that_are_there_are_listed(built: TestBook, lang: str) -> None:
    project = load_project(built.folder, lang)
    words = words_for(project.html_lang)
    slot = '<div id="downloads-list">\n</div>'
    page = listed(slot, project, built.site / lang, "../", words)
    targets = re.findall(r'href="([^"]+)" download', page)
    assert f"../{project.output_file}.pdf" in targets
    assert {"../figures.zip", "../references.bib", "../references.ris"} <= set(targets)
    assert "../reproduce.zip" not in targets
    for target in targets:
        assert (built.site / lang / "chapters" / target).is_file()
    assert listed(page, project, built.site / lang, "../", words) == page
    assert listed("<p>no slot</p>", project, built.site / lang, "", words) == "<p>no slot</p>"


def test_references_are_written_for_reference_managers(built: TestBook, tmp_path: Path) -> None:
    project = load_project(built.folder, "en")
    write_references(project, tmp_path)
    (source,) = project.bibliography
    assert (tmp_path / "references.bib").read_text(encoding="utf-8").strip() == source.read_text(
        encoding="utf-8"
    ).strip()
    records = (tmp_path / "references.ris").read_bytes().decode().split("ER  - \r\n")[:-1]
    assert len(records) == len(re.findall(r"^@", source.read_text(encoding="utf-8"), re.MULTILINE))
    for record in records:
        assert re.match(r"TY  - [A-Z]+\r\nID  - \S+\r\n", record)


@pytest.mark.parametrize(
    ("record", "lines"),
    [
        ({"type": "article-journal"}, ["TY  - JOUR"]),
        ({"type": "something-else"}, ["TY  - GEN"]),
        (
            {"author": [{"family": "Beek", "non-dropping-particle": "van", "given": "A"}]},
            ["AU  - van Beek, A"],
        ),
        ({"author": [{"literal": "A Group"}, {"literal": "others"}]}, ["AU  - A Group", "AU  - et al"]),
        ({"issued": {"date-parts": [[2020, 3]]}}, ["PY  - 2020", "DA  - 2020/03"]),
        ({"page": "10-12"}, ["SP  - 10", "EP  - 12"]),
        ({"page": "e1"}, ["SP  - e1"]),
        ({"title": "a\nER  - b"}, ["TI  - a ER - b"]),
    ],
)
def test_a_reference_as_ris(record: dict[str, object], lines: list[str]) -> None:
    said = ris({"id": "x", **record}).split("\r\n")
    for line in lines:
        assert line in said
    assert said.count("ER  - ") == 1


def test_the_words_stand_in_both_languages() -> None:
    english, chinese = (set(WORDS[lang]) for lang in ("en", "zh"))
    assert english == chinese
