"""Style rules that no page can use are left out, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from publishing.lighten import lighten, lighten_libraries

WORDS = {"a", "show", "part", "prefix-"}


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        ("p{x:1}", "p{x:1}"),
        (".a{x:1}.b{x:2}", ".a{x:1}"),
        (".a .b,.a.show>p{x:1}", ".a.show>p{x:1}"),
        ("#part{x:1}#other{x:2}", "#part{x:1}"),
        (".a:not(.b):is(p,q){x:1}", ".a:not(.b):is(p,q){x:1}"),
        ("[class*='.b']{x:1}", "[class*='.b']{x:1}"),
        (r".b\:1{x:1}", r".b\:1{x:1}"),
        (".prefix-end{x:1}", ".prefix-end{x:1}"),
        ('@charset "UTF-8";.b{x:1}', '@charset "UTF-8";'),
        ("@media (min-width:1px){.b{x:1}}.a{y:1}", ".a{y:1}"),
        ("@media print{@supports (x:y){.a{x:1}.b{x:2}}}", "@media print{@supports (x:y){.a{x:1}}}"),
        ("@keyframes b{from{x:1}to{x:2}}", "@keyframes b{from{x:1}to{x:2}}"),
        ("@font-face{src:url(b.woff)}", "@font-face{src:url(b.woff)}"),
        ('.a{content:"}.b{"}.b{x:1}', '.a{content:"}.b{"}'),
        ("/* .a{ */.b{x:1}.a{x:2}", ".a{x:2}"),
        (".a{background:url('data:image/svg+xml;{,}')}", ".a{background:url('data:image/svg+xml;{,}')}"),
        ("", ""),
    ],
)
def test_only_rules_that_can_be_called_for_stay(css: str, kept: str) -> None:
    assert lighten(css, WORDS) == kept
    assert lighten(kept, WORDS) == kept


def test_words_of_pages_and_scripts_count(tmp_path: Path) -> None:
    sheet = tmp_path / "site_libs" / "x" / "x.css"
    sheet.parent.mkdir(parents=True)
    sheet.write_text(".of-page{x:1}.of-script{x:2}.of-nobody{x:3}", encoding="utf-8")
    (sheet.parent / "x.js").write_text('list.add("of-script")', encoding="utf-8")
    (tmp_path / "index.html").write_text('<p class="of-page">', encoding="utf-8")
    ours = tmp_path / "assets" / "review.css"
    ours.parent.mkdir()
    ours.write_text(".of-nobody{x:3}", encoding="utf-8")
    lighten_libraries(tmp_path)
    assert sheet.read_text(encoding="utf-8") == ".of-page{x:1}.of-script{x:2}"
    assert ours.read_text(encoding="utf-8") == ".of-nobody{x:3}"
    lighten_libraries(tmp_path / "assets")
