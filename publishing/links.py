"""The check of a built site: every link has its target, and nothing is loaded from elsewhere."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from publishing.errors import BookError
from publishing.files import names_below
from publishing.keys import step_key
from publishing.tags import tags
from store import Store

LOADS = {
    "script": "src", "img": "src", "source": "src", "iframe": "src", "embed": "src", "object": "data",
    "video": "src", "audio": "src", "track": "src", "image": "href", "use": "href",
}  # fmt: skip
LOADING_RELATIONS = {
    "stylesheet",
    "icon",
    "preload",
    "modulepreload",
    "manifest",
    "preconnect",
    "dns-prefetch",
}
SHOWN = 20


@dataclass
class Found:
    """A page's ids and its addresses; ``loads`` are those that a browser fetches by itself."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)


def check_site(site: Path, absent: Sequence[str] = (), store: Store | None = None) -> None:
    """Follow every internal link of every page.

    Parameters
    ----------
    site : Path
        The folder to check.
    absent : sequence of str
        Folders and files that are not built; links to them are left alone.
    store : Store, optional
        Holds what was found on the same pages before.

    Raises
    ------
    BookError
        With every page and address that fails, up to a readable number.
    """
    files = set(names_below(site))
    pages = {name: read(site / name, store) for name in _pages(files)}
    problems = [
        f"{name}: {problem}"
        for name, found in pages.items()
        for problem in _problems(name, found, pages, files, absent)
    ]
    if problems:
        shown = "\n  ".join(problems[:SHOWN]) + ("\n  …" if len(problems) > SHOWN else "")
        raise BookError(
            f"{len(problems)} links of the built site lead nowhere:\n  {shown}",
            f"建成的网站中有 {len(problems)} 个链接无效（见上）",
        )


def read_ahead(folder: Path, store: Store) -> None:
    """Read a folder's pages while others are still made: `check_site` finds in `store` what they hold."""
    if store.folder is not None:
        for name in _pages(names_below(folder)):
            read(folder / name, store)


def _pages(files: Iterable[str]) -> list[str]:
    return sorted(name for name in files if name.endswith(".html") and "site_libs" not in name.split("/"))


def read(path: Path, store: Store | None = None) -> Found:
    """What a page holds, kept in `store` where there is one."""
    store = store or Store(None)
    text = path.read_text(encoding="utf-8")
    ids, links, loads = store.memo_json(step_key("links", text), lambda: _parse(text))
    return Found(set(ids), links, loads)


def _parse(text: str) -> tuple[list[str], list[str], list[str]]:
    """Its ids, its links, and what it loads."""
    ids, links, loads = set[str](), list[str](), list[str]()
    for tag in tags(text):
        # Most tags are cells without any attribute.
        if tag.ends or "=" not in tag.text:
            continue
        name, values = tag.name, tag.attributes()
        if "id" in values:
            ids.add(values["id"])
        if name == "a":
            if "name" in values:
                ids.add(values["name"])
            links.extend(values[key] for key in ("href", "xlink:href") if key in values)
        elif name == "link" and "href" in values:
            loading = set(values.get("rel", "").split()) & LOADING_RELATIONS
            (loads if loading else links).append(values["href"])
        elif LOADS.get(name) in values:
            loads.append(values[LOADS[name]])
    return sorted(ids), links, loads


def _problems(
    page: str, found: Found, pages: Mapping[str, Found], files: Collection[str], absent: Sequence[str]
) -> Iterator[str]:
    for address in dict.fromkeys(found.loads):
        if re.match(r"(https?:)?//", address):
            yield f"{address} would be loaded from another host"
    for address in dict.fromkeys(found.links + found.loads):
        path, fragment = _within(address)
        if not (path or fragment):
            continue
        target = _target(posixpath.dirname(page), path) if path else page
        if target not in files and f"{target}/index.html" in files:
            target += "/index.html"
        if target.startswith("../"):
            yield f"{address} leads out of the site"
        elif any(f"{target}/".startswith(f"{name}/") for name in absent):
            continue
        elif target not in files:
            yield f"{address} does not exist"
        elif fragment and target in pages and not _has_anchor(pages[target], fragment):
            yield f"{address} has no such anchor"


# Every page has most addresses of every other one.
@lru_cache(maxsize=16384)
def _within(address: str) -> tuple[str, str]:
    """The path and the anchor of an address within the site; nothing of another one."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return "", ""
    return unquote(parts.path), unquote(parts.fragment)


@lru_cache(maxsize=16384)
def _target(folder: str, path: str) -> str:
    """What a path on a page of a folder leads to, seen from the site's folder."""
    if path.startswith("/"):
        # Only the 404 page has such addresses; where the site will stand is not known here.
        return "index.html"
    target = posixpath.normpath(posixpath.join(folder, path))
    return "index.html" if target == "." else target


def _has_anchor(found: Found, fragment: str) -> bool:
    return fragment in found.ids or fragment == "top"
