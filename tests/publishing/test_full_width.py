"""Marks of citations on Chinese pages."""

from __future__ import annotations

import pytest

from publishing.full_width import full_width

OPEN = '<span class="citation" data-cites="a">'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"见 {OPEN}(<a>A 2020</a>)</span>。", f"见{OPEN}（<a>A 2020</a>）</span>。"),
        (f"{OPEN}(<a>A</a>; <a>B</a>, <a>c</a>)</span>", f"{OPEN}（<a>A</a>；<a>B</a>，<a>c</a>）</span>"),
        (f"{OPEN}(<a>A</a>, p. 1; <a>B</a>)</span>", f"{OPEN}（<a>A</a>，p. 1；<a>B</a>）</span>"),
        (f"{OPEN}(<a><span>X (Y)</span> 1</a>)</span>", f"{OPEN}（<a><span>X (Y)</span> 1</a>）</span>"),
        (f"{OPEN}(<a>A &amp; B, Inc. 2020</a>)</span>", f"{OPEN}（<a>A &amp; B, Inc. 2020</a>）</span>"),
        (f"见 {OPEN}<a>A (2020)</a></span>", f"见 {OPEN}<a>A (2020)</a></span>"),
        ("<span>(x)</span>", "<span>(x)</span>"),
    ],
)
def test_citations_in_brackets_get_full_width_marks(before: str, after: str) -> None:
    assert full_width(before) == after
    assert full_width(after) == after
