"""The table that ``python -m analysis pool`` reads: columns of each measure, checks, effect sizes."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis.evidence.findings import Finding
from analysis.statistics import effect_sizes as sizes
from analysis.statistics.effects import EffectSizes

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Measure:
    """An effect measure: names, and the sets of columns it can be computed from."""

    en: str
    zh: str
    columns: tuple[tuple[str, ...], ...]


_MEANS = (("mean1", "sd1", "n1", "mean2", "sd2", "n2"),)
_COUNTS = (("events1", "n1", "events2", "n2"),)
MEASURES: Mapping[str, Measure] = {
    "MD": Measure("mean difference", "均数差", _MEANS),
    "SMD": Measure("standardised mean difference (Hedges' g)", "标准化均数差", _MEANS),
    "ROM": Measure("ratio of means", "均数比", _MEANS),
    "RR": Measure("risk ratio", "风险比", _COUNTS),
    "OR": Measure("odds ratio", "比值比", _COUNTS),
    "RD": Measure("risk difference", "风险差", _COUNTS),
    "PETO": Measure("Peto odds ratio", "Peto 比值比", _COUNTS),
    "IRR": Measure("rate ratio", "发生率比", (("events1", "time1", "events2", "time2"),)),
    "PR": Measure("proportion", "单组率", (("events", "n"),)),
    "IR": Measure("incidence rate", "发生率", (("events", "time"),)),
    "MC": Measure(
        "mean change",
        "均值变化",
        (("mean_change", "sd_change", "n"), ("mean_pre", "sd_pre", "mean_post", "sd_post", "n", "r")),
    ),
    "GEN": Measure(
        "estimates as published",
        "已发表的估计值",
        (("estimate", "se"), ("estimate", "variance"), ("estimate", "ci_low", "ci_high")),
    ),
}
_LABELS = ("study", "label", "author", "trial", "name", "id", "研究")
_MISSING = ("", "NA", "N/A", "NaN", "nan", ".", "-", "—")

Check = tuple[Callable[[float], bool], str, str]
_WHOLE: Check = (lambda x: x >= 0 and x == round(x), "a whole number, 0 or more", "不小于 0 的整数")
_PEOPLE: Check = (lambda x: x >= 1 and x == round(x), "a whole number above 0", "大于 0 的整数")
_POSITIVE: Check = (lambda x: x > 0, "a number above 0", "大于 0 的数")
_SPREAD: Check = (lambda x: x >= 0, "a number, 0 or more", "不小于 0 的数")
_SHARE: Check = (lambda x: -1 <= x <= 1, "a number from −1 to 1", "−1 与 1 之间的数")
_ANY: Check = (lambda x: True, "a number", "数值")


def _check(column: str) -> Check:
    if column.startswith("events"):
        return _WHOLE
    if column in ("n", "n1", "n2"):
        return _PEOPLE
    if column.startswith("time"):
        return _POSITIVE
    if column.startswith("sd") or column in ("se", "variance"):
        return _SPREAD
    return _SHARE if column == "r" else _ANY


@dataclass(frozen=True)
class Table:
    """The rows read: a label and the spreadsheet's row number of each, and the columns' values."""

    labels: tuple[str, ...]
    rows: tuple[int, ...]
    values: Mapping[str, Array]


def read_table(path: Path, measure: str) -> tuple[Table | None, list[Finding]]:
    """Read a CSV file (UTF-8 or GBK; commas, semicolons or tabs) for a measure.

    Returns
    -------
    table, findings
        No table where there is any finding. A blank cell is a missing value, and no finding.
    """
    try:
        text = _decode(path.read_bytes())
    except OSError as error:
        return None, [
            _finding(path, None, None, "", "a file that can be read", "可读取的文件", str(error.strerror))
        ]
    except UnicodeDecodeError:
        return None, [
            _finding(path, None, None, "", "a file saved as “CSV UTF-8”", "另存为“CSV UTF-8”的文件")
        ]
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    header = [name.strip().lower() for name in lines[0]] if lines else []
    columns, findings = _choose(path, header, measure)
    if findings:
        return None, findings

    label_at = next((header.index(name) for name in _LABELS if name in header), None)
    labels, rows = [], []
    values: dict[str, list[float]] = {column: [] for column in columns}
    place = 1
    for line in lines[1:]:
        place += 1
        if not any(cell.strip() for cell in line):
            continue
        rows.append(place)
        cells = line + [""] * (len(header) - len(line))
        label = cells[label_at].strip() if label_at is not None else ""
        labels.append(label or f"row {place} / 第 {place} 行")
        for column in columns:
            number, problem = _number(path, place, column, cells[header.index(column)].strip())
            values[column].append(number)
            findings += problem
    arrays = {column: np.array(numbers) for column, numbers in values.items()}
    if not rows:
        findings.append(
            _finding(path, None, None, "", "at least one row below the header", "表头之下至少一行数据")
        )
    findings += _across(path, rows, arrays)
    return (None, findings) if findings else (Table(tuple(labels), tuple(rows), arrays), [])


def effects_of(
    table: Table, measure: str, transform: str | None, ci_level: float, ratio: bool
) -> EffectSizes:
    """Effect sizes of the rows, in their order.

    Raises
    ------
    StatisticsError
        As the effect size's function.
    """
    v = dict(table.values)
    if measure == "PR":
        kind = {"glmm": "logit", "double-arcsine": "double_arcsine", None: "logit"}.get(transform, transform)
        return sizes.proportion(v["events"], v["n"], kind)  # type: ignore[arg-type]
    if measure == "IR":
        return sizes.rate(v["events"], v["time"], "raw" if transform == "raw" else "log")
    if measure == "MC":
        if "mean_change" in v:
            return sizes.mean_change(v["mean_change"], v["sd_change"], v["n"])
        return sizes.change_from_baseline(**v)
    if measure == "GEN":
        if "se" in v:
            return sizes.from_se(v["estimate"], v["se"], log=ratio)
        if "variance" in v:
            return sizes.from_variance(v["estimate"], v["variance"], log=ratio)
        return sizes.from_interval(v["estimate"], v["ci_low"], v["ci_high"], level=ci_level, log=ratio)
    functions: dict[str, Callable[..., EffectSizes]] = {
        "MD": sizes.mean_difference,
        "SMD": sizes.standardised_mean_difference,
        "ROM": sizes.ratio_of_means,
        "RR": sizes.risk_ratio,
        "OR": sizes.odds_ratio,
        "RD": sizes.risk_difference,
        "PETO": sizes.peto_odds_ratio,
        "IRR": sizes.rate_ratio,
    }
    return functions[measure](**v)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _choose(path: Path, header: list[str], measure: str) -> tuple[tuple[str, ...], list[Finding]]:
    """The first set of the measure's columns that the table has, or what is missing."""
    options = MEASURES[measure].columns
    for columns in options:
        if all(column in header for column in columns):
            twice = [column for column in columns if header.count(column) > 1]
            return columns, [
                _finding(path, 1, column, column, "each column once", "每列仅出现一次") for column in twice
            ]
    nearest = min(options, key=lambda columns: sum(column not in header for column in columns))
    missing = ", ".join(column for column in nearest if column not in header)
    wanted = " | ".join(",".join(columns) for columns in options)
    return (), [
        _finding(
            path,
            1,
            missing,
            ",".join(header),
            f"for {measure} the columns {wanted}",
            f"{measure} 需要的列：{wanted}",
        )
    ]


