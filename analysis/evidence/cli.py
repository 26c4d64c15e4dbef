"""The commands that work on the evidence: check, import, template, codebook."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from analysis.evidence.findings import describe, errors, to_json
from analysis.evidence.package import open_book
from analysis.options import command_parser, languages


def check_main(argv: list[str]) -> int:
    """Check the data package; exit code 1 when something must be put right.

    Parameters
    ----------
    argv : list of str
        ``[--data DIR] [--json] [--lang en|zh|both]``
    """
    parser = command_parser("check", "Check the evidence tables. / 检查证据表格。")
    parser.add_argument("--json", action="store_true", help="findings as JSON / 以 JSON 输出")
    options = parser.parse_args(argv)
    began = time.perf_counter()
    book, findings = open_book(options.data)
    wrong = len(errors(findings))
    if options.json:
        print(to_json(findings))
        return 1 if wrong else 0
    if findings:
        print(describe(findings, languages(options)), file=sys.stderr)
    rows = sum(reading.total for reading in book.readings.values()) if book else 0
    tables = len(book.readings) if book else 0
    doubts, spent = len(findings) - wrong, time.perf_counter() - began
    text = {
        "en": f"{rows} rows in {tables} tables: {wrong} errors, {doubts} warnings ({spent:.2f} s)",
        "zh": f"{tables} 个表共 {rows} 行：{wrong} 个错误，{doubts} 个警告（{spent:.2f} 秒）",
    }
    for lang in languages(options):
        print(text[lang])
    return 1 if wrong else 0


def import_main(argv: list[str]) -> int:
    """Show what a filled template or CSV would add or change; write it with ``--write``.

    Parameters
    ----------
    argv : list of str
        ``FILE [--table NAME] [--write] [--data DIR] [--json] [--lang en|zh|both]``
    """
    from analysis.evidence.importing import plan_import, write_import
    from analysis.evidence.plan import describe_plan, plan_to_json

    parser = command_parser(
        "import", "Add rows from an Excel workbook or a CSV file. / 从 Excel 工作簿或 CSV 文件导入。"
    )
    parser.add_argument("file", type=Path, help=".xlsx or .csv / .xlsx 或 .csv 文件")
    parser.add_argument("--table", help="table of a CSV file, where its name does not say / CSV 对应的数据表")
    parser.add_argument("--write", action="store_true", help="write the changes / 写入更改")
    parser.add_argument("--json", action="store_true", help="the plan as JSON / 以 JSON 输出")
    options = parser.parse_args(argv)
    plan = plan_import(options.file, options.data, options.table)
    blocked = bool(errors(plan.findings))
    written = options.write and not blocked and bool(plan.changes)
    if written:
        write_import(plan, options.data)
    if options.json:
        print(plan_to_json(plan, written=written))
    else:
        print(describe_plan(plan, languages(options), write=options.write, written=written))
    return 1 if blocked else 0


def template_main(argv: list[str]) -> int:
    """Write the workbook that new studies are filled in.

    Parameters
    ----------
    argv : list of str
        ``[FILE] [--data DIR]``
    """
    from analysis.evidence.template import write_template

    parser = command_parser("template", "Write the Excel template. / 生成 Excel 模板。")
    parser.add_argument("file", type=Path, nargs="?", default=Path("template.xlsx"), help=".xlsx")
    options = parser.parse_args(argv)
    book, findings = open_book(options.data)
    if book is None:
        print(describe(findings, languages(options)), file=sys.stderr)
        return 1
    write_template(book, options.file)
    print(options.file)
    return 0


def codebook_main(argv: list[str]) -> int:
    """Print the codebook as Markdown.

    Parameters
    ----------
    argv : list of str
        ``[--data DIR] [--lang en|zh|both]``
    """
    from analysis.evidence.codebook import codebook, to_markdown
    from analysis.evidence.schema import SchemaError, read_schema

    options = command_parser("codebook", "Print the codebook. / 输出编码手册。").parse_args(argv)
    try:
        schema = read_schema(options.data / "datapackage.json")
    except SchemaError as error:
        print(error, file=sys.stderr)
        return 1
    for lang in languages(options):
        print(to_markdown(codebook(schema, lang), lang))
    return 0
