"""The package is a valid Frictionless data package, and says the same as our own reading."""

from __future__ import annotations

from pathlib import Path

import frictionless
import pytest

from analysis.evidence import check, errors


def test_frictionless_finds_the_package_valid(data_dir: Path) -> None:
    report = frictionless.validate(str(data_dir / "datapackage.json"))
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "message"])


@pytest.mark.parametrize(
    ("table", "key", "column", "text"),
    [
        ("outcomes", "bonab2012-o03", "n", "many"),
        ("outcomes", "bonab2012-o03", "arm_id", "nobody"),
        ("studies", "bonab2012", "route", "oral"),
        ("outcomes", "bonab2012-o02", "value_id", "bonab2012-o01"),
        ("searches", "registry-ctis-2025-09-24", "searched_on", "2025-13-01"),
    ],
)
def test_both_find_the_same_package_invalid(
    copy: Path, edit, table: str, key: str, column: str, text: str
) -> None:
    edit(table, key, {column: text})
    assert errors(check(copy))
    assert not frictionless.validate(str(copy / "datapackage.json")).valid
