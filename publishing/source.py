"""A chapter's file, taken apart: front matter, prose and cells, each line still knowing where it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from publishing.errors import BookError
from publishing.keys import step_key
from publishing.project import Book, Chapter, read_yaml
from publishing.syntax import (
    FENCE,
    Line,
    check_cell,
    check_cell_options,
    check_front_matter,
    check_prose,
    check_shortcode,
    next_fence,
)
from store import Store

SHORTCODE = re.compile(r"(?<!\{)\{\{<\s*(.*?)\s*>\}\}")
MAX_INCLUDE_DEPTH = 10


@dataclass(frozen=True)
class Prose:
    """Markdown between cells."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """As it was written."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True)
class Cell:
    """A ```` ```{python} ```` cell without its option lines; ``start`` is its first line of code."""

    code: str
    options: Mapping[str, Any]
    start: Line


@dataclass(frozen=True)
class Source:
    """A chapter before its cells are run: includes and ``meta`` are resolved."""

    chapter: Chapter
    segments: tuple[Prose | Cell, ...]


def read_chapter(book: Book, chapter: Chapter) -> Source:
    """Read a chapter and refuse what the embedded renderer would render wrong.

    Raises
    ------
    BookError
        With file and line: unsupported syntax, a missing include, an unknown ``meta`` field.
    """
    front_matter, lines = _take_front_matter(_read_lines(book.project_dir, chapter.path))
    expanded = tuple(_expand(book.project_dir, lines, depth=0))
    segments = tuple(
        Prose(tuple(_resolve_meta(line, book, front_matter) for line in segment.lines))
        if isinstance(segment, Prose)
        else segment
        for segment in _split(expanded)
    )
    _check(segments, Store.of(book.project_dir))
    return Source(chapter, segments)


def _check(segments: Sequence[Prose | Cell], store: Store) -> None:
    """Refuse unsupported prose; what was found right once is right."""
    prose = [segment.text if isinstance(segment, Prose) else None for segment in segments]
    key = step_key("checked prose", json.dumps(prose))
    if store.get(key) is None:
        check_prose([segment.lines if isinstance(segment, Prose) else None for segment in segments])
        store.put(key, b"right")


def _read_lines(project_dir: Path, path: str, asked_by: Line | None = None) -> list[Line]:
    try:
        text = (project_dir / path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        en, zh = f"{path} cannot be read: {reason}", f"无法读取 {path}：{reason}"
        raise (asked_by.error(en, zh) if asked_by else BookError(en, zh, file=path)) from error
    return [Line(line, path, number) for number, line in enumerate(text.splitlines(), 1)]


def _take_front_matter(lines: list[Line]) -> tuple[Mapping[str, Any], list[Line]]:
    if not lines or lines[0].text.rstrip() != "---":
        return {}, lines
    end = next((i for i, line in enumerate(lines[1:], 1) if line.text.rstrip() in ("---", "...")), None)
    if end is None:
        raise lines[0].error("the front matter is not closed by ---", "文件头没有以 --- 结束")
    try:
        content = read_yaml("\n".join(line.text for line in lines[1:end])) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = lines[mark.line + 1] if mark else lines[0]
        raise at.error(f"this is not valid YAML: {error}", f"YAML 语法有误：{error}") from error
    if not isinstance(content, dict):
        raise lines[0].error("the front matter must be a YAML map", "文件头应为 YAML 键值表")
    check_front_matter(content, lines[1:end])
    return content, lines[end + 1 :]


def _expand(project_dir: Path, lines: list[Line], depth: int) -> Iterator[Line]:
    """The lines with every ``{{< include file >}}`` replaced by that file's lines."""
    fence = ""
    for line in lines:
        fence = next_fence(fence, line.text)
        shortcode = SHORTCODE.fullmatch(line.text.strip())
        if fence or not shortcode or not shortcode[1].startswith("include"):
            yield line
            continue
        if depth == MAX_INCLUDE_DEPTH:
            raise line.error("includes go in a circle", "include 形成循环")
        name = shortcode[1].removeprefix("include").strip().strip("\"'")
        folder = PurePosixPath("" if name.startswith("/") else line.file).parent
        path = str(_tidy(folder / name.lstrip("/")))
        yield from _expand(project_dir, _read_lines(project_dir, path, line), depth + 1)
    if fence:
        raise lines[-1].error("a code block is not closed", "代码块没有结束")


def _tidy(path: PurePosixPath) -> PurePosixPath:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return PurePosixPath(*parts)


def _split(lines: tuple[Line, ...]) -> Iterator[Prose | Cell]:
    prose: list[Line] = []
    cell: list[Line] | None = None
    fence = ""
    for line in lines:
        before, fence = fence, next_fence(fence, line.text)
        opens = not before and fence
        if opens and (match := FENCE.match(line.text)) and check_cell(match[2], line):
            yield Prose(tuple(prose))
            prose, cell = [], [line]
        elif cell is not None:
            if fence:
                cell.append(line)
            else:
                yield _cell(cell)
                cell = None
        else:
            prose.append(line)
    yield Prose(tuple(prose))


def _cell(lines: list[Line]) -> Cell:
    """A cell of its lines, the first being its fence."""
    body = lines[1:]
    count = next((i for i, line in enumerate(body) if not line.text.startswith("#|")), len(body))
    options = _cell_options(body[:count])
    start = body[count] if count < len(body) else lines[0]
    return Cell("\n".join(line.text for line in body[count:]), options, start)


def _cell_options(lines: list[Line]) -> Mapping[str, Any]:
    if not lines:
        return {}
    try:
        options = read_yaml("\n".join(line.text[2:].removeprefix(" ") for line in lines))
    except yaml.YAMLError as error:
        raise lines[0].error(
            f"these cell options are not valid YAML: {error}", f"单元选项不是有效的 YAML：{error}"
        ) from error
    if not isinstance(options, dict):
        raise lines[0].error("cell options are written `#| name: value`", "单元选项应写作 `#| 名称: 值`")
    check_cell_options(options, lines)
    return options


def _resolve_meta(line: Line, book: Book, front_matter: Mapping[str, Any]) -> Line:
    def value(match: re.Match[str]) -> str:
        field = check_shortcode(match[1], line)
        found = book.meta(field, front_matter)
        if found is None:
            raise line.error(
                f"`meta` field {field} has no text in _quarto.yml, the profile or the front matter",
                f"`meta` 字段 {field} 在 _quarto.yml、语言配置或文件头中没有文字值",
            )
        return found

    text = SHORTCODE.sub(value, line.text)
    return replace(line, text=text) if text != line.text else line
