"""What was made before, kept by the content of everything it was made from.

Both rooms use it and it knows neither: `analysis` keeps drawings and results, `publishing` keeps executed
chapters, pages and PDFs. An entry is found by a key that holds every input, so there is nothing to
invalidate; it carries its own checksum, so a damaged one counts as absent; it appears in one step, so that
any number of processes may read and write at once and a killed one leaves nothing half written.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

VARIABLE = "REVIEW_CACHE"
"""Set to `OFF` in the environment, nothing is kept and nothing kept is used; cells inherit it."""
OFF = "off"
FOLDER = ".cache/store"
LIMIT = 512 * 2**20
_ORPHAN_SECONDS = 3600
_SUM = hashlib.sha256().digest_size
_DIGESTS = 16384
_digests: dict[tuple[str, int, int, int, int], str] = {}


class Store:
    """The entries of one project.

    Parameters
    ----------
    folder : Path or None
        Where they are; None keeps nothing.
    limit : int
        Bytes; `prune` removes what was not used for longest beyond it.
    """

    def __init__(self, folder: Path | None, limit: int = LIMIT) -> None:
        self.folder = folder
        self._limit = limit

    @classmethod
    def of(cls, project: Path) -> Store:
        """The project's store, which keeps nothing where the environment says so."""
        return cls(None if os.environ.get(VARIABLE) == OFF else project / FOLDER)

    def get(self, key: str) -> bytes | None:
        """The entry's content; None when there is none or its checksum is wrong."""
        if self.folder is None:
            return None
        path = self._path(key)
        try:
            with open(path, "rb") as file:
                found = file.read()
        except OSError:
            return None
        content = found[_SUM:]
        if hashlib.sha256(content).digest() != found[:_SUM]:
            with suppress(OSError):
                os.unlink(path)
            return None
        with suppress(OSError):
            os.utime(path)
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keep an entry; a disk that cannot take it is no reason to stop."""
        # To write over an entry takes longer than to read it.
        if self.folder is None or self.get(key) == content:
            return
        path = Path(self._path(key))
        partial = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(hashlib.sha256(content).digest() + content)
            partial.replace(path)

    def memo(self, key: str, make: Callable[[], bytes]) -> bytes:
        """The entry, made and kept when there is none."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found

    def memo_text(self, key: str, make: Callable[[], str]) -> str:
        """As `memo`, for text."""
        return self.memo(key, lambda: make().encode()).decode()

    def memo_json(self, key: str, make: Callable[[], Any]) -> Any:
        """As `memo`, for what JSON can hold; given back as JSON gives it, made or found."""
        return json.loads(self.memo(key, lambda: json.dumps(make(), ensure_ascii=False).encode()))

    def prune(self) -> None:
        """Remove what was not used for longest, down to the limit, and what killed processes left."""
        if self.folder is None or not self.folder.is_dir():
            return
        entries = []
        for folder in os.scandir(self.folder):
            for file in os.scandir(folder.path):
                with suppress(OSError):
                    state = file.stat()
                    if "." in file.name and time.time() - state.st_mtime > _ORPHAN_SECONDS:
                        os.unlink(file.path)
                    else:
                        entries.append((state.st_mtime, state.st_size, file.path))
        excess = sum(size for _, size, _ in entries) - self._limit
        for _, size, path in sorted(entries):
            if excess <= 0:
                return
            with suppress(OSError):
                os.unlink(path)
                excess -= size

    def _path(self, key: str) -> str:
        # As text: a build asks for thousands.
        return f"{self.folder}/{key[:2]}/{key[2:]}"


def key_of(step: str, *inputs: str | bytes) -> str:
    """The key of what `step` makes from `inputs`."""
    found = hashlib.sha256()
    for part in (step, *inputs):
        content = part.encode() if isinstance(part, str) else part
        found.update(len(content).to_bytes(8, "big"))
        found.update(content)
    return found.hexdigest()


def digest_of(files: Iterable[Path | str], root: Path) -> str:
    """SHA-256 over the files' names, seen from `root`, and their contents."""
    found, start = hashlib.sha256(), os.path.join(root, "")
    named = []
    for path in files:
        text = str(path)
        below = text.startswith(start) and ".." not in text
        named.append((text[len(start) :] if below else os.path.relpath(text, root), text))
    for name, text in sorted(named):
        found.update(f"{name}\0{digest(text)}\0".encode())
    return found.hexdigest()


def digest(path: Path | str) -> str:
    """SHA-256 of a file; it is read again only when its time or size has changed."""
    state = os.stat(path)
    # Hard links are one file; the name is in it since a new file may get a removed one's number at once.
    known = (os.path.basename(path), state.st_dev, state.st_ino, state.st_mtime_ns, state.st_size)
    found = _digests.get(known)
    if found is None:
        if len(_digests) >= _DIGESTS:
            _digests.clear()
        found = _digests[known] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return found


@lru_cache(maxsize=1)
def packages() -> str:
    """This Python and every package installed beside it, with their versions."""
    names = {
        entry.name
        for folder in sys.path
        if os.path.isdir(folder)
        for entry in os.scandir(folder)
        if entry.name.endswith(".dist-info")
    }
    return "\n".join((sys.version, sys.platform, *sorted(names)))
