"""Zip files that are the same bytes for the same content."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from publishing.files import share
from publishing.keys import step_key
from store import Store, digest

# A zip file cannot tell an earlier day; a later one would differ from build to build.
EPOCH = (1980, 1, 1, 0, 0, 0)
PACKED = (".png", ".xlsx", ".zip")
"""Endings of files that are packed already."""

Entry = tuple[str, Path | bytes]
"""A name, and the content or the file that holds it."""


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
    key = _key("archive", ordered)
    if present and present != target and _is(present, store.get(key)) and share(target, present):
        return target
    made = _joined([_part(list(part), store) for _, part in groupby(ordered, key=_folder)])
    target.parent.mkdir(parents=True, exist_ok=True)
    # Never written over: another site may have the file too.
    target.unlink(missing_ok=True)
    target.write_bytes(made)
    if key == _key("archive", ordered):
        store.put(key, _digest(made).encode())
    return target


def _is(path: Path, expected: bytes | None) -> bool:
    return expected is not None and path.is_file() and digest(path) == expected.decode()


def _folder(entry: Entry) -> list[str]:
    return entry[0].split("/")[:-1][:2]


def _part(entries: Sequence[Entry], store: Store) -> bytes:
    """These entries as a zip file."""
    if packed := store.get(_key("zip", entries)):
        return packed
    # A file may change between two looks at it: what is kept is kept by what was read.
    read = [
        (name, content if isinstance(content, bytes) else content.read_bytes()) for name, content in entries
    ]
    packed = _packed(read)
    store.put(_key("zip", read), packed)
    return packed


def _key(step: str, entries: Iterable[Entry]) -> str:
    digests = (
        part
        for name, content in entries
        for part in (name, _digest(content) if isinstance(content, bytes) else digest(content))
    )
    return step_key(step, *digests)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _packed(contents: Iterable[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents:
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
