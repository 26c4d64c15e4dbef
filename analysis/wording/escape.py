"""Plain text made safe for the place it is put into.

Evidence is text that others wrote: a study's name or a quote must never become markup, a shortcode, a
citation, Typst code or a spreadsheet formula.
"""

from __future__ import annotations

import html as _html
import re
from urllib.parse import urlsplit

_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|~^$@&\"']|:(?=\S)|-(?=-)|(?<=-)-|\.(?=\.)|(?<=\.)\.")
_LINE_START = re.compile(r"^(?:(?=[-+:=%])|(\(?[A-Za-z0-9]+)(?=[.)](?:\s|$)))")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff]")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def clean(text: str) -> str:
    """Text without control characters and with single spaces instead of line breaks."""
    return " ".join(_CONTROL.sub("", text).split())


def html(text: str) -> str:
    """For HTML text and quoted attributes inside a raw block; shortcode braces are broken up too."""
    escaped = _html.escape(clean(text), quote=True)
    return escaped.replace("{", "&#123;").replace("}", "&#125;").replace("`", "&#96;")


def markdown(text: str) -> str:
    """For pandoc Markdown, inside a line or at its start (where ``1.`` or ``-`` opens a list)."""
    escaped = _MARKDOWN.sub(r"\\\g<0>", clean(text))
    return _LINE_START.sub(r"\g<1>\\", escaped)


def typst(text: str) -> str:
    """A Typst string literal, quotes included."""
    escaped = clean(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("{{<", "{\\u{7b}<").replace("`", "\\u{60}") + '"'


def spreadsheet(text: str) -> str:
    """For a CSV cell: text that a spreadsheet would run as a formula gets an apostrophe before it."""
    cleaned = clean(text)
    return f"'{cleaned}" if cleaned.startswith(_FORMULA) else cleaned


def address(href: str) -> str:
    """`href` when it is http(s), a fragment or a relative path; else nothing."""
    if re.search(r"\s", href.strip()) or _CONTROL.search(href):
        return ""
    cleaned = href.strip()
    try:
        scheme = urlsplit(cleaned).scheme.lower()
    except ValueError:
        return ""
    if scheme in ("http", "https"):
        return cleaned if re.match(r"https?://[^/]", cleaned, re.IGNORECASE) else ""
    return "" if scheme or cleaned.startswith("//") else cleaned


def fenced(content: str, form: str) -> str:
    """A raw block of pandoc's `form` (``html``, ``typst``) that nothing inside can close."""
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{{={form}}}\n{content}\n{fence}"
