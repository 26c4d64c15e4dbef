"""A page's list of contents, completed with the headings that cells made.

Quarto makes its list before it sees those headings.
"""

from __future__ import annotations

import re

LIST = re.compile(r'<nav\b[^>]*\bid="TOC".*?</nav>', re.DOTALL)
HEADING = re.compile(
    r'<section id="([^"]+)" class="level(\d)(?![^"]*\bunlisted\b)[^"]*"[^>]*>\s*<h\d\b[^>]*>(.*?)</h\d>',
    re.DOTALL,
)
_LINK = re.compile(r"</?a\b[^>]*>")


def with_cells_headings(html: str, depth: int) -> str:
    """List headings that are missing under an entry which has no others under it.

    Parameters
    ----------
    html : str
        The page, of either engine; nothing is changed on one whose list is complete.
    depth : int
        The deepest level of heading that is listed.
    """
    contents = LIST.search(html)
    if not contents:
        return html
    nav, around, missing = contents[0], "", dict[str, list[str]]()
    for anchor, level, title in HEADING.findall(html):
        if f'href="#{anchor}"' in nav:
            around, listed = anchor, int(level)
        elif around and int(level) == listed + 1 and int(level) <= depth:
            entry = (
                f'<li><a href="#{anchor}" id="toc-{anchor}" class="nav-link" '
                f'data-scroll-target="#{anchor}">{_LINK.sub("", title)}</a></li>'
            )
            missing.setdefault(around, []).append(entry)
    for anchor, entries in missing.items():
        under = "\n".join(('<ul class="collapse">', *entries, "</ul>"))
        entry_of = re.compile(
            rf'(<li><a href="#{re.escape(anchor)}"[^>]*>(?:(?!</a>).)*</a>)(?=</li>)', re.DOTALL
        )
        nav = entry_of.sub(lambda match, under=under: f"{match[1]}\n{under}", nav)  # type: ignore[misc]
    return html[: contents.start()] + nav + html[contents.end() :]
