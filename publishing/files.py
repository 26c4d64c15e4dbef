"""The files that a folder holds, files written anew, and one file in two folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from store import digest_of


def names_below(folder: Path) -> Iterator[str]:
    """The files of a folder and of those in it, by their names seen from it, with slashes."""
    # Thousands at every build: `Path.rglob` makes an object of each and asks the disk what each is.
    start = len(os.path.join(folder, ""))
    for inside, _, names in os.walk(folder):
        before = os.path.join(inside, "")[start:].replace(os.sep, "/")
        for name in names:
            yield before + name


def digest_below(folder: Path) -> str:
    """SHA-256 over the names and contents of the files of a folder and of those in it."""
    return digest_of((folder / name for name in names_below(folder)), folder)


def holds(path: Path, content: bytes) -> bool:
    """Whether there is a file of this content."""
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def write(path: Path, content: bytes) -> None:
    """Write a file unless it is there, in one step and never over the old one.

    Another process may write the same, and another site may have the old one too.
    """
    if holds(path, content):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(path)


def share(path: Path, there: Path) -> bool:
    """Give the file that is there a second name; False where that cannot be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    try:
        path.hardlink_to(there)
    except OSError:
        return False
    return True
