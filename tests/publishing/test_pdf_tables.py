"""What becomes of a `#review-table` call on its way into the PDF."""

from __future__ import annotations

import re

import pytest

from publishing.errors import BookError
from publishing.glyphs import advances, find_fonts
from publishing.pdf import TEMPLATE
from publishing.pdf_literals import read_call
from publishing.pdf_tables import set_tables
from publishing.pdf_widths import Type

TYPE = Type.read(advances(find_fonts(TEMPLATE), "en"), "en")


def made(arguments: str, before: str = "", after: str = "") -> str:
    """The Typst text of a table, as the filter marks it."""
    return set_tables(f"{before}#review-table\ue000({arguments}){after}", TYPE)


def wide(arguments: str) -> str:
    return made(arguments, "Before.\n// wide-table\n", "\n// wide-table ends\nAfter.\n")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ('"a \\"b\\" \\\\ \\u{7b}"', 'a "b" \\ {'),
        ('muted("not reported")', "not reported"),
        ('to("id", "Li 2014")', "Li 2014"),
        ('anchor("id") + link("https://e.org/)", "a, b")', "a, b"),
        ('to-page("a", "x") + linebreak() + "y"', "x, p.\u00a0000\ny"),
        ('[#anchor("v1")#("−0.5 (−1 to 0)")]', "−0.5 (−1 to 0)"),
        ("[a #strong[b] \\[c\\] ~d]", "a b [c] \u00a0d"),
        ('[#to("id")[the name];, x]', "the name, x"),
    ],
)
def test_what_a_cell_shows_is_known(expression: str, text: str) -> None:
    call, _ = read_call(f"{expression})", 0)
    assert call.items[0].text == text
    assert call.items[0].source == expression


@pytest.mark.parametrize(
    ("arguments", "en", "zh"),
    [
        ('columns: 2, "a"', "too few cells", "单元格不足"),
        ('columns: 2, "a", span(2, "b")', "more cells than", "多于列数"),
        ('columns: 2, "a", group("b"), "c"', "inside a row", "一行中间"),
        ('columns: 2, align: (left,), "a", "b"', "differ in length", "长度不同"),
        ('columns: (1em, auto), "a", "b"', "1em is no width", "1em 不是宽度"),
        ('columns: 1, ..rows, "a"', "..rows", "..rows"),
        ('columns: 1, { "a" }', "found", "发现"),
    ],
)
def test_what_is_no_table_is_refused_in_both_languages(arguments: str, en: str, zh: str) -> None:
    with pytest.raises(BookError) as caught:
        made(arguments)
    assert en in caught.value.en
    assert zh in caught.value.zh


def test_decimal_points_stand_below_each_other() -> None:
    text = made('columns: (auto,), align: decimal, "12", "3.5", "−0.50 (−0.7 to 0.3)", "none"')
    pads = [float(pad) for pad in re.findall(r'h\(([\d.]+)pt\) \+ "', text)]
    digit = TYPE.width("0") * 8
    # Beside "12" and "−0", "3" lacks one figure; text is left alone.
    assert pads == [pytest.approx(digit, abs=0.01)]
    assert '"−0.50 (−0.7\u00a0to\u00a00.3)"' in text
    assert '\nrule, "none",' in text


def test_no_decimal_point_where_numbers_do_not_fit_on_a_line() -> None:
    text = made('columns: (1cm, auto), align: (decimal, left), "12", "a", "−0.50 (−0.7 to 0.3)", "b"')
    assert not re.search(r"\bh\(\d", text)


def test_short_wide_tables_stay_in_their_place_and_long_ones_turn_at_the_end() -> None:
    row = '"a", "b", '
    short, long = wide(f"columns: 2, {row * 3}"), wide(f"columns: 2, {row * 60}")
    assert short.index("Before") < short.index("ruled-table") < short.index("After")
    assert "flipped" not in short
    assert long.index("After") < long.index("page(flipped: true)") < long.index("ruled-table")


def test_what_is_too_wide_upright_is_turned() -> None:
    words = ", ".join(f'"{"x_" * 30}{number}"' for number in range(3))
    assert "page(flipped: true)" in wide(f"columns: (auto, auto, auto), {words}")


def test_a_box_leaves_less_room() -> None:
    (whole,) = re.findall(r"columns: \(([\d.]+)pt", made('columns: (1fr,), "a"'))
    boxed = set_tables('#boxed-review-table\ue000(columns: (1fr,), "a")', TYPE)
    (less,) = re.findall(r"columns: \(([\d.]+)pt", boxed)
    assert float(less) < float(whole) - 20


def test_text_about_tables_stays_text() -> None:
    text = '#note("#review-table(columns: 2)")'
    assert text in set_tables(text, TYPE)
