"""The PDF of a book in one language: the executed text, through pandoc, to Typst with our own template.

Both engines share it. The text is that of the pages (`publishing.markdown.load_book`) and so are its numbers;
``filters/typst.lua`` turns it into calls of the functions in ``typst/``.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import typst

from publishing.citations import cite, with_citations
from publishing.errors import BookError
from publishing.files import digest_below, write
from publishing.glyphs import advances, check_svg, find_fonts
from publishing.keys import step_key
from publishing.markdown import REFERRED, BookText, ChapterText
from publishing.metadata import site_url
from publishing.pandoc import PandocError, pandoc
from publishing.pdf_appendix import MOST_ROWS, PARTING, take_apart
from publishing.pdf_tables import set_tables
from publishing.pdf_widths import Type
from publishing.workers import available_cores
from store import Store, digest_of

HERE = Path(__file__).parent
FILTER = HERE / "filters" / "typst.lua"
TEMPLATE = HERE / "typst"

_IMAGE = re.compile(r'image\("/([^"]+)"')
_SVG = re.compile(r'image\("/([^"]+\.svg)"')
_PLACE = re.compile(r"┌─ (?P<file>[^\s:]+\.typ):(?P<line>\d+):\d+")


def build(book_text: BookText, out: Path, *, fonts: Path | None = None) -> Path:
    """Write the PDF.

    Parameters
    ----------
    book_text : BookText
        The executed book in one language.
    out : Path
        The file to write; it appears only when all went well.
    fonts : Path, optional
        The folder of the font files; by default the nearest ``.cache/fonts`` in or above the project.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    BookError
        When a figure is missing, a character has no glyph, or Typst stops; it names the chapter.
    """
    book = book_text.book
    fonts = fonts or find_fonts(book.project_dir)
    work = book.project_dir / "_build" / f"pdf-{book.lang}"
    store = Store.of(book.project_dir)
    known_fonts = digest_of(fonts.iterdir(), fonts)
    widths = store.memo_text(step_key("advances", book.lang, known_fonts), lambda: advances(fonts, book.lang))
    chapters = typst_chapters(book_text, widths)
    for path, text in chapters.items():
        for name in dict.fromkeys(_SVG.findall(text)):
            check_svg(book.project_dir / name, fonts, chapter=path, name=name, store=store)
    main = _write_sources(book_text, chapters, work)
    images = {name for text in chapters.values() for name in _IMAGE.findall(text)}
    key = step_key(
        "pdf",
        digest_below(work),
        digest_of((path for name in images if (path := book.project_dir / name).is_file()), book.project_dir),
        known_fonts,
    )
    write(out, store.memo(key, lambda: _compile(main, book.project_dir, fonts)))
    return out


def read_status(book_text: BookText) -> dict[str, Any]:
    """What the title page says: ``_build/<lang>/status.json``, completed from the book's metadata.

    Keys, all optional, already in the page's language: ``version``, ``status``, ``evidence_to``,
    ``next_search``, ``licence``, ``citation``, ``subtitle``, ``description``, ``authors`` (a list), ``url``,
    and ``date`` (ISO), the date of the version, which the file carries as its own.
    """
    book = book_text.book
    path = book.build_dir / "status.json"
    written = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    known = {"authors": list(book.authors), "subtitle": book.subtitle, "description": book.description}
    if url := site_url(book):
        known["url"] = f"{url}/{book.lang}/"
    return {key: value for key, value in (known | written).items() if value}


def typst_chapters(book_text: BookText, advances: str) -> dict[str, str]:
    """The Typst text of every chapter, by the chapter's path; `advances` tells the width of characters."""
    with ThreadPoolExecutor(available_cores()) as pool:
        texts = pool.map(partial(_typst_chapter, book_text, advances), book_text.chapters, cite(book_text))
        return {chapter.path: text for chapter, text in zip(book_text.chapters, texts, strict=True)}


