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
    """The stored versions, the oldest first, each as a state, and the present state."""

    stored: tuple[Stored, ...]
    states: tuple[Snapshot, ...]
    present: Snapshot
    _compared: dict[tuple[int, int], Changes] = field(default_factory=dict, compare=False, repr=False)

    def between(self, older: int, newer: int | None = None) -> Changes:
        """What changed from one version to another, or to the present state; by their places."""
        states = (*self.states, self.present)
        place = (older, len(self.states) if newer is None else newer)
        if place not in self._compared:
            self._compared[place] = diff(*(states[number] for number in place))
        return self._compared[place]

    @property
    def pending(self) -> Changes | None:
        """What is not released yet; None where nothing is, or no version is stored."""
        if not self.states:
            return None
        found = self.between(len(self.states) - 1)
        return None if found.nothing else found

    @property
    def latest(self) -> Changes | None:
        """What the newest step changed: what is not released yet, else the last version; None before any."""
        last = len(self.states) - 1
        return self.pending or (self.between(last - 1, last) if last > 0 else None)


def open_archive(evidence: Evidence, results: Results, data_dir: Path) -> Archive:
    """The archive of a data package that is loaded already, with its results.

    Raises
    ------
    LivingError
        When a stored version cannot be read.
    """
    stored = read_versions(data_dir)
    states = tuple(of_version(version) for version in stored)
    return Archive(stored, states, of_evidence(evidence, results, data_dir))
