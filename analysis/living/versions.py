"""Versions of the review, ``YEAR.MINOR.PATCH``, and what is stored of each under ``data/versions/``.

YEAR is that of the last search, MINOR counts changes of the data, the questions or the methods, PATCH
counts changes that leave every value as it was. The first version of a review that continues another
one is ``YEAR.0.0``: the earlier review's results as it printed them (`releasing.seed_version`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from analysis.living.errors import LivingError
from analysis.synthesis.results import Results, Text
from store import digest_of

FOLDER = "versions"
META_FILE = "meta.json"
RESULTS_FILE = "results.json"
DATA_FOLDER = "data"

Level = Literal["year", "minor", "patch", "none"]

_VERSION = re.compile(r"(\d{4})\.(\d+)\.(\d+)", re.ASCII)


@dataclass(frozen=True, order=True)
class Version:
    """A version number; versions sort by time.

    Examples
    --------
    >>> str(Version.parse("2024.1.3").following(2024, "minor"))
    '2024.2.0'
    """

    year: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``YEAR.MINOR.PATCH``.

        Raises
        ------
        LivingError
            When `text` is something else.
        """
        found = _VERSION.fullmatch(text)
        if found is None:
            raise LivingError(
                f"{text!r} is no version such as 2024.1.0", f"{text!r} 不是版本号（例如 2024.1.0）"
            )
        return cls(int(found[1]), int(found[2]), int(found[3]))

    def following(self, search_year: int, level: Level) -> Version:
        """The version after this one.

        Parameters
        ----------
        search_year : int
            Year of the last search.
        level : {"year", "minor", "patch", "none"}
            What changed (`analysis.living.changes.Changes.level`); a later year goes before it.

        Raises
        ------
        LivingError
            When the last search would lie in an earlier year than before.
        """
        if search_year < self.year:
            raise LivingError(
                f"the last search would be of {search_year}, before version {self}",
                f"最近一次检索为 {search_year} 年，早于版本 {self}",
            )
        if search_year > self.year:
            return Version(search_year, 0, 0)
        if level == "patch":
            return Version(self.year, self.minor, self.patch + 1)
        return Version(self.year, self.minor + 1, 0)

    def __str__(self) -> str:
        return f"{self.year}.{self.minor}.{self.patch}"


@dataclass(frozen=True)
class Meta:
    """What is told of a version.

    Attributes
    ----------
    date : str
        Day of the release; only the year for a version that somebody else published.
    previous : str or None
        The version before it.
    level : str
        ``seed``, ``first``, ``year``, ``minor`` or ``patch``.
    trigger : str
        Why there is a new version, a code (``living.trigger.<code>``).
    reason : Text
        The same in words.
    status : str
        The review's status in this version.
    search_last : str
        Month or day of the last search.
    digests : mapping
        SHA-256 of each input file.
    """

    version: str
    date: str
    previous: str | None
    level: str
    trigger: str
    reason: Text
    status: str
    search_last: str
    digests: Mapping[str, str]


@dataclass(frozen=True)
class Stored:
    """A version as it was released: results, digests and, but for a seed, the data itself."""

    folder: Path
    meta: Meta

    @property
    def version(self) -> Version:
        return Version.parse(self.meta.version)

    @cached_property
    def results(self) -> Results:
        """The results record, read once.

        Raises
        ------
        LivingError
            When it cannot be read.
        """
        path = self.folder / RESULTS_FILE
        try:
            return Results.read(path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            where = f"{FOLDER}/{self.meta.version}/{RESULTS_FILE}"
            raise LivingError(f"{where} cannot be read: {error}", f"无法读取 {where}：{error}") from error

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all of its files, read once."""
        return digest_of((path for path in self.folder.rglob("*") if path.is_file()), self.folder)

    @property
    def data(self) -> Path | None:
        """The folder of the data package it was made from; None for a seed."""
        folder = self.folder / DATA_FOLDER
        return folder if folder.is_dir() else None

    def altered(self) -> tuple[str, ...]:
        """Files of the data that are no longer as they were released: none, unless somebody edited them."""
        return tuple(
            name
            for name, digest in self.meta.digests.items()
            if self.data is None
            or not (self.data / name).is_file()
            or hashlib.sha256((self.data / name).read_bytes()).hexdigest() != digest
        )


def read_versions(data_dir: Path) -> tuple[Stored, ...]:
    """The stored versions, the oldest first.

    Parameters
    ----------
    data_dir : Path
        Folder of the data package.

    Raises
    ------
    LivingError
        When a version's ``meta.json`` cannot be read, or tells another version than its folder's name.
    """
    folder = data_dir / FOLDER
    names = [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    found = [read_version(path) for path in names if not path.name.startswith(".")]
    return tuple(sorted(found, key=lambda stored: stored.version))


def is_changed(versions: Sequence[Stored], results: Results) -> bool:
    """Whether `results` were made from other data than the stored version whose number they bear."""
    named = [stored for stored in versions if stored.meta.version == results.review["version"]]
    return any(dict(stored.meta.digests) != dict(results.inputs) for stored in named)


def read_version(folder: Path) -> Stored:
    """One stored version; see `read_versions`."""
    where = f"{FOLDER}/{folder.name}/{META_FILE}"
    try:
        raw: dict[str, Any] = json.loads((folder / META_FILE).read_text(encoding="utf-8"))
        meta = Meta(**raw)
    except (OSError, ValueError, TypeError) as error:
        raise LivingError(f"{where} cannot be read: {error}", f"无法读取 {where}：{error}") from error
    if str(Version.parse(meta.version)) != folder.name:
        raise LivingError(
            f"{where} tells version {meta.version}", f"{where} 所写版本为 {meta.version}，与文件夹名不符"
        )
    return Stored(folder, meta)
