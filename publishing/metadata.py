"""What a page's head says to search engines, reference managers and those who share its address."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from typing import Any

from publishing.project import Book

SITE_URL_VARIABLE = "REVIEW_SITE_URL"
CARD = "assets/card.png"
CARD_SIZE = (1200, 630)
LOCALES: Mapping[str, str] = {"en": "en_US", "zh": "zh_CN"}
DESCRIPTION_LENGTH = 160

_LICENCE = re.compile(r"CC (BY(?:-(?:NC|ND|SA))*) (\d\.\d)")
_MAIN_PARAGRAPH = re.compile(r"<p(?: id=\"[^\"]*\")?>(.*?)</p>", re.DOTALL)
_TITLE = re.compile(r'<h1 class="title"[^>]*>(.*?)</h1>', re.DOTALL)
# Ours replaces what either engine writes: one description for the whole book.
_DESCRIPTION = re.compile(r'<meta name="description"[^>]*>\n?')


@dataclass(frozen=True)
class Site:
    """A language's folder as the heads of its pages need it.

    Attributes
    ----------
    folder : Path
        The folder; what is not in it is not named.
    others : mapping
        Every language of the site: profile to page language (``zh`` to ``zh-Hans``).
    status : mapping
        What ``status.json`` says.
    pdf_follows : bool
        Whether the PDF is still being made.
    """

    book: Book
    folder: Path
    others: Mapping[str, str]
    status: Mapping[str, Any]
    pdf_follows: bool = False

    def has(self, name: str) -> bool:
        """Whether the folder holds a file, or will."""
        return (self.pdf_follows and name == f"{self.book.output_file}.pdf") or (self.folder / name).is_file()


def site_url(book: Book) -> str:
    """The site's address without a final slash: the environment's, else ``book.site-url``, else ``""``."""
    return (os.environ.get(SITE_URL_VARIABLE) or book.site_url).rstrip("/")


def head(site: Site, page: str, html: str) -> tuple[str, list[str]]:
    """The page without the description that its engine wrote, and the tags to add to its head.

    Parameters
    ----------
    page : str
        The page's address in the language's folder.
    """
    html = _DESCRIPTION.sub("", html)
    return html, [
        *_links(site, page),
        *_shared(site, page, html),
        *_scholar(site, page),
        *_linked_data(site, page),
    ]


def _address(site: Site, page: str, target: str) -> str:
    """`target` of the site (``en/index.html``): whole where the site has an address, else relative."""
    url = site_url(site.book)
    return f"{url}/{target}" if url else "../" * (page.count("/") + 1) + target


def _links(site: Site, page: str) -> Iterator[str]:
    book = site.book
    yield f'<link rel="canonical" href="{escape(_address(site, page, f"{book.lang}/{page}"))}">'
    for lang, html_lang in [*site.others.items(), (book.default_lang, "x-default")]:
        address = escape(_address(site, page, f"{lang}/{page}"))
        yield f'<link rel="alternate" hreflang="{html_lang}" href="{address}">'


def _shared(site: Site, page: str, html: str) -> Iterator[str]:
    """Open Graph, for those who share the address."""
    book = site.book
    title = book.title if page == "index.html" else f"{_title(html)} – {book.title}".removeprefix(" – ")
    about = _description(html) or book.description or title
    locales = [LOCALES.get(name.partition("-")[0], name) for name in site.others.values()]
    own = LOCALES.get(book.html_lang.partition("-")[0], book.html_lang)
    properties = [
        ("og:type", "article"),
        ("og:title", title),
        ("og:description", about),
        ("og:site_name", book.title),
        ("og:locale", own),
        *(("og:locale:alternate", locale) for locale in locales if locale != own),
    ]
    if site_url(book):
        properties.append(("og:url", _address(site, page, f"{book.lang}/{page}")))
    if (site.folder / CARD).is_file():
        width, height = CARD_SIZE
        properties += [
            ("og:image", _address(site, page, f"{book.lang}/{CARD}")),
            ("og:image:width", str(width)),
            ("og:image:height", str(height)),
            ("og:image:alt", str(site.status.get("figure_alt") or book.title)),
        ]
        yield '<meta name="twitter:card" content="summary_large_image">'
    yield f'<meta name="description" content="{escape(about)}">'
    for name, content in properties:
        yield f'<meta property="{name}" content="{escape(content)}">'


def _scholar(site: Site, page: str) -> Iterator[str]:
    """Google Scholar's tags, on the first page only: each page that has them counts as an article."""
    if page != "index.html":
        return
    book, status = site.book, site.status
    tags = [("citation_title", book.title)]
    tags += [("citation_author", str(name)) for name in _authors(site)]
    if date := status.get("date"):
        tags.append(("citation_publication_date", str(date).replace("-", "/")))
    if doi := status.get("doi"):
        tags.append(("citation_doi", str(doi)))
    tags.append(("citation_language", book.html_lang.partition("-")[0]))
    if site_url(book):
        tags.append(("citation_public_url", _address(site, page, f"{book.lang}/{page}")))
        if site.has(name := f"{book.output_file}.pdf"):
            tags.append(("citation_pdf_url", _address(site, page, f"{book.lang}/{name}")))
    for name, content in tags:
        yield f'<meta name="{name}" content="{escape(content)}">'


