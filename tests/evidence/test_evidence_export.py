"""Cells that would act on a reader's machine come out as harmless text."""

from __future__ import annotations

import io

import openpyxl
import pypandoc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.evidence.bibliography import bibtex_entry, entry_keys
from analysis.evidence.codebook import TableEntry, to_markdown
from analysis.evidence.findings import describe, finding
from analysis.evidence.schema import Schema
from analysis.evidence.tidying import tidy
from analysis.evidence.workbook import to_xlsx
from analysis.wording import escape

ACTIVE = [
    '=HYPERLINK("http://evil.example","click")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "＝1+1",
    "\t=1",
    "<script>alert(1)</script>",
    '#import "x"',
    "{{7*7}}",
    "$(rm -rf /)",
    "`rm`",
    "\x1b[31mred",
]


@pytest.mark.parametrize("text", ACTIVE)
def test_active_cells_are_text_in_a_workbook(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx([("a", ["x"], [[text]])])))
    cell = book.active.cell(2, 1)
    assert cell.data_type == "s"
    assert cell.value == text.replace("\x1b", "")


@given(st.text(max_size=60))
def test_any_text_can_stand_in_a_workbook(text: str) -> None:
    assert to_xlsx([("t", ["x"], [[text]])])[:2] == b"PK"


def test_an_exported_text_comes_back_as_it_was(schema: Schema) -> None:
    column = schema.tables["outcomes"].column("note")
    for text in ACTIVE[:5]:
        assert tidy(escape.spreadsheet(text), column) == (text, None)


@pytest.mark.parametrize("text", ACTIVE)
def test_a_finding_shows_active_cells_as_text(text: str) -> None:
    shown = describe([finding("not_integer", "outcomes.csv", 2, "n", text)])
    assert "\x1b" not in shown
    assert "\t=" not in shown


@pytest.mark.parametrize("text", ACTIVE)
def test_the_codebook_shows_active_text_as_text(text: str) -> None:
    table = TableEntry("t", "t.csv", text, text, ())
    html = pypandoc.convert_text(to_markdown([table], "en"), "html", format="markdown")
    assert "<script" not in html
    assert "<code>rm" not in html
    assert "math" not in html


@pytest.mark.parametrize("text", [*ACTIVE, "\\input{x}", "100% {of} a_b #1 & ~ ^"])
def test_a_new_study_s_citation_shows_active_text_as_text(text: str) -> None:
    entry = bibtex_entry({"study_id": "simulated2027", "label": "S", "title": text, "first_author": text})
    assert entry_keys(entry) == {"simulated2027"}
    html = pypandoc.convert_text(entry, "html", format="bibtex", extra_args=["--citeproc"])
    assert "<script" not in html
    assert 'class="math' not in html
