"""The commands, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

import pypandoc
import pytest

from analysis.evidence.cli import check_main, codebook_main, template_main
from analysis.evidence.codebook import codebook, to_markdown
from analysis.evidence.schema import Schema


def test_check_is_content_with_the_review_s_data(data_dir: Path, capsys) -> None:
    assert check_main(["--data", str(data_dir)]) == 0
    shown = capsys.readouterr().out
    assert "0 errors" in shown
    assert "0 个错误" in shown


def test_check_says_file_row_column_value_and_expectation(copy: Path, edit, capsys, row_number) -> None:
    edit("outcomes", "bonab2012-o03", {"n": "twenty"})
    assert check_main(["--data", str(copy)]) == 1
    shown = capsys.readouterr().err
    row = row_number("outcomes", "bonab2012-o03")
    assert f"outcomes.csv:{row} [n] = “twenty”" in shown
    assert "Expected: a whole number, 0 or more" in shown
    assert "应为：整数，不小于 0" in shown


def test_check_as_json_is_for_programs(copy: Path, edit, capsys) -> None:
    edit("outcomes", "bonab2012-o03", {"n": ""})
    assert check_main(["--data", str(copy), "--json"]) == 1
    findings = json.loads(capsys.readouterr().out)
    assert findings[0]["code"] == "n_missing"
    assert set(findings[0]) == {"severity", "file", "row", "column", "value", "expected", "message", "code"}


@pytest.mark.parametrize(("lang", "word"), [("en", "warning"), ("zh", "警告")])
def test_one_language_can_be_asked_for(data_dir: Path, capsys, lang: str, word: str) -> None:
    check_main(["--data", str(data_dir), "--lang", lang])
    shown = capsys.readouterr()
    assert word in shown.out
    assert ("警告" in shown.err) == (lang == "zh")


def test_a_folder_without_a_package_is_an_error(tmp_path: Path, capsys) -> None:
    assert check_main(["--data", str(tmp_path)]) == 1
    assert template_main([str(tmp_path / "t.xlsx"), "--data", str(tmp_path)]) == 1
    assert codebook_main(["--data", str(tmp_path)]) == 1
    assert "datapackage.json" in capsys.readouterr().err


def test_the_template_is_written(data_dir: Path, tmp_path: Path, capsys) -> None:
    assert template_main([str(tmp_path / "t.xlsx"), "--data", str(data_dir)]) == 0
    assert (tmp_path / "t.xlsx").read_bytes()[:2] == b"PK"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_codebook_is_the_schema(schema: Schema, lang: str) -> None:
    book = codebook(schema, lang)
    assert [table.name for table in book] == list(schema.tables)
    for entry, table in zip(book, schema.tables.values(), strict=True):
        assert [column.name for column in entry.columns] == list(table.names)
        for shown, column in zip(entry.columns, table.columns, strict=True):
            assert [code for code, _ in shown.codes] == list(column.labels or ())
            assert shown.description == column.description[lang]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_codebook_s_markdown_has_a_row_for_each_column(schema: Schema, lang: str) -> None:
    html = pypandoc.convert_text(to_markdown(codebook(schema, lang), lang), "html", format="markdown")
    columns = sum(len(table.columns) for table in schema.tables.values())
    assert html.count("<tr") == columns + len(schema.tables)
    for table in schema.tables.values():
        assert f'id="codebook-{table.name}"' in html