def _linked_data(site: Site, page: str) -> Iterator[str]:
    """Schema.org's terms for the review and its data, on the first page."""
    if page != "index.html":
        return
    book, status = site.book, site.status
    common = {
        "inLanguage": book.html_lang,
        "version": status.get("version"),
        "datePublished": status.get("date"),
        "license": _licence(str(status.get("licence") or "")),
        "isAccessibleForFree": True,
        "creator": [{"@type": "Person", "name": str(name)} for name in _authors(site)],
        "identifier": f"https://doi.org/{doi}" if (doi := status.get("doi")) else None,
    }
    own = _address(site, page, f"{book.lang}/{page}")
    article = {
        "@type": "ScholarlyArticle",
        "@id": f"{own}#article",
        "headline": book.title,
        "name": book.title,
        "description": book.description,
        "url": own,
        "image": _address(site, page, f"{book.lang}/{CARD}") if (site.folder / CARD).is_file() else None,
        "encoding": _file(site, page, f"{book.output_file}.pdf", "application/pdf", "MediaObject"),
        "workTranslation": [
            {"@id": f"{_address(site, page, f'{lang}/{page}')}#article"}
            for lang in site.others
            if lang != book.lang
        ],
        "isBasedOn": {"@id": f"{own}#data"},
        **common,
    }
    files = [
        _file(site, page, "results.json", "application/json", "DataDownload"),
        _file(site, page, "data-package.zip", "application/zip", "DataDownload"),
    ]
    data = {
        "@type": "Dataset",
        "@id": f"{own}#data",
        "name": book.title,
        "description": book.description or book.title,
        "url": own,
        "distribution": [entry for entry in files if entry],
        **common,
    }
    graph = [article, data] if data["distribution"] else [{**article, "isBasedOn": None}]
    record = {"@context": "https://schema.org", "@graph": [_known(entry) for entry in graph]}
    text = json.dumps(record, ensure_ascii=False).replace("<", "\\u003c")
    yield f'<script type="application/ld+json">{text}</script>'


def _file(site: Site, page: str, name: str, form: str, kind: str) -> dict[str, str] | None:
    if not site.has(name):
        return None
    address = _address(site, page, f"{site.book.lang}/{name}")
    return {"@type": kind, "encodingFormat": form, "contentUrl": address}


def _known(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value}


def _authors(site: Site) -> list[str]:
    return list(site.status.get("authors") or site.book.authors)


def _licence(name: str) -> str | None:
    """The address of a Creative Commons licence."""
    found = _LICENCE.search(name)
    return f"https://creativecommons.org/licenses/{found[1].lower()}/{found[2]}/" if found else None


def _title(html: str) -> str:
    found = _TITLE.search(html)
    return _text(found[1]) if found else ""


def _description(html: str) -> str:
    """The beginning of the page's first paragraph, at the end of a sentence or word."""
    start = html.find("<main")
    found = _MAIN_PARAGRAPH.search(html, html.find("</header>", start) if start >= 0 else 0)
    text = _text(found[1]) if found else ""
    if len(text) <= DESCRIPTION_LENGTH:
        return text
    cut = text[: DESCRIPTION_LENGTH - 1]
    return cut[: cut.rfind(" ")] + "…" if " " in cut[DESCRIPTION_LENGTH // 2 :] else cut + "…"


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())
