"""How wide the PDF makes the columns of a table."""

from __future__ import annotations

import json

import pytest
import typst

from publishing.glyphs import find_fonts
from publishing.pdf import TEMPLATE

KNOWN = typst.Fonts(include_system_fonts=False, font_paths=[str(find_fonts(TEMPLATE))])


def points(expression: str, lang: str = "en") -> list[float]:
    """What a Typst expression over ``widths.typ`` gives, in points."""
    source = f"""#import "/widths.typ": *
#set text(font: "Noto Sans SC", size: 8pt, lang: "{lang}")
#context [#metadata({expression}.map(it => it.pt())) <found>]"""
    found = typst.query(
        source.encode(), "<found>", field="value", one=True, root=str(TEMPLATE), font_paths=KNOWN
    )
    return [float(value) for value in json.loads(found)]


def fitted(columns: list[list[str]], numbers: list[bool], room: int = 300, lang: str = "en") -> list[float]:
    cells = "".join(
        "(" + "".join(f"{json.dumps(cell, ensure_ascii=False)}, " for cell in column) + "), "
        for column in columns
    )
    flags = "".join(f"{str(flag).lower()}, " for flag in numbers)
    specs = "(" + "auto, " * len(columns) + ")"
    return points(f"fitted({specs}, ({cells}), 8pt, ({flags}), {room}pt)", lang)


TEXT = "A sentence that is long enough to need a good many lines in any column. " * 4


def test_columns_fill_the_room_and_no_more() -> None:
    assert sum(fitted([["Study", "Petrou 2020"], [TEXT, TEXT]], [False, False])) == pytest.approx(300, abs=1)


def test_a_long_identifier_stays_in_its_column() -> None:
    identifier = "IRCT20091127002778N1"
    own = fitted([[identifier], [TEXT], [TEXT]], [False, False, False])[0]
    assert own >= points(f'(measure("{identifier}").width,)')[0] + 8


def test_a_long_word_is_broken_in_english_only() -> None:
    name = "ClinicalTrials"
    whole = points(f'(measure("{name}").width,)')[0] + 8
    assert fitted([[name], [TEXT], [TEXT]], [False, False, False], room=150)[0] < whole
    assert fitted([[name], [TEXT], [TEXT]], [False, False, False], room=150, lang="zh")[0] >= whole


def test_text_gets_the_room() -> None:
    short, long = fitted([["yes", "no", "not reported"], [TEXT, TEXT, TEXT]], [False, False])
    assert long > 3 * short


def test_short_tables_stay_narrow() -> None:
    assert sum(fitted([["a", "b"], ["1", "2"]], [False, False])) < 60


def test_numbers_stay_on_one_line_where_there_is_room() -> None:
    number = "−0.50 (95% CI −0.73 to −0.27)"
    whole = points(f'(measure("{number}").width,)')[0] + 8
    assert fitted([[TEXT], [number]], [False, True])[1] >= whole
    assert fitted([[TEXT], [number]], [False, True], room=180)[1] < whole


def test_chinese_heads_are_not_set_one_character_a_line() -> None:
    head = fitted([["可信程度"], [TEXT * 3]], [False, False])[0]
    assert head >= 4 * 8


def test_shares_given_by_the_author_are_kept() -> None:
    source = """#import "/widths.typ": *
#context [#metadata(repr(fitted((2fr, 1fr), (("a",), ("b",)), 8pt, (false, false), 300pt))) <found>]"""
    found = typst.query(
        source.encode(), "<found>", field="value", one=True, root=str(TEMPLATE), font_paths=KNOWN
    )
    assert json.loads(found) == "(2fr, 1fr)"
