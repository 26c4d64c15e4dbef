"""From chapters to pandoc: the executed text of the book, its numbers and its labels.

``load_book`` is what both outputs start from: cells are run once a language, and the pages and the PDF
are made of the same text.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from publishing.chapters import run_chapters
from publishing.errors import BookError
from publishing.inputs import read_inputs
from publishing.keys import step_key
from publishing.pandoc import READER, PandocError, pandoc
from publishing.project import Book, Chapter, load_project
from publishing.source import Prose, Source
from publishing.workers import available_cores
from store import Store, digest

FILTER = Path(__file__).parent / "filters" / "quarto.lua"
CROSSREF = re.compile(r"(sec|fig|tbl)-")
REFERRED = re.compile(r'"citationId":\s*"([^"]+)"|"#([^"]+)"')
"""In a document as JSON, every id that it cites, refers to or links to."""
UNNUMBERED = re.compile(r"\{(?:[^}]*\s)?(?:\.unnumbered|-)(?=[\s}])[^}]*\}\s*$")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Label:
    """Something that ``@id`` can point to.

    Attributes
    ----------
    kind : str
        ``sec``, ``fig`` or ``tbl``. A chapter's own title is a ``sec`` with ``is_chapter``.
    number : str
        ``4.1``; a chapter's ``4``; a figure of an unnumbered chapter ``1``; an unnumbered section ``""``.
    chapter : str
        The chapter's path, such as ``chapters/efficacy.qmd``; ``page`` is the page it becomes.
    title : str
        The section's title or the caption, as plain text.
    """

    id: str
    kind: str
    number: str
    chapter: str
    page: str
    title: str
    is_chapter: bool = False


@dataclass(frozen=True)
class ChapterText:
    """One chapter in one language, its cells run.

    Attributes
    ----------
    markdown : str
        Pandoc Markdown without cells, inline code or shortcodes. Not yet decided: conditional content.
    ast : str
        The same as pandoc's JSON: content of other profiles is gone, ``when-format`` content is still
        there, the title is taken out (``title``, ``title_ast``), sections, figures and tables carry their
        number in the attribute ``number`` (none when unnumbered). A figure or table is always a Div
        ``#fig-…`` or ``#tbl-…`` whose last block is the caption, a Para. Callouts, tabsets, citations and
        ``@sec-``/``@fig-``/``@tbl-`` references are as the author wrote them.
        Start from this (``pandoc -f json``) rather than from ``markdown`` unless there is a reason.
    number : str
        ``"4"``, or ``""`` for the index and ``{.unnumbered}`` chapters.
    title : str
        As plain text; ``title_ast`` is a JSON list of pandoc inlines.
    id : str
        The explicit id of the title, such as ``sec-efficacy``.
    """

    path: str
    source: Path
    page: str
    number: str
    title: str
    title_ast: str
    id: str
    markdown: str
    ast: str


@dataclass(frozen=True)
class BookText:
    """The executed book in one language.

    ``labels`` maps an id to its `Label`, over all chapters.
    """

    book: Book
    chapters: tuple[ChapterText, ...]
    labels: Mapping[str, Label]


def load_book(project_dir: Path, lang: str, progress: Progress = lambda what: None) -> BookText:
    """Run the cells of every chapter in one language and number what can be referred to.

    Parameters
    ----------
    project_dir : Path
        The folder of ``_quarto.yml``.
    lang : str
        The profile.
    progress : callable, optional
        Told what is being done, in a few words.

    Raises
    ------
    BookError
        With file and line, for a failing cell, unsupported syntax, an unresolved reference or citation.
    """
    book = load_project(project_dir, lang)
    store = Store.of(book.project_dir)
    ran = run_chapters([book], read_inputs(book), store, lambda lang, what: progress(what))
    ((_, sources, texts),) = ran
    return number_book(book, sources, texts)


def number_book(book: Book, sources: Sequence[Source], texts: Sequence[str]) -> BookText:
    """The book of its chapters' Markdown: parsed, numbered, every reference and citation looked up.

    Raises
    ------
    BookError
        With file and line, for an unresolved reference or citation or an id used twice.
    """
    chapters: list[ChapterText] = []
    labels: dict[str, Label] = {}
    for source, (text, found) in zip(sources, _numbered(book, sources, texts), strict=True):
        for label in found:
            if other := labels.get(label.id):
                raise _at(
                    source,
                    rf"#{re.escape(label.id)}(?![\w-])",
                    f"the id {label.id} is already used in {other.chapter}",
                    f"标识 {label.id} 已在 {other.chapter} 中使用",
                )
            labels[label.id] = label
        chapters.append(text)
    book_text = BookText(book, tuple(chapters), labels)
    _check_citations(book_text, sources)
    return book_text


def _numbered(
    book: Book, sources: Sequence[Source], texts: Sequence[str]
) -> Iterator[tuple[ChapterText, list[Label]]]:
    """Every chapter with its labels, pandoc running for several at once."""
    numbers, number = [], 1
    for text in texts:
        numbers.append(number)
        title = next((line for line in text.splitlines() if line.startswith("# ")), "")
        number += not UNNUMBERED.search(title)
    with ThreadPoolExecutor(available_cores()) as pool:
        chapters = [source.chapter for source in sources]
        done = pool.map(partial(_number, book), chapters, texts, numbers)
        number = 1
        for chapter, text, assumed, found in zip(chapters, texts, numbers, done, strict=True):
            # A title made in some other way than is written: numbered again.
            found = found if assumed == number else _number(book, chapter, text, number)
            number += bool(found[0].number)
            yield found


def run_filter(document: str, reader: str, writer: str, settings: Mapping[str, Any], *options: str) -> str:
    """Run the Lua filter over a document on its way through pandoc.

    Raises
    ------
    BookError
        Without a file, when the filter refuses something.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(settings, file, ensure_ascii=False)
        file.flush()
        try:
            return pandoc(
                document,
                reader,
                writer,
                f"--lua-filter={FILTER}",
                f"--metadata=settings:{file.name}",
                *options,
            )
        except PandocError as error:
            if refused := re.search(r"BOOK\[(.*?)\|(.*?)\]KOOB", str(error), re.DOTALL):
                raise BookError(refused[1], refused[2]) from error
            raise