def _typst_chapter(book_text: BookText, advances: str, chapter: ChapterText, cited: str) -> str:
    """One chapter, which depends on what it refers to and on nothing else of the book."""
    book = book_text.book
    names = [name for found in REFERRED.findall(chapter.ast) for name in found if name]
    metadata = {
        "lang": book.html_lang,
        "pdf": {
            "words": dict(book.labels),
            "site": f"{url}/{book.lang}" if (url := site_url(book)) else "",
            "pages": _pages(book_text),
            "labels": {
                label.id: {"kind": label.kind, "number": label.number, "title": label.title}
                | ({"chapter": True} if label.is_chapter else {})
                for name in dict.fromkeys(names)
                if (label := book_text.labels.get(name))
            },
        },
    }

    def make() -> str:
        document = with_citations(chapter.ast, cited, "html")
        document["meta"] = _meta(metadata)["c"]
        document["blocks"] = [_chapter_div(chapter, document["blocks"])]
        text = _pandoc(json.dumps(document, ensure_ascii=False))
        type = Type.read(advances, book.lang)
        try:
            return PARTING.join(set_tables(part, type) for part in text.split(PARTING, 1))
        except BookError as error:
            raise BookError(error.en, error.zh, file=chapter.path) from error

    parts = (
        chapter.path,
        chapter.ast,
        chapter.title_ast,
        chapter.id,
        chapter.number,
        cited,
        json.dumps(metadata),
        advances,
    )
    return Store.of(book.project_dir).memo_text(step_key("typst", *parts), make)


def _chapter_div(chapter: ChapterText, blocks: list[Any]) -> dict[str, Any]:
    """A chapter as one Div that begins with its title."""
    number = [["number", chapter.number]] if chapter.number else []
    title = {"t": "Header", "c": [1, [_chapter_id(chapter), [], number], json.loads(chapter.title_ast)]}
    return {"t": "Div", "c": [["", ["chapter"], [["path", chapter.path]]], [title, *blocks]]}


def _chapter_id(chapter: ChapterText) -> str:
    return chapter.id or f"chapter-{PurePosixPath(chapter.path).stem}"


def _pages(book_text: BookText) -> dict[str, str]:
    """Every name a link may give a chapter (its source, its page) and the id it has in the PDF."""
    return {
        name: _chapter_id(chapter) for chapter in book_text.chapters for name in (chapter.path, chapter.page)
    }


def _meta(value: object) -> dict[str, Any]:
    """A plain value as pandoc's metadata."""
    if isinstance(value, Mapping):
        return {"t": "MetaMap", "c": {key: _meta(item) for key, item in value.items()}}
    if isinstance(value, list | tuple):
        return {"t": "MetaList", "c": [_meta(item) for item in value]}
    if isinstance(value, bool):
        return {"t": "MetaBool", "c": value}
    return {"t": "MetaString", "c": str(value)}


def _pandoc(document: str) -> str:
    options = ("--wrap=none", "--syntax-highlighting=none", f"--lua-filter={FILTER}")
    try:
        return pandoc(document, "json", "typst-citations-smart", *options)
    except PandocError as error:
        raise BookError(
            f"pandoc stopped on the way to the PDF: {error}", f"生成 PDF 时 pandoc 出错：{error}"
        ) from error


def _write_sources(book_text: BookText, chapters: Mapping[str, str], work: Path) -> Path:
    """Lay out the Typst files: the template, one file a chapter, and the one that Typst starts from."""
    book = book_text.book
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(TEMPLATE, work, ignore=shutil.ignore_patterns("*.md"))
    status = read_status(book_text)
    date = _date(status)
    site = f"{url}/{book.lang}/" if (url := site_url(book)) else ""
    parts = take_apart(chapters, {chapter.path: site + chapter.page for chapter in book_text.chapters})
    document = {
        "online_rows": parts.rows,
        "most_rows": MOST_ROWS,
        "lang": book.lang,
        "title": book.title,
        "status": status,
        "titles": [
            sum(
                text.count(f"#heading(level: {level},")
                for text in (*parts.text.values(), *parts.appendix.values())
            )
            for level in (1, 2)
        ],
        "date": {"year": date.year, "month": date.month, "day": date.day} if date else None,
    }
    (work / "document.json").write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    template = "/" + (work / "review.typ").relative_to(book.project_dir).as_posix()
    lines = ['#import "review.typ": *', '#show: review.with(json("document.json"))']
    for folder, texts in (("text", parts.text), ("appendix", parts.appendix)):
        if folder == "appendix" and texts:
            lines.append("#data-appendix()")
        for path, text in texts.items():
            name = str(PurePosixPath(folder) / PurePosixPath(path).with_suffix(".typ"))
            source = work / name
            source.parent.mkdir(parents=True, exist_ok=True)
            source.write_text(f'#import "{template}": *\n{text}', encoding="utf-8")
            lines.append(f'#include "{name}"')
    (work / "ids.json").write_text(json.dumps(parts.ids), encoding="utf-8")
    main = work / "main.typ"
    main.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return main


