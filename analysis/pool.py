"""``python -m analysis pool TABLE.csv --measure M``: pool a table of one's own."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from analysis.evidence.findings import Finding, describe
from analysis.pool_table import MEASURES, Table, effects_of, read_table
from analysis.statistics.effects import EffectSizes, to_natural
from analysis.statistics.errors import StatisticsError
from analysis.statistics.glmm import glmm_proportion
from analysis.statistics.intervals import INTERVALS, PREDICTIONS
from analysis.statistics.pooling import PooledEffect, pool
from analysis.statistics.proportions import back_transform
from analysis.statistics.tau2 import METHODS

TRANSFORMS = ("raw", "logit", "arcsine", "double-arcsine", "glmm")
KEYS = (
    "k",
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "statistic",
    "df",
    "p_value",
    "tau2",
    "tau2_ci_low",
    "tau2_ci_high",
    "i2",
    "i2_ci_low",
    "i2_ci_high",
    "h2",
    "q",
    "q_df",
    "q_p_value",
    "prediction_low",
    "prediction_high",
)
BACK = ("estimate", "ci_low", "ci_high", "prediction_low", "prediction_high")

REASONS = {
    "missing_value": ("a value is missing", "缺少数值"),
    "zero_variance": ("its variance is 0", "方差为 0"),
    "not_estimable": ("the effect cannot be computed", "效应量无法计算"),
    "double_zero": ("no event, or only events, in both arms", "两组均无事件或全部为事件"),
    "too_few": ("too few people", "人数过少"),
}
"""Why a row is shown and not pooled, in both languages."""

REFUSED = {
    "no_studies": "没有可合并的研究",
    "no_finite_maximum": "最大似然估计不存在有限值：每项研究的事件数均为零或等于总人数",
    "no_convergence": "模型未收敛",
    "unknown_option": "选项无效",
}
"""What the statistics refuse to do, in Chinese (their own messages are English)."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in both languages."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"ERROR 错误  {message}\n    选项有误，请用 --help 查看用法。", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    lines = ["Columns / 各指标所需的列:"]
    for name, measure in MEASURES.items():
        lines.append(f"  {name:<5} {measure.en} / {measure.zh}")
        lines += [f"        {','.join(columns)}" for columns in measure.columns]
    parser = _Parser(
        prog="python -m analysis pool",
        description="Pool the studies of a CSV table / 合并 CSV 表格中的研究",
        epilog="\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("table", type=Path, metavar="TABLE.csv")
    parser.add_argument("--measure", required=True, type=str.upper, choices=list(MEASURES), metavar="M")
    parser.add_argument(
        "--tau2", default="REML", type=str.upper, choices=METHODS, help="estimator of tau² / tau² 估计方法"
    )
    parser.add_argument(
        "--interval", choices=INTERVALS, help="default hksj; wald with --transform glmm / 置信区间方法"
    )
    parser.add_argument(
        "--prediction", default="hts", choices=PREDICTIONS, help="prediction interval / 预测区间"
    )
    parser.add_argument("--transform", choices=TRANSFORMS, help="for PR and IR, default logit (PR), log (IR)")
    parser.add_argument("--level", default=0.95, type=float, help="confidence level / 置信水平")
    parser.add_argument(
        "--ci-level", default=0.95, type=float, help="level of the limits in the table / 表中区间的置信水平"
    )
    parser.add_argument(
        "--ratio", action="store_true", help="GEN: estimates and limits are ratios / 估计值与区间为比值"
    )
    parser.add_argument("--json", action="store_true", help="print JSON / 输出 JSON")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns
    -------
    int
        0; 1 where the table cannot be used (every finding is printed); 2 for a wrong option.
    """
    try:
        options = _parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    problem = _clash(options)
    if problem:
        print(f"ERROR 错误  {problem[0]}\n    {problem[1]}", file=sys.stderr)
        return 2
    table, findings = read_table(options.table, options.measure)
    if table is None:
        print(describe(findings), file=sys.stderr)
        return 1
    try:
        effects = effects_of(table, options.measure, options.transform, options.ci_level, options.ratio)
        effect, weights = _pool(table, effects, options)
    except StatisticsError as error:
        print(describe([_finding(options.table.name, table, error)]), file=sys.stderr)
        return 1
    record = _record(effect, weights, effects, table, options)
    if options.json:
        print(json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1))
    else:
        print(_text(record))
    return 0


def _clash(options: argparse.Namespace) -> tuple[str, str] | None:
    """An option that does not go with another, in both languages."""
    if not (0 < options.level < 1 and 0 < options.ci_level < 1):
        return "a level lies between 0 and 1, such as 0.95", "置信水平须介于 0 与 1 之间，例如 0.95。"
    if options.transform and options.measure not in ("PR", "IR"):
        return "--transform is for PR and IR only", "--transform 仅用于 PR 与 IR。"
    if options.transform and options.measure == "IR" and options.transform not in ("raw",):
        return "IR takes --transform raw, or none for the log", "IR 只接受 --transform raw；省略则用对数。"
    if options.ratio and options.measure != "GEN":
        return "--ratio is for GEN only", "--ratio 仅用于 GEN。"
    if options.transform == "glmm":
        if options.interval not in (None, "wald", "t"):
            return (
                "with --transform glmm the interval is wald or t",
                "使用 --transform glmm 时，--interval 须为 wald 或 t。",
            )
        if options.tau2 not in ("REML", "ML"):
            return (
                "the glmm estimates tau² by maximum likelihood; leave --tau2 out",
                "glmm 以最大似然法估计 tau²，请勿指定 --tau2。",
            )
    return None


def _pool(
    table: Table, effects: EffectSizes, options: argparse.Namespace
) -> tuple[PooledEffect, np.ndarray[Any, np.dtype[np.float64]]]:
    """The pooled effect, and a weight for every row (0 for one that is not pooled), summing to 1."""
    used = effects.usable
    if not used.any():
        raise StatisticsError("no_studies", "no row of the table can be pooled")
    effect: PooledEffect
    if options.transform == "glmm":
        effect = glmm_proportion(
            table.values["events"][used],
            table.values["n"][used],
            interval=options.interval or "wald",
            prediction=options.prediction,
            level=options.level,
        )
    else:
        effect = pool(
            effects.yi[used],
            effects.vi[used],
            method=options.tau2,
            interval=options.interval or "hksj",
            prediction=options.prediction,
            level=options.level,
        )
    weights = np.zeros(used.size)
    weights[used] = effect.weights / 100
    return effect, weights


def _record(
    effect: PooledEffect,
    weights: np.ndarray[Any, np.dtype[np.float64]],
    effects: EffectSizes,
    table: Table,
    options: argparse.Namespace,
) -> dict[str, Any]:
    """What ``--json`` prints. Infinite and undefined values are null."""
    values = {key: getattr(effect, key) for key in KEYS}
    record: dict[str, Any] = {key: _finite(value) for key, value in values.items()}
    record["weights"] = weights.tolist()
    if effects.scale != "identity":
        for key in BACK:
            value = values[key]
            record[f"{key}_natural"] = None if value is None else _natural(value, effects)
    record |= {
        "measure": options.measure,
        "scale": effects.scale,
        "transform": options.transform,
        "method": effect.method,
        "interval": effect.interval,
        "prediction": effect.prediction,
        "level": effect.level,
        "labels": list(table.labels),
        "rows": list(table.rows),
        "not_pooled": [
            {"row": row, "label": label, "reason": reason}
            for row, label, reason in zip(table.rows, table.labels, effects.reasons, strict=True)
            if reason is not None
        ],
        "corrected": [
            row
            for row, added in zip(table.rows, effects.flags.get("corrected", ()), strict=False)
            if added and options.transform != "glmm"
        ],
    }
    return record


def _natural(value: float, effects: EffectSizes) -> float | None:
    if effects.scale == "double_arcsine":
        n = effects.ni[effects.usable]
        return float(back_transform([value], "double_arcsine", n)[0])
    return _finite(float(to_natural(value, effects.scale)))


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value


def _finding(file: str, table: Table, error: StatisticsError) -> Finding:
    row = None if error.study is None else table.rows[error.study]
    zh = REFUSED.get(error.code, f"无法计算（{error.code}）。")
    return Finding(
        "error", file, row, None, "", {"en": "", "zh": ""}, {"en": str(error), "zh": zh}, error.code
    )


def _text(record: Mapping[str, Any]) -> str:
    """The result for a terminal, labels in both languages."""

    def number(key: str) -> str:
        value = record[key]
        return "–" if value is None else f"{value:.4g}"

    natural = "_natural" if "estimate_natural" in record else ""
    percent = f"{100 * record['level']:g}%"
    lines = [
        (f"{record['measure']}", f"k = {record['k']}  {record['method']}, {record['interval']}"),
        (
            "Estimate / 合并效应",
            f"{number('estimate' + natural)} ({percent} CI {number('ci_low' + natural)} – "
            f"{number('ci_high' + natural)})",
        ),
        ("p", number("p_value")),
        (
            f"Prediction / 预测区间 ({record['prediction']})",
            f"{number('prediction_low' + natural)} – {number('prediction_high' + natural)}",
        ),
        ("tau²", f"{number('tau2')} ({number('tau2_ci_low')} – {number('tau2_ci_high')})"),
        ("I² %", f"{number('i2')} ({number('i2_ci_low')} – {number('i2_ci_high')})"),
        ("Q", f"{number('q')} (df {record['q_df']}, p {number('q_p_value')})"),
    ]
    if natural:
        lines.insert(
            2,
            (
                f"… {record['scale']}",
                f"{number('estimate')} ({number('ci_low')} – {number('ci_high')})",
            ),
        )
    lines.append(("Weights / 权重 %", ""))
    for label, weight in zip(record["labels"], record["weights"], strict=True):
        lines.append((f"  {label}", f"{100 * weight:.1f}"))
    if record["corrected"]:
        rows = ", ".join(map(str, record["corrected"]))
        lines.append(("½ added / 已加 ½", f"rows / 行 {rows}"))
    for item in record["not_pooled"]:
        en, zh = REASONS.get(item["reason"], (item["reason"], item["reason"]))
        lines.append((f"Not pooled / 未合并: {item['label']}", f"row / 行 {item['row']}: {en} / {zh}"))
    return "\n".join(f"{label}: {value}" if value else f"{label}:" for label, value in lines)
