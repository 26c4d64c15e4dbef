"""How wide the columns of the PDF's tables become, and about how tall their rows.

Typst's own ``auto`` lets a long word run into the next column, and to have Typst measure every cell costs
more than to set the whole book. So a width is the sum of the advances of its characters here, which is
what Typst finds, kerning aside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

# No-break spaces do not count.
_BREAKS = re.compile("[ \n\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60-]+|/")
_LONG_WORD = re.compile(r"\W*[^\W\d_]{13,}\W*")
# As much of a long word as stays together when it is hyphenated.
_SYLLABLES = 12
_HAN = re.compile("[\u3400-\u9fff]{1,4}")
# Typst sets a Han character off from a Latin letter or figure.
_BESIDE_HAN = re.compile("(?<=[\u3400-\u9fff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[\u3400-\u9fff])")
# What fits exactly is broken for a rounding error.
_HAIR = 0.06
_ROUNDING = 0.1
# The shares of the room that columns which keep to one line may take, tried in this order: whether numbers
# do, and up to what width in points other cells do.
_UNBROKEN = ((True, 60.0), (True, 40.0), (False, 40.0), (False, 0.0))
_MOST = 0.85


class _Advances(dict[str, float]):
    def __missing__(self, char: str) -> float:
        return 1.0


@dataclass(frozen=True)
class Type:
    """The tables' type: its characters' advances in em, and whether its words may be hyphenated.

    Attributes
    ----------
    regular, bold : dict
        Those that are not one em wide.
    hyphenates : bool
        Chinese text is not hyphenated.
    """

    regular: _Advances
    bold: _Advances
    hyphenates: bool

    @classmethod
    def read(cls, advances: str, lang: str) -> Type:
        """The type from what `publishing.glyphs.advances` gave."""
        known = json.loads(advances)
        return cls(_Advances(known["regular"]), _Advances(known["bold"]), lang != "zh")

    def width(self, text: str, *, bold: bool = False) -> float:
        """The width of a text on one line, in em."""
        known = self.bold if bold else self.regular
        return sum([known[char] for char in text]) + 0.25 * len(_BESIDE_HAN.findall(text))


@dataclass(frozen=True)
class Needs:
    """What a column needs, in em (or, once scaled, in points).

    Attributes
    ----------
    least : float
        The widest piece that a line should not break: a word, or four Han characters (a line may break
        between any two, but a column of single ones is no text).
    parted : float
        The same where long words may be hyphenated.
    best : float
        The widest cell on one line.
    mean : float
        The mean width of the cells, which tells how much text the column has.
    """

    least: float
    parted: float
    best: float
    mean: float

    @classmethod
    def of(cls, type: Type, heads: Iterable[str], texts: Iterable[str]) -> Needs:
        """The needs of a column with these heads, which are bold, and texts."""
        found = [_text_needs(type, text, bold=True) for text in heads]
        found += [_text_needs(type, text, bold=False) for text in texts]
        if not found:
            return cls(0, 0, 0, 0)
        least, parted, best = (max(column) for column in list(zip(*found, strict=True))[:3])
        return cls(least, parted, max(least, best), sum(row[3] for row in found) / len(found))

    def scaled(self, size: float, inset: float) -> Needs:
        """In points, with the cells' inset."""
        return Needs(
            self.least * size + inset + _ROUNDING,
            self.parted * size + inset + _ROUNDING,
            self.best * size + inset + 5 * _ROUNDING,
            self.mean * size + inset,
        )


def _text_needs(type: Type, text: str, *, bold: bool) -> tuple[float, float, float, float]:
    """Least, parted, best and mean of one text, in em."""
    words = {word for word in _BREAKS.split(text) if word}
    # As wide as in a bold head.
    whole = max((type.width(word, bold=True) for word in words), default=-_HAIR) + _HAIR
    parted = whole
    if type.hyphenates and any(_LONG_WORD.fullmatch(word) for word in words):
        short = (word[:_SYLLABLES] if _LONG_WORD.fullmatch(word) else word for word in words)
        parted = max(type.width(word, bold=True) for word in short) + _HAIR
    if run := max((len(found) for found in _HAN.findall(text)), default=0):
        whole, parted = max(whole, run + _HAIR), max(parted, run + _HAIR)
    best = max(type.width(line, bold=bold) for line in text.split("\n"))
    return whole, parted, best, best


@dataclass(frozen=True)
class Column:
    """A column as its table asks for it.

    Attributes
    ----------
    spec : str or float
        ``auto``, a share such as ``1fr``, or a width in points.
    needs : Needs
        In em.
    number : bool
        Whether its cells stay on one line where there is room for it.
    """

    spec: str | float
    needs: Needs
    number: bool

    @property
    def grows(self) -> bool:
        return isinstance(self.spec, str) and self.spec.endswith("fr")

    @cached_property
    def share(self) -> float:
        return float(str(self.spec).removesuffix("fr")) if self.grows else 0.0


def fitted(columns: Sequence[Column], size: float, inset: float, room: float) -> tuple[list[float], bool]:
    """The columns' widths in points, and whether words must be hyphenated to fit.

    ``auto`` and ``fr`` share the room by what their cells hold. Shares alone stay as they were given.
    """
    fixed = sum(column.spec for column in columns if isinstance(column.spec, float))
    if all(column.spec != "auto" for column in columns):
        shares = sum(column.share for column in columns)
        widths = [
            column.spec if isinstance(column.spec, float) else (room - fixed) * column.share / shares
            for column in columns
        ]
        narrow = any(
            column.needs.least * size + inset > width for column, width in zip(columns, widths, strict=True)
        )
        return widths, narrow
    flexible = [column for column in columns if not isinstance(column.spec, float)]
    needs, hyphenated = _least(flexible, size, inset, room - fixed)
    widths = _shared(needs, room - fixed)
    surplus = max(0.0, room - fixed - sum(widths)) / max(1, sum(column.grows for column in flexible))
    own = iter(widths)
    return [
        column.spec if isinstance(column.spec, float) else next(own) + (surplus if column.grows else 0)
        for column in columns
    ], hyphenated


def _least(columns: Sequence[Column], size: float, inset: float, room: float) -> tuple[list[Needs], bool]:
    """What the columns need: one line for as many cells as leave room for text, whole words if they fit."""
    for whole_words in (True, False):
        for numbers, short in _UNBROKEN:
            needs = []
            for column in columns:
                own = column.needs.scaled(size, inset)
                unbroken = (numbers and column.number) or column.needs.best * size <= short
                own = replace(own, least=own.best if unbroken else own.least if whole_words else own.parted)
                needs.append(replace(own, best=own.least) if column.number else own)
            if sum(need.least for need in needs) <= _MOST * room:
                return needs, not whole_words
    return needs, True


def _shared(needs: Sequence[Needs], room: float) -> list[float]:
    """Widths that add up to at most `room`: every column its least; the rest goes where the text is."""
    widths = [need.least for need in needs]
    for _ in needs:
        left = room - sum(widths)
        weights = [
            need.mean if need.best - width > _ROUNDING else 0.0
            for need, width in zip(needs, widths, strict=True)
        ]
        if left < 0.5 or not sum(weights):
            break
        widths = [
            min(max(need.best, width), width + left * weight / sum(weights))
            for need, width, weight in zip(needs, widths, weights, strict=True)
        ]
    return widths
