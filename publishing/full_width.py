"""Citations with the marks of Chinese text: citeproc writes half-width ones in every language."""

from __future__ import annotations

import re

_TEXT = r"(?:(?!</?span\b).)*"
# What a citation names may be marked up within. The space before is no part of it: that would be looked for
# at every place of the page.
_BRACKETED = re.compile(
    rf'(<span class="citation"[^>]*>)\(({_TEXT}(?:<span\b[^>]*>{_TEXT}</span>{_TEXT})*)\)</span>',
    re.DOTALL,
)
# Beside a link; marks within one belong to a name.
_BETWEEN = re.compile(r"(?<=</a>)([;,])\s+|([;,])\s+(?=<a\b)")
_MARKS = {";": "；", ",": "，"}


def full_width(html: str) -> str:
    """A Chinese page with full-width marks around and between citations in brackets, and no space before.

    Examples
    --------
    >>> full_width('见 <span class="citation" data-cites="a b">(<a>A 2020</a>; <a>B 2021</a>)</span>。')
    '见<span class="citation" data-cites="a b">（<a>A 2020</a>；<a>B 2021</a>）</span>。'
    """
    parts, at = [], 0
    for match in _BRACKETED.finditer(html):
        parts += [html[at : match.start()].rstrip(), _marked(match)]
        at = match.end()
    return "".join([*parts, html[at:]])


def _marked(match: re.Match[str]) -> str:
    words = _BETWEEN.sub(lambda mark: _MARKS[mark[0].strip()], match[2])
    return f"{match[1]}（{words}）</span>"
