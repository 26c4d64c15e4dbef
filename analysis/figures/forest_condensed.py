"""A forest plot of very many studies: their intervals close together, without a name beside each.

Hundreds of named rows are no picture any more: nobody sees the spread of what fills ten screens, and no
sheet of paper holds it. Names and numbers of all of them stand in the figure's downloads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from analysis.figures.forest_sheet import Line, Sheet
from analysis.figures.forest_words import SIGNS
from analysis.wording import numbers
from analysis.wording.catalogue import text

MOST_NAMED: Final = 60
"""Rows of a figure up to which each has its name and its numbers."""


def is_long(rows: int) -> bool:
    """Whether a figure has more rows than can be named."""
    return rows > MOST_NAMED


def condensed(sheet: Sheet, lang: str, *, by_estimate: bool = True, noun: str = "study") -> Sheet:
    """The sheet as it is, or with its studies in bundles where there are too many.

    Parameters
    ----------
    by_estimate : bool
        Whether the rows of a bundle are put in the order of their estimates, or stay in theirs.
    noun : str
        What a row is, as the catalogue counts it.
    """
    if not is_long(sum(_is_row(line) for line in (*sheet.lines, *sheet.after))):
        return sheet
    lines, after = (_bundled(part, lang, by_estimate, noun) for part in (sheet.lines, sheet.after))
    used = {key for line in (*lines, *after) for key in line.cells}
    left, right = ([column for column in part if column.key in used] for part in (sheet.left, sheet.right))
    return replace(sheet, label_head="", left=left, right=right, lines=lines, after=after, lights=())


def _sign(label: str) -> str:
    """The sign behind a study's name for what was assumed or derived."""
    sign = label.rpartition("\u00a0")[2]
    return sign if sign and set(sign) <= set(SIGNS) else ""


def _is_row(line: Line) -> bool:
    return line.kind in ("study", "grey")


def _bundled(lines: Sequence[Line], lang: str, by_estimate: bool, noun: str) -> list[Line]:
    order = "by_estimate" if by_estimate else "as_listed"
    found: list[Line] = []
    for is_row, run in [(is_row, list(run)) for is_row, run in groupby(lines, _is_row)]:
        bundles = list(_bundles(run, lang, order, noun)) if is_row else run
        found += bundles
        # What the lines are and where the rest is, is said once.
        order = "more" if any(line.many for line in bundles) else order
    return found


def _bundles(rows: Sequence[Line], lang: str, order: str, noun: str) -> Iterable[Line]:
    """One bundle of the rows that have an interval, and a note on the others."""
    many = [row.effect for row in rows if row.effect is not None]
    indent = rows[0].indent
    if many:
        count = numbers.counted(noun, len(many), lang)
        label = text(f"figure.condensed.{order}", lang, rows=count)
        if signs := dict.fromkeys(sign for row in rows if (sign := _sign(row.label))):
            label += "\u00a0" + " ".join(signs)
        yield Line("bundle", label, many=many if order == "as_listed" else sorted(many), indent=indent)
    if without := len(rows) - len(many):
        count = numbers.counted(noun, without, lang)
        yield Line("note", text("figure.condensed.without", lang, rows=count), indent=indent)
