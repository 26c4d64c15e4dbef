"""Tags are found as a browser finds them, in what pandoc and our templates write."""

from __future__ import annotations

import pytest

from publishing.tags import tags

PAGES: dict[str, tuple[str, list[tuple[str, bool, dict[str, str]]]]] = {
    "plain": ('<p class="a b">x</P>', [("p", False, {"class": "a b"}), ("p", True, {})]),
    "a mark within an attribute": ('<i title="p > 0.05">', [("i", False, {"title": "p > 0.05"})]),
    "other quotes and none": (
        "<a HREF='#x \"y\"' id=z download>",
        [("a", False, {"href": '#x "y"', "id": "z", "download": ""})],
    ),
    "entities": ('<a href="?a=1&amp;b=2">', [("a", False, {"href": "?a=1&b=2"})]),
    "the first of two": ('<a id="x" id="y">', [("a", False, {"id": "x"})]),
    "over lines": ('<a\n  href="x"\n>', [("a", False, {"href": "x"})]),
    "comments": ('<!-- <a href="x"> --><b>', [("b", False, {})]),
    "a script": (
        '<script src="x">if (a<b) "</p><i>"</script><b>',
        [("script", False, {"src": "x"}), ("script", True, {}), ("b", False, {})],
    ),
    "a script without an end": ("<style>p <b>", [("style", False, {})]),
    "no tags": ("<!DOCTYPE html> 1 < 2 <3 &lt;p&gt;", []),
    "its own end": ('<use href="#a"/>', [("use", False, {"href": "#a"})]),
}


@pytest.mark.parametrize("kind", PAGES)
def test_tags_and_their_attributes(kind: str) -> None:
    html, expected = PAGES[kind]
    assert [(tag.name, tag.ends, tag.attributes()) for tag in tags(html)] == expected


def test_a_tag_knows_its_place_and_whether_it_will_be_closed() -> None:
    html = "é<p>中<br><img/></p><style>x</style>"
    found = list(tags(html))
    assert [html[tag.start : tag.end] for tag in found] == [
        "<p>",
        "<br>",
        "<img/>",
        "</p>",
        "<style>",
        "</style>",
    ]
    assert [tag.name for tag in found if tag.begins] == ["p", "style"]
