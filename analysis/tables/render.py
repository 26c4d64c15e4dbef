"""A table as HTML, Typst, CSV, Excel workbook and JSON.

The HTML is real (``thead``, ``tbody``, ``scope``, row headers) and every body cell names its column in
``data-label``, which a narrow screen shows beside it. The Typst calls the functions that
``publishing/typst/README.md`` describes.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import zipfile
from collections.abc import Iterator, Mapping

from analysis.evidence.workbook import to_xlsx
from analysis.tables.model import Cell, Column, Line, Table, Value
from analysis.wording import catalogue, escape

_CLASSES = {"left": "", "right": "num", "center": "mid", "decimal": "num"}
# Rows from which on a table is worth filtering.
LONG = 8
_DATE = re.compile(r"\d{4}(-\d\d){0,2}")
_WRITTEN_AT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def html(table: Table, *, tools: bool = False) -> str:
    """The table and its small print; the caption is the page's business.

    Parameters
    ----------
    tools : bool
        Whether a script may add a filter, sorting and the like: leaves room for them above a long table,
        and gives cells the value that they are put in order by.
    """
    tools = tools and sum(not line.heading for line in table.lines) >= LONG
    columns = [column for column in table.columns if not column.download_only]
    heads = "".join(f'<th scope="col"{_class(column)}>{escape.html(column.head)}</th>' for column in columns)
    signs = table.signs
    return "\n".join(
        (
            *(['<div class="table-tools"></div>'] if tools else []),
            # Quarto would otherwise take the table apart and lose the cells' attributes.
            '<div class="table-scroll">'
            f'<table class="review-table" data-table="{escape.html(table.id)}"'
            ' data-quarto-disable-processing="true">',
            f"<thead><tr>{heads}</tr></thead>",
            "<tbody>",
            *(_html_line(table, line, signs, tools) for line in table.lines),
            "</tbody></table></div>",
            *(f'<p class="table-note">{escape.html(note)}</p>' for note in table.small_print),
        )
    )


def typst(table: Table) -> str:
    """A call of ``review-table``, and one of ``note`` per note."""
    shown = [column for column in table.columns if not column.download_only]
    columns = ", ".join("1fr" if column.wide else "auto" for column in shown)
    align = ", ".join(column.align for column in shown)
    heads = ", ".join(escape.typst(column.head) for column in shown)
    signs = table.signs
    parts = [
        "#review-table(",
        f"  columns: ({columns},),",
        f"  align: ({align},),",
        f"  header: ({heads},),",
        "  first: true,",
        f"  summary: {escape.typst(table.caption)},",
    ]
    for line in table.lines:
        if line.heading:
            parts.append(f"  group({_typst_cell(line.cells[0], signs)}),")
        else:
            cells = (_typst_cell(cell, signs) for _, cell in _page_cells(table, line))
            parts.append(f"  {', '.join(cells)},")
    parts.append(")")
    parts.extend(f"#note({escape.typst(note)})" for note in table.small_print)
    return "\n".join(parts)


def csv_text(table: Table) -> str:
    """The rows under the columns' keys; a heading becomes the first column, ``group``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(["group"] if _has_groups(table) else []), *(column.key for column in table.columns)])
    writer.writerows([_csv_value(value) for value in row] for row in _rows(table))
    return out.getvalue()


def xlsx(table: Table) -> bytes:
    """The rows under the columns' names as a workbook; the same table gives the same bytes."""
    return _without_times(to_xlsx([sheet(table)]))


def sheet(table: Table) -> tuple[str, list[str], list[list[str | float]]]:
    """All that a workbook is made of: its sheet's name, the columns' names and the rows."""
    heads = [column.head for column in table.columns]
    if _has_groups(table):
        heads.insert(0, catalogue.text("column.part", table.lang))
    rows = [["" if value is None else value for value in map(_json_value, row)] for row in _rows(table)]
    return table.id, heads, rows


