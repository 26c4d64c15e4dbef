"""The picture that is shown where a page's address is shared: title, main figure, state of the review."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from publishing.glyphs import find_fonts
from publishing.keys import step_key
from publishing.metadata import CARD, CARD_SIZE
from publishing.project import Book
from publishing.words import words_for
from store import Store, digest_of

TEMPLATE = Path(__file__).parent / "typst" / "card.typ"
POINTS_AN_INCH = 72


def write_card(book: Book, folder: Path, status: Mapping[str, Any]) -> Path:
    """Draw the picture from the figure that the status names; without one it is the title alone.

    Parameters
    ----------
    folder : Path
        The language's folder, which holds the figure.
    """
    work = book.project_dir / "_build" / f"card-{book.lang}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    shutil.copyfile(TEMPLATE, work / "card.typ")
    figure = folder / str(status.get("figure") or "-")
    if figure.is_file():
        shutil.copyfile(figure, work / "figure.svg")
    words = words_for(book.html_lang)
    record = {
        "lang": book.lang,
        "title": book.title,
        "figure": figure.is_file(),
        "caption": str(status.get("figure_title") or ""),
        "state": [
            f"{words[f'status-{key}']} {status[key]}" for key in ("version", "evidence_to") if status.get(key)
        ],
        "size": CARD_SIZE,
    }
    (work / "card.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    fonts = find_fonts(book.project_dir)
    key = step_key("card", digest_of(work.iterdir(), work), digest_of(fonts.iterdir(), fonts))
    target = folder / CARD
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(Store.of(book.project_dir).memo(key, lambda: _draw(work, fonts)))
    return target


def _draw(work: Path, fonts: Path) -> bytes:
    known = typst.Fonts(include_system_fonts=False, font_paths=[str(fonts)])
    picture: bytes = typst.compile(
        str(work / "card.typ"), root=str(work), font_paths=known, format="png", ppi=POINTS_AN_INCH
    )
    return picture
