"""Quarto's style sheets without the rules that no page of the site can use.

Bootstrap, twice for light and dark, weighs more than any page. A rule stays when every class and id of
one of its selectors is a word of a page or of a script; scripts that join names of parts keep what begins
with such a part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

LIBRARIES = "site_libs"
_WORD = re.compile(r"[\w-]+")
_NAME = re.compile(r"[.#](-?[A-Za-z_][\w-]*)")
_ASIDE = re.compile(r":not\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\]")
# Rules within these are looked at one by one; other at-rules stay whole.
_NESTING = ("@media", "@supports", "@container", "@layer")
_OPENERS, _CLOSERS = "([{", ")]}"


def lighten_libraries(folder: Path) -> None:
    """Rewrite the style sheets under a language's ``site_libs``; nothing for pages of ours."""
    libraries = folder / LIBRARIES
    if not libraries.is_dir():
        return
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.html")]
    texts += [path.read_text(encoding="utf-8", errors="replace") for path in libraries.rglob("*.js")]
    words = {word for text in texts for word in _WORD.findall(text)}
    for path in libraries.rglob("*.css"):
        css = path.read_text(encoding="utf-8")
        if (lighter := lighten(css, words)) != css:
            path.write_text(lighter, encoding="utf-8")


def lighten(css: str, words: set[str]) -> str:
    """A style sheet without the rules that `words` cannot call for.

    Examples
    --------
    >>> lighten(".a{x:1}.b,p.a{y:2}@media print{.b{z:3}}", {"a"})
    '.a{x:1}p.a{y:2}'
    """
    beginnings = tuple(word for word in words if word.endswith("-") and len(word) > 2)
    return _kept(css, words, beginnings)


def _kept(css: str, words: set[str], beginnings: tuple[str, ...]) -> str:
    parts = []
    for head, body in _rules(css):
        name = head.strip()
        if body is None or (name.startswith("@") and not name.startswith(_NESTING)):
            parts.append(head if body is None else f"{head}{{{body}}}")
        elif name.startswith("@"):
            if inner := _kept(body, words, beginnings):
                parts.append(f"{head}{{{inner}}}")
        elif selectors := [one for one in _split(name) if _is_wanted(one, words, beginnings)]:
            parts.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(parts)


def _is_wanted(selector: str, words: set[str], beginnings: tuple[str, ...]) -> bool:
    if "\\" in selector:
        return True
    names = _NAME.findall(_ASIDE.sub("", selector))
    return all(name in words or name.startswith(beginnings) for name in names)


def _rules(css: str) -> Iterator[tuple[str, str | None]]:
    """Each rule's head and body; a statement without a body has None."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    start = 0
    while start < len(css):
        end = next(_places(css, start, "{;"), len(css))
        if end == len(css) or css[end] == ";":
            if css[start : end + 1].strip():
                yield css[start : end + 1], None
            start = end + 1
            continue
        close = next(_places(css, end + 1, "}"), len(css))
        yield css[start:end], css[end + 1 : close]
        start = close + 1


def _split(selectors: str) -> list[str]:
    commas = [*_places(selectors, 0, ","), len(selectors)]
    return [selectors[a:b] for a, b in zip([0, *(at + 1 for at in commas)], commas, strict=False)]


def _places(text: str, start: int, wanted: str) -> Iterator[int]:
    """Where one of `wanted` stands outside of strings and brackets."""
    depth, quote, at = 0, "", start
    while at < len(text):
        letter = text[at]
        if letter == "\\":
            at += 1
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif not depth and letter in wanted:
            yield at
        elif letter in _OPENERS:
            depth += 1
        elif letter in _CLOSERS:
            depth -= 1
        at += 1
