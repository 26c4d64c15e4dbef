"""Zip files that are the same bytes for the same content."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from itertools import chain, groupby
from pathlib import Path

from publishing.files import share, write
from publishing.keys import step_key
from store import Store, digest

# A zip file cannot tell an earlier day; a later one would differ from build to build.
EPOCH = (1980, 1, 1, 0, 0, 0)
PACKED = (".png", ".xlsx", ".zip")
"""Endings of files that are packed already."""

Entry = tuple[str, Path | bytes]
"""A name, and the content or the file that holds it."""

Named = tuple[str, str]
"""A name, and the digest of its content."""


def write_zip(
    target: Path, entries: Iterable[Entry], store: Store | None = None, present: Path | None = None
) -> Path:
    """Write named contents, in the order of their names; a folder is packed when it is new to the store.

    Parameters
    ----------
    store : Store, optional
        Holds folders that were packed before, and digests of whole files.
    present : Path, optional
        A file that may be the same one, which then only gets a second name.
    """
    store = store or Store(None)
    ordered = sorted(entries, key=lambda entry: entry[0])
    known = [(name, _digest(content)) for name, content in ordered]
    key = _key("archive", known)
    if present and present != target and _is(present, store.get(key)) and share(target, present):
        return target
    parts = [list(part) for _, part in groupby(zip(ordered, known, strict=True), key=_folder)]
    made = _joined([_part(part, store) for part in parts])
    write(target, made)
    store.put(_key("archive", [named for part in parts for _, named in part]), _digest(made).encode())
    return target


def _is(path: Path, expected: bytes | None) -> bool:
    return expected is not None and path.is_file() and digest(path) == expected.decode()


def _folder(entry: tuple[Entry, Named]) -> list[str]:
    return entry[1][0].split("/")[:-1][:2]


def _part(entries: list[tuple[Entry, Named]], store: Store) -> bytes:
    """These entries as a zip file; their digests become those of what was read for it."""
    if packed := store.get(_key("zip", (named for _, named in entries))):
        return packed
    for number, ((name, content), _) in enumerate(entries):
        # A file may have changed since it was looked at: what is kept is kept by what was read.
        read = content if isinstance(content, bytes) else content.read_bytes()
        entries[number] = (name, read), (name, _digest(read))
    packed = _packed(entry for entry, _ in entries)
    store.put(_key("zip", (named for _, named in entries)), packed)
    return packed


def _key(step: str, named: Iterable[Named]) -> str:
    return step_key(step, *chain.from_iterable(named))


def _digest(content: Path | bytes) -> str:
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else digest(content)


def _packed(contents: Iterable[Entry]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(PACKED) else zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            assert isinstance(content, bytes)
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
