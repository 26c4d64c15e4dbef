"""An Atom feed (RFC 4287) of the stored versions, in one language; the same versions give the same bytes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from xml.etree import ElementTree

from analysis.living.archive import Archive
from analysis.living.changes import Changes
from analysis.living.errors import LivingError
from analysis.living.report import answer_text
from analysis.living.versions import Stored
from analysis.wording import catalogue, escape, known_language

ATOM = "http://www.w3.org/2005/Atom"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
LANGUAGE_TAGS = {"en": "en", "zh": "zh-Hans"}
_NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, "living-review")


def dated(versions: Sequence[Stored]) -> list[Stored]:
    """The versions with a day of release: all but a seed."""
    return [stored for stored in versions if len(stored.meta.date) == len("YYYY-MM-DD")]


def feed(archive: Archive, lang: str, url: str = "", page: str = "index.html") -> str:
    """The feed, the newest version first.

    Parameters
    ----------
    archive : Archive
        A version without a day of release (a seed) is no entry; the present state is not looked at.
    lang : {"en", "zh"}
    url : str
        The site's address without a final slash; links are relative where it is not known.
    page : str
        The page that tells what changed, relative to the language's folder. An entry links to the
        page of its version, ``v/<version>/index.html``.

    Raises
    ------
    LivingError
        When there is no version with a day of release.
    """
    known_language(lang)
    released = dated(archive.stored)
    if not released:
        raise LivingError("no version has been released yet", "尚未发布任何版本")
    review = archive.stored[-1].results.review
    root = ElementTree.Element("feed", {"xmlns": ATOM, XML_LANG: LANGUAGE_TAGS[lang]})
    base = f"{url}/{lang}/" if url else ""
    _text(root, "title", catalogue.text("living.feed.title", lang, title=review["title"][lang]))
    _text(root, "id", _id(str(review["id"]), lang))
    _text(root, "updated", _day(released[-1].meta.date))
    author = ElementTree.SubElement(root, "author")
    _text(author, "name", catalogue.text("living.feed.author", lang))
    ElementTree.SubElement(root, "link", {"rel": "self", "href": f"{base}feed.xml"})
    ElementTree.SubElement(root, "link", {"rel": "alternate", "href": f"{base}{page}"})
    for place, stored in reversed(list(enumerate(archive.stored))):
        if stored in released:
            changes = archive.between(place - 1, place) if place else None
            link = f"{base}v/{stored.meta.version}/index.html"
            root.append(_entry(stored, changes, lang, link))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _entry(stored: Stored, changes: Changes | None, lang: str, link: str) -> ElementTree.Element:
    meta = stored.meta
    trigger = catalogue.text(f"living.trigger.{meta.trigger}", lang)
    entry = ElementTree.Element("entry")
    _text(entry, "title", catalogue.text("living.feed.entry", lang, version=meta.version, trigger=trigger))
    _text(entry, "id", _id(str(stored.results.review["id"]), lang, meta.version))
    _text(entry, "updated", _day(meta.date))
    ElementTree.SubElement(entry, "link", {"rel": "alternate", "href": link})
    lines = [meta.reason[lang]]
    for change in changes.moved() if changes else ():
        sides = (change.before, change.after)
        before, after = (answer_text(answer, change.measure, lang) for answer in sides)
        lines.append(
            catalogue.text("living.feed.moved", lang, question=change.title[lang], before=before, after=after)
        )
    _text(entry, "summary", meta.reason[lang])
    _text(entry, "content", "\n".join(escape.clean(line) for line in lines))
    return entry


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _id(*parts: str) -> str:
    return uuid.uuid5(_NAMES, " ".join(parts)).urn


def _day(date: str) -> str:
    return f"{date}T00:00:00Z"
