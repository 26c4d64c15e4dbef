"""The search index of one language's pages, made by Pagefind."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from pagefind.index import IndexConfig, PagefindIndex

# Pagefind's own interfaces; ours (assets/js/review.js) talks to pagefind.js.
UNUSED = re.compile(r"pagefind-(ui|modular-ui|component-ui|highlight)\.")
SECTION_HEADING = re.compile(r'<section\b([^>]*?) id="([^"]+)"([^>]*)>(\s*)<(h[1-6])\b')


def write_index(folder: Path, pages: Sequence[str]) -> None:
    """Index pages into ``<folder>/pagefind``, each section as a result of its own.

    Parameters
    ----------
    folder : Path
        A language's folder, such as ``_site/zh``.
    pages : sequence of str
        The pages to index, relative to the folder.
    """
    asyncio.run(_write(folder, pages))
    for path in (folder / "pagefind").iterdir():
        if UNUSED.match(path.name):
            path.unlink()


async def _write(folder: Path, pages: Sequence[str]) -> None:
    config = IndexConfig(output_path=str(folder / "pagefind"))
    async with PagefindIndex(config=config) as index:
        for page in pages:
            html = (folder / page).read_text(encoding="utf-8")
            await index.add_html_file(content=_heading_ids(html), url=page)


def _heading_ids(html: str) -> str:
    """Pagefind finds sections by their headings' ids; pandoc gives the id to the section."""
    return SECTION_HEADING.sub(r'<section\1\3>\4<\5 id="\2"', html)
