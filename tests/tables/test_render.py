"""Tables of simulated, partly hostile text in every form they are published in."""

import csv
import io
import json
import time
import zipfile
from html.parser import HTMLParser

import openpyxl
import pytest

from analysis.tables import render
from analysis.tables.model import Cell, Column, Line, Table
from tests.publishing.test_pdf_layout import pages_of, raw

HOSTILE = '</td></table><script>alert("x")</script> {{< meta x >}} ``` #eval("1") $1$ @ref [a](b) =1+1 \\'


def make(**changes):
    """A simulated table."""
    given = {
        "id": "simulated",
        "lang": "en",
        "caption": "Simulated table",
        "columns": (
            Column("study", "Study"),
            Column("estimate", "Estimate (95% CI)", "decimal"),
            Column("text", "Text", wide=True),
            Column("secret", "Secret", download_only=True),
        ),
        "lines": (
            Line((Cell("Trials"),), heading=True),
            Line(
                (
                    Cell("A 2001", value="a2001", href="studies.html#study-a2001", id="a-1"),
                    Cell("−0.50 (95% CI −0.68 to −0.32)", value=-0.5, marks=("Assumed.",)),
                    Cell(HOSTILE, lang="en", href="https://example.org/?a=1&b=2"),
                    Cell("s1"),
                ),
                id="row-1",
            ),
            Line(
                (
                    Cell("B"),
                    Cell("not reported", value="", muted=True),
                    Cell("x", marks=("Derived.",)),
                    Cell("s2"),
                )
            ),
        ),
        "notes": ("A note.",),
    }
    return Table(**(given | changes))


class Reader(HTMLParser):
    """Collects tags and text."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.texts.append(data)

    def named(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


def test_html_is_a_real_table():
    page = Reader(render.html(make()))
    assert [found["scope"] for found in page.named("th")] == ["col"] * 3 + ["rowgroup", "row", "row"]
    assert page.named("thead")
    assert page.named("tbody")
    assert [found["data-label"] for found in page.named("td")] == ["Estimate (95% CI)", "Text"] * 2
    assert {"id": "row-1"} in page.named("tr")
    assert page.named("th")[4]["id"] == "a-1"
    assert page.named("th")[3]["colspan"] == "3"


def test_html_escapes_and_links():
    page = Reader(render.html(make()))
    assert not page.named("script")
    assert [found["href"] for found in page.named("a")] == [
        "studies.html#study-a2001",
        "https://example.org/?a=1&b=2",
    ]
    assert HOSTILE in page.texts
    assert "{{<" not in render.html(make())


def test_an_address_that_runs_code_is_no_link():
    line = Line((Cell("a", href="javascript:alert(1)"), Cell(""), Cell(""), Cell("")))
    assert not Reader(render.html(make(lines=(line,)))).named("a")
    assert "javascript" not in render.typst(make(lines=(line,)))


def test_marks_have_signs_that_the_notes_explain():
    table = make()
    assert table.small_print == ("† Assumed.", "‡ Derived.", "A note.")
    html = render.html(table)
    assert '<abbr class="mark" title="Assumed.">†</abbr>' in html
    assert '<abbr class="mark" title="Derived.">‡</abbr>' in html
    assert "† Assumed." in html


def test_columns_for_the_downloads_stay_off_the_page():
    assert "s1" not in render.html(make())
    assert "s1" not in render.typst(make())
    assert "s1" in render.csv_text(make())


def test_the_pdf_shows_the_text(tmp_path):
    source = render.typst(make())
    assert "{{<" not in source
    pages = pages_of(tmp_path, raw(source))
    shown = "".join("".join(page.extract_text() for page in pages).split())
    for words in ('<script>alert("x")</script>', '#eval("1")$1$@ref[a](b)=1+1'):
        assert words in shown


def test_csv():
    rows = list(csv.DictReader(io.StringIO(render.csv_text(make()))))
    assert [row["group"] for row in rows] == ["Trials", "Trials"]
    assert rows[0]["study"] == "a2001"
    assert float(rows[0]["estimate"]) == -0.5
    assert rows[1]["estimate"] == ""
    formula = make(lines=(Line((Cell("=1+1"), Cell("@x"), Cell("-2"), Cell("+3"))),))
    cells = next(iter(csv.DictReader(io.StringIO(render.csv_text(formula)))))
    assert list(cells.values()) == ["'=1+1", "'@x", "'-2", "'+3"]


def test_workbook():
    rows = list(openpyxl.load_workbook(io.BytesIO(render.xlsx(make())))["simulated"].iter_rows())
    values = [[cell.value for cell in row] for row in rows]
    assert values[0] == ["Part", "Study", "Estimate (95% CI)", "Text", "Secret"]
    assert values[1] == ["Trials", "a2001", -0.5, HOSTILE, "s1"]
    formula = make(lines=(Line((Cell("=1+1"), Cell("@x"), Cell("-2"), Cell("+3"))),))
    cells = next(openpyxl.load_workbook(io.BytesIO(render.xlsx(formula))).active.iter_rows(min_row=2))
    assert [(cell.value, cell.data_type) for cell in cells] == [
        (text, "s") for text in ("=1+1", "@x", "-2", "+3")
    ]


def test_the_same_table_gives_the_same_workbook():
    first = render.xlsx(make())
    with zipfile.ZipFile(io.BytesIO(first)) as book:
        assert {entry.date_time[0] for entry in book.infolist()} == {1980}
        assert book.read("docProps/core.xml").count(b"1980-01-01T00:00:00Z") == 2
    time.sleep(1.1)
    assert render.xlsx(make()) == first


def test_json():
    record = json.loads(render.json_text(make()))
    assert [column["key"] for column in record["columns"]] == ["study", "estimate", "text", "secret"]
    assert record["rows"][0] == {
        "group": "Trials",
        "study": "a2001",
        "estimate": -0.5,
        "text": HOSTILE,
        "secret": "s1",
    }
    assert record["notes"][0] == "† Assumed."


def test_a_missing_number_is_null():
    line = Line((Cell("a"), Cell("", value=float("nan")), Cell(""), Cell("")))
    assert json.loads(render.json_text(make(lines=(line,))))["rows"][0]["estimate"] is None
    assert render.csv_text(make(lines=(line,))).splitlines()[1] == "a,,,"


def test_columns_that_nobody_filled_are_left_out():
    filled = make(
        lines=(
            Line((Cell("h"),), heading=True),
            Line((Cell("a"), Cell("-", muted=True), Cell("t"), Cell(""))),
        )
    )
    kept = filled.without_empty_columns()
    assert [column.key for column in kept.columns] == ["study", "text"]
    assert [cell.text for cell in kept.lines[1].cells] == ["a", "t"]
    assert len(filled.columns) == 4


def test_a_row_of_the_wrong_length_is_an_error():
    with pytest.raises(ValueError, match="row 1: 2 cells where 4 are wanted"):
        make(lines=(Line((Cell("a"), Cell("b"))),))
