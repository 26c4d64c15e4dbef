"""What Pagefind takes from a section's HTML: its words, headings, ends of sentences and its own attributes.

Drawings, addresses, classes and most tags would only be read to be left out, at every change of any page.
"""

from __future__ import annotations

import re

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
EMPTY = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_TOKEN = re.compile(
    r"""<!--.*?-->|<(?P<raw>script|style)\b.*?</(?P=raw)\s*>"""
    r"""|<(?P<end>/?)(?P<name>[a-z][^\s/>]*)(?P<attributes>(?:[^>"']|"[^"]*"|'[^']*')*)>""",
    re.DOTALL | re.IGNORECASE,
)
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
    for token in _TOKEN.finditer(html):
        if not depth:
            parts.append(html[at : token.start()])
        at = token.end()
        name, attributes = (token["name"] or "").lower(), token["attributes"] or ""
        begins = bool(name) and not token["end"] and name not in EMPTY and not attributes.endswith("/")
        if depth:
            depth += (begins - bool(token["end"])) * (name == hidden_in)
        elif begins and (name in UNREAD or _IGNORED.search(attributes)):
            hidden_in, depth = name, 1
        elif name:
            parts.append(_tag(token[0], name, attributes, begins, marked))
    if not depth:
        parts.append(html[at:])
    return "".join(parts)


def _tag(whole: str, name: str, attributes: str, begins: bool, marked: dict[str, list[bool]]) -> str:
    """What is left of a tag; `marked` tells of every open one whether it has attributes for Pagefind."""
    ends = whole.startswith("</")
    own = not ends and bool(_OWN.search(attributes))
    if begins:
        marked.setdefault(name, []).append(own)
    elif ends and (known := marked.get(name)):
        own = known.pop()
    if own:
        # One attribute may name another, of which Pagefind is to take the text.
        return whole
    if name in KEPT:
        return f"</{name}>" if ends else f"<{name}>"
    # An anchor parts words, as a footnote's number from the word before it.
    return " " if name in APART or _ID.search(attributes) else ""
