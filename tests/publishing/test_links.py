"""The link check finds what leads nowhere, and what would be loaded from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from publishing.errors import BookError
from publishing.links import check_site


def site(folder: Path, body: str) -> Path:
    (folder / "en" / "chapters").mkdir(parents=True)
    (folder / "en" / "file.pdf").touch()
    (folder / "en" / "index.html").write_text('<h1 id="标题">x</h1><a name="old"></a>', encoding="utf-8")
    (folder / "en" / "chapters" / "a.html").write_text(f'<p id="here">{body}</p>', encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "body",
    [
        '<a href="#here">x</a>',
        '<a href="../index.html#%E6%A0%87%E9%A2%98">x</a>',
        '<a href="../index.html#old">x</a>',
        '<a href="../">x</a>',
        '<a href="../file.pdf#page=2">x</a>',
        '<a href="https://example.org/">x</a>',
        '<a href="mailto:a@example.org">x</a>',
        '<link rel="canonical" href="https://example.org/">',
        '<svg><a href="../index.html"><text>x</text></a></svg>',
        '<a href="../../zh/index.html">x</a>',
    ],
)
def test_good_links_pass(tmp_path: Path, body: str) -> None:
    check_site(site(tmp_path, body), absent=["zh"])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('<a href="b.html">x</a>', "b.html does not exist"),
        ('<a href="#there">x</a>', "#there has no such anchor"),
        ('<a href="../index.html#gone">x</a>', "../index.html#gone has no such anchor"),
        ('<a href="../../../etc/passwd">x</a>', "leads out of the site"),
        ('<img src="no.png">', "no.png does not exist"),
        ('<svg><a xlink:href="no.html"><text>x</text></a></svg>', "no.html does not exist"),
        ('<script src="https://cdn.example.org/x.js"></script>', "loaded from another host"),
        ('<link rel="stylesheet" href="//fonts.example.org/x.css">', "loaded from another host"),
        ('<img src="http://example.org/x.png">', "loaded from another host"),
        ('<a href="../../zh/index.html">x</a>', "does not exist"),
    ],
)
def test_bad_links_are_named_with_their_page(tmp_path: Path, body: str, says: str) -> None:
    with pytest.raises(BookError) as caught:
        check_site(site(tmp_path, body))
    assert "en/chapters/a.html: " in caught.value.en
    assert says in caught.value.en


def test_many_bad_links_are_counted_and_some_shown(tmp_path: Path) -> None:
    body = "".join(f'<a href="no{number}.html">x</a>' for number in range(30))
    with pytest.raises(BookError) as caught:
        check_site(site(tmp_path, body))
    assert "30 links" in caught.value.en
    assert "no19.html" in caught.value.en
    assert "no20.html" not in caught.value.en