def _number(book: Book, chapter: Chapter, markdown: str, number: int) -> tuple[ChapterText, list[Label]]:
    settings = {
        "pass": "number",
        "profile": book.lang,
        "chapter_number": str(number),
        "number_depth": book.number_depth,
    }
    key = step_key("number", markdown, json.dumps(settings))

    def make() -> tuple[Any, str]:
        document = json.loads(run_filter(markdown, READER, "json", settings))
        meta = document.pop("meta")
        return meta, json.dumps({**document, "meta": {}}, ensure_ascii=False)

    try:
        meta, ast = Store.of(book.project_dir).memo_json(key, make)
    except BookError as error:
        raise BookError(error.en, error.zh, file=chapter.path) from error
    except PandocError as error:
        raise BookError(f"pandoc: {error}", f"pandoc：{error}", file=chapter.path) from error
    numbered = bool(plain(meta["numbered"]))
    if chapter.is_index and numbered:
        raise BookError(
            "the title of index.qmd needs {.unnumbered}: Quarto would number it like chapter 1",
            "index.qmd 的标题需要 {.unnumbered}：否则 Quarto 会给它与第 1 章相同的编号",
            file=chapter.path,
        )
    labels = [
        Label(
            id=entry["id"],
            kind=entry["kind"],
            number=entry["number"],
            chapter=chapter.path,
            page=chapter.page,
            title=entry["title"],
            is_chapter=bool(entry["is_chapter"]),
        )
        for entry in plain(meta.get("labels", {"t": "MetaList", "c": []}))
    ]
    title = labels[0]
    text = ChapterText(
        path=chapter.path,
        source=chapter.source,
        page=chapter.page,
        number=title.number,
        title=title.title,
        title_ast=json.dumps(meta["title"]["c"], ensure_ascii=False),
        id=title.id,
        markdown=markdown,
        ast=ast,
    )
    return text, labels


def plain(meta: Mapping[str, Any]) -> Any:
    """A pandoc metadata value as plain Python: strings, lists and dicts."""
    kind, content = meta["t"], meta.get("c")
    if kind == "MetaMap":
        return {key: plain(value) for key, value in (content or {}).items()}
    if kind == "MetaList":
        return [plain(value) for value in content or []]
    if kind == "MetaInlines":
        return "".join(" " if part["t"] == "Space" else str(part.get("c", "")) for part in content or [])
    return content


def _check_citations(book_text: BookText, sources: Sequence[Source]) -> None:
    """Every citation and cross reference has its target, or the build stops where it is written."""
    known = bibliography_keys(book_text.book)
    for chapter, source in zip(book_text.chapters, sources, strict=True):
        for ids in ids_cited(book_text.book, chapter):
            references = [name for name in ids if CROSSREF.match(name)]
            for name in ids:
                pattern = rf"@\{{?{re.escape(name)}(?![\w-])"
                if name not in (book_text.labels if name in references else known):
                    raise _at(source, pattern, f"@{name} points to nothing", f"@{name} 没有对应的目标")
                if references and len(references) < len(ids):
                    raise _at(
                        source,
                        "".join(rf"(?=.*@{re.escape(other)})" for other in ids),
                        "a cross reference and a citation cannot share a pair of brackets",
                        "交叉引用与文献引用不能放在同一对方括号内",
                    )
                label = book_text.labels.get(name)
                if label and label.kind == "sec" and not label.number and chapter.number:
                    raise _at(
                        source,
                        pattern,
                        f"@{name} has no number to refer to: write a link, [text](file.qmd#{name})",
                        f"@{name} 没有编号，无法引用：请写成链接 [文字](文件.qmd#{name})",
                    )


def bibliography_keys(book: Book) -> frozenset[str]:
    """The keys that can be cited."""
    store = Store.of(book.project_dir)

    def read(path: Path) -> list[str]:
        entries = json.loads(pandoc(path.read_text(encoding="utf-8"), "bibtex", "csljson"))
        return [entry["id"] for entry in entries]

    return frozenset(
        key
        for path in book.bibliography
        for key in store.memo_json(step_key("keys", digest(path)), partial(read, path))
    )


def citations(node: Any) -> Iterator[Any]:
    """Every citation of a document, cross references too, in the order of the text."""
    if isinstance(node, dict):
        if node.get("t") == "Cite":
            yield node
        else:
            for value in node.values():
                yield from citations(value)
    elif isinstance(node, list):
        for value in node:
            yield from citations(value)


def ids_cited(book: Book, chapter: ChapterText) -> list[list[str]]:
    """The ids of every citation of a chapter, a list for each pair of brackets."""
    return Store.of(book.project_dir).memo_json(  # type: ignore[no-any-return]
        step_key("ids cited", chapter.ast),
        lambda: [
            [part["citationId"] for part in cite["c"][0]] for cite in citations(json.loads(chapter.ast))
        ],
    )


def _at(source: Source, pattern: str, en: str, zh: str) -> BookError:
    """An error where the pattern is first met in a chapter's prose; a cell's result has no line."""
    for segment in source.segments:
        for line in segment.lines if isinstance(segment, Prose) else ():
            if re.search(pattern, line.text):
                return line.error(en, zh)
    return BookError(en, zh, file=source.chapter.path)
