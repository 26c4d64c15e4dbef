"""A built page taken apart into its sections, each with its heading, its text and its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import accumulate

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass
class PageSection:
    """What stands under one heading, without the sections inside it.

    Attributes
    ----------
    anchor : str
        The section's id; nothing for what stands above the first section.
    above : tuple of str
        The headings of the sections around it, the page's title first.
    title : str
        Its heading as text.
    html : str
        Its content, the heading included.
    """

    anchor: str
    above: tuple[str, ...] = ()
    title: str = ""
    html: str = ""
    _headed: bool = field(default=False, repr=False)


def page_sections(html: str) -> list[PageSection]:
    """The sections of a page's ``<main>``, of Quarto's page or of ours, in reading order."""
    return _Splitter(html).sections


class _Splitter(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: list[PageSection] = []
        self._html = html
        self._line_starts = [0, *accumulate(len(line) for line in html.split("\n"))]
        # `accumulate` does not count the line breaks themselves.
        self._line_starts = [start + number for number, start in enumerate(self._line_starts)]
        self._open: list[PageSection | None] = []
        self._heading = ""
        self._from = -1
        self.feed(html)

    def _at(self) -> int:
        line, column = self.getpos()
        return self._line_starts[line - 1] + column

    @property
    def _owner(self) -> PageSection | None:
        return next((section for section in reversed(self._open) if section), None)

    def _turn(self, start: int) -> None:
        """What was read since the last turn belongs to the section that is open."""
        if self._owner and self._from >= 0:
            self._owner.html += self._html[self._from : start]
        self._from = start

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "main":
            self._from = self._at() + len(self.get_starttag_text() or "")
            self._begin("")
        elif tag == "section" and self._open:
            anchor = given.get("id") or ""
            if anchor and "level" in (given.get("class") or ""):
                self._turn(self._at())
                self._begin(anchor)
            else:
                self._open.append(None)
        elif tag in HEADINGS and self._owner and not self._owner._headed:
            self._heading = tag

    def _begin(self, anchor: str) -> None:
        above = tuple(section.title for section in self._open if section and section.title)
        section = PageSection(anchor, above)
        self._open.append(section)
        self.sections.append(section)

    def handle_endtag(self, tag: str) -> None:
        if tag == "main" and self._open:
            self._turn(self._at())
            self._open.clear()
            self._from = -1
        elif tag == "section" and self._open:
            if self._open[-1]:
                self._turn(self._at())
            self._open.pop()
        elif tag == self._heading and (owner := self._owner):
            owner.title = " ".join(owner.title.split())
            owner._headed = True
            self._heading = ""

    def handle_data(self, data: str) -> None:
        if self._heading and (owner := self._owner):
            owner.title += data
