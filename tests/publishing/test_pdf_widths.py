"""How wide the PDF makes the columns of a table."""

from __future__ import annotations

import json

import pytest
import typst

from publishing.glyphs import advances, find_fonts
from publishing.pdf import TEMPLATE
from publishing.pdf_widths import Column, Needs, Type, fitted

FONTS = find_fonts(TEMPLATE)
KNOWN = typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])
TYPES = {lang: Type.read(advances(FONTS, lang), lang) for lang in ("en", "zh")}
SIZE, INSET = 8.0, 8.0

TEXT = "A sentence that is long enough to need a good many lines in any column. " * 4


def measured(text: str, lang: str) -> float:
    """How wide Typst sets a text on one line, in points."""
    features = "" if lang == "zh" else ', features: ("pwid", "palt")'
    source = f"""#set text(font: "Noto Sans SC", size: {SIZE}pt, lang: "{lang}"{features})
#context [#metadata(measure({json.dumps(text, ensure_ascii=False)}).width.pt()) <found>]"""
    found = typst.query(source.encode(), "<found>", field="value", one=True, font_paths=KNOWN)
    return float(json.loads(found))


def widths(
    columns: list[list[str]],
    numbers: list[bool],
    room: float = 300,
    lang: str = "en",
    specs: tuple[str | float, ...] = (),
) -> list[float]:
    made = [
        Column(spec, Needs.of(TYPES[lang], (), cells), number)
        for spec, cells, number in zip(specs or ("auto",) * len(columns), columns, numbers, strict=True)
    ]
    return fitted(made, SIZE, INSET, room)[0]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("−0.50 (95% CI −0.73 to −0.27)", "en"),
        ("IRCT20091127002778N1", "en"),
        ("“quoted” words, Parkinson’s", "en"),
        ("n = 12; ±0.8", "en"),
        ("可信程度", "zh"),
        ("共12人，MSC组", "zh"),
    ],
)
def test_texts_are_as_wide_as_typst_sets_them(text: str, lang: str) -> None:
    assert TYPES[lang].width(text) * SIZE == pytest.approx(measured(text, lang), rel=0.03)


def test_columns_fill_the_room_and_no_more() -> None:
    assert sum(widths([["Study", "Petrou 2020"], [TEXT, TEXT]], [False, False])) == pytest.approx(300, abs=1)


@pytest.mark.parametrize("word", ["IRCT20091127002778N1", "ClinicalTrials.gov"])
def test_what_cannot_be_hyphenated_stays_in_its_column(word: str) -> None:
    own = widths([[word], [TEXT], [TEXT]], [False, False, False], room=200)[0]
    assert own >= measured(word, "en") + INSET


def test_long_words_are_hyphenated_only_where_there_is_no_room() -> None:
    word = "immunosuppression"
    whole = measured(word, "en") + INSET
    assert widths([[word], [TEXT], [TEXT]], [False, False, False])[0] >= whole
    assert widths([[word], [TEXT], [TEXT]], [False, False, False], room=150)[0] < whole
    assert widths([[word], [TEXT], [TEXT]], [False, False, False], room=150, lang="zh")[0] >= whole


def test_text_gets_the_room() -> None:
    short, long = widths([["yes", "no", "not reported"], [TEXT, TEXT, TEXT]], [False, False])
    assert long > 3 * short


def test_short_tables_stay_narrow() -> None:
    assert sum(widths([["a", "b"], ["1", "2"]], [False, False])) < 60


def test_shares_take_what_is_left_over() -> None:
    first, second = widths([["a"], ["b"]], [False, False], specs=("auto", "1fr"))
    assert first < 30
    assert first + second == pytest.approx(300, abs=1)


def test_numbers_stay_on_one_line_where_there_is_room() -> None:
    number = "−0.50 (95% CI −0.73 to −0.27)"
    whole = measured(number, "en") + INSET
    assert widths([[TEXT], [number]], [False, True])[1] >= whole
    assert widths([[TEXT], [number]], [False, True], room=180)[1] < whole


def test_chinese_heads_are_not_set_one_character_a_line() -> None:
    assert widths([["可信程度"], [TEXT * 3]], [False, False])[0] >= 4 * SIZE


def test_what_the_author_gave_is_kept() -> None:
    assert widths([["a"], ["b"]], [False, False], specs=("2fr", "1fr")) == pytest.approx([200, 100])
    assert widths([["a"], ["b"]], [False, False], specs=(50.0, "1fr")) == pytest.approx([50, 250])
