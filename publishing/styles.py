"""The review's style sheet, which is written in parts and served as one file."""

from __future__ import annotations

import re
from pathlib import Path

from publishing.errors import BookError

SHEET = "review.css"
_IMPORT = re.compile(r'^@import "([\w./-]+)";\n', re.MULTILINE)


def bundle(sheet: Path) -> str:
    """A style sheet with what it imports in the place of the imports.

    Raises
    ------
    BookError
        When a part is missing.
    """

    def part(match: re.Match[str]) -> str:
        path = sheet.parent / match[1]
        if not path.is_file():
            raise BookError(
                f"there is no style sheet {match[1]}", f"样式表 {match[1]} 不存在", file=str(sheet)
            )
        return bundle(path)

    return _IMPORT.sub(part, sheet.read_text(encoding="utf-8"))


def write_styles(assets: Path, folder: Path) -> None:
    """Put the one file where both engines' pages look for it."""
    target = folder / "assets" / SHEET
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(bundle(assets / SHEET), encoding="utf-8")
