"""Zip files that are the same bytes for the same content."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from publishing.keys import step_key
from store import Store

# A zip file cannot tell an earlier day; a later one would differ from build to build.
EPOCH = (1980, 1, 1, 0, 0, 0)
PACKED = (".png", ".xlsx", ".zip")
"""Endings of files that are packed already."""


def write_zip(target: Path, entries: Iterable[tuple[str, bytes]], store: Store | None = None) -> Path:
    """Write named contents, in the order of their names, packed anew only when they are new to the store."""
    contents = sorted(entries)
    parts = (part for name, content in contents for part in (name, content))
    key = step_key("zip", *parts)
    packed = (store or Store(None)).memo(key, lambda: _packed(contents))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(packed)
    return target


def _packed(contents: Iterable[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(PACKED) else zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()
