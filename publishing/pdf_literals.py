"""The literals that a table of the PDF is written in, read from Typst text.

A call of ``#review-table`` holds strings, content, names, numbers, arrays of these, calls with such
arguments and sums of them (``publishing/typst/README.md``); nothing that Typst would have to compute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from publishing.errors import BookError

_SPACE = re.compile(r"(?:\s+|//[^\n]*)*")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ATOM = re.compile(r"(?!\.\.)[\w.%−-]+")
_NAME = re.compile(r"([A-Za-z][\w-]*)\s*:(?!=)")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|(.))", re.DOTALL)
# What content holds besides its words.
_ANCHOR = re.compile(r'#anchor\("[^"]*"\);?')
_SHOWN = re.compile(r'#\("((?:[^"\\]|\\.)*)"\);?')
_CALL = re.compile(r'#[\w-]+(?:\((?:"(?:[^"\\]|\\.)*"|[^()"])*\))?(?=\[|;|\s|$)')
_MARKUP = re.compile(r"\\(.)|[\[\]*;]")
# Calls that show nothing.
_SILENT = frozenset({"anchor", "h", "v", "metadata", "label"})


@dataclass(frozen=True)
class Value:
    """One expression: what it is, its own Typst text, and what it is made of.

    Attributes
    ----------
    kind : str
        ``string``, ``content``, ``atom``, ``array``, ``call`` or ``sum``.
    source : str
        The expression as it was written.
    text : str
        What it shows, for measuring: its words without markup.
    name : str
        The name of a call.
    items : tuple of Value
        Positional arguments, items of an array, or what is added up.
    named : dict
        Named arguments of a call.
    """

    kind: str
    source: str
    text: str = ""
    name: str = ""
    items: tuple[Value, ...] = ()
    named: dict[str, Value] | None = None


def read_call(text: str, start: int) -> tuple[Value, int]:
    """The call whose arguments begin at `start`, after the bracket, and where it ends.

    Raises
    ------
    BookError
        When it holds something else than literals.
    """
    reader = _Reader(text, start)
    items, named = reader.arguments()
    return Value("call", text[start : reader.at], items=items, named=named), reader.at


class _Reader:
    def __init__(self, text: str, at: int) -> None:
        self.text, self.at = text, at

    def arguments(self) -> tuple[tuple[Value, ...], dict[str, Value]]:
        items: list[Value] = []
        named: dict[str, Value] = {}
        while True:
            self._skip()
            if self._takes(")"):
                return tuple(items), named
            if found := _NAME.match(self.text, self.at):
                self.at = found.end()
                named[found[1]] = self.value()
            else:
                items.append(self.value())
            self._skip()
            if not self._takes(",") and not self.text.startswith(")", self.at):
                raise self._stopped()

    def value(self) -> Value:
        self._skip()
        start = self.at
        parts = [self._term()]
        while True:
            end = self.at
            self._skip()
            if not self._takes("+"):
                self.at = end
                break
            self._skip()
            parts.append(self._term())
        if len(parts) == 1:
            return parts[0]
        text = "".join(part.text for part in parts)
        return Value("sum", self.text[start : self.at], text, items=tuple(parts))

    def _term(self) -> Value:
        start = self.at
        if found := _STRING.match(self.text, start):
            self.at = found.end()
            return Value("string", found[0], _unescaped(found[1]))
        if self._takes("["):
            self._pass_content()
            source = self.text[start : self.at]
            return Value("content", source, _words(source[1:-1]))
        if self._takes("("):
            items, named = self.arguments()
            if named:
                raise self._stopped()
            return Value("array", self.text[start : self.at], items=items)
        if not (found := _ATOM.match(self.text, start)):
            raise self._stopped()
        self.at = found.end()
        if not self._takes("("):
            return Value("atom", found[0])
        items, named = self.arguments()
        while self._takes("["):
            begin = self.at
            self._pass_content()
            content = self.text[begin - 1 : self.at]
            items = (*items, Value("content", content, _words(content[1:-1])))
        return Value("call", self.text[start : self.at], _shown(found[0], items), found[0], items, named)

    def _pass_content(self) -> None:
        """Go behind the bracket that closes the content which begins here."""
        depth = 1
        for at in self._signs():
            depth += {"[": 1, "]": -1}.get(self.text[at], 0)
            if depth == 0:
                self.at = at + 1
                return
        raise self._stopped()

    def _signs(self) -> Iterator[int]:
        """The places of brackets that are not escaped, nor in a string of code."""
        at = self.at
        while at < len(self.text):
            char = self.text[at]
            if char == "\\":
                at += 2
                continue
            if char == '"' and (found := _STRING.match(self.text, at)) and self.text[at - 1] in "( ,":
                at = found.end()
                continue
            yield at
            at += 1

    def _skip(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _takes(self, sign: str) -> bool:
        taken = self.text.startswith(sign, self.at)
        self.at += taken
        return taken

    def _stopped(self) -> BookError:
        found = self.text[self.at : self.at + 40].split("\n")[0]
        return BookError(
            "A #review-table holds strings, [content], names, numbers and calls with these, "
            f"each followed by a comma; found: {found!r}.",
            "#review-table 中只能写字符串、[内容]、名称、数字以及由它们组成的调用，"
            f"各项以逗号分隔；发现：{found!r}。",
        )


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    signs = {"n": "\n", "t": "\t", "r": "\r"}
    return _ESCAPE.sub(lambda it: chr(int(it[1], 16)) if it[1] else signs.get(it[2], it[2]), text)


def quoted(text: str) -> str:
    """A Typst string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _shown(name: str, items: tuple[Value, ...]) -> str:
    """What a call shows: its last argument, as all of ours do."""
    if name == "linebreak":
        return "\n"
    if name in _SILENT or not items:
        return ""
    return items[-1].text + (", p.\u00a0000" if name == "to-page" else "")


def _words(content: str) -> str:
    """The words of content in markup, near enough for measuring."""
    bare = _SHOWN.sub(lambda it: _unescaped(it[1]), _ANCHOR.sub("", content))
    return _MARKUP.sub(lambda it: it[1] or "", _CALL.sub("", bare).replace("~", "\u00a0"))
