"""The built book: what its pages say, what stands around them, and that a failing build changes nothing."""

from __future__ import annotations

import json
import multiprocessing
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import pytest

from publishing import finish, site
from publishing.errors import BookError
from publishing.metadata import Site
from publishing.project import load_project
from tests.publishing.conftest import TestBook

PAGES = ("index.html", "chapters/first.html", "chapters/second.html", "chapters/references.html")
LANGUAGES = ("en", "zh")


def build(book: TestBook, **options: object) -> list[str]:
    """Build without PDF; the lines that were said."""
    said: list[str] = []
    site.build(book.folder, **{"engine": "embedded", "with_pdf": False, "say": said.append, **options})
    return said


def text_of(html: str) -> str:
    """The text of a page's main part, spaces made one."""

    class Text(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.parts: list[str] = []

        def handle_data(self, data: str) -> None:
            self.parts.append(data)

    parser = Text()
    parser.feed(html[html.index("<main") : html.index("</main>")])
    return re.sub(r"\s+", " ", "".join(parser.parts))


def test_every_page_is_there_in_both_languages(built: TestBook) -> None:
    for lang in LANGUAGES:
        pages = sorted(
            str(path.relative_to(built.site / lang)) for path in (built.site / lang).rglob("*.html")
        )
        assert pages == sorted(PAGES)
        assert (built.site / lang / f"small-book-{lang}.pdf").read_bytes().startswith(b"%PDF")


def test_both_languages_have_the_same_ids(built: TestBook) -> None:
    for page in PAGES:
        english, chinese = (re.findall(r' id="([^"]+)"', built.page(lang, page)) for lang in LANGUAGES)
        assert english == chinese
        assert len(english) == len(set(english))


@pytest.mark.parametrize(
    ("page", "english", "chinese"),
    [
        (
            "chapters/first.html",
            "see Figure 1.1 and Table 1.1, also 1.1 and Panel 1.2.",
            "见 图 1.1 和 表 1.1，另见 1.1 和 面板 1.2。",
        ),
        ("chapters/first.html", "Figure 1.1: Simulated estimates.", "图 1.1: 模拟的估计值。"),
        (
            "chapters/first.html",
            "(Alpha and Beta 2020; Gamma 2021, 12)",
            "（Alpha 和 Beta 2020；Gamma 2021，p. 12）",
        ),
        ("chapters/first.html", "1.1.1 Deeper", "1.1.1 更深一层"),
        ("chapters/first.html", "The note’s text, with emphasis.", "脚注文字，含强调。"),
        (
            "chapters/second.html",
            "See Figure 1.1, Section 1.1 and Chapter 1;",
            "See 图 1.1, 小节 1.1 and 章节 1;",
        ),
        ("index.html", "See Figure 1, 1 First chapter and Model.", "见 图 1、1 第一章标题 和 模型。"),
        ("index.html", "The mean is 0.50.", "均值为 0.50。"),
        ("index.html", "text stays text: <b>a*b*</b>.", "不可信的文本仍是文本：<b>a*b*</b>。"),
        ("chapters/references.html", "Alpha A, Beta B. A simulated", "Alpha A, Beta B. A simulated"),
    ],
)
def test_pages_say_it_in_their_language(built: TestBook, page: str, english: str, chinese: str) -> None:
    assert english in text_of(built.page("en", page))
    assert chinese in text_of(built.page("zh", page))


def test_only_the_pages_own_content_is_on_it(built: TestBook) -> None:
    first = built.page("en", "chapters/first.html")
    assert "Only on the web" in first
    assert "Only in print" not in first
    assert "模型为" not in first
    assert "#rect(" not in first
    assert "printed as Markdown</em>" in first
    assert '<p id="raw-block">Raw HTML</p>' in first


def test_untrusted_text_is_escaped(built: TestBook) -> None:
    second = built.page("en", "chapters/second.html")
    assert "<script>alert" not in second
    assert "&lt;script&gt;alert" in second
    assert "2026.1 &lt;b&gt;" in second


def test_markup_means_what_quartos_means(built: TestBook) -> None:
    first = built.page("zh", "chapters/first.html")
    assert '<section id="sec-deeper" class="level3 anchored" data-number="1.1.1"' in first
    assert '<div id="fig-main" class="quarto-float quarto-figure' in first
    assert '<a href="#fig-main" class="quarto-xref">' in first
    assert '<a href="second.html#tbl-second" class="quarto-xref">' in first
    assert '<a href="references.html#ref-alpha2020" role="doc-biblioref">' in first
    assert 'class="callout callout-style-default callout-warning callout-titled"' in first
    assert '<a href="second.html">the second chapter</a>' in first
    assert '<a href="second.html">here</a>' in first
    assert 'alt="A square"' in first
    assert "<math " in first


def test_the_language_switch_leads_to_the_same_page(built: TestBook) -> None:
    for page in PAGES:
        root = "../" * page.count("/")
        html = built.page("en", page)
        assert re.search(
            rf'<a class="[^"]*quarto-navigation-tool" href="{root}\.\./zh/{page}" data-review-language="zh"',
            html,
        )
        for lang, name in (("en", "en"), ("zh", "zh-Hans"), ("en", "x-default")):
            assert f'<link rel="alternate" hreflang="{name}" href="{root}../{lang}/{page}">' in html
        assert f'<link rel="canonical" href="{root}../en/{page}">' in html


def test_the_status_stands_on_every_page(built: TestBook) -> None:
    for page in PAGES:
        html = built.page("zh", page)
        assert html.count('class="review-status"') == 1
        assert "证据截至" in html
    assert 'href="../chapters/first.html#sec-notes">What changed</a>' in built.page(
        "en", "chapters/second.html"
    )


def test_downloads_are_beside_the_pages(built: TestBook) -> None:
    for lang in LANGUAGES:
        assert (built.site / lang / "figures" / "simulated.csv").is_file()
        assert (built.site / lang / "assets" / "picture.svg").is_file()


def test_finishing_twice_changes_nothing(built: TestBook) -> None:
    book = load_project(built.folder, "zh")
    page = built.page("zh", "chapters/first.html")
    status = json.loads((book.build_dir / "status.json").read_text(encoding="utf-8"))
    there = Site(book, built.site / "zh", {"en": "en", "zh": "zh-Hans"}, status)
    assert finish.finish_page(page, there, "chapters/first.html") == page


def test_quartos_leftovers_are_mended(built: TestBook) -> None:
    book = load_project(built.folder, "zh")
    page = (
        "<html><head></head><body><li>{{&lt; meta chapter-titles.first &gt;}}</li>"
        '<a aria-label="{{< meta chapter-titles.second >}}">x</a>'
        '<a href="../../en/index.html" title="English" class="quarto-navigation-tool px-1">x</a>'
        '<a href="../../en/index.html">text</a><main class="content"></main></body></html>'
    )
    there = Site(book, built.site / "zh", {"en": "en", "zh": "zh-Hans"}, {})
    done = finish.finish_page(page, there, "chapters/first.html")
    assert "<li>第一章标题</li>" in done
    assert 'aria-label="第二章标题"' in done
    assert done.count('<a href="../../en/chapters/first.html"') == 1
    assert '<a href="../../en/index.html">text</a>' in done


def test_addresses_are_whole_where_the_site_has_one(book: TestBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEW_SITE_URL", "https://example.org/review/")
    build(book)
    page = book.page("zh", "chapters/first.html")
    assert '<link rel="canonical" href="https://example.org/review/zh/chapters/first.html">' in page
    sitemap = (book.site / "sitemap.xml").read_text(encoding="utf-8")
    assert sitemap.count("<url>") == 2 * len(PAGES)
    assert "<loc>https://example.org/review/en/index.html</loc>" in sitemap
    assert 'href="/review/zh/index.html"' in (book.site / "404.html").read_text(encoding="utf-8")


def test_chooser_and_lost_page_speak_both_languages(built: TestBook) -> None:
    for name in ("index.html", "404.html"):
        html = (built.site / name).read_text(encoding="utf-8")
        assert "A small book of simulated data" in html
        assert "模拟数据小书" in html
    assert 'href="zh/index.html"' in (built.site / "index.html").read_text(encoding="utf-8")


def test_a_failing_build_leaves_the_site(book: TestBook) -> None:
    build(book)
    before = {path: path.read_bytes() for path in book.site.rglob("*") if path.is_file()}
    line = book.append("chapters/second.qmd", "See @fig-none.")
    with pytest.raises(BookError, match=rf"second\.qmd:{line}: @fig-none"):
        build(book)
    book.replace("chapters/second.qmd", "See @fig-none.", "[x](none.qmd)")
    with pytest.raises(BookError, match=r"en/chapters/second\.html: none\.html does not exist"):
        build(book)
    assert {path: path.read_bytes() for path in book.site.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in (book.folder / ".cache").iterdir()) == [
        "build.lock",
        "fonts",
        "store",
    ]


def test_an_interrupted_swap_brings_the_old_site_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "_site", tmp_path / ".cache" / "site"
    for folder, name in ((old, "old"), (new, "new")):
        folder.mkdir(parents=True)
        (folder / name).touch()
    rename, calls = Path.rename, []

    def interrupted(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        site._swap(new, old)
    assert (old / "old").is_file()


def test_an_interrupted_build_leaves_the_site(book: TestBook) -> None:
    build(book)
    before = book.page("en", "index.html")
    book.append(
        "chapters/second.qmd", '```{python}\nopen("../started", "w")\nimport time\ntime.sleep(60)\n```'
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "publishing", "build", "--project", str(book.folder), "--engine", "embedded"],
        cwd=Path(__file__).parents[2],
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (book.folder / "started").exists():
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "已中断" in said
    assert book.page("en", "index.html") == before
    assert not (book.folder / ".cache" / "site").exists()


def test_a_second_build_waits_for_the_first(book: TestBook) -> None:
    said: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        with site._lock(book.folder):
            second = pool.submit(site.build, book.folder, engine="embedded", with_pdf=False, say=said.append)
            while not said:
                time.sleep(0.01)
            assert "Another build is running" in said[0]
            assert not book.site.exists()
        second.result(timeout=60)
    assert (book.site / "zh" / "index.html").is_file()


def test_one_language_can_be_built_alone(book: TestBook) -> None:
    build(book, languages=["zh"])
    assert not (book.site / "en").exists()
    build(book, languages=["en"])
    assert (book.site / "zh" / "index.html").is_file()
    assert (book.site / "en" / "index.html").is_file()
    with pytest.raises(BookError, match="no profile"):
        build(book, languages=["fr"])


def test_the_engine_is_said_in_one_line(book: TestBook) -> None:
    assert build(book) == ["Engine: embedded renderer, as asked / 引擎：内置渲染器（按要求）"]


def test_the_command_says_what_is_wrong(book: TestBook) -> None:
    line = book.append("chapters/second.qmd", "{{< video x >}}")
    done = subprocess.run(
        [sys.executable, "-m", "publishing", "build", "--project", str(book.folder), "--engine", "embedded"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 1
    assert f"chapters/second.qmd:{line}: {{{{< video x >}}}} is not supported" in done.stderr
    assert "内置渲染器不支持" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_language_that_dies_is_noticed(book: TestBook, monkeypatch: pytest.MonkeyPatch) -> None:
    book.append("chapters/second.qmd", "```{python}\nimport os\nos._exit(3)\n```")
    with pytest.raises(BookError, match="ended without a word"):
        build(book)
    assert not multiprocessing.active_children()
