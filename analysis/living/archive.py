"""The stored versions of a review and its present state, and what changed between any two of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from analysis.evidence import Evidence
from analysis.living.changes import Changes, diff
from analysis.living.snapshots import Snapshot, of_evidence, of_version
from analysis.living.versions import Stored, read_versions
from analysis.synthesis import Results


@dataclass(frozen=True)
class Archive:
    """The stored versions, the oldest first, and the present state where it is known.

    Each state is read, and each two are compared, when they are first asked for: a review of many versions
    has many more pairs of them.
    """

    stored: tuple[Stored, ...]
    present: Snapshot | None = None
    _states: dict[int, Snapshot] = field(default_factory=dict, compare=False, repr=False)
    _compared: dict[tuple[int, int], Changes] = field(default_factory=dict, compare=False, repr=False)

    @property
    def states(self) -> tuple[Snapshot, ...]:
        """The stored versions, then the present state where it is known.

        Raises
        ------
        LivingError
            When a stored version cannot be read.
        """
        count = len(self.stored) + (self.present is not None)
        return tuple(self._state(place) for place in range(count))

    def between(self, older: int, newer: int | None = None) -> Changes:
        """What changed from one version to another, or to the present state; by their places.

        Raises
        ------
        LivingError
            When a stored version cannot be read.
        """
        place = (older, len(self.stored) if newer is None else newer)
        if place not in self._compared:
            self._compared[place] = diff(*(self._state(number) for number in place))
        return self._compared[place]

    @property
    def pending(self) -> Changes | None:
        """What is not released yet; None where nothing is, or no version is stored."""
        if not self.stored:
            return None
        found = self.between(len(self.stored) - 1)
        return None if found.nothing else found

    @property
    def latest(self) -> Changes | None:
        """What the newest step changed: what is not released yet, else the last version; None before any."""
        last = len(self.stored) - 1
        return self.pending or (self.between(last - 1, last) if last > 0 else None)

    def _state(self, place: int) -> Snapshot:
        if place == len(self.stored):
            assert self.present is not None, "nobody has given the present state"
            return self.present
        if place not in self._states:
            self._states[place] = of_version(self.stored[place])
        return self._states[place]


def open_archive(evidence: Evidence, results: Results, data_dir: Path) -> Archive:
    """The archive of a data package that is loaded already, with its results."""
    return Archive(read_versions(data_dir), of_evidence(evidence, results, data_dir))
