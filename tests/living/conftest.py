"""A project's data and citation that a test may release, and single cells of it to change."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

ROOT = Path(__file__).parents[2]

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Project:
    """A copy of the data, without its stored versions."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def read(self, table: str) -> Rows:
        with (self.data / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def write(self, table: str, rows: Rows) -> None:
        header = list(self.read(table)[0])
        with (self.data / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def change(self, table: str, key: str, cells: Mapping[str, str]) -> None:
        rows = self.read(table)
        name = next(iter(rows[0]))
        (found,) = [row for row in rows if row[name] == key]
        found.update(cells)
        self.write(table, rows)

    def replace(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def take_out(self, study_id: str) -> dict[str, Rows]:
        """Remove a study from every table; gives the rows of the tables that describe it."""
        taken = {}
        for path in sorted(self.data.glob("*.csv")):
            rows = self.read(path.stem)
            if path.stem == "excluded":
                for row in rows:
                    row["related_study_id"] = row["related_study_id"].replace(study_id, "")
                self.write(path.stem, rows)
            if not rows or "study_id" not in rows[0]:
                continue
            own = [row for row in rows if row["study_id"] == study_id]
            if path.stem in ("trials", "review_studies"):
                for row in own:
                    row["study_id"] = ""
                self.write(path.stem, rows)
            elif own:
                taken[path.stem] = own
                self.write(path.stem, [row for row in rows if row["study_id"] != study_id])
        return taken


def workbook(sheets: Mapping[str, Rows], path: Path) -> Path:
    """A filled template: one sheet for each table."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append([cell or None for cell in row.values()])
    book.save(path)
    return path


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[[], Project]:
    def make() -> Project:
        folder = tmp_path / "project"
        shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("versions"))
        shutil.copyfile(ROOT / "CITATION.cff", folder / "CITATION.cff")
        return Project(folder)

    return make


@pytest.fixture
def project(make_project: Callable[[], Project]) -> Project:
    return make_project()
