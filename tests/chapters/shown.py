"""A chapter's text as a reader gets it: computed parts in place, left-out passages gone; cells do not run."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis.show import say
from tests.chapters.reading import INLINE, Block, Chapter, block

_FENCE = re.compile(r"^:{3,}")
_HIDDEN = re.compile(r"^:{3,} \{\.content-hidden ")
GUARD_LINES = re.compile(r"^`\{python\} say\.(?:given\(.*\)|otherwise\(\)|end\(\))`$")


class Day(datetime.date):
    """A day that does not pass: what pages say of a search that is due depends on the day."""

    @classmethod
    def today(cls) -> Day:
        return cls(2024, 2, 15)


def as_read(text: str) -> str:
    """Markdown without the backslashes that keep evidence from being read as markup."""
    return re.sub(r"\\(?=[^\w\s])", "", text)


def filled(text: str) -> str:
    """A line with its inline code replaced by what it says."""
    return INLINE.sub(lambda found: as_read(str(eval(found[1], {"say": say}))), text)


def visible(blocks: Iterable[Block]) -> list[Block]:
    """The blocks that are shown, each filled; a guard's fences and what they hide are gone.

    What a block says beside its first line (a note in place of a passage) keeps the block's line number.
    """
    shown: list[Block] = []
    stack: list[bool] = []
    for found in blocks:
        guard = bool(GUARD_LINES.match(found.text))
        for text in filled(found.text).split("\n"):
            if guard and _FENCE.match(text):
                if text.strip(":"):
                    stack.append(bool(_HIDDEN.match(text)))
                else:
                    stack.pop()
            elif text and not any(stack):
                shown.append(block(found.line, text) if guard else Block(found.line, found.kind, text))
    assert not stack, "a passage begins and does not end"
    return shown


def text_of(chapters: Iterable[Chapter], project: Path, lang: str) -> dict[str, list[Block]]:
    """Every chapter's visible text in one language, from a project's own data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUARTO_PROJECT_DIR", str(project))
        patch.setenv("QUARTO_PROFILE", lang)
        patch.delenv("QUARTO_DOCUMENT_FILE", raising=False)
        patch.setattr("analysis.showing.session.date", Day)
        patch.setattr("analysis.tables.schedule.datetime", SimpleNamespace(date=Day))
        return {chapter.name: visible(chapter.blocks(lang)) for chapter in chapters}
