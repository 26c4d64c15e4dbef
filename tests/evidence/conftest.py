"""The evidence package, and copies of it that a test may spoil."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.evidence.schema import Schema, read_schema

DATA = Path(__file__).parents[2] / "data"

Edit = Callable[[str, str, dict[str, str]], None]


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The review's own data; not to be written to."""
    return DATA


@pytest.fixture(scope="session")
def schema() -> Schema:
    """The schema of the review's own data."""
    return read_schema(DATA / "datapackage.json")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the data package."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


@pytest.fixture
def edit(copy: Path) -> Edit:
    """Change cells of one row of the copy: ``edit(table, key, {column: text})``; returns nothing."""

    def change(table: str, key: str, cells: dict[str, str]) -> None:
        path = copy / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        found = [row for row in rows if row[0] == key or " ".join(row[:2]) == key]
        assert len(found) == 1, f"{key} stands {len(found)} times in {table}"
        for column, text in cells.items():
            found[0][header.index(column)] = text
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])

    return change


@pytest.fixture(scope="session")
def row_number() -> Callable[[str, str], int]:
    """Row of a key in a table of the review's data, as a spreadsheet counts it."""

    def find(table: str, key: str) -> int:
        with (DATA / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                if row[0] == key or " ".join(row[:2]) == key:
                    return number
        raise AssertionError(f"{key} is not in {table}")

    return find
