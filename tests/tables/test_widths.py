from analysis.tables import widths
from analysis.tables.model import Cell, Column, Line, Table


def table(rows, landscape=False, align="left"):
    """A simulated table without heads."""
    columns = tuple(Column(str(i), "", align if i == 0 else "left") for i in range(len(rows[0])))
    lines = tuple(Line(tuple(Cell(text) for text in row)) for row in rows)
    return Table("simulated", "en", "", columns, lines, landscape=landscape)


def test_a_chinese_character_is_two_wide():
    assert widths.size("摘要 MSC") == 8


def test_a_short_text_stays_on_one_line():
    first, _ = widths.shares(table([("摘要", "word " * 100)]))
    assert first >= widths.size("摘要")


def test_a_long_chinese_text_gets_more_than_a_character():
    shares = widths.shares(
        table([("全文的改写副本，并非原文", "word " * 200, "尚未经人工核对，仅经一次提取")])
    )
    assert min(shares) >= 12


def test_a_registration_number_is_not_broken():
    first, _ = widths.shares(table([("2023-509538-20-01", "word " * 200)]))
    assert first >= len("2023-509538-20-01")


def test_numbers_with_intervals_stay_on_one_line():
    text = "−0.50 (95% CI −0.68 to −0.32)"
    first, _ = widths.shares(table([(text, "word " * 200)], align="decimal"))
    assert first >= len(text)


def test_the_rest_goes_where_the_text_is():
    narrow, wide = widths.shares(table([("word " * 10, "word " * 100)]))
    assert wide > narrow > 12
    assert sum((narrow, wide)) <= widths.ROOM + 1
    assert sum(widths.shares(table([("word " * 10, "word " * 100)], landscape=True))) > widths.ROOM


def test_a_small_table_takes_no_more_than_it_needs():
    assert sum(widths.shares(table([("ab", "cd")]))) < 10