def _number(path: Path, row: int, column: str, cell: str) -> tuple[float, list[Finding]]:
    if cell in _MISSING:
        return math.nan, []
    test, en, zh = _check(column)
    try:
        value = float(cell.replace("−", "-").replace("–", "-"))
    except ValueError:
        value = math.nan
    if math.isfinite(value) and test(value):
        return value, []
    return math.nan, [_finding(path, row, column, cell, en, zh)]


def _across(path: Path, rows: list[int], v: Mapping[str, Array]) -> list[Finding]:
    """What only several cells of a row show to be wrong."""
    findings = []
    pairs = [("events", "n"), ("events1", "n1"), ("events2", "n2")]
    for column, total in pairs:
        if column in v and total in v:
            for i in np.flatnonzero(v[column] > v[total]):
                findings.append(
                    _finding(
                        path,
                        rows[i],
                        column,
                        f"{v[column][i]:g}",
                        f"no more than {total} = {v[total][i]:g}",
                        f"不大于 {total} = {v[total][i]:g}",
                    )
                )
    if "ci_low" in v:
        wrong = (v["ci_low"] > v["estimate"]) | (v["estimate"] > v["ci_high"])
        for i in np.flatnonzero(wrong):
            findings.append(
                _finding(
                    path,
                    rows[i],
                    "estimate",
                    f"{v['estimate'][i]:g}",
                    f"between ci_low {v['ci_low'][i]:g} and ci_high {v['ci_high'][i]:g}",
                    f"介于 ci_low {v['ci_low'][i]:g} 与 ci_high {v['ci_high'][i]:g} 之间",
                )
            )
    return findings


def _finding(
    path: Path,
    row: int | None,
    column: str | None,
    found: str,
    en: str,
    zh: str,
    detail: str = "",
) -> Finding:
    message = {"en": "This cannot be used", "zh": "无法使用"}
    if row is None:
        message = {
            "en": f"The file cannot be used{detail and ': ' + detail}",
            "zh": f"文件无法使用{detail and '：' + detail}",
        }
    elif row == 1:
        message = {"en": "The columns do not fit the measure", "zh": "列与所选指标不符"}
    return Finding("error", path.name, row, column, found, {"en": en, "zh": zh}, message, "pool_table")
