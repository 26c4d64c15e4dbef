"""Whether the site that is there is the one that would be built."""

from __future__ import annotations

from pathlib import Path

from publishing.files import digest_below
from store import Store, key_of


class Stamp:
    """What a finished site was made from, beside what it then held.

    Parameters
    ----------
    key : str
        Of everything that the site is made from.
    """

    def __init__(self, store: Store, key: str) -> None:
        self._store = store
        self._key = key_of("stamp", key)

    def fits(self, site: Path) -> bool:
        """Whether the site was made from the same, and is still as it was made."""
        kept = self._store.get(self._key)
        return kept is not None and site.is_dir() and kept == _digest(site)

    def put_on(self, site: Path) -> None:
        """Remember what the finished site holds."""
        self._store.put(self._key, _digest(site))


def _digest(site: Path) -> bytes:
    return digest_below(site).encode()
