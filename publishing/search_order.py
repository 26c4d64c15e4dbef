"""Makes Pagefind's index the same bytes for the same pages.

Pagefind writes the values of a filter in an order that differs from run to run. Here they are sorted, and
the files whose names are digests of their content are named anew, as Pagefind would name them.
"""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

MAGIC = b"pagefind_dcd"


def settle(index: Path) -> None:
    """Sort the filters of a written index."""
    renamed: dict[bytes, bytes] = {}
    for path in sorted((index / "filter").glob("*.pf_filter")):
        content = gzip.decompress(path.read_bytes()).removeprefix(MAGIC)
        renamed |= _write_again(path, _sorted(content), path.name.partition(".")[0])
    metas: dict[bytes, bytes] = {}
    for path in sorted(index.glob("pagefind.*.pf_meta")):
        content = gzip.decompress(path.read_bytes()).removeprefix(MAGIC)
        metas |= _write_again(path, _replaced(content, renamed), path.name.split(".")[1])
    entry = index / "pagefind-entry.json"
    entry.write_bytes(_replaced(entry.read_bytes(), metas))


def _write_again(path: Path, content: bytes, name: str) -> dict[bytes, bytes]:
    """Write the content under the name that its digest gives; what the file was called and is called now."""
    lang, _, digest = name.rpartition("_")
    new = f"{lang}_{hashlib.sha1(content).hexdigest()[: len(digest)]}"
    path.unlink()
    packed = gzip.compress(MAGIC + content, 9, mtime=0)
    path.with_name(path.name.replace(name, new)).write_bytes(packed)
    return {name.encode(): new.encode()}


def _replaced(content: bytes, names: dict[bytes, bytes]) -> bytes:
    for old, new in names.items():
        content = content.replace(old, new)
    return content


def _sorted(content: bytes) -> bytes:
    """A filter, `[name, [[value, [pages]], …]]` in CBOR, with its values sorted."""
    start = _head(content, _end(content, 1))[1]
    items, at = [], start
    while at < len(content):
        end = _end(content, at)
        items.append(content[at:end])
        at = end
    return content[:start] + b"".join(sorted(items))


def _head(content: bytes, at: int) -> tuple[int, int]:
    """The number in a CBOR head, and where what it counts begins."""
    short = content[at] & 31
    if short < 24:
        return short, at + 1
    size = 1 << (short - 24)
    return int.from_bytes(content[at + 1 : at + 1 + size], "big"), at + 1 + size


def _end(content: bytes, at: int) -> int:
    """Where a CBOR number, text or list ends."""
    kind = content[at] >> 5
    number, at = _head(content, at)
    if kind in (2, 3):
        return at + number
    for _ in range(number if kind == 4 else 0):
        at = _end(content, at)
    return at
