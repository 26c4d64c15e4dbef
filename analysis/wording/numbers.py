"""Numbers, intervals, p values and dates as a reader sees them.

Every function returns plain text (escaping is for whoever puts it into HTML, Markdown or Typst), with
the true minus sign U+2212, never "−0.00" and never scientific notation.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable
from typing import Final

from analysis.wording import catalogue, known_language
from analysis.wording.chinese import spaced

MINUS: Final = "\u2212"

DECIMALS: Final = {"PR": 1, "MC": 2, "MD": 2, "SMD": 2, "RR": 2, "OR": 2, "RD": 1, "IRR": 2, "GEN": 2}
"""Decimals shown per measure; PR (a share) and RD (a difference of shares) are shown in percent."""

_PERCENT_MEASURES: Final = frozenset({"PR", "RD"})
_WORDS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def decimal(value: float, places: int) -> str:
    """A number with fixed decimals and thousands separators.

    Raises
    ------
    ValueError
        When `value` is not finite: a missing number has to be said in words.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number that can be shown")
    text = f"{value:,.{places}f}"
    if text.startswith("-"):
        text = MINUS + text[1:] if any(digit in text for digit in "123456789") else text[1:]
    return text


def integer(value: float) -> str:
    """A whole number with thousands separators.

    Raises
    ------
    ValueError
        When `value` is not whole.
    """
    if not math.isfinite(value) or value != round(value):
        raise ValueError(f"{value} is not a whole number")
    return decimal(round(value), 0)


def plain(value: float, places: int = 4) -> str:
    """A number as it was given, without trailing zeros, such as an age or an assumed correlation."""
    text = decimal(value, places)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == MINUS + "0" else text


def percent(share: float, places: int = 1) -> str:
    """A share between 0 and 1 in percent."""
    return decimal(100 * share, places) + "%"


def in_hundred(share: float, lang: str) -> str:
    """A share as people among a hundred: "about 38", "fewer than 1", "more than 99", "0", "100"."""
    if share in (0, 1):
        return integer(100 * share)
    if share < 0.01:
        return catalogue.text("number.fewer_than", lang, value="1")
    if share > 0.99:
        return catalogue.text("number.more_than", lang, value="99")
    return catalogue.text("number.about", lang, value=decimal(100 * share, 0))


def measured(value: float, measure: str) -> str:
    """An estimate of `measure` (``MD``, ``RR``, ``PR`` …) with that measure's decimals.

    Raises
    ------
    KeyError
        When the measure has no number of decimals.
    """
    if measure in _PERCENT_MEASURES:
        return percent(value, DECIMALS[measure])
    return decimal(value, DECIMALS[measure])


def span(low: float, high: float, measure: str, lang: str) -> str:
    """Two limits: "−0.68 to −0.32" or "−0.68 至 −0.32"."""
    return catalogue.text("number.span", lang, low=measured(low, measure), high=measured(high, measure))


def interval(low: float, high: float, measure: str, lang: str, level: float = 0.95) -> str:
    """A confidence interval: "95% CI −0.68 to −0.32"."""
    return catalogue.text(
        "number.interval", lang, level=plain(100 * level), span=span(low, high, measure, lang)
    )


def estimate(value: float, low: float, high: float, measure: str, lang: str) -> str:
    """An estimate with its interval: "−0.50 (95% CI −0.68 to −0.32)"."""
    return catalogue.text(
        "number.estimate", lang, value=measured(value, measure), interval=interval(low, high, measure, lang)
    )


def quoted(value: str, low: str, high: str, lang: str) -> str:
    """A published estimate with its interval, the numbers as they were printed."""
    limits = catalogue.text("number.span", lang, low=low, high=high)
    found = catalogue.text("number.interval", lang, level="95", span=limits)
    return catalogue.text("number.estimate", lang, value=value, interval=found)


def p_value(p: float, lang: str) -> str:
    """A p value with three decimals: "p = 0.028", "p < 0.001", "p > 0.999".

    Raises
    ------
    ValueError
        When `p` is not between 0 and 1.
    """
    value = p_alone(p)
    return catalogue.text("number.p" if value[0].isdigit() else "number.p_beyond", lang, value=value)


def p_alone(p: float) -> str:
    """A p value as it stands in a column headed p: "0.028", "< 0.001".

    Raises
    ------
    ValueError
        When `p` is not between 0 and 1.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"a p value lies between 0 and 1, not at {p}")
    if p < 0.001:
        return "< 0.001"
    return "> 0.999" if p > 0.999 else decimal(p, 3)


def i_squared(i2: float) -> str:
    """I² (in percent, between 0 and 100), without decimals: "I² 45%"."""
    return f"I² = {decimal(i2, 0)}%"


def small(value: float, places: int = 3) -> str:
    """A number that is often tiny (tau², Q): "< 0.001" rather than "0.000"."""
    if 0 < abs(value) < 0.5 * 10**-places:
        return f"< {decimal(10**-places, places)}"
    return decimal(value, places)


def in_words(count: int, lang: str) -> str:
    """A count inside a sentence: English spells out nine and below, Chinese keeps digits."""
    known_language(lang)
    if lang == "en" and 0 <= count < len(_WORDS):
        return _WORDS[count]
    return integer(count)


def counted(noun: str, count: int, lang: str) -> str:
    """A count with its noun: ``counted("study", 2, "en")`` gives "2 studies".

    The nouns are the catalogue's keys ``noun.<noun>``.
    """
    return catalogue.text(f"noun.{noun}", lang, count=count)


def counted_in_words(noun: str, count: int, lang: str) -> str:
    """A count with its noun inside a sentence: "two studies"."""
    text = counted(noun, count, lang)
    return text.replace(integer(count), in_words(count, lang), 1) if lang == "en" else text


def listed(items: Iterable[str], lang: str) -> str:
    """Names in a row: "a, b" or "a、b"."""
    return (", " if known_language(lang) == "en" else "、").join(items)


def clauses(items: Iterable[str], lang: str) -> str:
    """Clauses in a row: "a; b" or "a；b"."""
    return ("; " if known_language(lang) == "en" else "；").join(items)


def sentences(items: Iterable[str], lang: str) -> str:
    """Sentences in a row."""
    return (" " if known_language(lang) == "en" else "").join(items)


def months(value: float, lang: str) -> str:
    """A time in months: "6 months", "27.8 months"."""
    return catalogue.text("number.months", lang, count=1 if value == 1 else 2, value=plain(value))


def date(value: str | datetime.date, lang: str) -> str:
    """A date as exactly as it is known: "11 May 2024", "May 2024", "2024".

    `value` is a date or an ISO 8601 text (``2024-05-11``, ``2024-05``, ``2024``).

    Raises
    ------
    ValueError
        When `value` is no such date.
    """
    if isinstance(value, datetime.date):
        value = value.isoformat()[:10]
    parts = value.strip().split("-")
    try:
        year, month, day = (int(part) for part in (*parts, "1", "1")[:3])
        datetime.date(year, month, day)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a date such as 2024-05-11, 2024-05 or 2024") from error
    if len(parts) > 3 or len(parts[0]) != 4:
        raise ValueError(f"{value!r} is not a date such as 2024-05-11, 2024-05 or 2024")
    name = catalogue.text(f"month.m{month}", lang)
    if len(parts) == 1:
        return catalogue.text("number.year", lang, year=str(year))
    if len(parts) == 2:
        return spaced(catalogue.text("number.year_month", lang, year=str(year), month=name))
    return spaced(catalogue.text("number.date", lang, year=str(year), month=name, day=str(day)))
