"""Quarto: found or not, driven, and followed by the same finishing. A stand-in plays it where it is not."""

from __future__ import annotations

import html
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from publishing import quarto, site
from publishing.errors import BookError
from publishing.finish import ADDED
from tests.publishing.conftest import TestBook

ROOT = Path(__file__).parents[2]
STAND_IN = f"""#!{sys.executable}
import os, sys
from pathlib import Path
if sys.argv[1:] == ["--version"]:
    print("9.9.9")
    sys.exit(0)
project, lang, out = Path(sys.argv[2]), sys.argv[4], Path(sys.argv[6])
if (project / "broken").exists():
    print("ERROR: a sentence of Quarto's")
    sys.exit(1)
sys.path.insert(0, {str(ROOT)!r})
from publishing.html import render
from publishing.markdown import load_book
print("[1/4] index.qmd")
render(load_book(project, lang), out)
(out / "made-by-quarto").write_text(os.environ["REVIEW_FINISHES_LATER"])
(out / "search.json").write_text("[]")
first = out / "chapters" / "first.html"
hidden = '<div id="refs" class="references" style="display: none"></div></main>'
first.write_text(first.read_text(encoding="utf-8").replace("</main>", hidden), encoding="utf-8")
assert str(project) in os.environ["PYTHONPATH"].split(os.pathsep)
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program called `quarto` on the PATH that renders with our own means."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "quarto"
    program.write_text(STAND_IN, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return program


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No Quarto, and none to be installed; how often it was tried."""
    tried: list[str] = []

    def install() -> str:
        tried.append("pip")
        return "pip install quarto-cli: no network"

    monkeypatch.setattr(quarto, "find_quarto", lambda: None)
    monkeypatch.setattr(quarto, "_install", install)
    return tried


def test_quarto_is_used_where_it_is(book: TestBook, stand_in: Path) -> None:
    said: list[str] = []
    site.build(book.folder, engine="auto", with_pdf=False, say=said.append)
    assert said == [f"Engine: Quarto ({stand_in}) / 引擎：Quarto"]
    for lang in ("en", "zh"):
        assert (book.site / lang / "made-by-quarto").read_text() == "1", "its post-render must know we finish"
        assert (book.site / lang / "pagefind" / "pagefind.js").is_file()
        assert not (book.site / lang / "search.json").exists(), "Quarto's own search is off"
        page = book.page(lang, "chapters/first.html")
        assert 'hreflang="x-default"' in page
        assert 'style="display: none" data-pagefind-ignore="all"' in page


def test_the_chinese_style_is_the_same_style_in_chinese() -> None:
    english, chinese = (
        (ROOT / "assets" / name).read_text(encoding="utf-8") for name in ("review.csl", "review-zh.csl")
    )
    assert chinese.replace(' default-locale="zh-CN"', "", 1) == english


