"""The workbook that new studies are filled in: a sheet for each table, drop-downs, help in both languages."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.evidence.cells import expectation
from analysis.evidence.package import Book
from analysis.evidence.schema import Column, Schema, Table
from analysis.evidence.workbook import put

LISTS_SHEET = "_lists"
# How far down drop-downs reach; entries below are read all the same.
LAST_ROW = 1000

_EXPLAINED = (
    (
        "Fill one sheet after the other: studies first, then arms, then the values. "
        "Leave every other sheet empty.",
        "请依次填写：先 studies，再 arms，然后各数值表；其余留空。",
    ),
    (
        "Row 1 says in both languages what a column is, row 2 is its name: keep both. "
        "Point at a name for help; all help stands on the sheet “columns”.",
        "第 1 行为双语列标题，第 2 行为列名，请勿改动。将鼠标移至列名可查看说明；全部说明见“columns”工作表。",
    ),
    (
        "Columns marked * must be filled. Cells with a list take a code from it; "
        "the list shows codes, the sheet “columns” says what they mean.",
        "标 * 的列必填。有下拉列表的单元格须从列表中选取代码；代码含义见“columns”工作表。",
    ),
    (
        "Every value needs its source: address, kind of source, the words of the source. "
        "Never fill in what was not printed; leave it blank.",
        "每个数值都须注明来源：网址、来源类型、原文。未报告的内容不得填写，请留空。",
    ),
    (
        "To change an existing row, repeat its key and fill only the cells that change. "
        "Ids such as smith2027-o01 may be left blank: they are numbered on import.",
        "修改已有行时，重复其键并仅填写需更改的单元格。smith2027-o01 之类的编号可留空，导入时自动编号。",
    ),
    (
        "Then: python -m analysis import FILE.xlsx shows what would change; with --write it is written.",
        "然后运行 python -m analysis import FILE.xlsx 查看将要发生的更改；加 --write 才会写入。",
    ),
)


def filled_tables(schema: Schema) -> tuple[Table, ...]:
    """The tables a new study is entered in: studies, and all that refer to it."""
    return tuple(
        table
        for table in schema.tables.values()
        if table.name == "studies" or any(key.table == "studies" for key in table.foreign_keys)
    )


def write_template(book: Book, path: Path) -> None:
    """Write the template workbook.

    Parameters
    ----------
    book : Book
        Its schema gives the sheets, its studies the reference sheet and the list of ids.
    path : Path
        Where to write.
    """
    path.write_bytes(template(book))


def template(book: Book) -> bytes:
    """The template workbook's bytes; see `write_template`."""
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    _explain(workbook.create_sheet("read me 说明"))
    tables = filled_tables(book.schema)
    lists = _Lists(workbook.create_sheet(LISTS_SHEET))
    ids = [row["study_id"] for row in book.rows("studies")]
    for table in tables:
        _entry_sheet(workbook.create_sheet(table.name), table, lists, ids)
    _columns_sheet(workbook.create_sheet("columns 列说明"), tables)
    studies = book.schema.tables["studies"]
    existing = [[row.raw.get(name, "") for name in studies.names] for row in book.rows("studies")]
    _reference_sheet(workbook.create_sheet("existing studies 现有研究"), studies, existing)
    lists.sheet.sheet_state = "hidden"
    saved = io.BytesIO()
    workbook.save(saved)
    return saved.getvalue()