def _date(status: Mapping[str, Any]) -> dt.date | None:
    """The date the file carries: the version's, else the one the environment fixes, else none."""
    if "date" in status:
        return dt.date.fromisoformat(str(status["date"])[:10])
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return dt.datetime.fromtimestamp(int(epoch), dt.UTC).date() if epoch else None


def _compile(main: Path, root: Path, fonts: Path) -> bytes:
    known = typst.Fonts(include_system_fonts=False, font_paths=[str(fonts)])
    try:
        data, warnings = typst.compile_with_warnings(
            str(main), root=str(root), font_paths=known, pdf_standards=["ua-1"], timestamp=0
        )
    except typst.TypstError as error:
        raise explain(error, main.parent) from error
    for warning in warnings:
        if "unknown font family" in warning.message:
            raise explain(warning, main.parent)
    assert data is not None
    return data


def explain(error: typst.TypstError | typst.TypstWarning, work: Path) -> BookError:
    """What Typst said, as an error that names the chapter and what to do, in both languages.

    Parameters
    ----------
    error : typst.TypstError or typst.TypstWarning
        As raised by the compiler.
    work : Path
        The folder of the Typst files, to tell chapters from the template.
    """
    chapter, source = "", ""
    for place in _PLACE.finditer(error.diagnostic):
        path = PurePosixPath(place["file"])
        if folder := next((part for part in path.parts if part in ("text", "appendix")), ""):
            inner = PurePosixPath(*path.parts[path.parts.index(folder) + 1 :])
            chapter = str(inner.with_suffix(".qmd"))
            lines = (work / folder / inner).read_text(encoding="utf-8").splitlines()
            source = lines[int(place["line"]) - 1].strip()[:160]
            break
    en, zh = _in_words(error.message)
    if source:
        en, zh = f"{en} At: {source}", f"{zh} 位置：{source}"
    return BookError(en, zh, file=chapter)


def _in_words(message: str) -> tuple[str, str]:
    """Typst's message in both languages."""
    if found := re.search(r'the text `"(.+?)"` could not be displayed', message):
        char = found[1]
        points = " ".join(f"U+{ord(point):04X}" for point in char)
        return f"No font has a glyph for {char} ({points}).", f"没有字体包含字符 {char}（{points}）的字形。"
    if found := re.search(r"file not found \(searched at (.+?)\)", message):
        name = found[1]
        return f"The file {name} is not there.", f"找不到文件 {name}。"
    if "missing alt text" in message:
        return "A figure or formula has no alternative text.", "图形或公式缺少替代文本。"
    if found := re.search(r"skipped from heading level (\d) to (\d)", message):
        above, below = found.groups()
        return (
            f"A heading of level {below} follows one of level {above}: a level is missing between.",
            f"{above} 级标题之后直接出现 {below} 级标题，中间缺少一级。",
        )
    if found := re.search(r"label `<(.+?)>` occurs multiple times", message):
        return f"The id {found[1]} is used more than once.", f"标识符 {found[1]} 被重复使用。"
    if "unknown font family" in message:
        return f"The PDF asks for a font that is not there: {message}.", f"PDF 所需的字体不存在：{message}。"
    return f"Typst stopped: {message}.", f"Typst 出错：{message}。"
