"""Pages besides the chapters: a cell leaves a ``page.json`` (title, notice, HTML), this makes a page of it.

They look the same under either engine and stand at ``<language>/<folder>/index.html``; a page above the
languages, ``<folder>/index.html``, leads to each. Search leaves them out (they tell how things stood) unless
the cell says ``"search": true``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from publishing.html import SCRIPTS, STYLES, copy_assets, environment
from publishing.project import Book
from publishing.words import words_for
from store import Store

PAGE_FILE = "page.json"
FEED = "feed.xml"
MARK = '<meta name="generator" content="living-review leaf">'


def write_leaves(
    book: Book, folder: Path, url: str, others: Mapping[str, str], status: Mapping[str, Any]
) -> list[str]:
    """Make a page of every ``page.json`` in a language's folder, and complete its feed.

    Gives the addresses of those that a search should find.

    Parameters
    ----------
    url : str
        The site's address without a final slash, or nothing.
    others : mapping
        Every language of the site, this one too: profile to page language.
    status : mapping
        The state of the review, whose banner stands on these pages too.
    """
    template = environment(Store.of(book.project_dir)).get_template("leaf.html.j2")
    sources = sorted(folder.rglob(PAGE_FILE))
    found: list[str] = []
    for source in sources:
        page = f"{source.parent.relative_to(folder).as_posix()}/index.html"
        root = "../" * page.count("/")
        text = json.loads(source.read_text(encoding="utf-8"))
        content = template.render(
            book=book,
            words=words_for(book.html_lang),
            text=text,
            root=root,
            page=page,
            mark=MARK,
            status=status,
            others={lang: html_lang for lang, html_lang in others.items() if lang != book.lang},
            addresses={
                html_lang: f"{url}/{lang}/{page}" if url else f"{root}../{lang}/{page}"
                for lang, html_lang in others.items()
            },
            feed=(folder / FEED).is_file(),
        )
        (folder / page).write_text(content, encoding="utf-8")
        source.unlink()
        if text.get("search"):
            found.append(page)
    if sources:
        copy_assets(folder, (*STYLES, *SCRIPTS))
    if url and (folder / FEED).is_file():
        feed = (folder / FEED).read_text(encoding="utf-8")
        # The file is the build folder's too, where it stays as it is.
        (folder / FEED).unlink()
        (folder / FEED).write_text(_absolute(feed, f"{url}/{book.lang}/"), encoding="utf-8")
    return found


def feed_link(folder: Path, root: str, title: str) -> str:
    """What a page's head says about the language's feed; nothing where there is none."""
    if not (folder / FEED).is_file():
        return ""
    return f'<link rel="alternate" type="application/atom+xml" title="{escape(title)}" href="{root}{FEED}">'


def leaf_pages(folder: Path) -> list[str]:
    """Addresses of the pages that `write_leaves` made, from the language's folder."""
    found = (path for path in sorted(folder.glob("*/**/index.html")))
    return [path.relative_to(folder).as_posix() for path in found if MARK in _start(path)]


def write_choosers(site: Path, books: Sequence[Book], entries: Sequence[Mapping[str, Any]], url: str) -> None:
    """A page above the languages for each page that any of them has."""
    template = environment(Store.of(books[0].project_dir)).get_template("index.html.j2")
    pages: dict[str, list[str]] = {}
    for book in books:
        for page in leaf_pages(site / book.lang):
            pages.setdefault(page, []).append(book.lang)
    for page, languages in pages.items():
        there = [entry for entry in entries if entry["lang"] in languages]
        title = re.sub(r"/index\.html$", "", page)
        text = template.render(entries=there, url=url, page=page, up="../" * page.count("/"), about=title)
        (site / page).parent.mkdir(parents=True, exist_ok=True)
        (site / page).write_text(text, encoding="utf-8")


def _start(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(600)


def _absolute(feed: str, base: str) -> str:
    """Links of a feed in full: not every reader knows where it got the feed from."""
    return re.sub(r'href="(?![a-z]+:)([^"]*)"', lambda match: f'href="{escape(base)}{match[1]}"', feed)
