"""From the template to the tables: three new trials, spreadsheet habits, all or nothing."""

from __future__ import annotations

import csv
import io
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.evidence import check, errors, load
from analysis.evidence.cli import import_main
from analysis.evidence.importing import plan_import, write_import
from analysis.evidence.package import open_book
from analysis.evidence.plan import Plan, describe_plan, plan_to_json
from analysis.evidence.template import filled_tables, template
from tests.evidence.new_trials import DATA, SOURCE, new_trials, workbook


def written(path: Path, table: str) -> list[dict[str, str]]:
    with (path / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def assert_no_row_is_lost(plan: Plan) -> None:
    placed = {(change.file, change.row) for change in plan.changes}
    assert plan.rows == len(placed) + plan.unchanged + len(plan.unplaced)
    if plan.unplaced:
        assert errors(plan.findings)


def test_three_new_trials_go_from_the_template_into_the_tables(copy: Path, tmp_path: Path) -> None:
    file = workbook(tmp_path / "new.xlsx", new_trials())
    plan = plan_import(file, copy)
    assert errors(plan.findings) == ()
    assert plan.added["studies"] == ["simulated2027", "simulated2028", "simulated2029"]
    assert plan.added["outcomes"][:2] == ["simulated2027-o01", "simulated2027-o02"]
    assert_no_row_is_lost(plan)
    write_import(plan, copy)
    evidence = load(copy)
    mine = [
        row
        for row in evidence.rows("outcomes")
        if row["study_id"].startswith("simulated") and row["outcome"] == "edss_improved"
    ]
    assert [row["events"] for row in mine] == [4, 4, 4]
    assert [row["n"] for row in mine] == [20, 20, 20]
    assert "simulated2028" in {row["study_id"] for row in evidence.rows("adverse_events")}
    assert "@misc{simulated2029," in (copy / "references.bib").read_text(encoding="utf-8")
    assert "no_reference" not in {found.code for found in check(copy)}
    again = plan_import(file, copy)
    assert again.changes == ()
    assert again.unchanged == plan.rows


def test_new_trials_reach_the_pooled_result_they_belong_to(copy: Path, tmp_path: Path) -> None:
    synthesis = pytest.importorskip("analysis.synthesis")
    if not hasattr(synthesis, "synthesise"):
        pytest.skip("no synthesis yet")
    before = synthesis.synthesise(load(copy)).question("edss-improved")
    write_import(plan_import(workbook(tmp_path / "new.xlsx", new_trials()), copy), copy)
    after = synthesis.synthesise(load(copy)).question("edss-improved")
    assert after.k == before.k + 3
    assert after.participants == before.participants + 60
    assert {row.study_id for row in after.used} - {row.study_id for row in before.used} == {
        "simulated2027",
        "simulated2028",
        "simulated2029",
    }


def test_nothing_is_written_without_being_asked_for(copy: Path, tmp_path: Path, capsys) -> None:
    file = workbook(tmp_path / "new.xlsx", new_trials())
    before = {path.name: path.read_bytes() for path in copy.iterdir() if path.is_file()}
    assert import_main([str(file), "--data", str(copy)]) == 0
    assert {path.name: path.read_bytes() for path in copy.iterdir() if path.is_file()} == before
    shown = capsys.readouterr().out
    assert "simulated2027" in shown
    assert "--write" in shown
    assert import_main([str(file), "--data", str(copy), "--write", "--json"]) == 0
    assert len(written(copy, "studies")) == len(written(DATA, "studies")) + 3


def test_one_error_keeps_everything_out(copy: Path, tmp_path: Path) -> None:
    filled = new_trials()
    filled["outcomes"][3]["events"] = 21
    file = workbook(tmp_path / "new.xlsx", filled)
    before = {path.name: path.read_bytes() for path in copy.iterdir() if path.is_file()}
    plan = plan_import(file, copy)
    wrong = errors(plan.findings)
    assert [(found.code, found.file, found.row, found.column) for found in wrong] == [
        ("events_exceed_n", "new.xlsx [outcomes]", 6, "events")
    ]
    assert import_main([str(file), "--data", str(copy), "--write"]) == 1
    assert {path.name: path.read_bytes() for path in copy.iterdir() if path.is_file()} == before


def test_errors_that_stand_already_keep_everything_out(copy: Path, tmp_path: Path, edit) -> None:
    edit("outcomes", "bonab2012-o03", {"n": "many"})
    plan = plan_import(workbook(tmp_path / "new.xlsx", new_trials()), copy)
    assert {found.code for found in errors(plan.findings)} == {"not_integer"}


def test_a_failing_disk_changes_nothing(copy: Path, tmp_path: Path, monkeypatch) -> None:
    plan = plan_import(workbook(tmp_path / "new.xlsx", new_trials()), copy)
    before = {path.name: path.read_bytes() for path in copy.iterdir() if path.is_file()}
    replace, calls = os.replace, []

    def fails_the_third_time(source: Any, target: Any) -> None:
        calls.append(target)
        if len(calls) == 3:
            raise OSError("disk full")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fails_the_third_time)
    with pytest.raises(OSError, match="disk full"):
        write_import(plan, copy)
    assert {path.name: path.read_bytes() for path in copy.iterdir() if path.is_file()} == before


