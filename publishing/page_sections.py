"""A built page taken apart into its sections, each with its heading, its text and its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import unescape

from publishing.tags import Tag, tags

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


class _Splitter:
    """A walk over a page, with the sections that are open where it is."""

    def __init__(self, html: str) -> None:
        self.sections: list[PageSection] = []
        self._html = html
        # None is a section that is no place of its own, such as the notes.
        self._open: list[PageSection | None] = []
        self._heading = ""
        self._from = -1
        self._read = 0
        for tag in tags(html):
            if self._heading and self._owner:
                self._owner.title += unescape(html[self._read : tag.start])
            self._read = tag.end
            if tag.ends:
                self._end(tag)
            else:
                self._start(tag)

    @property
    def _owner(self) -> PageSection | None:
        return next((section for section in reversed(self._open) if section), None)

    def _turn(self, start: int) -> None:
        """What was read since the last turn belongs to the section that is open."""
        if self._owner and self._from >= 0:
            self._owner.html += self._html[self._from : start]
        self._from = start

    def _start(self, tag: Tag) -> None:
        if tag.name == "main":
            self._from = tag.end
            self._begin("")
        elif tag.name == "section" and self._open:
            given = tag.attributes()
            anchor = given.get("id", "")
            if anchor and "level" in given.get("class", ""):
                self._turn(tag.start)
                self._begin(anchor)
            else:
                self._open.append(None)
        elif tag.name in HEADINGS and self._owner and not self._owner._headed:
            self._heading = tag.name

    def _begin(self, anchor: str) -> None:
        above = tuple(section.title for section in self._open if section and section.title)
        section = PageSection(anchor, above)
        self._open.append(section)
        self.sections.append(section)

    def _end(self, tag: Tag) -> None:
        if tag.name == "main" and self._open:
            self._turn(tag.start)
            self._open.clear()
            self._from = -1
        elif tag.name == "section" and self._open:
            if self._open[-1]:
                self._turn(tag.start)
            self._open.pop()
        elif tag.name == self._heading and (owner := self._owner):
            owner.title = " ".join(owner.title.split())
            owner._headed = True
            self._heading = ""
