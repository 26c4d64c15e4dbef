import datetime
import math

import pytest

from analysis.wording import numbers


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (-0.5, 2, "−0.50"),
        (-0.001, 2, "0.00"),
        (0.0, 1, "0.0"),
        (1234567.891, 1, "1,234,567.9"),
        (-1234.5, 0, "−1,234"),
        (1e-12, 3, "0.000"),
        (2.5e15, 0, "2,500,000,000,000,000"),
    ],
)
def test_decimal(value, places, expected):
    assert numbers.decimal(value, places) == expected


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_missing_number_is_never_shown(value):
    with pytest.raises(ValueError, match="not a number"):
        numbers.decimal(value, 2)


def test_integer_refuses_a_fraction():
    assert numbers.integer(24.0) == "24"
    with pytest.raises(ValueError, match="whole"):
        numbers.integer(24.5)


@pytest.mark.parametrize(
    ("value", "expected"), [(0.5, "0.5"), (30.0, "30"), (27.8, "27.8"), (-0.00001, "0"), (100.0, "100")]
)
def test_plain(value, expected):
    assert numbers.plain(value) == expected


@pytest.mark.parametrize(
    ("value", "measure", "expected"),
    [(0.4555, "PR", "45.6%"), (-0.5, "MD", "−0.50"), (1.7647, "RR", "1.76"), (-0.0123, "RD", "−1.2%")],
)
def test_decimals_follow_the_measure(value, measure, expected):
    assert numbers.measured(value, measure) == expected


def test_an_unknown_measure_is_an_error():
    with pytest.raises(KeyError):
        numbers.measured(1.0, "XX")


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("en", "−0.50 (95% CI −0.68 to −0.32)"), ("zh", "−0.50（95% CI −0.68 至 −0.32）")],
)
def test_estimate(lang, expected):
    assert numbers.estimate(-0.5, -0.68, -0.32, "MD", lang) == expected


@pytest.mark.parametrize(
    ("p", "en", "zh"),
    [
        (0.028, "p = 0.028", "P = 0.028"),
        (0.0004, "p < 0.001", "P < 0.001"),
        (0.0, "p < 0.001", "P < 0.001"),
        (0.001, "p = 0.001", "P = 0.001"),
        (0.9996, "p > 0.999", "P > 0.999"),
    ],
)
def test_p_value(p, en, zh):
    assert (numbers.p_value(p, "en"), numbers.p_value(p, "zh")) == (en, zh)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_what_is_no_p_value_is_an_error(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        numbers.p_value(p, "en")


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        ("2024-05-11", "11 May 2024", "2024 年 5 月 11 日"),
        ("2024-01", "January 2024", "2024 年 1 月"),
        ("2024", "2024", "2024 年"),
        (datetime.date(2026, 11, 22), "22 November 2026", "2026 年 11 月 22 日"),
        (datetime.datetime(2026, 11, 22, 9), "22 November 2026", "2026 年 11 月 22 日"),
    ],
)
def test_date(value, en, zh):
    assert (numbers.date(value, "en"), numbers.date(value, "zh")) == (en, zh)


@pytest.mark.parametrize(
    "value", ["", "May 2024", "2024-13", "2024-02-30", "24-05-11", "2024-05-11-1", "11.5.2024"]
)
def test_what_is_no_date_is_an_error(value):
    with pytest.raises(ValueError, match="not a date"):
        numbers.date(value, "en")


def test_counts():
    assert numbers.counted("study", 1, "en") == "1 study"
    assert numbers.counted_in_words("study", 1, "en") == "one study"
    assert numbers.counted_in_words("study", 9, "en") == "nine studies"
    assert numbers.counted_in_words("participant", 1234, "en") == "1,234 participants"
    assert numbers.counted_in_words("study", 2, "zh") == "2 项研究"


def test_months():
    assert numbers.months(1, "en") == "1 month"
    assert numbers.months(27.8, "en") == "27.8 months"
    assert numbers.months(6, "zh") == "6 个月"


def test_tiny_numbers_are_not_shown_as_zero():
    assert numbers.small(0.0000004) == "< 0.001"
    assert numbers.small(0.0) == "0.000"
    assert numbers.i_squared(45.4) == "I² = 45%"


@pytest.mark.parametrize(
    ("share", "en", "zh"),
    [
        (0.0, "0", "0"),
        (0.004, "fewer than 1", "不足 1"),
        (0.417, "about 42", "约 42"),
        (0.995, "more than 99", "超过 99"),
        (1.0, "100", "100"),
    ],
)
def test_people_in_a_hundred(share, en, zh):
    assert (numbers.in_hundred(share, "en"), numbers.in_hundred(share, "zh")) == (en, zh)