def test_a_changed_cell_is_shown_with_what_stood_there(copy: Path, tmp_path: Path) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text("value_id,checked_by,note\nbonab2012-o03,A. Reader,\n", encoding="utf-8")
    plan = plan_import(file, copy)
    assert [(change.column, change.before, change.after) for change in plan.changes] == [
        ("checked_by", "", "A. Reader")
    ]
    write_import(plan, copy)
    rows = {row["value_id"]: row for row in written(copy, "outcomes")}
    assert rows["bonab2012-o03"]["checked_by"] == "A. Reader"
    assert rows["bonab2012-o03"]["events"] == "4"


def test_writing_leaves_untouched_rows_byte_for_byte(copy: Path, tmp_path: Path) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text("value_id,checked_by\nbonab2012-o03,A. Reader\n", encoding="utf-8")
    before = (copy / "outcomes.csv").read_text(encoding="utf-8").splitlines()
    write_import(plan_import(file, copy), copy)
    after = (copy / "outcomes.csv").read_text(encoding="utf-8").splitlines()
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_any_origin_is_read(copy: Path, tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = (
        delimiter.join(("value_id", "note")) + "\r\n" + delimiter.join(("bonab2012-o03", "已核对")) + "\r\n"
    )
    (tmp_path / "new.csv").write_bytes(text.encode(encoding))
    plan = plan_import(tmp_path / "new.csv", copy, table="outcomes")
    assert [change.after for change in plan.changes] == ["已核对"]
    assert errors(plan.findings) == ()


HABITS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("full-width digits", {"n": "２０", "events": "４"}, {"n": "20", "events": "4"}),
    ("a decimal comma", {"timepoint_months": "5,5"}, {"timepoint_months": "5.5"}),
    ("an en dash for minus", {"mean": "–0.5", "statistic": "mean_change"}, {"mean": "-0.5"}),
    ("a true minus sign", {"mean": "−0.5", "statistic": "mean_change"}, {"mean": "-0.5"}),
    ("a p value that is none", {"p_value": "<0.001"}, {"p_value": "", "p_text": "<0.001"}),
    ("a p value in full width", {"p_value": "＜０.００１"}, {"p_value": "", "p_text": "<0.001"}),
    ("no-break spaces", {"n": "\xa020\u3000", "note": "a\xa0b"}, {"n": "20", "note": "a b"}),
    ("a number stored as a fraction", {"timepoint_months": 0.1 + 0.2}, {"timepoint_months": "0.3"}),
    ("a whole number stored as a fraction", {"n": 20.0}, {"n": "20"}),
    ("a percent sign", {"percent": "20%"}, {"percent": "20"}),
    ("a code in capitals", {"outcome": "EDSS_Improved"}, {"outcome": "edss_improved"}),
    ("a code by its Chinese name", {"outcome": "EDSS 改善的人数"}, {"outcome": "edss_improved"}),
    ("codes parted by full-width marks", {"flags": "composite；subgroup"}, {"flags": "composite;subgroup"}),
    ("a key in full width", {"arm_id": "ｍｓｃ"}, {"arm_id": "msc"}),
]


