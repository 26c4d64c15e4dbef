"""The wording of every finding, in both languages.

`{…}` are placeholders; both languages of an entry use the same ones (a test compares them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Wording:
    """Severity and text of one kind of finding."""

    severity: Literal["error", "warning"]
    message: dict[str, str]
    expected: dict[str, str]


def _error(en: str, zh: str, want_en: str = "", want_zh: str = "") -> Wording:
    return Wording("error", {"en": en, "zh": zh}, {"en": want_en, "zh": want_zh})


def _warning(en: str, zh: str, want_en: str = "", want_zh: str = "") -> Wording:
    return Wording("warning", {"en": en, "zh": zh}, {"en": want_en, "zh": want_zh})


MESSAGES: dict[str, Wording] = {
    # files
    "file_missing": _error(
        "The file is missing", "缺少该文件", "a file of this name in data/", "data/ 中有此文件"
    ),
    "schema_unreadable": _error(
        "The schema cannot be read: {reason}",
        "无法读取数据结构文件：{reason}",
        "a Frictionless data package",
        "Frictionless 数据包",
    ),
    "protocol_unreadable": _error(
        "The protocol cannot be read: {reason}", "无法读取研究方案：{reason}", "valid YAML", "有效的 YAML"
    ),
    "not_csv": _error(
        "From this row on, the file cannot be read as CSV ({reason}); {lost} rows are refused",
        "自该行起无法按 CSV 读取（{reason}）；共 {lost} 行未读入",
        "cells parted by commas, quotes closed",
        "以逗号分隔、引号成对的单元格",
    ),
    "not_utf8": _error(
        "The cell holds characters that cannot be read as UTF-8",
        "单元格含有无法按 UTF-8 读取的字符",
        "a file saved as “CSV UTF-8”; `python -m analysis import` also takes GBK",
        "另存为“CSV UTF-8”的文件；`python -m analysis import` 也接受 GBK",
    ),
    "column_missing": _error(
        "A column is missing; no row of the file is read",
        "缺少一列；该文件的所有行均未读入",
        "a column named {named}",
        "名为 {named} 的列",
    ),
    "column_unknown": _error(
        "The schema knows no such column; no row of the file is read",
        "数据结构中没有此列；该文件的所有行均未读入",
        "one of: {columns}",
        "以下之一：{columns}",
    ),
    "column_twice": _error(
        "The column stands twice; no row of the file is read",
        "该列重复出现；该文件的所有行均未读入",
        "each column once",
        "每列只出现一次",
    ),
    "cell_count": _error(
        "The row has {found} cells, the header has {wanted}",
        "该行有 {found} 个单元格，表头有 {wanted} 个",
        "one cell for each column",
        "每列一个单元格",
    ),
    "blank_row": _warning("The row is blank", "该行为空行", "no blank rows", "无空行"),
    "line_break": _warning("The cell holds a line break", "单元格内含换行", "one line of text", "单行文字"),
    # cells
    "required": _error("The cell is empty", "单元格为空"),
    "not_integer": _error("Not a whole number", "不是整数"),
    "not_number": _error("Not a number", "不是数字"),
    "not_date": _error("Not a date", "不是日期"),
    "not_boolean": _error("Neither true nor false", "不是 true 或 false"),
    "not_in_list": _error("Not one of the known codes", "不在已知代码之列"),
    "out_of_range": _error("Out of range", "超出范围"),
    "bad_pattern": _error("Not in the form of this column", "不符合该列的格式"),
    # keys
    "key_twice": _error(
        "The same key stands in row {other} already",
        "相同的键已出现在第 {other} 行",
        "a key of its own for each row",
        "每行的键唯一",
    ),
    "value_twice": _error(
        "The same value stands in row {other} already",
        "相同的值已出现在第 {other} 行",
        "each value once in this column",
        "该列中每个值只出现一次",
    ),
    "unknown_reference": _error(
        "There is no such entry in the table {table}",
        "{table} 表中没有此项",
        "a value of {table}.{columns}",
        "{table}.{columns} 中的值",
    ),
    "unknown_column_named": _error(
        "The table {table} has no such column",
        "{table} 表中没有此列",
        "names of columns of {table}",
        "{table} 的列名",
    ),
    "unknown_in_protocol": _error(
        "review.yml names something that the tables do not hold: {what}",
        "review.yml 所指的内容在数据表中不存在：{what}",
        "one of: {known}",
        "以下之一：{known}",
    ),
    "no_reference": _warning(
        "The bibliography has no entry for this study",
        "参考文献中没有该研究的条目",
        "an entry with this key in references.bib",
        "references.bib 中有以此为键的条目",
    ),
    # reporting checklists
    "unknown_item": _error(
        "No checklist has such an item", "没有清单含有此条目", "one of: {items}", "以下之一：{items}"
    ),
    "unknown_section": _error(
        "No chapter has a section of this id",
        "各章中没有此编号的小节",
        "the id of a section, such as sec-methods",
        "某一小节的编号，如 sec-methods",
    ),
    "status_is_computed": _error(
        "Whether this item applies is computed from the evidence",
        "该条目是否适用由证据计算得出",
        "blank, partial or not_reported",
        "空白、partial 或 not_reported",
    ),
    "one_language": _error(
        "A text stands in one language only",
        "文字只有一种语言",
        "the text in both languages",
        "两种语言的文字",
    ),
    "not_declarations": _error(
        "The declarations cannot be read",
        "无法读取各项声明",
        "a name with a text in both languages, such as funding: {{en: …, zh: …}}",
        "名称及两种语言的文字，如 funding: {{en: …, zh: …}}",
    ),
    "unknown_declaration": _error(
        "There is no declaration of this name", "没有此名称的声明", "one of: {names}", "以下之一：{names}"
    ),
    # numbers within a row
    "n_missing": _error(
        "A count of people without the number they were counted among",
        "有事件人数但缺少总人数",
        "n, or another statistic",
        "填写 n，或改用其他统计量",
    ),
    "number_missing": _error(
        "The statistic is “{statistic}”, but its number is missing",
        "统计量为“{statistic}”，但缺少相应数字",
        "a number in the column {named}",
        "{named} 列中的数字",
    ),
    "events_exceed_n": _error(
        "More people with the event than people in all",
        "发生事件的人数多于总人数",
        "at most {n}",
        "不超过 {n}",
    ),
    "events_below_people": _error(
        "Fewer events than people with the event",
        "事件次数少于发生事件的人数",
        "at least {people}",
        "不少于 {people}",
    ),
    "at_risk_missing": _warning(
        "A number of people without the number observed",
        "有发生人数但缺少观察人数",
        "n_at_risk, where it is printed",
        "若来源给出则填写 n_at_risk",
    ),
    "zero_without_words": _error(
        "A zero without the words of the source: zero and “not reported” are different things",
        "数值为零但缺少来源原文：零与“未报告”并不相同",
        "a quote that states the zero, or a blank cell",
        "说明为零的原文，或将单元格留空",
    ),
    "definition_missing": _error(
        "A statement about serious events without its wording",
        "关于严重事件的表述未注明用语",
        "one of: {codes}",
        "以下之一：{codes}",
    ),
    "sd_not_positive": _error(
        "A standard deviation or error must be above zero",
        "标准差或标准误必须大于零",
        "a number above 0, or a blank cell",
        "大于 0 的数字，或留空",
    ),
    "ci_order": _error(
        "The limits of the confidence interval are the wrong way round",
        "置信区间上下限颠倒",
        "at least {low}",
        "不小于 {low}",
    ),
    "ci_excludes_estimate": _error(
        "The confidence interval does not hold its estimate",
        "置信区间不包含其估计值",
        "between {low} and {high}",
        "介于 {low} 与 {high} 之间",
    ),
    "quartile_order": _error(
        "Quartiles and median are not in order",
        "四分位数与中位数顺序有误",
        "q1 ≤ median ≤ q3",
        "q1 ≤ 中位数 ≤ q3",
    ),
    "percent_differs": _warning(
        "The percentage does not follow from the count: {events} of {n} is {computed}%",
        "百分比与计数不符：{events}/{n} 为 {computed}%",
        "{computed}",
        "{computed}",
    ),
    "flow_number": _error(
        "Number and status of the box contradict each other",
        "方框的数字与状态矛盾",
        "a number where the status is “reported”, none otherwise",
        "状态为“reported”时填写数字，否则留空",
    ),
    "judged_by_nobody": _error(
        "A judgement that nobody has signed",
        "判断未署名",
        "a name in judged_by, or “not_assessed”",
        "填写 judged_by，或改为“not_assessed”",
    ),
    "dates_out_of_order": _error(
        "The date lies before {other} ({date})",
        "该日期早于 {other}（{date}）",
        "{date} or later",
        "{date} 或更晚",
    ),
    # across rows
    "se_for_sd": _warning(
        "The SD is small against the other studies (their middle value is {middle}): is it a standard error?",
        "标准差明显小于其他研究（其中间值为 {middle}）：是否误填标准误？",
        "a standard deviation",
        "标准差",
    ),
    "change_differs": _warning(
        "The change is not follow-up ({after}) less baseline ({before})",
        "变化值不等于随访值（{after}）减基线值（{before}）",
        "{computed}",
        "{computed}",
    ),
    "shares_exceed_n": _error(
        "Improved, stable and worsened add up to {total}, more than the {n} people",
        "改善、稳定、恶化合计 {total}，多于 {n} 人",
        "at most {n} together",
        "合计不超过 {n}",
    ),
    "shares_below_n": _warning(
        "Improved, stable and worsened add up to {total}, not to the {n} people",
        "改善、稳定、恶化合计 {total}，不等于 {n} 人",
        "{n} together",
        "合计 {n}",
    ),
    "n_exceeds_study": _error(
        "More people than the study has ({known})",
        "人数多于该研究的人数（{known}）",
        "at most {known}, or a flag that says what is counted",
        "不超过 {known}，或以标记说明计数对象",
    ),
    "n_exceeds_arm": _error(
        "More people than the arm has ({known})",
        "人数多于该组人数（{known}）",
        "at most {known}, or a flag that says what is counted",
        "不超过 {known}，或以标记说明计数对象",
    ),
    "arms_exceed_study": _error(
        "The arms add up to {total}, the study has {known}",
        "各组合计 {total}，研究共 {known}",
        "at most {known} together",
        "合计不超过 {known}",
    ),
    "arms_below_study": _warning(
        "The arms add up to {total}, the study has {known}",
        "各组合计 {total}，研究共 {known}",
        "{known} together",
        "合计 {known}",
    ),
    "parts_exceed_whole": _warning(
        "{parts} add up to {total}, more than the {known} people",
        "{parts} 合计 {total}，多于 {known} 人",
        "at most {known} together",
        "合计不超过 {known}",
    ),
    "study_value_differs": _warning(
        "The table of studies has {known} in this column",
        "研究表该列的值为 {known}",
        "{known}, or marked as alternative",
        "{known}，或标为备选",
    ),
    "included_without_arm": _error(
        "An included study without an arm",
        "纳入的研究没有组别",
        "a row for it in arms.csv",
        "arms.csv 中有其对应行",
    ),
    "cohort_twice": _error(
        "Two included records of one cohort ({cohort}); the other is {other}",
        "同一队列（{cohort}）有两条纳入记录；另一条为 {other}",
        "one included record; the others “overlapping”",
        "只有一条为纳入，其余为 overlapping",
    ),
    "overlap_with_nothing": _error(
        "An overlapping record that overlaps with nothing",
        "标为重叠的记录未指明与何者重叠",
        "an included record in the same cohort, or a name in overlaps_with",
        "同一队列中有纳入记录，或填写 overlaps_with",
    ),
    "doi_twice": _error(
        "{other} has the same DOI",
        "{other} 的 DOI 与之相同",
        "one record for each report",
        "每份报告一条记录",
    ),
    "registration_twice": _error(
        "{other} has the same registration ({number}) and another cohort: the same people may count twice",
        "{other} 的注册号（{number}）相同而队列不同：同一批患者可能重复计数",
        "the same cohort for both",
        "两者属于同一队列",
    ),
    # import
    "unknown_sheet": _error(
        "No table goes by this name; its {rows} rows are not placed",
        "没有此名称的数据表；其 {rows} 行未能归位",
        "one of: {tables}",
        "以下之一：{tables}",
    ),
    "no_table": _error(
        "The columns fit no table, or several; the {rows} rows are not placed",
        "各列与任何数据表都不相符，或与多个数据表相符；{rows} 行未能归位",
        "the columns of one of: {tables}; or name it with --table",
        "以下数据表之一的列：{tables}；或以 --table 指定",
    ),
    "not_a_table_file": _error(
        "The file cannot be opened: {reason}",
        "无法打开该文件：{reason}",
        "an Excel workbook (.xlsx) or a CSV file",
        "Excel 工作簿（.xlsx）或 CSV 文件",
    ),
    "above_header": _error(
        "The row stands above the column names and cannot be placed",
        "该行位于列名之上，无法归位",
        "entries below the row of column names",
        "在列名行之下填写",
    ),
    "date_for_text": _error(
        "The spreadsheet has turned the entry into a date",
        "电子表格已将该内容转换为日期",
        "the entry as text: format the cell as Text and type it again",
        "以文本录入：将单元格设为“文本”格式后重新输入",
    ),
    "formula": _error("The cell holds a formula", "单元格含公式", "a value", "数值"),
    "two_numbers": _error(
        "A comma that may part decimals or thousands",
        "逗号可能是小数点，也可能是千位分隔符",
        "the number with a point, or without separators",
        "用小数点书写，或不加分隔符",
    ),
    "key_missing": _error(
        "The row cannot be placed: part of its key is empty",
        "无法归位：该行的键不完整",
        "a value in {named}",
        "{named} 列的值",
    ),
    "row_twice": _error(
        "Row {other} of this import has the same key and other values",
        "本次导入的第 {other} 行键相同而数值不同",
        "each row once",
        "每行只出现一次",
    ),
}
