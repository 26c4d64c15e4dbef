"""What the search index is made from: sections, characters, names of one thing."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path

import pytest

from publishing import search
from publishing.errors import BookError
from publishing.page_sections import page_sections
from publishing.search import write_index
from publishing.search_text import searched
from publishing.search_words import read_synonyms, simplified_characters
from tests.publishing.conftest import TestBook

PAGE = """<html lang="en"><body><nav><h2>Menu</h2></nav>
<main class="content"><h1 class="title">1&nbsp; Trials &amp; people</h1>
<p>Above, with é and 中文.</p>
<section id="sec-a" class="level2 anchored"><h2>Cells <a href="#sec-a">#</a></h2><p>In A.</p>
<section id="sec-b" class="level3"><h3>Dose</h3><p>In B.</p></section>
<p>Again in A.</p></section>
<section class="footnotes" role="doc-endnotes"><h2>Notes</h2><p>A footnote.</p></section>
</main><footer><p>Outside.</p></footer></body></html>"""


def test_a_page_falls_into_its_sections() -> None:
    top, a, b = page_sections(PAGE)
    assert (top.anchor, top.title, top.above) == ("", "1 Trials & people", ())
    assert (a.anchor, a.title, a.above) == ("sec-a", "Cells #", ("1 Trials & people",))
    assert (b.anchor, b.title, b.above) == ("sec-b", "Dose", ("1 Trials & people", "Cells #"))
    assert "Above, with é and 中文." in top.html
    assert "A footnote." in top.html
    assert "In A." in a.html
    assert "Again in A." in a.html
    assert "In B." not in a.html
    assert "In B." in b.html
    assert not any("Outside" in found.html or "Menu" in found.html for found in (top, a, b))


def test_every_word_of_a_built_page_is_in_one_section(built: TestBook) -> None:
    for lang in ("en", "zh"):
        html = built.page(lang, "chapters/first.html")
        inside = html[html.index("<main") : html.index("</main>")].partition(">")[2]
        found = page_sections(html)
        assert len(found) > 3
        assert sum(len(section.html) for section in found) == len(inside)


@pytest.mark.parametrize(
    ("text", "traditional", "simplified"),
    [("不良反应", "應", "应"), ("复发缓解", "復", "复"), ("复发缓解", "緩", "缓"), ("台", "臺", "台")],
)
def test_traditional_characters_lead_to_those_of_the_text(
    text: str, traditional: str, simplified: str
) -> None:
    letters = simplified_characters(text)
    assert dict(zip(letters[::2], letters[1::2], strict=True))[traditional] == simplified


def test_characters_that_the_text_lacks_cost_nothing() -> None:
    assert simplified_characters("plain English") == ""


def test_names_are_read_as_the_script_changes_what_is_typed(tmp_path: Path) -> None:
    path = tmp_path / "search-synonyms.json"
    assert read_synonyms(path) == []
    path.write_text(json.dumps([["ＥＤＳＳ", "EDSS", "a  b"]]), encoding="utf-8")
    assert read_synonyms(path) == [["EDSS", "a b"]]


@pytest.mark.parametrize("content", ["{", '{"a": 1}', '[["a", 1]]', '["a"]', '[["a", " "]]'])
def test_a_broken_file_of_names_is_refused_in_both_languages(tmp_path: Path, content: str) -> None:
    path = tmp_path / "search-synonyms.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BookError) as refused:
        read_synonyms(path)
    assert "search-synonyms.json" in str(refused.value)
    assert any("CJK" in unicodedata.name(letter, "") for letter in str(refused.value))


def test_the_index_comes_with_its_words(built: TestBook) -> None:
    words = json.loads((built.site / "zh" / "pagefind" / "words.json").read_text(encoding="utf-8"))
    assert set(words) == {"characters", "synonyms"}
    assert len(words["characters"]) % 2 == 0


SEARCHED = {
    "tags and attributes": (
        '<p class="a" id="x">One <b>two</b>, <a href="#">three</a></p>',
        "<p>One two, three</p>",
    ),
    "headings": ('<h2 class="a">Dose</h2>', "<h2>Dose</h2>"),
    "cells without spaces": ("<tr><th>1</th><th>2</th><td>3</td></tr>", "  1  2 <td>3</td> "),
    "a term and what it is": ("<dl><dt>Version</dt><dd>1</dd></dl>", " Version  1 "),
    "a footnote's number": ('word<a id="fnref1"><sup>1</sup></a>', "word 1"),
    "drawings": ("<p>a<svg><g><text>0.5</text><svg/></g></svg>b</p>", "<p>ab</p>"),
    "scripts": ('<p>a</p><script>if (1 < 2) "<p>"</script><style>p > a {}</style>b', "<p>a</p>b"),
    "what is ignored": ('<div data-pagefind-ignore="all"><div>a</div>b</div><div>c</div>', "<div>c</div>"),
    "what is marked": (
        '<span data-pagefind-weight="2">a <span>b</span></span> <i>c</i>',
        '<span data-pagefind-weight="2">a b</span> c',
    ),
    "entities": ("<p>p &lt; 0.05 &amp; n</p>", "<p>p &lt; 0.05 &amp; n</p>"),
    "a mark in an attribute": ('<p title="p > 0.05">a</p>', "<p>a</p>"),
    "comments": ("a<!-- <p>b</p> -->c", "ac"),
    "tags without an end": ("a<br>b<img alt='x'/>c<hr/>d", "a bc d"),
}


@pytest.mark.parametrize("kind", SEARCHED)
def test_pagefind_is_given_what_it_uses(kind: str) -> None:
    html, expected = SEARCHED[kind]
    assert searched(html) == expected


def _page(folder: Path, *words: str) -> None:
    folder.mkdir(exist_ok=True)
    sections = "".join(
        f'<section id="s{number}" class="level2"><h2>T{number}</h2><p>{word}</p></section>'
        for number, word in enumerate(words)
    )
    html = f'<html lang="en"><body><main><h1>T</h1>{sections}</main></body></html>'
    (folder / "index.html").write_text(html, encoding="utf-8")


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_index_shares_what_stays_and_leaves_the_old_one_alone(tmp_path: Path) -> None:
    old, new, alone = (tmp_path / name for name in ("old", "new", "alone"))
    _page(old, "alpha", "beta", "gamma")
    write_index(old, ["index.html"])
    before = _files(old)
    _page(new, "alpha", "beta", "delta")
    _page(alone, "alpha", "beta", "delta")
    damaged = next((old / "pagefind" / "fragment").iterdir())
    damaged.write_bytes(b"damaged")
    write_index(new, ["index.html"], present=old)
    write_index(alone, ["index.html"])
    assert _files(new) == _files(alone)
    assert _files(old) == {**before, damaged.name: b"damaged"}
    shared = [path for path in (new / "pagefind" / "fragment").iterdir() if path.stat().st_nlink == 2]
    assert 2 <= len(shared) <= 3
    _page(new, "alpha", "epsilon")
    write_index(new, ["index.html"], present=new)
    assert _files(old) == {**before, damaged.name: b"damaged"}
    _page(alone, "alpha", "epsilon")
    write_index(alone, ["index.html"])
    assert _files(new) == _files(alone)


def test_what_killed_processes_left_in_memory_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory, site = tmp_path / "memory", tmp_path / "site"
    monkeypatch.setattr(search, "MEMORY", memory)
    old, new, other = (memory / name for name in (f"{search.PREFIX}x-1", f"{search.PREFIX}x-2", "other-1"))
    for folder in (old / "pages", new, other, site):
        folder.mkdir(parents=True)
    for folder in (old, other):
        os.utime(folder, (0, 0))
    (site / "index.html").write_text(PAGE, encoding="utf-8")
    write_index(site, ["index.html"])
    assert sorted(memory.iterdir()) == sorted((new, other))
    assert (site / "pagefind" / "pagefind-entry.json").is_file()
