"""The sections of a project's text: id, title in one language, and page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from analysis.yaml_files import read_yaml
from store.readings import lines

_HEADING: Final = re.compile(r"^(#{1,4})\s+(.+?)\s+\{#(sec-[\w-]+)[^}]*\}\s*$")
_FENCE: Final = re.compile(r"^\s*(:{3,})\s*(.*)$")
_STRUCTURE: Final = r"#|```|\s*:::"
_META: Final = re.compile(r"\{\{<\s*meta\s+([\w.-]+)\s*>\}\}")
_PROFILE: Final = re.compile(r'content-visible[^}]*when-profile="(\w+)"')


def sections(project: Path, lang: str) -> Iterator[tuple[str, str, str, str]]:
    """Each section as (id, title of the chapter, title, chapter's file), in the order of the book."""
    book = _yaml(project / "_quarto.yml").get("book") or {}
    profile = _yaml(project / f"_quarto-{lang}.yml")
    for name in book.get("chapters") or ():
        path = project / str(name)
        if path.is_file():
            chapter = ""
            for level, title, anchor in _headings(lines(path, _STRUCTURE), lang):
                shown = _META.sub(lambda found: _meta(profile, found[1]), title)
                chapter = shown if level == 1 else chapter
                yield anchor, chapter or shown, shown, str(name)


def _headings(text: Iterable[str], lang: str) -> Iterator[tuple[int, str, str]]:
    """Headings with an id that are shown in `lang`."""
    opened: list[str | None] = []
    code = False
    for line in text:
        if line.startswith("```"):
            code = not code
        if code:
            continue
        if fence := _FENCE.match(line):
            if fence[2]:
                named = _PROFILE.search(fence[2])
                opened.append(named[1] if named else None)
            elif opened:
                opened.pop()
        elif (found := _HEADING.match(line)) and not {*opened} - {None, lang}:
            yield len(found[1]), found[2], found[3]


def _meta(profile: Mapping[str, Any], path: str) -> str:
    value: Any = profile
    for key in path.split("."):
        value = value.get(key, "") if isinstance(value, Mapping) else ""
    return str(value)


def _yaml(path: Path) -> Mapping[str, Any]:
    return (read_yaml(path) or {}) if path.is_file() else {}