def test_quarto_has_nothing_to_add_to_what_git_ignores() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/.quarto/", "**/*.quarto_ipynb"} <= set(ignored)


def test_quartos_failure_is_in_its_own_words(book: TestBook, stand_in: Path) -> None:
    book.write("broken", "")
    with pytest.raises(BookError, match="a sentence of Quarto's"):
        site.build(book.folder, engine="quarto", with_pdf=False, say=lambda line: None)
    assert not book.site.exists()


def test_without_quarto_one_line_says_so(book: TestBook, nowhere: list[str]) -> None:
    said: list[str] = []
    for _ in range(2):
        site.build(book.folder, engine="auto", with_pdf=False, say=said.append)
    line = "Engine: embedded renderer, no Quarto here (pip install quarto-cli: no network)"
    unchanged = "Nothing has changed since the last build."
    assert [text.partition(" / ")[0] for text in said] == [line, line, unchanged]
    assert nowhere == ["pip"], "a failed installation is remembered"


def test_asking_for_quarto_says_how_to_get_it(book: TestBook, nowhere: list[str]) -> None:
    with pytest.raises(BookError) as caught:
        site.build(book.folder, engine="quarto", say=lambda line: None)
    for text in (caught.value.en, caught.value.zh):
        assert "https://quarto.org/docs/get-started/" in text
        assert "ENGINE=embedded" in text
    assert nowhere == ["pip"]


def test_a_program_that_does_not_run_is_no_quarto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "quarto"
    broken.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert quarto.find_quarto() is None


def test_post_render_finishes_a_plain_render(book: TestBook, tmp_path: Path) -> None:
    """`quarto render --profile zh` and then its post-render: the same additions, PDF included."""
    site.build(book.folder, engine="embedded", with_pdf=False, say=lambda line: None)
    shutil.rmtree(book.site / "en")
    for name in ("index.html", "404.html"):
        (book.site / name).unlink()
    page = book.site / "zh" / "chapters" / "first.html"
    page.write_text(ADDED.sub("", page.read_text(encoding="utf-8")), encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QUARTO")},
        "QUARTO_PROJECT_DIR": str(book.folder),
        "QUARTO_PROJECT_OUTPUT_DIR": str(book.site / "zh"),
        "QUARTO_PROFILE": "zh",
        "QUARTO_PROJECT_RENDER_ALL": "1",
    }
    script = [sys.executable, str(ROOT / "publishing" / "after_quarto.py")]
    done = subprocess.run(
        script, cwd=book.folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert 'hreflang="zh-Hans"' in page.read_text(encoding="utf-8")
    assert (book.site / "zh" / "small-book-zh.pdf").read_bytes().startswith(b"%PDF")
    assert (book.site / "index.html").is_file()
    assert not (book.site / "en").exists()

    page.write_text("untouched", encoding="utf-8")
    done = subprocess.run(
        script, cwd=book.folder, env={**environment, quarto.OURS: "1"}, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert page.read_text(encoding="utf-8") == "untouched"


@pytest.mark.quarto
@pytest.mark.skipif(quarto.find_quarto() is None, reason="no Quarto on the PATH")
def test_the_real_quarto_makes_the_same_book(book: TestBook, built: TestBook) -> None:
    site.build(book.folder, engine="quarto", say=lambda line: None)
    for lang in ("en", "zh"):
        for name in ("index.html", "chapters/first.html", "chapters/second.html", "chapters/references.html"):
            theirs, ours = book.page(lang, name), built.page(lang, name)
            for pattern in (
                r"<figcaption[^>]*>(.*?)</figcaption>",
                r'class="quarto-xref"[^>]*>(.*?)</a>',
                r'<span class="citation"[^>]*>(.*?)</span>',
                r"<h[1-4](?! id=\"toc-title\")[^>]*>(.*?)</h[1-4]>",
            ):
                assert words(pattern, theirs) == words(pattern, ours), (lang, name, pattern)
            if "references" in name:
                entries = r'class="csl-entry"[^>]*>(.*?)</div>'
                assert words(entries, theirs) == words(entries, ours), lang
            sections = r'<section id="([^"]+)"'
            assert set(re.findall(sections, theirs)) == set(re.findall(sections, ours))


def words(pattern: str, page: str) -> list[str]:
    """What the matches say: tags, references' numbers' spans and spaces aside."""
    found = re.findall(pattern, page[page.index("<main") :], re.DOTALL)
    return [re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", text))).strip() for text in found]


def test_installing_touches_nothing_else_and_says_why_it_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip = tmp_path / "python"
    pip.write_text(
        '#!/bin/sh\necho "$@" > "$0.said"\necho "  Error downloading Quarto: no route" >&2\nexit 1\n',
        encoding="utf-8",
    )
    pip.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(pip))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert quarto.get_quarto(tmp_path) == (None, "pip install quarto-cli: Error downloading Quarto: no route")
    command = (tmp_path / "python.said").read_text(encoding="utf-8").split()
    assert command[:3] == ["-m", "pip", "install"]
    assert {"--no-deps", "quarto-cli"} <= set(command)
