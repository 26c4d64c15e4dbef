"""A table as HTML, Typst, CSV and JSON.

The HTML is real (``thead``, ``tbody``, ``scope``, row headers) and every body cell names its column in
``data-label``, which a narrow screen shows beside it. The Typst calls the functions that
``publishing/typst/README.md`` describes.
"""

from __future__ import annotations

import csv
import io
import json
import math

from analysis.tables.model import Cell, Column, Line, Table, Value
from analysis.wording import escape

DAGGER = "†"
_CLASSES = {"left": "", "right": "num", "center": "mid", "decimal": "num"}


def html(table: Table, caption: str = "") -> str:
    """The table element, with a caption inside it only where `caption` gives one."""
    parts = [f'<table class="review-table" data-table="{escape.html(table.id)}">']
    if caption:
        parts.append(f"<caption>{escape.html(caption)}</caption>")
    heads = "".join(
        f'<th scope="col"{_class(column)}>{escape.html(column.head)}</th>' for column in table.columns
    )
    parts.append(f"<thead><tr>{heads}</tr></thead>")
    parts.append("<tbody>")
    parts.extend(_html_line(table, line) for line in table.lines)
    parts.append("</tbody></table>")
    parts.extend(f'<p class="table-note">{escape.html(note)}</p>' for note in table.notes)
    return "\n".join(parts)


def typst(table: Table) -> str:
    """A call of ``review-table``, and one of ``note`` per note."""
    columns = ", ".join("1fr" if column.wide else "auto" for column in table.columns)
    align = ", ".join(column.align for column in table.columns)
    heads = ", ".join(escape.typst(column.head) for column in table.columns)
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
            parts.append(f"  group({_typst_cell(line.cells[0])}),")
        else:
            parts.append("  " + "".join(f"{_typst_cell(cell)}, " for cell in line.cells).rstrip())
    parts.append(")")
    parts.extend(f"#note({escape.typst(note)})" for note in table.notes)
    return "\n".join(parts)


def csv_text(table: Table) -> str:
    """The rows under the columns' keys; a heading becomes the first column, ``group``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    grouped = any(line.heading for line in table.lines)
    heads = [column.key for column in table.columns]
    writer.writerow(["group", *heads] if grouped else heads)
    group = ""
    for line in table.lines:
        if line.heading:
            group = line.cells[0].text
            continue
        row = [_csv_value(cell.data) for cell in line.cells]
        writer.writerow([_csv_value(group), *row] if grouped else row)
    return out.getvalue()


def json_text(table: Table) -> str:
    """Caption, columns, rows and notes as one JSON object."""
    rows = []
    group = None
    for line in table.lines:
        if line.heading:
            group = line.cells[0].text
            continue
        row = {column.key: cell.data for column, cell in zip(table.columns, line.cells, strict=True)}
        rows.append(row if group is None else {"group": group, **row})
    record = {
        "table": table.id,
        "lang": table.lang,
        "caption": table.caption,
        "columns": [{"key": column.key, "head": column.head} for column in table.columns],
        "rows": rows,
        "notes": list(table.notes),
    }
    return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _class(column: Column) -> str:
    name = " ".join(part for part in (_CLASSES[column.align], "wide" if column.wide else "") if part)
    return f' class="{name}"' if name else ""


def _html_line(table: Table, line: Line) -> str:
    anchor = f' id="{escape.html(line.id)}"' if line.id else ""
    if line.heading:
        cell = line.cells[0]
        return (
            f'<tr class="group"{anchor}><th scope="rowgroup" colspan="{len(table.columns)}">'
            f"{_html_content(cell)}</th></tr>"
        )
    cells = []
    for place, (column, cell) in enumerate(zip(table.columns, line.cells, strict=True)):
        cell_anchor = f' id="{escape.html(cell.id)}"' if cell.id else ""
        label = f' data-label="{escape.html(column.head)}"'
        start = '<th scope="row"' if place == 0 else "<td"
        end = "</th>" if place == 0 else "</td>"
        cells.append(f"{start}{_class(column)}{cell_anchor}{label}>{_html_content(cell)}{end}")
    return f"<tr{anchor}>{''.join(cells)}</tr>"


def _html_content(cell: Cell) -> str:
    content = escape.html(cell.text)
    if cell.lang:
        content = f'<span lang="{escape.html(cell.lang)}">{content}</span>'
    if cell.muted:
        content = f'<span class="muted">{content}</span>'
    if href := escape.address(cell.href):
        content = f'<a href="{escape.html(href)}">{content}</a>'
    if cell.marks:
        title = escape.html(" ".join(cell.marks))
        content += f'<abbr class="mark" title="{title}">{DAGGER}</abbr>'
    return content


def _typst_cell(cell: Cell) -> str:
    text = cell.text + (DAGGER if cell.marks else "")
    content = escape.typst(text)
    href = escape.address(cell.href)
    if cell.muted:
        content = f"muted({content})"
    if href.startswith(("http://", "https://")):
        content = f"link({escape.typst(href)}, {content})"
    elif "#" in href:
        content = f"to({escape.typst(href.partition('#')[2])}, {content})"
    return f"[#anchor({escape.typst(cell.id)})#{_braced(content)}]" if cell.id else content


def _braced(expression: str) -> str:
    """A Typst expression as it may follow ``#`` inside markup."""
    return expression if expression.startswith(("link(", "to(", "muted(")) else f"({expression})"


def _csv_value(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    return escape.spreadsheet(value) if isinstance(value, str) else str(value)
