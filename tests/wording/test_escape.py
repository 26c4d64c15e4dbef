import html as html_module
import json

import pypandoc
import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from analysis.wording import escape

HOSTILE = [
    "=HYPERLINK(1)",
    "- x",
    "1. x",
    "(a) x",
    "A) x",
    "A. Smith",
    "{{< meta secret >}}",
    "{{{< x >}}}",
    "@fig-x [@petrou2020]",
    "$x$ and $$y$$",
    "<script>alert(1)</script>",
    "*a* _b_ `c` ``` d",
    "# head",
    "> quote",
    ": definition",
    "a -- b --- c ...",
    "\"q\" 'r'",
    "[x](javascript:alert(1))",
    "![a](b)",
    "| a | b |",
    "^a^ ~b~ ~~c~~",
    "&amp; &copy;",
    "\\alpha \\",
    "https://example.org/?a=b",
    "a@example.org",
    "x\n\ny",
    "::: {.a}",
    "---",
    "+ x",
    "%meta",
    "[^1]",
    "(@) x",
    "Table: x",
    "`{python} 1 + 1`",
    '#eval("1") <label> $1$ @ref',
    "p < 0.001",
    "\u202eabc\u0000d",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("form", ["markdown", "markdown-smart+autolink_bare_uris"])
def test_markdown_stays_text(text, form):
    document = json.loads(pypandoc.convert_text(escape.markdown(text) + "\n", "json", format=form))
    (block,) = document["blocks"]
    assert block["t"] == "Para"
    assert {inline["t"] for inline in block["c"]} <= {"Str", "Space"}
    assert "".join(inline.get("c", " ") for inline in block["c"]) == escape.clean(text)
    assert "{{<" not in escape.markdown(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_html_stays_text(text):
    escaped = escape.html(text)
    assert html_module.unescape(escaped) == escape.clean(text)
    assert not set("<>\"'{}`") & set(escaped)


@pytest.mark.parametrize("text", HOSTILE)
def test_typst_stays_text(text):
    source = f"#let given = {escape.typst(text)}\n#metadata(given) <given>"
    found = json.loads(typst.query(source.encode(), "<given>", field="value", one=True))
    assert found == escape.clean(text)
    assert "{{<" not in source


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "＝1"])
def test_a_spreadsheet_runs_nothing(text):
    assert escape.spreadsheet(text).startswith("'")


@given(st.text())
def test_no_text_begins_a_formula(text):
    assert not escape.spreadsheet(text).startswith(tuple("=+-@＝＋－＠\t\r\n"))


def test_a_spreadsheet_keeps_other_text():
    assert escape.spreadsheet("Petrou 2020") == "Petrou 2020"
    assert escape.spreadsheet("−0.50") == "−0.50"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://doi.org/10.1/x", "https://doi.org/10.1/x"),
        ("HTTP://example.org/a", "HTTP://example.org/a"),
        ("#study-a", "#study-a"),
        ("../chapters/studies.html#study-a", "../chapters/studies.html#study-a"),
        ("javascript:alert(1)", ""),
        (" java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//evil.example/x", ""),
        ("https:", ""),
        ("http://[", ""),
    ],
)
def test_addresses(href, expected):
    assert escape.address(href) == expected


def test_nothing_closes_a_raw_block():
    content = "a\n```\n````\nb"
    document = json.loads(pypandoc.convert_text(escape.fenced(content, "html"), "json", format="markdown"))
    assert document["blocks"] == [{"t": "RawBlock", "c": ["html", content]}]