def _without_times(book: bytes) -> bytes:
    """A workbook as if it had been written at the start of 1980, where the calendar of zip files begins."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _WRITTEN_AT.sub(b"1980-01-01T00:00:00Z", content)
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return out.getvalue()


def json_text(table: Table) -> str:
    """Caption, columns, rows and notes as one JSON object."""
    rows = []
    for group, line in _grouped(table):
        row = {
            column.key: _json_value(cell.data) for column, cell in zip(table.columns, line.cells, strict=True)
        }
        rows.append({"group": group, **row} if group else row)
    record = {
        "table": table.id,
        "lang": table.lang,
        "caption": table.caption,
        "columns": [{"key": column.key, "head": column.head} for column in table.columns],
        "rows": rows,
        "notes": list(table.small_print),
    }
    return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _has_groups(table: Table) -> bool:
    return any(line.heading for line in table.lines)


def _rows(table: Table) -> Iterator[list[Value]]:
    """What the downloads hold of each row, with the heading above it first where there are headings."""
    for group, line in _grouped(table):
        values = [cell.data for cell in line.cells]
        yield [group, *values] if _has_groups(table) else values


def _grouped(table: Table) -> Iterator[tuple[str, Line]]:
    """Each row with the heading above it."""
    group = ""
    for line in table.lines:
        if line.heading:
            group = line.cells[0].text
        else:
            yield group, line


def _page_cells(table: Table, line: Line) -> Iterator[tuple[Column, Cell]]:
    for column, cell in zip(table.columns, line.cells, strict=True):
        if not column.download_only:
            yield column, cell


def _class(column: Column) -> str:
    names = [_CLASSES[column.align], "wide" if column.wide else ""]
    joined = " ".join(name for name in names if name)
    return f' class="{joined}"' if joined else ""


def _html_line(table: Table, line: Line, signs: Mapping[str, str], sortable: bool) -> str:
    anchor = f' id="{escape.html(line.id)}"' if line.id else ""
    if line.heading:
        columns = sum(not column.download_only for column in table.columns)
        content = _html_content(line.cells[0], signs)
        return f'<tr class="group"{anchor}><th scope="rowgroup" colspan="{columns}">{content}</th></tr>'
    cells = []
    for place, (column, cell) in enumerate(_page_cells(table, line)):
        cell_anchor = f' id="{escape.html(cell.id)}"' if cell.id else ""
        label = f' data-label="{escape.html(column.head)}"'
        if sortable and (key := _sort_key(cell)):
            label += f' data-sort="{escape.html(key)}"'
        tag, scope = ("th", ' scope="row"') if place == 0 else ("td", "")
        content = _html_content(cell, signs)
        cells.append(f"<{tag}{scope}{_class(column)}{cell_anchor}{label}>{content}</{tag}>")
    return f"<tr{anchor}>{''.join(cells)}</tr>"


def _sort_key(cell: Cell) -> str:
    """The number or the date behind a text that reads otherwise; nothing where the text says it itself."""
    value = _json_value(cell.value)
    if isinstance(value, bool) or value is None or cell.muted:
        return ""
    if isinstance(value, str) and not _DATE.fullmatch(value):
        return ""
    key = value if isinstance(value, str) else f"{value:g}"
    return "" if key == cell.text else key


def _html_content(cell: Cell, signs: Mapping[str, str]) -> str:
    if cell.parts:
        return "<br>".join(_html_content(part, signs) for part in cell.parts)
    content = escape.html(cell.text)
    if cell.lang:
        content = f'<span lang="{escape.html(cell.lang)}">{content}</span>'
    if cell.muted:
        content = f'<span class="muted">{content}</span>'
    if href := escape.address(cell.href):
        content = f'<a href="{escape.html(href)}">{content}</a>'
    for mark in cell.marks:
        content += f'<abbr class="mark" title="{escape.html(mark)}">{signs[mark]}</abbr>'
    return content


def _typst_cell(cell: Cell, signs: Mapping[str, str], link: str = "to") -> str:
    """The cell's content; `link` is the function that links inside the PDF."""
    if cell.parts:
        return " + linebreak() + ".join(_typst_cell(part, signs, "to-page") for part in cell.parts)
    content = escape.typst(cell.text + "".join(signs[mark] for mark in cell.marks))
    href = escape.address(cell.href)
    if cell.muted:
        content = f"muted({content})"
    if href.startswith(("http://", "https://")):
        content = f"link({escape.typst(href)}, {content})"
    elif "#" in href:
        content = f"{link}({escape.typst(href.partition('#')[2])}, {content})"
    return f"anchor({escape.typst(cell.id)}) + {content}" if cell.id else content


def _csv_value(value: Value) -> str:
    found = _json_value(value)
    if found is None:
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return escape.spreadsheet(found) if isinstance(found, str) else repr(found)


def _json_value(value: Value) -> Value:
    return None if isinstance(value, float) and not math.isfinite(value) else value