class _Lists:
    """The hidden sheet that drop-downs take their entries from: one column for each list."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.ranges: dict[tuple[str, ...], str] = {}

    def range_of(self, entries: Sequence[str]) -> str:
        """Reference to the cells that hold these entries."""
        from openpyxl.utils import get_column_letter

        key = tuple(entries)
        if key not in self.ranges:
            column = len(self.ranges) + 1
            for row, entry in enumerate(entries, start=1):
                put(self.sheet.cell(row, column), entry)
            letter = get_column_letter(column)
            self.ranges[key] = f"{LISTS_SHEET}!${letter}$1:${letter}${len(entries)}"
        return self.ranges[key]


def _explain(sheet: Any) -> None:
    from openpyxl.styles import Alignment

    sheet.column_dimensions["A"].width = 100
    for row, (en, zh) in enumerate(_EXPLAINED, start=1):
        cell = sheet.cell(row, 1)
        put(cell, f"{en}\n{zh}")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[row].height = 64


def _entry_sheet(sheet: Any, table: Table, lists: _Lists, ids: Sequence[str]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    fill = PatternFill("solid", fgColor="E8EEF4")
    for place, column in enumerate(table.columns, start=1):
        letter = get_column_letter(place)
        title, name = sheet.cell(1, place), sheet.cell(2, place)
        needed = column.required and column.numbered is None
        star = " *" if needed else ""
        put(title, f"{column.title['en']}{star}\n{column.title['zh']}{star}")
        put(name, column.name)
        title.alignment = Alignment(wrap_text=True, vertical="top")
        title.fill = name.fill = fill
        name.font = Font(bold=needed, name="Consolas")
        if needed:
            title.font = Font(bold=True)
        name.comment = Comment(_help(column), "template", width=420, height=240)
        sheet.column_dimensions[letter].width = 28 if column.type == "string" and not column.enum else 16
        if column.type not in ("number", "integer"):
            # As text, or the spreadsheet turns 3-6 into a date and 0012 into 12.
            sheet.column_dimensions[letter].number_format = "@"
        entries = ids if _refers_to_study(table, column) else column.enum
        if not entries and column.type == "boolean":
            entries = ("true", "false")
        if entries:
            rule = DataValidation(type="list", formula1=lists.range_of(entries), allow_blank=True)
            # New study ids and lists of codes are typed; the list is help, not a fence.
            rule.showErrorMessage = column.enum is not None
            rule.error = "one of the list / 请从列表中选取"
            sheet.add_data_validation(rule)
            rule.add(f"{letter}3:{letter}{LAST_ROW}")
    sheet.row_dimensions[1].height = 44
    sheet.freeze_panes = "B3"


def _refers_to_study(table: Table, column: Column) -> bool:
    return any(key.table == "studies" and key.columns == (column.name,) for key in table.foreign_keys)


def _help(column: Column) -> str:
    star = {"en": " (required)", "zh": "（必填）"} if column.required else {"en": "", "zh": ""}
    wanted = expectation(column)
    lines = [
        f"{column.title['en']}{star['en']}: {column.description['en']}",
        f"{wanted['en']}",
        "",
        f"{column.title['zh']}{star['zh']}：{column.description['zh']}",
        f"{wanted['zh']}",
    ]
    return "\n".join(lines)


def _columns_sheet(sheet: Any, tables: Sequence[Table]) -> None:
    head = ("table 表", "column 列", "*", "English", "中文", "holds", "取值", "code 代码", "English", "中文")
    for place, name in enumerate(head, start=1):
        put(sheet.cell(1, place), name)
    row = 2
    for table in tables:
        for column in table.columns:
            wanted = expectation(column)
            described = [
                table.name,
                column.name,
                "*" if column.required else "",
                f"{column.title['en']}: {column.description['en']}",
                f"{column.title['zh']}：{column.description['zh']}",
                "" if column.labels else wanted["en"],
                "" if column.labels else wanted["zh"],
            ]
            codes = list((column.labels or {"": {"en": "", "zh": ""}}).items())
            for number, (code, label) in enumerate(codes):
                cells = [
                    *(described if number == 0 else [""] * len(described)),
                    code,
                    label["en"],
                    label["zh"],
                ]
                for place, value in enumerate(cells, start=1):
                    put(sheet.cell(row, place), value)
                row += 1
    for letter, width in zip("ABCDEFGHIJ", (16, 22, 4, 50, 50, 24, 24, 22, 36, 36), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"


def _reference_sheet(sheet: Any, table: Table, rows: Sequence[Sequence[str]]) -> None:
    for number, cells in enumerate((table.names, *rows), start=1):
        for place, value in enumerate(cells, start=1):
            put(sheet.cell(number, place), value)
    sheet.freeze_panes = "B2"
    sheet.protection.sheet = True
