"""How wide the columns of a printed table become, in half-width characters.

Typst measures words, and a Chinese column has none: left to itself it gives such a column the width of
one character. So the shares are worked out here, from the text of both languages alike.
"""

from __future__ import annotations

import re
from typing import Final

from analysis.tables.model import Table

ROOM: Final = 104
ROOM_LANDSCAPE: Final = 160
"""Characters that fit between the margins of an A4 page in the type of tables."""

_ONE_LINE: Final = 16
_LEAST: Final = 12
_LONGEST_WORD: Final = 22
_GAP: Final = 2
_ROUNDS: Final = 8


def size(text: str) -> int:
    """Width of a text; a Chinese character is two wide."""
    return sum(2 if "\u2e80" <= char <= "\uffef" else 1 for char in text)


def shares(table: Table) -> tuple[float, ...]:
    """The width of each column on the page.

    Every column first gets what it cannot do without: all of a short text, the longest word of a long
    one. What is left goes where the text is, up to the width that needs no second line.
    """
    places = [place for place, column in enumerate(table.columns) if not column.download_only]
    body = [line for line in table.lines if not line.heading]
    texts = [[line.cells[place].text for line in body] for place in places]
    heads = [_longest_word(table.columns[place].head) for place in places]
    best = [max([head, *map(size, column)]) for head, column in zip(heads, texts, strict=True)]
    means = [sum(map(size, column)) / max(1, len(column)) for column in texts]
    widths = [
        float(natural)
        if natural <= _ONE_LINE or table.columns[place].align == "decimal"
        else float(max(head, _LEAST, *map(_longest_word, column)))
        for place, natural, head, column in zip(places, best, heads, texts, strict=True)
    ]
    room = ROOM_LANDSCAPE if table.landscape else ROOM
    for _ in range(_ROUNDS):
        left = room - sum(widths) - _GAP * len(widths)
        weights = [
            mean if width < natural else 0.0 for mean, width, natural in zip(means, widths, best, strict=True)
        ]
        if left < 1 or not sum(weights):
            break
        widths = [
            min(natural, width + left * weight / sum(weights))
            for natural, width, weight in zip(best, widths, weights, strict=True)
        ]
    return tuple(round(width + _GAP, 1) for width in widths)


def _longest_word(text: str) -> int:
    """What a line cannot break, up to a length that is hyphenated anyway."""
    words = re.split(r"[\s\u2e80-\uffef]+", text)
    widest = max(size(word) for word in words)
    return min(max(widest, 4 if re.search("[\u2e80-\uffef]", text) else 0), _LONGEST_WORD)
