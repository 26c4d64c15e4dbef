"""Filter, sort, columns and downloads of long tables, on simulated tables and on the built site."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from analysis.tables import render
from analysis.tables.model import Cell, Column, Line, Table
from publishing.words import words_for
from tests.browser import DESKTOP, PHONE, needs_chromium, outside_requests, served
from tests.site.conftest import LANGUAGES, ROOT, Project

pytestmark = [pytest.mark.browser, needs_chromium]

SHOWN = """() => [...document.querySelectorAll("tbody tr:not(.group):not([hidden])")]
    .map(row => row.cells[0].textContent.trim())"""

# Simulated: name, share, estimate, date as shown and as known, months as shown and as known, words.
ROWS = [
    (
        "Alpha 2001",
        "2/18",
        "−0.50 (95% CI −0.68 to −0.32)",
        ("5 March 2020", "2020-03-05"),
        ("6 months", 6.0),
    ),
    ("Beta 2002", "10/12", "0.25", ("1 January 2019", "2019-01"), ("12 months", 12.0)),
    ("Gamma 2003", "3/9", "−1.2", ("May 2021", "2021-05"), ("24 months", 24.0)),
    ("Delta 2004", "0/7", "10.5", None, ("1.5 months", 1.5)),
    ("Epsilon 2005", "not reported", "0.3†", ("2 March 2020", "2020-03-02"), None),
    ("Zeta 2006", "1/1", "1,200", ("3 April 1999", "1999-04-03"), ("100 months", 100.0)),
    ("Eta 2007", "5/10", "0", ("1 June 2020", "2020-06-01"), ("3 months", 3.0)),
    ("=SUM(A1)", "2/5", "−0.05", ("4 July 2020", "2020-07-04"), ("@cmd", 2.0)),
]
LAST = "Epsilon 2005"

SORTED = {
    1: ["Delta 2004", "Alpha 2001", "Gamma 2003", "=SUM(A1)", "Eta 2007", "Beta 2002", "Zeta 2006", LAST],
    2: [
        "Gamma 2003", "Alpha 2001", "=SUM(A1)", "Eta 2007", "Beta 2002", LAST, "Delta 2004", "Zeta 2006",
    ],
    3: [
        "Zeta 2006", "Beta 2002", LAST, "Alpha 2001", "Eta 2007", "=SUM(A1)", "Gamma 2003", "Delta 2004",
    ],
    4: [
        "Delta 2004", "=SUM(A1)", "Eta 2007", "Alpha 2001", "Beta 2002", "Gamma 2003", "Zeta 2006", LAST,
    ],
}  # fmt: skip


def known(pair: tuple[str, str | float] | None) -> Cell:
    return Cell("not reported", muted=True) if pair is None else Cell(pair[0], value=pair[1])


def line(row: Any) -> Line:
    name, share, estimate, date, months = row
    cells = (
        Cell(name),
        Cell(share, muted=share == "not reported"),
        Cell(estimate.rstrip("†"), marks=("Assumed.",) if estimate.endswith("†") else ()),
        known(date),
        known(months),
    )
    return Line(cells, id=f"row-{name[:4].strip('=').lower()}")


def simulated(lang: str, *, grouped: bool = False) -> Table:
    heads = ("Study", "People", "Estimate", "Date", "Time")
    lines = [line(row) for row in ROWS]
    if grouped:
        first, second = (
            Line((Cell("Early trials"),), heading=True),
            Line((Cell("Late trials"),), heading=True),
        )
        lines = [first, *lines[:4], second, *lines[4:]]
    columns = tuple(Column(head.lower(), head, "decimal" if head == "Estimate" else "left") for head in heads)
    return Table("simulated", lang, "Simulated", columns, tuple(lines))


def chinese() -> Table:
    names = ["鞘内", "静脉", "骨髓", "安慰剂", "脐带", "不良事件", "EDSS 10", "EDSS 9"]
    return Table("chinese", "zh", "", (Column("term", "术语"),), tuple(Line((Cell(name),)) for name in names))


def page_of(table: Table, html_lang: str) -> str:
    words = json.dumps(dict(words_for(html_lang)), ensure_ascii=False)
    scripts = "".join(f'<script src="assets/js/{name}.js" defer></script>' for name in ("review", "tables"))
    return (
        f'<!DOCTYPE html><html lang="{html_lang}"><head><meta charset="utf-8"><title>T</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="assets/review.css">'
        f'<script type="application/json" id="review-words">{words}</script>{scripts}</head>'
        f'<body class="embedded"><main class="content"><a id="go" href="#row-beta">go</a>'
        f'<div class="review-table-block">{render.html(table, tools=True)}</div></main></body></html>'
    )


@pytest.fixture(scope="module")
def simulated_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("simulated")
    shutil.copytree(ROOT / "assets", folder / "assets")
    pages = {
        "plain": page_of(simulated("en"), "en"),
        "grouped": page_of(simulated("en", grouped=True), "en"),
        "zh": page_of(chinese(), "zh-Hans"),
    }
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    with served(folder) as url:
        yield url


@pytest.fixture
def page(chromium: Any, simulated_site: str) -> Iterator[Any]:
    """A page that fails the test at any script error or outside request."""
    context = chromium.new_context(viewport=DESKTOP, accept_downloads=True)
    made = context.new_page()
    problems = outside_requests(made, simulated_site)
    made.on("pageerror", lambda error: problems.append(str(error)))
    yield made
    context.close()
    assert problems == []


def taken(page: Any, form: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.click(f".table-take:text('{form}')")
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


@pytest.mark.parametrize("column", sorted(SORTED))
def test_columns_sort_by_what_their_cells_mean(page: Any, simulated_site: str, column: int) -> None:
    page.goto(f"{simulated_site}/plain.html")
    head = page.locator("thead th").nth(column)
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(SHOWN) == SORTED[column]
    assert head.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    empty = {1: 1, 3: 1, 4: 1}.get(column, 0)
    valued = SORTED[column][: len(ROWS) - empty]
    assert page.evaluate(SHOWN) == [*reversed(valued), *SORTED[column][len(valued) :]]
    assert head.get_attribute("aria-sort") == "descending"
    page.keyboard.press("Enter")
    assert page.evaluate(SHOWN) == [row[0] for row in ROWS]
    assert head.get_attribute("aria-sort") is None


def test_chinese_sorts_by_sound_and_numbers_by_size(page: Any, simulated_site: str) -> None:
    page.goto(f"{simulated_site}/zh.html")
    page.click("thead button")
    found = page.evaluate(SHOWN)
    han = ["安慰剂", "不良事件", "骨髓", "静脉", "脐带", "鞘内"]
    assert [name for name in found if name in han] == han
    assert found.index("EDSS 9") < found.index("EDSS 10")


def test_rows_stay_under_their_heading(page: Any, simulated_site: str) -> None:
    page.goto(f"{simulated_site}/grouped.html")
    page.click("thead th:nth-child(2) button")
    first, second = {row[0] for row in ROWS[:4]}, {row[0] for row in ROWS[4:]}
    order = page.evaluate(SHOWN)
    assert (set(order[:4]), set(order[4:])) == (first, second)
    texts = page.locator("tbody tr").all_text_contents()
    assert [place for place, text in enumerate(texts) if "trials" in text] == [0, 5]


def test_a_filter_takes_words_from_anywhere_and_from_headings(page: Any, simulated_site: str) -> None:
    page.goto(f"{simulated_site}/grouped.html")
    assert page.inner_text(".table-state") == "8 of 8 rows"
    said = "document.querySelector('.table-state').textContent === '{} of 8 rows'"
    for query, left, headings in (
        ("2020 march", ["Alpha 2001", "Epsilon 2005"], 2),
        ("ＡＬＰＨＡ", ["Alpha 2001"], 1),
        ("early beta", ["Beta 2002"], 1),
        ("nothing", [], 0),
    ):
        page.fill(".table-filter", "")
        page.wait_for_function(said.format(8))
        page.fill(".table-filter", query)
        page.wait_for_function(said.format(len(left)))
        assert page.evaluate(SHOWN) == left
        assert page.locator("tr.group:visible").count() == headings


def test_a_link_shows_the_row_that_was_filtered_out(page: Any, simulated_site: str) -> None:
    page.goto(f"{simulated_site}/plain.html")
    for _ in range(2):
        page.fill(".table-filter", "alpha")
        page.wait_for_selector("#row-beta", state="hidden")
        page.click("#go")
        page.wait_for_selector("#row-beta", state="visible")
    assert page.input_value(".table-filter") == ""


def test_what_is_shown_can_be_taken_away(page: Any, simulated_site: str, tmp_path: Path) -> None:
    page.goto(f"{simulated_site}/grouped.html")
    page.click(".table-columns summary")
    page.click(".table-columns label:has-text('People')")
    page.fill(".table-filter", "2020")
    page.wait_for_function("document.querySelector('.table-state').textContent === '4 of 8 rows'")
    page.click("thead th:nth-child(3) button")
    expected = [
        ["Part", "Study", "Estimate", "Date", "Time"],
        ["Early trials", "Alpha 2001", "−0.50 (95% CI −0.68 to −0.32)", "5 March 2020", "6 months"],
        ["Late trials", "=SUM(A1)", -0.05, "4 July 2020", "@cmd"],
        ["Late trials", "Eta 2007", 0, "1 June 2020", "3 months"],
        ["Late trials", "Epsilon 2005", 0.3, "2 March 2020", "not reported"],
    ]
    written = taken(page, "CSV", tmp_path)
    assert written.name == "simulated-shown.csv"
    assert written.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(written.read_text(encoding="utf-8-sig"))))
    guarded = [
        [f"'{value}" if str(value).startswith(("=", "@")) else str(value) for value in row]
        for row in expected
    ]
    assert rows == guarded
    sheet = openpyxl.load_workbook(taken(page, "XLSX", tmp_path))["simulated"]
    assert [list(row) for row in sheet.iter_rows(values_only=True)] == expected
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "n"}
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_tables_of_the_site_have_their_tools(
    chromium: Any, built: Project, lang: str, size: dict[str, int]
) -> None:
    context = chromium.new_context(viewport=size)
    page = context.new_page()
    with served(built.site, under="a-project") as url:
        problems = outside_requests(page, url)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{url}/{lang}/chapters/studies.html#tbl-characteristics")
        block = page.locator("#tbl-characteristics")
        total = block.locator("tbody tr:not(.group)").count()
        block.locator(".table-filter").fill("petrou")
        page.wait_for_function(
            "total => document.querySelectorAll('#tbl-characteristics tr[hidden]:not(.group)').length < total"
            " && document.querySelector('#tbl-characteristics tr[hidden]')",
            arg=total,
        )
        shown = block.locator("tbody tr:not(.group):visible").all_text_contents()
        assert shown
        assert all("Petrou" in row for row in shown)
        assert block.locator(".table-state").inner_text().count(str(len(shown)))
        block.locator("summary").click()
        labels = block.locator(".table-columns label")
        assert labels.count() == block.locator("thead th").count() - 1
        for place in range(labels.count() - 1):
            labels.nth(place).click()
        assert block.locator("thead th:visible").count() == 2
        page.keyboard.press("Escape")
        assert not block.locator(".table-columns-panel").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    context.close()
    assert problems == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_moves_when_the_tools_come(chromium: Any, built: Project, size: dict[str, int]) -> None:
    shifts = """() => new Promise(done => { let sum = 0;
        new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
            .observe({ type: "layout-shift", buffered: true });
        setTimeout(() => done(sum), 300); })"""
    context = chromium.new_context(viewport=size)
    page = context.new_page()
    with served(built.site) as url:
        for name in ("studies", "safety", "glossary", "ongoing"):
            page.goto(f"{url}/zh/chapters/{name}.html")
            assert page.evaluate(shifts) < 0.02, name
            rooms = page.evaluate(
                "[...document.querySelectorAll('.table-tools')].map(t => [t.scrollHeight, t.clientHeight])"
            )
            assert rooms
            assert all(needed <= room for needed, room in rooms), name
    context.close()


def test_without_javascript_they_are_plain_tables(chromium: Any, simulated_site: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{simulated_site}/plain.html")
    assert page.locator("tbody tr:visible").count() == len(ROWS)
    assert page.locator(".table-tools").bounding_box()["height"] == 0
    context.close()
