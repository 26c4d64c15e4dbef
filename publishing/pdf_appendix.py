"""What of a book stands in the PDF's data appendix, and what only on the website.

A line in a chapter's Typst text parts what is read from what is looked up (``filters/typst.lua``). The
appendix prints the latter as long as it is not longer than anyone would print; of a longer one it tells
where on the website every table stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from publishing.pdf_literals import quoted
from publishing.pdf_tables import count_rows

# Rows of tables that the appendix prints, which take a hundred pages or so.
MOST_ROWS = 2000

PARTING = "\n// data-appendix\n"

# Every way in which a chapter's Typst text gives an id to a place.
_ID = re.compile(r'(?:\banchor|\blabel|#numbered-float|#reference)\("([^"\\]+)"')
_MOVED = re.compile(r'#moved\("([^"\\]+)", "([^"\\]+)"\)')


@dataclass(frozen=True)
class Parts:
    """A book's Typst text, taken apart.

    Attributes
    ----------
    text, appendix : dict
        What each file holds, by the chapter's path.
    ids : dict
        For every id of the book true when the PDF has it, else its address on the website.
    rows : int
        How many rows the appendix would have, when it is not printed; else 0.
    """

    text: dict[str, str]
    appendix: dict[str, str]
    ids: dict[str, bool | str]
    rows: int


def take_apart(chapters: Mapping[str, str], addresses: Mapping[str, str]) -> Parts:
    """Part the chapters' text from their appendix, or from the note of where it is.

    Parameters
    ----------
    chapters : mapping
        The Typst text of every chapter, by its path.
    addresses : mapping
        Each chapter's page on the website, by its path; without its host where the site has none.
    """
    text, appendix = {}, {}
    for path, whole in chapters.items():
        text[path], _, looked_up = whole.partition(PARTING)
        if looked_up:
            appendix[path] = looked_up
    ids: dict[str, bool | str] = {id: True for part in text.values() for id in _ID.findall(part)}
    rows = sum(map(count_rows, appendix.values()))
    if rows <= MOST_ROWS:
        ids |= {id: True for part in appendix.values() for id in _ID.findall(part)}
        rows = 0
    else:
        for path, part in appendix.items():
            address = addresses[path]
            if "://" in address:
                ids |= {id: f"{address}#{quote(id)}" for id in _ID.findall(part)}
            moved = _MOVED.findall(text[path])
            ids |= {id: True for id, _ in moved}
            appendix[path] = "\n".join(
                f"#on-the-website({quoted(id)}, {quoted(name)}, {quoted(f'{address}#{quote(id)}')})"
                for id, name in moved
            )
    if appendix:
        ids["data-appendix"] = True
    return Parts(text, appendix, dict(sorted(ids.items())), rows)
