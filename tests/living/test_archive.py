"""The archive of many versions: what never changes is read, compared and written once."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from analysis.living import archive as opened
from analysis.living.archive import Archive
from analysis.living.changes import diff
from analysis.living.releasing import release
from analysis.living.snapshots import of_version
from analysis.living.versions import read_versions
from analysis.showing import archive as shown
from analysis.showing import session
from tests.living.conftest import Project

DAYS = [datetime.date(2026, month, 1) for month in (1, 2, 3)]


@pytest.fixture
def released(project: Project) -> Project:
    """Three simulated versions: a remark is changed in the second, a count in the third."""
    release(project.data, DAYS[0])
    project.change("studies", "petrou2020", {"note": "a note (simulated)"})
    release(project.data, DAYS[1])
    project.change("outcomes", "petrou2021-o06", {"events": "1"})
    release(project.data, DAYS[2])
    (project.folder / "_quarto.yml").touch()
    return project


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Notes which two states are compared."""
    found: list[tuple[str, str]] = []

    def noting(old: opened.Snapshot, new: opened.Snapshot) -> opened.Changes:
        # The present state has the number of the last version.
        found.append((old.name, new.name if new.meta else "now"))
        return diff(old, new)

    monkeypatch.setattr(opened, "diff", noting)
    return found


def test_a_state_is_read_when_it_is_compared_and_once(
    released: Project, compared: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noting(stored: opened.Stored) -> opened.Snapshot:
        read.append(stored.meta.version)
        return of_version(stored)

    monkeypatch.setattr(opened, "of_version", noting)
    archive = Archive(read_versions(released.data))
    assert read == []
    assert archive.between(1, 2) is archive.between(1, 2)
    assert (read, compared) == (["2024.1.1", "2024.2.0"], [("2024.1.1", "2024.2.0")])


def test_tables_of_the_same_text_are_not_taken_apart(released: Project) -> None:
    archive = Archive(read_versions(released.data))
    assert [change.table for change in archive.between(1, 2).cells] == ["outcomes"]
    for state in archive.states[1:]:
        # The studies' names are needed for every change.
        assert {name for name, table in state.tables.items() if "rows" in vars(table)} == {
            "studies",
            "outcomes",
        }


def test_stored_versions_are_compared_for_good_and_the_present_state_each_time(
    released: Project, compared: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def pages(build: str) -> dict[str, bytes]:
        compared.clear()
        monkeypatch.setenv("QUARTO_PROJECT_DIR", str(released.folder))
        monkeypatch.setenv("REVIEW_BUILD", str(tmp_path / build))
        session.loaded.cache_clear()
        session._archive.cache_clear()
        now = session.current()
        shown.write_pages(now, now.archive)
        folder = now.folder(shown.FOLDER)
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*") if path.is_file()
        }

    first = pages("first")
    assert ("2024.1.0", "2024.2.0") in compared
    assert json.loads(first["2024.1.1/2024.2.0/changes.json"])["cells"][0]["after"] == "1"

    released.change("outcomes", "petrou2021-o06", {"events": "2"})
    second = pages("second")
    # Two neighbours are told on the versions' own pages and in the feed.
    assert ("2024.1.0", "2024.2.0") not in compared
    assert {old for old, new in compared if new == "now"} == {"2024.1.0", "2024.1.1", "2024.2.0"}
    changed = {name for name in first if first[name] != second[name]}
    of_versions = {f"{old}/page.json" for old in ("2024.1.0", "2024.1.1", "2024.2.0")}
    assert changed == {name for name in first if "/now/" in name} | of_versions

    stored = released.data / "versions" / "2024.1.0" / "data" / "outcomes.csv"
    stored.write_text(
        stored.read_text(encoding="utf-8").replace("petrou2021-o06", "petrou2021-o6x"), encoding="utf-8"
    )
    third = pages("third")
    assert ("2024.1.0", "2024.2.0") in compared
    assert first["2024.1.0/2024.2.0/changes.json"] != third["2024.1.0/2024.2.0/changes.json"]
    assert first["2024.1.1/2024.2.0/changes.json"] == third["2024.1.1/2024.2.0/changes.json"]

    monkeypatch.setenv("REVIEW_CACHE", "off")
    assert pages("fourth") == third
    assert len(set(compared)) == 6
