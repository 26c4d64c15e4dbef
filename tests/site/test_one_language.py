"""A page is in one language: what stands in the other is marked with its language, cited, or a name.

Quotes and titles carry ``lang="en"`` on a Chinese page. References, citations and code are left out.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.site.conftest import LANGUAGES, Project

VOID = frozenset(("area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"))
LEFT_OUT = frozenset(("script", "style", "pre", "code", "math"))
CITED = frozenset(("csl-entry", "citation"))
HAN = re.compile(r"[㐀-鿿]")
# A lone abbreviation or a name is no sentence: four English words in a row with a small-lettered one are.
ENGLISH = re.compile(r"[A-Za-z][A-Za-z'’-]*(?:[ ,;:]+[A-Za-z][A-Za-z'’-]*){3,}")
SMALL = re.compile(r"\b[a-z]{2,}\b")
# The citation that PRISMA's licence asks for stands in a note below its checklist.
NAMED = ("Page MJ, McKenzie JE, Bossuyt PM, et al. The PRISMA 2020 statement.",)


class Words(HTMLParser):
    """The texts of a page with the language each is marked with."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self._open.append((tag, given))
        lang = self._lang(given)
        self.found += [(lang, given[name] or "") for name in ("alt", "aria-label", "title") if name in given]

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                break

    def handle_data(self, data: str) -> None:
        classes = {name for _, given in self._open for name in (given.get("class") or "").split()}
        if not classes & CITED and not LEFT_OUT & {tag for tag, _ in self._open}:
            self.found.append((self._lang({}), " ".join(data.split())))

    def _lang(self, given: dict[str, str | None]) -> str:
        marked = (
            attrs["lang"] for attrs in (given, *(a for _, a in reversed(self._open))) if attrs.get("lang")
        )
        return (next(marked, None) or "").partition("-")[0]


def strangers(html: str, lang: str) -> list[str]:
    """The texts of a page in `lang` that are in the other language and not marked so."""
    texts = (text for marked, text in Words(html).found if marked in ("", lang))
    if lang == "en":
        return [text for text in texts if HAN.search(text)]
    return [text for text in texts if _sentence(text)]


def _sentence(text: str) -> bool:
    for name in NAMED:
        text = text.replace(name, "")
    return any(SMALL.search(run) for run in ENGLISH.findall(text))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_page_holds_a_sentence_in_the_other_language(built: Project, lang: str) -> None:
    root = built.site / lang
    found = [
        f"{path.relative_to(root)}: {text[:120]}"
        for path in sorted(root.rglob("*.html"))
        if "pagefind" not in path.parts
        for text in strangers(path.read_text(encoding="utf-8"), lang)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("lang", "body", "found"),
    [
        ("zh", "<p>Open label, and masking none.</p>", 1),
        ("zh", "<p>已注册；the assessors were not blinded。</p>", 1),
        ("zh", '<p><span lang="en">The assessors were not blinded.</span></p>', 0),
        ("zh", '<p lang="en">A quote that <em lang="zh">with the wrong mark within</em></p>', 1),
        ("zh", '<p><br>开放标签<img alt="Open label with no masking"></p>', 1),
        ("zh", "<p>Hartung, Knapp, Sidik, Jonkman</p><pre>let it be as it is</pre>", 0),
        ("zh", '<p><span class="citation">(a meta-analysis of named events)</span></p>', 0),
        ("en", "<p>Open label，未设盲</p>", 1),
        ("en", '<p title="开放标签">Open label</p>', 1),
        ("en", '<a lang="zh-Hans" href="#">中文</a>', 0),
    ],
)
def test_what_is_found_and_what_may_stand(lang: str, body: str, found: int) -> None:
    page = f'<html lang="{"zh-Hans" if lang == "zh" else lang}"><body>{body}</body></html>'
    assert len(strangers(page, lang)) == found
