"""The words of every citation and the list of references, made once for the pages and the PDF.

Citeproc is given the citations alone, in the order of the book: a sentence changed between them changes
nothing of what it says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from publishing.errors import BookError
from publishing.keys import step_key
from publishing.markdown import CROSSREF, BookText, citations
from publishing.pandoc import PandocError, pandoc
from store import Store, digest

REFERENCES = "refs"
NOTE_STYLE = re.compile(r'<style\b[^>]*\bclass="note"')


def cite(book_text: BookText) -> list[str]:
    """For each chapter what citeproc makes of it: JSON that `with_citations` puts into the chapter.

    Raises
    ------
    BookError
        When the style cannot be used.
    """
    book, chapters = book_text.book, book_text.chapters
    if not book.bibliography:
        return ["[]"] * len(chapters)
    if book.csl and NOTE_STYLE.search(book.csl.read_text(encoding="utf-8")):
        raise BookError(
            "a style that cites in footnotes is not supported: take one that cites in the text",
            "不支持脚注引文样式，请使用文内引文样式",
            file="_quarto.yml",
            where="csl",
        )
    store = Store.of(book.project_dir)
    found = [
        store.memo_text(
            step_key("citations", chapter.ast),
            lambda chapter=chapter: json.dumps(list(_real(json.loads(chapter.ast))), ensure_ascii=False),  # type: ignore[misc]
        )
        for chapter in chapters
    ]
    has_list = [f'"{REFERENCES}"' in chapter.ast for chapter in chapters]
    options = [
        "--citeproc",
        f"--metadata=lang={book.html_lang}",
        f"--metadata=link-citations={'true' if any(has_list) else 'false'}",
        f"--metadata=suppress-bibliography={'false' if any(has_list) else 'true'}",
        *(f"--bibliography={path}" for path in book.bibliography),
        *([f"--csl={book.csl}"] if book.csl else []),
    ]
    files = [digest(path) for path in (*book.bibliography, *([book.csl] if book.csl else []))]
    version = json.loads(chapters[0].ast)["pandoc-api-version"]
    key = step_key("citeproc", *found, str(has_list), *options, *files)
    try:
        return store.memo_json(key, lambda: _run(found, has_list, version, options))  # type: ignore[no-any-return]
    except PandocError as error:
        raise BookError(f"citations: {error}", f"引文：{error}", file="_quarto.yml", where="csl") from error


def _run(found: list[str], has_list: list[bool], version: Any, options: list[str]) -> list[str]:
    """One call of pandoc for the whole book: a Div for each chapter, a paragraph for each citation."""
    blocks = []
    for cites, holds in zip(found, has_list, strict=True):
        content = [{"t": "Para", "c": [node]} for node in json.loads(cites)]
        if holds:
            content.append({"t": "Div", "c": [[REFERENCES, [], []], []]})
        blocks.append({"t": "Div", "c": [["", [], []], content]})
    document = {"pandoc-api-version": version, "meta": {}, "blocks": blocks}
    done = json.loads(pandoc(json.dumps(document, ensure_ascii=False), "json", "json", *options))
    return [
        json.dumps(
            [block["c"][0] if block["t"] == "Para" else block for block in chapter["c"][1]],
            ensure_ascii=False,
        )
        for chapter in done["blocks"]
    ]


def _real(document: Any) -> Iterator[Any]:
    """The citations that are no cross references."""
    return (node for node in citations(document) if not _is_reference(node))


def _is_reference(node: Any) -> bool:
    return any(CROSSREF.match(citation["citationId"]) for citation in node["c"][0])


def with_citations(ast: str, cited: str, unread: str) -> dict[str, Any]:
    """A chapter's document with the words of its citations, and with the list where it belongs.

    Raw blocks of the format `unread` are emptied: pandoc would read their pictures only to leave them out.
    """
    document: dict[str, Any] = json.loads(ast)
    made = json.loads(cited)
    words = iter([node for node in made if node["t"] == "Cite"])
    lists = [node for node in made if node["t"] != "Cite"]
    document["blocks"] = _replaced(document["blocks"], words, lists, unread)
    return document


def _replaced(node: Any, words: Iterator[Any], lists: list[Any], unread: str) -> Any:
    if isinstance(node, dict):
        if node.get("t") == "RawBlock":
            return {**node, "c": [unread, ""]} if node["c"][0] == unread else node
        if node.get("t") == "Cite":
            return node if _is_reference(node) else next(words, node)
        if node.get("t") == "Div" and node["c"][0][0] == REFERENCES and lists:
            return lists[0]
        return {key: _replaced(value, words, lists, unread) for key, value in node.items()}
    if isinstance(node, list):
        return [_replaced(value, words, lists, unread) for value in node]
    return node
