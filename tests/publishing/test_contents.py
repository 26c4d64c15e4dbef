"""Headings that cells made are put into a list of contents that lacks them."""

from __future__ import annotations

import pytest

from publishing.contents import with_cells_headings

LINK = '<li><a href="#{0}" id="toc-{0}" class="nav-link" data-scroll-target="#{0}">{1}</a>'
SECTIONS = (
    '<section id="a" class="level2"><h2>A</h2>'
    '<section id="a1" class="level3"><h3 class="anchored"><span>1</span> <a href="x">One</a></h3></section>'
    '<section id="a2" class="level3 unlisted"><h3>Two</h3></section>'
    '<section id="a3" class="level3"><h3>Three</h3><section id="a31" class="level4"><h4>Deep</h4></section>'
    "</section></section>"
    '<section id="b" class="level2"><h2>B</h2></section>'
)


def page(inner: str) -> str:
    entries = f"{LINK.format('a', 'A')}{inner}</li>{LINK.format('b', 'B')}</li>"
    return f'<nav id="TOC" role="doc-toc"><ul>{entries}</ul></nav>{SECTIONS}'


def test_missing_headings_stand_under_theirs() -> None:
    made = with_cells_headings(page(""), 3)
    entries = f"{LINK.format('a1', '<span>1</span> One')}</li>\n{LINK.format('a3', 'Three')}</li>"
    assert made == page(f'\n<ul class="collapse">\n{entries}\n</ul>')
    assert with_cells_headings(made, 3) == made


@pytest.mark.parametrize(
    ("html", "depth"), [(page(""), 2), (page("<ul><li>its own</li></ul>"), 3), (SECTIONS, 3)]
)
def test_other_lists_stay_as_they_are(html: str, depth: int) -> None:
    assert with_cells_headings(html, depth) == html