@pytest.mark.parametrize(("habit", "cells", "wanted"), HABITS, ids=[habit for habit, *_ in HABITS])
def test_spreadsheet_habits_are_undone(
    copy: Path, tmp_path: Path, habit: str, cells: dict, wanted: dict
) -> None:
    row = {"study_id": "bonab2012", "arm_id": "msc", "outcome": "edss_improved", "outcome_text": "x",
           "statistic": "count", "n": 20, "events": 4, **SOURCE, **cells}  # fmt: skip
    plan = plan_import(workbook(tmp_path / "new.xlsx", {"outcomes": [row]}), copy)
    assert errors(plan.findings) == (), describe_plan(plan, ("en",), write=False, written=False)
    after = {change.column: change.after for change in plan.changes}
    for column, text in wanted.items():
        assert after.get(column, "") == text


def test_a_percent_format_is_undone(copy: Path, tmp_path: Path) -> None:
    file = workbook(tmp_path / "new.xlsx", {"outcomes": [{"study_id": "bonab2012", "arm_id": "msc",
        "outcome": "neda", "outcome_text": "x", "statistic": "percent", **SOURCE}]})  # fmt: skip
    book = openpyxl.load_workbook(file)
    names = [cell.value for cell in book["outcomes"][2]]
    cell = book["outcomes"].cell(3, names.index("percent") + 1)
    cell.value, cell.number_format = 0.586, "0.0%"
    book.save(file)
    after = {change.column: change.after for change in plan_import(file, copy).changes}
    assert after["percent"] == "58.6"


@pytest.mark.parametrize(
    "given", [date(2026, 5, 1), datetime(2026, 5, 1), 46143, "46143", "2026/5/1", "2026年5月1日"]
)
def test_dates_come_through_however_the_spreadsheet_holds_them(
    copy: Path, tmp_path: Path, given: Any
) -> None:
    row = {"study_id": "li2014", "tool": "undecided", "domain": "other", "statement": "x",
           "judgement": "low", "judged_by": "A. Reader", "judged_on": given, **SOURCE}  # fmt: skip
    plan = plan_import(workbook(tmp_path / "new.xlsx", {"risk_of_bias": [row]}), copy)
    assert errors(plan.findings) == ()
    assert {change.column: change.after for change in plan.changes}["judged_on"] == "2026-05-01"


MISUSES: list[tuple[dict[str, Any], str]] = [
    ({"outcome_text": date(2026, 3, 6)}, "date_for_text"),
    ({"n": date(2026, 3, 6)}, "date_for_text"),
    ({"events": "=2+2"}, "formula"),
    ({"n": "1,234"}, "two_numbers"),
    ({"n": "twenty"}, "not_integer"),
    ({"study_id": "nobody2027"}, "unknown_reference"),
    ({"study_id": None}, "key_missing"),
    ({"outcome": "happiness"}, "not_in_list"),
]


@pytest.mark.parametrize(("cells", "code"), MISUSES)
def test_what_cannot_be_placed_is_kept_in_the_report(
    copy: Path, tmp_path: Path, cells: dict, code: str
) -> None:
    row = {"study_id": "bonab2012", "arm_id": "msc", "outcome": "edss_improved", "outcome_text": "x",
           "statistic": "count", "n": 20, "events": 4, **SOURCE, **cells}  # fmt: skip
    plan = plan_import(workbook(tmp_path / "new.xlsx", {"outcomes": [row]}), copy)
    assert code in {found.code for found in errors(plan.findings)}
    assert_no_row_is_lost(plan)
    assert code in plan_to_json(plan, written=False)


def test_cells_merged_downwards_count_for_every_row(copy: Path, tmp_path: Path) -> None:
    rows = new_trials()["outcomes"][:2]
    filled = {**new_trials(), "outcomes": rows}
    file = workbook(tmp_path / "new.xlsx", filled)
    book = openpyxl.load_workbook(file)
    column = [cell.value for cell in book["outcomes"][2]].index("study_id") + 1
    book["outcomes"].merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)
    book.save(file)
    plan = plan_import(file, copy)
    assert plan.added["outcomes"] == ["simulated2027-o01", "simulated2027-o02"]
    assert errors(plan.findings) == ()


