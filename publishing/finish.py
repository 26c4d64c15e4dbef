"""What follows either engine: language links, status block, downloads, search, chooser, sitemap, link check.

A page of Quarto's and a page of ours get the same additions by the same code. Finishing a finished page
again changes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from publishing.card import write_card
from publishing.contents import with_cells_headings
from publishing.downloads import listed, unlisted, write_downloads
from publishing.full_width import full_width
from publishing.html import ASSETS, copy_assets, environment
from publishing.later import keep_last, take_over
from publishing.leaves import feed_link, leaf_pages, write_choosers, write_leaves
from publishing.lighten import lighten_libraries
from publishing.links import check_site, read_ahead
from publishing.metadata import Site, head, site_url
from publishing.project import Book
from publishing.reproduce import offer
from publishing.search import write_index
from publishing.styles import write_styles
from publishing.words import WORDS, words_for
from store import Store

ADDED = re.compile(r"<!--review-->.*?<!--/review-->\n?", re.DOTALL)
# Quarto leaves it so in the breadcrumb of a small screen.
META = re.compile(r"\{\{(?:&lt;|<)\s*meta\s+([\w.-]+)\s*(?:&gt;|>)\}\}")
# Every chapter's own list, which Quarto hides and takes its pop-ups from.
HIDDEN_LIST = re.compile(r'(<div id="refs"(?![^>]*data-pagefind-ignore)[^>]*style="display: none")')
# The index of Quarto's own search, which it writes also where that is off.
QUARTO_INDEX = "search.json"
STATUS_KEYS = ("version", "status", "evidence_to", "next_search")
STATUS_LINKS = ("changes", "cite")
SCRIPTS = ("js/review.js", "js/search.js", "js/tables.js")
# What a script loads when it is asked to.
LATER_SCRIPTS = ("js/xlsx.js",)
# Chapters about the review's own files, which a search shows after what the review found.
SEARCH_LAST = "search-last"


def finish_language(
    book: Book,
    folder: Path,
    others: Mapping[str, str],
    pdf_made: Callable[[], object] | None = None,
    *,
    pages_only: bool = False,
) -> None:
    """Complete one language's folder.

    Parameters
    ----------
    book : Book
        The project in this language.
    folder : Path
        The rendered pages, such as ``_site/en``.
    others : mapping
        Every language of the site, this one too: profile to page language (``zh`` to ``zh-Hans``).
    pdf_made : callable, optional
        Returns when the PDF is there, where it is still being made; only its size is waited for.
    pages_only : bool
        Leave what `publishing.later` names as it is in the present site.
    """
    take_over(book.build_dir, folder)
    (folder / QUARTO_INDEX).unlink(missing_ok=True)
    copy_assets(folder, (*SCRIPTS, *LATER_SCRIPTS))
    write_styles(ASSETS, folder)
    store = Store.of(book.project_dir)
    site = Site(book, folder, others, _read_status(book), pdf_made is not None)
    present = book.project_dir / book.output_dir
    if pages_only:
        keep_last(book, present, folder)
    else:
        offer(book.project_dir, book.build_dir / "results.json", folder, present)
        write_downloads(book, folder, present)
        write_card(book, folder, site.status)
    leaves = write_leaves(book, folder, site_url(book), others, site.status)
    for chapter in book.chapters:
        path = folder / chapter.page
        page = path.read_text(encoding="utf-8")
        path.write_text(finish_page(page, site, chapter.page), encoding="utf-8")
    last = set(book.metadata.get(SEARCH_LAST) or ())
    pages = [chapter.page for chapter in book.chapters]
    after = [chapter.page for chapter in book.chapters if chapter.path in last]
    if not pages_only:
        write_index(folder, [*pages, *leaves], after, store, present)
    if pdf_made:
        read_ahead(folder, store)
        pdf_made()
    words = words_for(book.html_lang)
    for page in pages:
        html = (folder / page).read_text(encoding="utf-8")
        if (complete := listed(html, book, folder, "../" * page.count("/"), words)) != html:
            (folder / page).write_text(complete, encoding="utf-8")


def finish_page(html: str, site: Site, page: str) -> str:
    """One page with its language links, metadata, words for the scripts, status block and downloads."""
    book, words = site.book, words_for(site.book.html_lang)
    html = ADDED.sub("", html)
    root = "../" * page.count("/")
    html = re.sub(
        r"<html\b(?![^>]*data-review-language)", f'<html data-review-language="{book.lang}"', html, count=1
    )
    html = unlisted(html)
    html = HIDDEN_LIST.sub(r'\1 data-pagefind-ignore="all"', html)
    html = with_cells_headings(html, book.toc_depth)
    if book.html_lang.startswith("zh"):
        html = full_width(html)
    html = META.sub(lambda match: escape(str(book.meta(match[1]) or match[0])), html)
    for lang, html_lang in site.others.items():
        if lang != book.lang:
            html = _point_switch(html, lang, html_lang, f"{root}../{lang}/{page}")
    html, tags = head(site, page, html)
    tags.append(feed_link(site.folder, root, book.title))
    html = html.replace("</head>", _added("\n".join([*tags, *_scripts(root, words)])) + "</head>", 1)
    if block := _status_block(site.status, root, words):
        html = re.sub(r"(<main\b[^>]*>)", lambda match: match[1] + _added(block), html, count=1)
    return html


def finish_site(site: Path, books: Sequence[Book], absent: Sequence[str] = ()) -> None:
    """Write what stands above the languages, then check every link.

    Parameters
    ----------
    site : Path
        The folder that holds the languages' folders.
    books : sequence of Book
        All languages, the default one first.
    absent : sequence of str
        What is not built, such as ``zh`` or ``en/book.pdf``: links to it are not checked.

    Raises
    ------
    BookError
        When a link, an anchor or a file is missing, or a page would load something from elsewhere.
    """
    url = site_url(books[0])
    entries = [
        {
            "lang": book.lang,
            "html_lang": book.html_lang,
            "title": book.title,
            "name": _language_name(book),
            "words": words_for(book.html_lang),
        }
        for book in books
    ]
    base = re.sub(r"^[a-z]+://[^/]+", "", url) + "/"
    store = Store.of(books[0].project_dir)
    templates = environment(store)
    for name in ("index.html", "404.html"):
        given = {"entries": entries, "base": base, "url": url, "page": name, "up": "", "about": ""}
        text = templates.get_template(f"{name}.j2").render(given)
        (site / name).write_text(text, encoding="utf-8")
    write_choosers(site, books, entries, url)
    (site / ".nojekyll").touch()
    if url:
        (site / "sitemap.xml").write_text(_sitemap(url, books, site), encoding="utf-8")
        (site / "robots.txt").write_text(f"Sitemap: {url}/sitemap.xml\n", encoding="utf-8")
    for book in books:
        lighten_libraries(site / book.lang)
    check_site(site, absent, store)


def _language_name(book: Book) -> str:
    """What the language calls itself: the switch of the *other* catalogue names it."""
    other = next(words for name, words in WORDS.items() if words is not words_for(book.html_lang))
    return other["language"]


def _added(html: str) -> str:
    return f"<!--review-->{html}<!--/review-->\n"


def _point_switch(html: str, lang: str, html_lang: str, target: str) -> str:
    """Point the language switch (a tool that links to the other language's index) at this page's twin."""

    def point(match: re.Match[str]) -> str:
        tag = match[0]
        if "quarto-navigation-tool" not in tag:
            return tag
        tag = re.sub(r' (?:data-review-language|hreflang|lang)="[^"]*"', "", tag)
        tag = re.sub(r'href="[^"]*"', f'href="{target}"', tag)
        return tag[:-1] + f' data-review-language="{lang}" hreflang="{html_lang}" lang="{html_lang}">'

    return re.sub(rf'<a\b[^>]*href="[./]*/{lang}/[^"]*"[^>]*>', point, html)


def _scripts(root: str, words: Mapping[str, str]) -> list[str]:
    text = json.dumps(dict(words), ensure_ascii=False).replace("<", "\\u003c")
    return [
        f'<script type="application/json" id="review-words">{text}</script>',
        *(f'<script src="{root}assets/{name}" defer></script>' for name in SCRIPTS),
    ]


def _read_status(book: Book) -> Mapping[str, Any]:
    path = book.build_dir / "status.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _status_block(status: Mapping[str, Any], root: str, words: Mapping[str, str]) -> str:
    """The state of the review on top of a page; nothing where nobody wrote one."""
    items = [
        f"<div><dt>{escape(words[f'status-{key}'])}</dt><dd>{escape(str(status[key]))}</dd></div>"
        for key in STATUS_KEYS
        if status.get(key)
    ]
    if not items:
        return ""
    banner, kind = str(status.get("banner") or ""), str(status.get("banner_kind") or "")
    if banner:
        banner = f'<p class="review-banner review-banner-{escape(kind)}">{escape(banner)}</p>'
    links = " ".join(
        f'<a href="{escape(root + str(status[key]))}">{escape(words[f"status-{key}"])}</a>'
        for key in STATUS_LINKS
        if status.get(key)
    )
    # Quarto takes every aside for a note in the margin and folds the contents away from it.
    return (
        f'<section class="review-status" aria-label="{escape(words["status"])}" data-pagefind-ignore>'
        f"<dl>{''.join(items)}</dl>{banner}{f'<p>{links}</p>' if links else ''}</section>"
    )


def _sitemap(url: str, books: Sequence[Book], site: Path) -> str:
    pages = []
    for book in books:
        for page in (*(chapter.page for chapter in book.chapters), *leaf_pages(site / book.lang)):
            links = "".join(
                f'<xhtml:link rel="alternate" hreflang="{other.html_lang}" '
                f'href="{escape(f"{url}/{other.lang}/{page}")}"/>'
                for other in books
            )
            pages.append(f"<url><loc>{escape(f'{url}/{book.lang}/{page}')}</loc>{links}</url>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n' + "\n".join(pages) + "\n</urlset>\n"
    )
