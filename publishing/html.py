"""The embedded renderer's pages: the same addresses, ids, numbers and captions as Quarto's."""

from __future__ import annotations

import json
import posixpath
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from publishing.errors import BookError
from publishing.markdown import BookText, ChapterText, Label, plain, run_filter
from publishing.pandoc import PandocError, pandoc
from publishing.project import Book
from publishing.words import words_for

TEMPLATES = Path(__file__).parent / "templates"
ASSETS = Path(__file__).parent.parent / "assets"
STYLES = ("review.css", "layout.css")
WRITER = ("--mathml", "--wrap=none", "--syntax-highlighting=none")
SCRIPTS = ("js/page.js",)


@dataclass(frozen=True)
class Page:
    """A chapter as HTML, without the page around it."""

    chapter: ChapterText
    title: str
    body: str
    toc: tuple[Mapping[str, str], ...]


def render(book_text: BookText, out_dir: Path) -> list[Path]:
    """Write every page of one language, with styles, scripts and the images that chapters name.

    Parameters
    ----------
    book_text : BookText
        The executed book.
    out_dir : Path
        The language's folder, such as ``_site/en``.

    Returns
    -------
    list of Path
        The pages written.
    """
    documents = [_resolve(book_text, chapter) for chapter in book_text.chapters]
    _copy_images(book_text, documents, out_dir)
    tocs = [tuple(plain(document["meta"].get("toc", {"t": "MetaList"}))) for document in documents]
    pages = [
        Page(chapter, _title(chapter), _body(book_text, chapter, document), _within(toc, book_text.book))
        for chapter, document, toc in zip(book_text.chapters, _cite(book_text, documents), tocs, strict=True)
    ]
    template = environment().get_template("page.html.j2")
    written = []
    for position, page in enumerate(pages):
        target = out_dir / page.chapter.page
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(
            template.render(
                book=book_text.book,
                words=words_for(book_text.book.html_lang),
                page=page,
                pages=pages,
                root="../" * page.chapter.page.count("/"),
                previous=pages[position - 1] if position else None,
                following=pages[position + 1] if position + 1 < len(pages) else None,
                others=[lang for lang in book_text.book.languages if lang != book_text.book.lang],
            ),
            encoding="utf-8",
        )
        written.append(target)
    copy_assets(out_dir, (*STYLES, *SCRIPTS))
    return written


def environment() -> Environment:
    """Jinja2 for our templates: everything is escaped, and a missing name is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def copy_assets(out_dir: Path, names: tuple[str, ...]) -> None:
    """Copy files of ``assets/`` into a language's folder."""
    for name in names:
        target = out_dir / "assets" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ASSETS / name, target)


def _resolve(book_text: BookText, chapter: ChapterText) -> dict[str, Any]:
    """A chapter's document for HTML: references resolved, callouts, tabsets, figures, sections."""
    book = book_text.book
    settings = {
        "pass": "html",
        "profile": book.lang,
        "unnumbered_page": not chapter.number,
        "words": {**book.labels, "section-link": words_for(book.html_lang)["section-link"]},
        "labels": {
            label.id: {
                "id": label.id,
                "kind": label.kind,
                "number": label.number,
                "href": _address(chapter.page, label),
                "title": label.title,
                "is_chapter": label.is_chapter,
            }
            for label in book_text.labels.values()
        },
    }
    try:
        return run_filter(chapter.ast, "json", settings)
    except BookError as error:
        raise BookError(error.en, error.zh, file=chapter.path) from error


def _relative(page: str, target: str) -> str:
    return posixpath.relpath(target, posixpath.dirname(page) or ".")


def _address(page: str, label: Label) -> str:
    """How a page links to a label; a chapter elsewhere is its page, without an anchor."""
    if label.page == page:
        return f"#{label.id}"
    return _relative(page, label.page) + ("" if label.is_chapter else f"#{label.id}")


def _cite(book_text: BookText, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The documents with their citations, made in one go so that the whole book shares one list."""
    book = book_text.book
    if not book.bibliography:
        return documents
    whole = {
        **documents[0],
        "meta": {},
        "blocks": [{"t": "Div", "c": [["", [], []], document["blocks"]]} for document in documents],
    }
    has_list = any('"refs"' in chapter.ast for chapter in book_text.chapters)
    options = [
        "--citeproc",
        f"--metadata=lang={book.html_lang}",
        f"--metadata=link-citations={'true' if has_list else 'false'}",
        f"--metadata=suppress-bibliography={'false' if has_list else 'true'}",
        *(f"--bibliography={path}" for path in book.bibliography),
        *([f"--csl={book.csl}"] if book.csl else []),
    ]
    try:
        cited = json.loads(pandoc(json.dumps(whole), "json", "json", *options))
    except PandocError as error:
        raise BookError(f"citations: {error}", f"引文：{error}", file="_quarto.yml", where="csl") from error
    return [
        {**document, "blocks": block["c"][1]}
        for document, block in zip(documents, cited["blocks"], strict=True)
    ]


def _body(book_text: BookText, chapter: ChapterText, document: dict[str, Any]) -> str:
    text = {**document, "meta": {}}
    html = pandoc(json.dumps(text), "json", "html5", "--section-divs", *WRITER)
    refs = next((other for other in book_text.chapters if '"refs"' in other.ast), None)
    if refs and refs is not chapter:
        page = _relative(chapter.page, refs.page)
        html = html.replace('href="#ref-', f'href="{page}#ref-')
    return html


def _title(chapter: ChapterText) -> str:
    plain_block = [{"t": "Plain", "c": json.loads(chapter.title_ast)}]
    document = {**json.loads(chapter.ast), "blocks": plain_block}
    return pandoc(json.dumps(document), "json", "html5", *WRITER).strip()


def _within(toc: tuple[Mapping[str, str], ...], book: Book) -> tuple[Mapping[str, str], ...]:
    return tuple(entry for entry in toc if int(entry["level"]) <= book.toc_depth)


def _images(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("t") == "Image":
            yield node["c"][2][0]
        for value in node.values():
            yield from _images(value)
    elif isinstance(node, list):
        for value in node:
            yield from _images(value)


def _copy_images(book_text: BookText, documents: list[dict[str, Any]], out_dir: Path) -> None:
    root = book_text.book.project_dir.resolve()
    for chapter, document in zip(book_text.chapters, documents, strict=True):
        for address in _images(document["blocks"]):
            if re.match(r"[a-z][a-z0-9+.-]*:|//", address, re.IGNORECASE):
                raise BookError(
                    f"the image {address} would be loaded from another host",
                    f"图像 {address} 将从外部主机加载",
                    file=chapter.path,
                )
            source = (chapter.source.parent / address).resolve()
            if not source.is_file() or not source.is_relative_to(root):
                raise BookError(f"there is no image {address}", f"图像 {address} 不存在", file=chapter.path)
            target = out_dir / source.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