def test_a_sheet_that_is_no_table_is_not_dropped_in_silence(copy: Path, tmp_path: Path) -> None:
    file = workbook(tmp_path / "new.xlsx", {})
    book = openpyxl.load_workbook(file)
    book.create_sheet("Sheet1").append(["something", "to", "keep"])
    book.save(file)
    plan = plan_import(file, copy)
    assert [found.code for found in plan.findings] == ["unknown_sheet"]
    assert plan.unplaced == (("new.xlsx [Sheet1]", 1),)


def test_a_row_above_the_names_is_not_dropped_in_silence(copy: Path, tmp_path: Path) -> None:
    file = workbook(tmp_path / "new.xlsx", {})
    book = openpyxl.load_workbook(file)
    book["arms"].cell(1, 1).value = "bonab2012"
    book.save(file)
    assert [found.code for found in plan_import(file, copy).findings] == ["above_header"]


def test_two_rows_with_one_key_are_told(copy: Path, tmp_path: Path) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text(
        "value_id,checked_by\nbonab2012-o03,A\nbonab2012-o03,B\nbonab2012-o03,A\n", encoding="utf-8"
    )
    plan = plan_import(file, copy)
    assert [(found.code, found.row) for found in errors(plan.findings)] == [("row_twice", 3)]
    assert_no_row_is_lost(plan)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.xlsx", b"PK\x03\x04 not a zip"),
        ("x.xlsx", b"hello"),
        ("x.xls", b"\xd0\xcf\x11\xe0"),
        ("x.csv", b"\xff\xfeq"),
        ("x.csv", b""),
        ("x.csv", b"\x81"),
        ("x.csv", b'a,b\n"unclosed\n1,2\n'),
    ],
)
def test_a_file_that_cannot_be_opened_is_a_finding(
    copy: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    plan = plan_import(tmp_path / name, copy)
    assert plan.changes == ()
    assert_no_row_is_lost(plan)
    describe_plan(plan, ("en", "zh"), write=True, written=False)


def test_a_missing_file_is_a_finding(copy: Path, tmp_path: Path) -> None:
    assert import_main([str(tmp_path / "nothing.xlsx"), "--data", str(copy)]) == 1


NAMES = ["value_id", "study_id", "arm_id", "outcome", "n", "events", "note", "", "x"]
WORDS = st.text(max_size=8) | st.sampled_from(["bonab2012", "bonab2012-o03", "5", "msc"])


@settings(max_examples=60, deadline=None)
@given(
    header=st.lists(st.sampled_from(NAMES), max_size=6),
    rows=st.lists(st.lists(WORDS, max_size=7), max_size=5),
    name=st.sampled_from(["outcomes.csv", "new.csv", "arms.csv"]),
)
def test_any_csv_is_placed_or_reported(
    tmp_path_factory: pytest.TempPathFactory, header: list[str], rows: list[list[str]], name: str
) -> None:
    file = tmp_path_factory.mktemp("import") / name
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([header, *rows])
    plan = plan_import(file, DATA)
    assert_no_row_is_lost(plan)
    describe_plan(plan, ("en", "zh"), write=False, written=False)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["new.csv", "new.xlsx", "outcomes.csv"]))
def test_any_bytes_can_be_offered(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    file = tmp_path_factory.mktemp("import") / name
    file.write_bytes(content)
    assert_no_row_is_lost(plan_import(file, DATA))


def test_the_template_has_lists_help_and_the_existing_studies(data_dir: Path) -> None:
    book = open_book(data_dir)[0]
    assert book is not None
    made = openpyxl.load_workbook(io.BytesIO(template(book)))
    for table in filled_tables(book.schema):
        sheet = made[table.name]
        assert [cell.value for cell in sheet[2]] == list(table.names)
        lists = {str(area) for rule in sheet.data_validations.dataValidation for area in rule.sqref.ranges}
        coded = sum(bool(column.enum) for column in table.columns)
        assert len(lists) >= coded
        for cell, column in zip(sheet[2], table.columns, strict=True):
            assert column.description["en"] in cell.comment.text
            assert column.description["zh"] in cell.comment.text
    ids = [row[0].value for row in made["existing studies 现有研究"].iter_rows(min_row=2)]
    assert ids == [row["study_id"] for row in book.rows("studies")]
    assert made["_lists"].sheet_state == "hidden"
