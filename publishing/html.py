"""The embedded renderer's pages: the same addresses, ids, numbers and captions as Quarto's."""

from __future__ import annotations

import json
import posixpath
import re
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from publishing.citations import REFERENCES, cite, with_citations
from publishing.errors import BookError
from publishing.keys import step_key
from publishing.markdown import REFERRED, BookText, ChapterText, Label, run_filter
from publishing.project import Book
from publishing.words import words_for
from publishing.workers import available_cores
from store import Store

TEMPLATES = Path(__file__).parent / "templates"
ASSETS = Path(__file__).parent.parent / "assets"
STYLES = ("layout.css",)
WRITER = ("--mathml", "--wrap=none", "--syntax-highlighting=none")
ABOUT = ("<!--about ", "-->")
"""Around what the filter says of the page, on the first line of what pandoc writes."""
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
    cited = cite(book_text)
    refs = next((chapter for chapter in book_text.chapters if f'"{REFERENCES}"' in chapter.ast), None)
    with ThreadPoolExecutor(available_cores()) as pool:
        made = list(pool.map(partial(_make, book_text, refs), book_text.chapters, cited))
    pages = [
        Page(chapter, found["title"], found["body"], _within(found["toc"], book_text.book))
        for chapter, found in zip(book_text.chapters, made, strict=True)
    ]
    for page, found in zip(pages, made, strict=True):
        _copy_images(book_text.book, page.chapter, found["images"], out_dir)
    template = environment(Store.of(book_text.book.project_dir)).get_template("page.html.j2")
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


class _Compiled(BytecodeCache):
    """Compiled templates in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._store.get(self._key(bucket)):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._store.put(self._key(bucket), bucket.bytecode_to_string())

    def _key(self, bucket: Bucket) -> str:
        return step_key("template", bucket.key, bucket.checksum)


def environment(store: Store) -> Environment:
    """Jinja2 for our templates: everything is escaped, and a missing name is an error."""
    return Environment(
        bytecode_cache=_Compiled(store),
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


def _make(
    book_text: BookText, refs: ChapterText | None, chapter: ChapterText, cited: str
) -> Mapping[str, Any]:
    """A chapter's body, title and contents, and the images it names, in one call of pandoc.

    It depends on the chapter and on what it refers to, `refs` being where the references are listed, and on
    nothing else of the book.
    """
    book = book_text.book
    names = ["".join(found) for found in REFERRED.findall(chapter.ast)]
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
            for name in dict.fromkeys(names)
            if (label := book_text.labels.get(name))
        },
    }
    page = _relative(chapter.page, refs.page) if refs and refs is not chapter else ""

    def make() -> dict[str, Any]:
        document = with_citations(chapter.ast, cited, "typst")
        document["meta"] = {"title": {"t": "MetaInlines", "c": json.loads(chapter.title_ast)}}
        text = json.dumps(document, ensure_ascii=False)
        html = run_filter(text, "json", "html5", settings, "--section-divs", *WRITER)
        first, _, body = html.partition("\n")
        found: dict[str, Any] = json.loads(first.removeprefix(ABOUT[0]).removesuffix(ABOUT[1]))
        return {**found, "body": body.replace('href="#ref-', f'href="{page}#ref-') if page else body}

    parts = (chapter.ast, chapter.title_ast, cited, json.dumps(settings), page)
    try:
        return Store.of(book.project_dir).memo_json(  # type: ignore[no-any-return]
            step_key("html", *parts), make
        )
    except BookError as error:
        raise BookError(error.en, error.zh, file=chapter.path) from error


def _relative(page: str, target: str) -> str:
    return posixpath.relpath(target, posixpath.dirname(page) or ".")


def _address(page: str, label: Label) -> str:
    """How a page links to a label; a chapter elsewhere is its page, without an anchor."""
    if label.page == page:
        return f"#{label.id}"
    return _relative(page, label.page) + ("" if label.is_chapter else f"#{label.id}")


def _within(toc: Sequence[Mapping[str, str]], book: Book) -> tuple[Mapping[str, str], ...]:
    return tuple(entry for entry in toc if int(entry["level"]) <= book.toc_depth)


def _copy_images(book: Book, chapter: ChapterText, addresses: Sequence[str], out_dir: Path) -> None:
    root = book.project_dir.resolve()
    for address in addresses:
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
