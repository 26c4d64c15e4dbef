"""The review's own data, as others load it."""

from __future__ import annotations

import csv
import hashlib
from datetime import date
from pathlib import Path

import pytest

from analysis.evidence import EvidenceError, check, errors, load
from analysis.evidence.bibliography import entry_keys
from analysis.evidence.schema import LANGUAGES, Schema


def test_the_review_s_data_has_no_errors(data_dir: Path) -> None:
    assert errors(check(data_dir)) == ()


def test_loaded_tables_hold_every_row_and_column(data_dir: Path) -> None:
    evidence = load(data_dir)
    for name, table in evidence.tables.items():
        with (data_dir / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        assert all(list(row) == header for row in table)
        assert len(table) == len(rows)


def test_loaded_cells_are_typed_and_missing_ones_stay_missing(data_dir: Path) -> None:
    evidence = load(data_dir)
    change = {row["value_id"]: row for row in evidence.rows("outcomes")}["petrou2020-o04"]
    assert change["mean"] == -0.20
    assert isinstance(change["timepoint_months"], float)
    assert change["n"] is None
    assert change["p_text"] is None
    searched = {row["search_id"]: row["searched_on"] for row in evidence.rows("searches")}
    assert searched["registry-ctgov-2025-09-25"] == date(2025, 9, 25)
    assert searched["seed-2024-01"] is None
    assert {row["review_id"]: row["is_seed"] for row in evidence.rows("reviews")}["vaheb2024"] is True


def test_digests_are_those_of_the_files(data_dir: Path) -> None:
    digests = load(data_dir).digests
    assert digests["outcomes.csv"] == hashlib.sha256((data_dir / "outcomes.csv").read_bytes()).hexdigest()
    assert {"review.yml", "references.bib", "datapackage.json"} <= set(digests)


def test_labels_stand_in_both_languages_and_unknown_codes_raise(data_dir: Path) -> None:
    evidence = load(data_dir)
    assert evidence.label("studies", "route", "IT", "zh") == "鞘内"
    with pytest.raises(KeyError, match="route"):
        evidence.label("studies", "route", "by mouth", "en")


def test_every_column_and_code_is_described_in_both_languages(schema: Schema) -> None:
    for table in schema.tables.values():
        described = [table.title, table.description]
        for column in table.columns:
            described += [column.title, column.description, *(column.labels or {}).values()]
            if column.enum:
                assert set(column.enum) == set(column.labels or {}), (table.name, column.name)
        for text in described:
            assert all(text[lang].strip() for lang in LANGUAGES), text
            assert not text["zh"].isascii() or text["zh"] == text["en"], text


def test_errors_are_raised_together(copy: Path, edit) -> None:
    edit("outcomes", "bonab2012-o03", {"events": "40"})
    edit("studies", "bonab2012", {"n_female": "nineteen"})
    with pytest.raises(EvidenceError) as raised:
        load(copy)
    assert {found.code for found in errors(raised.value.findings)} == {"events_exceed_n", "not_integer"}
    assert "nineteen" in str(raised.value)


def test_every_study_and_review_has_a_citation_key(data_dir: Path) -> None:
    keys = entry_keys((data_dir / "references.bib").read_text(encoding="utf-8"))
    tables = load(data_dir).tables
    assert {row["study_id"] for row in tables["studies"]} <= keys
    assert {row["review_id"] for row in tables["reviews"]} <= keys


def test_no_assumed_number_stands_in_the_tables(data_dir: Path) -> None:
    outcomes = load(data_dir).rows("outcomes")
    changes = [
        row for row in outcomes if row["study_id"] == "petrou2020" and row["statistic"] == "mean_change"
    ]
    karussis = [row for row in outcomes if row["study_id"] == "karussis2010" and row["timepoint_months"] == 6]
    assert changes
    assert karussis
    assert all(row["n"] is None for row in (*changes, *karussis))


def test_nobody_has_judged_yet_and_the_tables_say_so(data_dir: Path) -> None:
    tables = load(data_dir).tables
    assert {row["certainty"] for row in tables["certainty"]} == {"not_assessed"}
    assert {row["judgement"] for row in tables["risk_of_bias"]} == {"not_assessed"}
