"""What Pagefind takes from a section's HTML: its words, headings, ends of sentences and its own attributes.

Drawings, addresses, classes and most tags would only be read to be left out, at every change of any page.
"""

from __future__ import annotations

import re

from publishing.tags import Tag, tags

# Pagefind ends a sentence with these; a heading counts more than text.
KEPT = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "p", "td", "div", "ul", "li", "article", "section"})
# It reads nothing within these.
UNREAD = frozenset(
    {"head", "style", "script", "noscript", "label", "form", "svg", "footer", "nav", "iframe", "template"}
)
# Words on either side of these are words apart, also where nothing stands between the tags.
APART = frozenset(
    {"th", "tr", "br", "hr", "dt", "dd", "caption", "figcaption", "summary", "blockquote", "pre", "option"}
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_OWN, _IGNORED, _ID = (
    re.compile(rf"\s{name}", re.IGNORECASE) for name in ("data-pagefind-", "data-pagefind-ignore\\b", "id=")
)


def searched(html: str) -> str:
    """The HTML without what Pagefind does not use.

    Examples
    --------
    >>> searched('<p class="a">One <b>two</b><svg><text>0</text></svg></p><tr><th>3</th><th>4</th></tr>')
    '<p>One two</p>  3  4  '
    """
    parts: list[str] = []
    at, hidden_in, depth = 0, "", 0
    marked: dict[str, list[bool]] = {}
    for tag in tags(html):
        if not depth:
            parts.append(html[at : tag.start])
        at = tag.end
        if depth:
            if tag.name == hidden_in:
                depth += tag.begins - tag.ends
        elif tag.begins and (tag.name in UNREAD or _IGNORED.search(tag.text)):
            hidden_in, depth = tag.name, 1
        else:
            parts.append(_left(tag, html, marked))
    if not depth:
        parts.append(html[at:])
    return _COMMENT.sub("", "".join(parts))


def _left(tag: Tag, html: str, marked: dict[str, list[bool]]) -> str:
    """What is left of a tag; `marked` tells of every open one whether it has attributes for Pagefind."""
    own = not tag.ends and bool(_OWN.search(tag.text))
    if tag.begins:
        marked.setdefault(tag.name, []).append(own)
    elif tag.ends and (known := marked.get(tag.name)):
        own = known.pop()
    if own:
        # One attribute may name another, of which Pagefind is to take the text.
        return html[tag.start : tag.end]
    if tag.name in KEPT:
        return f"</{tag.name}>" if tag.ends else f"<{tag.name}>"
    # An anchor parts words, as a footnote's number from the word before it.
    return " " if tag.name in APART or _ID.search(tag.text) else ""
