"""The pinned fonts: found by path, measured, and checked for missing glyphs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from store import Store, digest, key_of

FOLDER: Final = Path(__file__).resolve().parents[2] / ".cache" / "fonts"
FAMILY: Final = "Review Sans"
"""Name under which matplotlib knows our files; no font installed elsewhere answers to it."""

_FILES: Final = {"normal": "NotoSansSC-Regular.ttf", "bold": "NotoSansSC-Bold.ttf"}
WEIGHTS: Final = tuple(_FILES)
_ROUNDING: Final = 1e-6
_NEVER_FIRST: Final = frozenset("，。；：？！、）》」』】”’…%‰,.;:?!)]}")
_STRAIGHT: Final = str.maketrans("“”‘’", "\"\"''")
_NEVER_LAST: Final = frozenset("（《「『【“‘([{")


class MissingGlyph(ValueError):
    """A label holds a character that the pinned font cannot draw."""


class MissingFont(FileNotFoundError):
    """The fonts have not been laid out yet."""


def font_file(weight: str = "normal") -> Path:
    """Path of the font file of `weight`, ``normal`` or ``bold``.

    Raises
    ------
    MissingFont
        When ``assets/fonts.py`` has not been run.
    """
    path = FOLDER / _FILES[weight]
    if not path.exists():
        raise MissingFont(f"{path.name} is missing: run make setup. / 缺少字体：请运行 make setup。")
    return path


@cache
def register() -> None:
    """Make the files known to matplotlib under `FAMILY`."""
    from matplotlib import font_manager

    for weight, number in (("normal", 400), ("bold", 700)):
        font_manager.fontManager.ttflist.insert(
            0,
            font_manager.FontEntry(
                fname=str(font_file(weight)),
                name=FAMILY,
                style="normal",
                variant="normal",
                weight=number,
                stretch="normal",
                size="scalable",
            ),
        )


@cache
def _advances(weight: str) -> Mapping[str, float]:
    """Widths of all characters that the font can draw, in ems."""
    path = font_file(weight)
    store = Store.of(FOLDER.parents[1])
    found: Mapping[str, float] = store.memo_json(key_of("widths", digest(path)), lambda: _read_advances(path))
    return found


def _read_advances(path: Path) -> dict[str, float]:
    # Most builds find the widths kept.
    from fontTools.ttLib import TTFont

    font = TTFont(path, lazy=True)
    metrics, em = font["hmtx"].metrics, font["head"].unitsPerEm
    return {chr(point): metrics[glyph][0] / em for point, glyph in font.getBestCmap().items()}


def width(text: str, size: float, weight: str = "normal") -> float:
    """Width of one line of text, in points, where a character without glyph counts one em."""
    advances = _advances(weight)
    return size * math.fsum(advances.get(character, 1.0) for character in text)


def check(text: str, weight: str = "normal") -> None:
    """Make sure that every character of `text` can be drawn.

    Raises
    ------
    MissingGlyph
        Naming the character and the label it stands in.
    """
    advances = _advances(weight)
    for character in text:
        if character != "\n" and character not in advances:
            raise MissingGlyph(
                f"the figure font has no glyph for {character!r} (U+{ord(character):04X}) in {text!r}"
            )


def straight(text: str) -> str:
    """Straight quotation marks for Latin text: the font's curly ones are as wide as a Chinese character."""
    if any(_is_wide(character) for character in text):
        return text
    return text.translate(_STRAIGHT)


def wrap(text: str, room: float, size: float, weight: str = "normal") -> list[str]:
    """Break `text` into lines no wider than `room` points.

    Lines break at spaces, and between Chinese characters where punctuation allows it; a single word
    wider than `room` is broken where it must.
    """

    def fits(part: str) -> bool:
        return width(part.rstrip(), size, weight) <= room + _ROUNDING

    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if not line or fits(line + piece):
            line += piece
        else:
            lines.append(line.rstrip())
            line = piece
        while not fits(line) and len(line.rstrip()) > 1:
            cut = next((n for n in range(len(line) - 1, 0, -1) if fits(line[:n])), 1)
            lines.append(line[:cut])
            line = line[cut:]
    if line.strip() or not lines:
        lines.append(line.rstrip())
    return lines


def _pieces(text: str) -> list[str]:
    """The shortest pieces of `text` between which a line may break."""
    pieces: list[str] = []
    for character in text:
        if pieces and not _may_break(pieces[-1][-1], character):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _may_break(before: str, after: str) -> bool:
    if after == " " or after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return before == " " or _is_wide(before) or _is_wide(after)


def _is_wide(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"
