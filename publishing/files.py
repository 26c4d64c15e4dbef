"""The files that a folder holds, and one file in two folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def names_below(folder: Path) -> Iterator[str]:
    """The files of a folder and of those in it, by their names seen from it, with slashes."""
    # Thousands at every build: `Path.rglob` makes an object of each and asks the disk what each is.
    start = len(os.path.join(folder, ""))
    for inside, _, names in os.walk(folder):
        before = os.path.join(inside, "")[start:].replace(os.sep, "/")
        for name in names:
            yield before + name


def share(path: Path, there: Path) -> bool:
    """Give the file that is there a second name; False where that cannot be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    try:
        path.hardlink_to(there)
    except OSError:
        return False
    return True
