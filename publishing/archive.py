"""Zip files that are the same bytes for the same content."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from publishing.keys import step_key
from store import Store, digest

# A zip file cannot tell an earlier day; a later one would differ from build to build.
EPOCH = (1980, 1, 1, 0, 0, 0)
PACKED = (".png", ".xlsx", ".zip")
"""Endings of files that are packed already."""

Entry = tuple[str, Path | bytes]
"""A name, and the content or the file that holds it."""


def write_zip(target: Path, entries: Iterable[Entry], store: Store | None = None) -> Path:
    """Write named contents, in the order of their names; a folder is packed when it is new to the store."""
    store = store or Store(None)
    ordered = sorted(entries, key=lambda entry: entry[0])
    parts = [_part(list(part), store) for _, part in groupby(ordered, key=_folder)]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_joined(parts))
    return target


def _folder(entry: Entry) -> list[str]:
    return entry[0].split("/")[:-1][:2]


def _part(entries: Sequence[Entry], store: Store) -> bytes:
    """These entries as a zip file."""
    digests = [_digest(content) if isinstance(content, bytes) else digest(content) for _, content in entries]
    names = [name for name, _ in entries]
    if packed := store.get(_key(names, digests)):
        return packed
    contents = [content if isinstance(content, bytes) else content.read_bytes() for _, content in entries]
    packed = _packed(names, contents)
    # A file may have changed between the two looks at it.
    store.put(_key(names, map(_digest, contents)), packed)
    return packed


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _key(names: Iterable[str], digests: Iterable[str]) -> str:
    return step_key("zip", *(part for pair in zip(names, digests, strict=True) for part in pair))


def _packed(names: Iterable[str], contents: Iterable[bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in zip(names, contents, strict=True):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(PACKED) else zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()


def _joined(parts: Sequence[bytes]) -> bytes:
    """One zip file of several, whose entries stay packed as they are."""
    if len(parts) == 1:
        return parts[0]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for part in parts:
            with zipfile.ZipFile(io.BytesIO(part)) as one:
                for entry in one.infolist():
                    entry.header_offset += archive.start_dir
                    archive.filelist.append(entry)
                stream.write(memoryview(part)[: one.start_dir])
                archive.start_dir = stream.tell()
    return stream.getvalue()
