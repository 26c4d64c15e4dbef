"""The review's own data, as others load it."""

from __future__ import annotations

import csv
import hashlib
import math
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
    for name, frame in evidence.tables.items():
        with (data_dir / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        assert list(frame.columns) == header
        assert len(frame) == len(rows)


def test_loaded_cells_are_typed_and_missing_ones_stay_missing(data_dir: Path) -> None:
    evidence = load(data_dir)
    outcomes = evidence.tables["outcomes"].set_index("value_id")
    change = outcomes.loc["petrou2020-o04"]
    assert change["mean"] == -0.20
    assert math.isnan(change["n"])
    assert change["p_text"] is None
    searched = evidence.tables["searches"].set_index("search_id")["searched_on"]
    assert searched["registry-ctgov-2025-09-25"] == date(2025, 9, 25)
    assert searched["seed-2024-01"] is None
    assert evidence.tables["reviews"].set_index("review_id")["is_seed"]["vaheb2024"] is True


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
    assert set(tables["studies"]["study_id"]) <= keys
    assert set(tables["reviews"]["review_id"]) <= keys


def test_no_assumed_number_stands_in_the_tables(data_dir: Path) -> None:
    outcomes = load(data_dir).tables["outcomes"]
    changes = outcomes[(outcomes["study_id"] == "petrou2020") & (outcomes["statistic"] == "mean_change")]
    assert changes["n"].isna().all()
    karussis = outcomes[(outcomes["study_id"] == "karussis2010") & (outcomes["timepoint_months"] == 6)]
    assert karussis["n"].isna().all()


def test_nobody_has_judged_yet_and_the_tables_say_so(data_dir: Path) -> None:
    tables = load(data_dir).tables
    assert set(tables["certainty"]["certainty"]) == {"not_assessed"}
    assert set(tables["risk_of_bias"]["judgement"]) == {"not_assessed"}
