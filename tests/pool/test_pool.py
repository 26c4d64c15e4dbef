"""``python -m analysis pool``: numbers, JSON keys, and errors that a reader can act on."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.pool import KEYS, main
from analysis.pool_table import MEASURES
from analysis.statistics import effect_sizes as sizes
from analysis.statistics.glmm import glmm_proportion
from analysis.statistics.pooling import pool
from analysis.statistics.proportions import back_transform

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "tests" / "reference"
# As the issue lists them.
ISSUE_KEYS = {
    *("k", "estimate", "se", "ci_low", "ci_high", "statistic", "df", "p_value"),
    *("tau2", "tau2_ci_low", "tau2_ci_high", "i2", "i2_ci_low", "i2_ci_high", "h2"),
    *("q", "q_df", "q_p_value", "prediction_low", "prediction_high", "weights"),
}

A, N1 = [3.0, 0, 7, 12], [20.0, 12, 50, 40]
B, N2 = [5.0, 4, 12, 9], [21.0, 11, 49, 41]
MEANS = {
    "mean1": [1.2, 0.4, 2.0],
    "sd1": [1.0, 1.5, 0.8],
    "n1": [20, 15, 30],
    "mean2": [0.9, 0.8, 1.1],
    "sd2": [1.1, 1.2, 0.9],
    "n2": [22, 14, 28],
}
COUNTS = {"events1": A, "n1": N1, "events2": B, "n2": N2}


def write(path: Path, columns: dict[str, Any], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert main([*map(str, arguments), "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


CASES: dict[str, tuple[str, dict[str, Any], Any]] = {
    "MD": ("MD", MEANS, sizes.mean_difference),
    "SMD": ("SMD", MEANS, sizes.standardised_mean_difference),
    "ROM": ("ROM", MEANS, sizes.ratio_of_means),
    "RR": ("RR", COUNTS, sizes.risk_ratio),
    "OR": ("OR", COUNTS, sizes.odds_ratio),
    "RD": ("RD", COUNTS, sizes.risk_difference),
    "PETO": ("PETO", COUNTS, sizes.peto_odds_ratio),
    "IRR": ("IRR", {"events1": A, "time1": N1, "events2": B, "time2": N2}, sizes.rate_ratio),
    "PR": ("PR", {"events": A, "n": N1}, sizes.proportion),
    "IR": ("IR", {"events": A, "time": N1}, sizes.rate),
    "MC": (
        "MC",
        {"mean_change": [-0.5, 0.1, -0.3], "sd_change": [1, 2, 1.5], "n": [9, 12, 30]},
        sizes.mean_change,
    ),
    "MC2": (
        "MC",
        {
            "mean_pre": [5.0, 4.5],
            "sd_pre": [1.0, 1.2],
            "mean_post": [4.4, 4.6],
            "sd_post": [1.1, 1.4],
            "n": [12, 20],
            "r": [0.5, 0.6],
        },
        sizes.change_from_baseline,
    ),
    "GEN": ("GEN", {"estimate": [0.1, 0.5, 0.9], "se": [0.2, 0.1, 0.3]}, sizes.from_se),
    "GEN2": ("GEN", {"estimate": [0.1, 0.5, 0.9], "variance": [0.2, 0.1, 0.3]}, sizes.from_variance),
    "GEN3": (
        "GEN",
        {"estimate": [0.1, 0.5], "ci_low": [-0.1, 0.1], "ci_high": [0.3, 0.9]},
        sizes.from_interval,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_measure(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measure, columns, function = CASES[case]
    found = run(capsys, write(tmp_path / "t.csv", columns), "--measure", measure)
    effects = function(*(np.array(values, dtype=float) for values in columns.values()))
    expected = pool(effects.yi, effects.vi)
    for key in KEYS:
        assert found[key] == pytest.approx(getattr(expected, key)), key
    assert sum(found["weights"]) == pytest.approx(1)
    assert found["weights"] == pytest.approx(list(expected.weights / 100))
    natural = {key for key in found if key.endswith("_natural")}
    if effects.scale == "identity":
        assert not natural
    else:
        assert len(natural) == 5
        change = np.exp if effects.scale == "log" else lambda x: 1 / (1 + np.exp(-x))
        assert found["estimate_natural"] == pytest.approx(float(change(expected.estimate)))
        assert found["prediction_high_natural"] == pytest.approx(float(change(expected.prediction_high)))


def test_keys_are_the_issues() -> None:
    assert {*KEYS, "weights"} == ISSUE_KEYS
    assert set(MEASURES) == {case[0] for case in CASES.values()}


def test_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = write(tmp_path / "t.csv", COUNTS)
    options = ["--tau2", "dl", "--interval", "wald", "--prediction", "normal", "--level", "0.9"]
    found = run(capsys, table, "--measure", "or", *options)
    effects = sizes.odds_ratio(A, N1, B, N2)
    expected = pool(effects.yi, effects.vi, method="DL", interval="wald", prediction="normal", level=0.9)
    assert found["ci_low"] == pytest.approx(expected.ci_low)
    assert found["prediction_low"] == pytest.approx(expected.prediction_low)
    assert (found["method"], found["interval"], found["level"]) == ("DL", "wald", 0.9)
    assert found["corrected"] == [3]


@pytest.mark.parametrize("transform", ["raw", "logit", "arcsine", "double-arcsine"])
def test_transforms(transform: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(
        capsys,
        write(tmp_path / "t.csv", {"events": [1, 5, 9], "n": [20, 15, 30]}),
        *("--measure", "PR", "--transform", transform),
    )
    name = transform.replace("-", "_")
    effects = sizes.proportion([1, 5, 9], [20, 15, 30], name)
    expected = pool(effects.yi, effects.vi)
    assert found["estimate"] == pytest.approx(expected.estimate)
    if transform == "raw":
        assert "estimate_natural" not in found
    else:
        n = np.array([20.0, 15, 30]) if transform == "double-arcsine" else None
        share = float(back_transform([expected.estimate], name, n)[0])
        assert found["estimate_natural"] == pytest.approx(share)


def test_glmm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = write(tmp_path / "t.csv", {"events": [0, 5, 9], "n": [20, 15, 30]})
    found = run(capsys, table, "--measure", "PR", "--transform", "glmm")
    expected = glmm_proportion([0, 5, 9], [20, 15, 30])
    assert found["estimate"] == pytest.approx(expected.estimate)
    assert (found["interval"], found["corrected"]) == ("wald", [])
    none = write(tmp_path / "none.csv", {"events": [0, 0], "n": [20, 15]})
    found = run(capsys, none, "--measure", "PR", "--transform", "glmm")
    assert (found["estimate"], found["estimate_natural"], found["ci_low_natural"]) == (None, 0, 0)
    assert found["ci_high_natural"] == pytest.approx(1 - 0.025 ** (1 / 35))


def test_bcg_against_metafor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (REFERENCE / "data" / "bcg.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = {
        "study": [row["author"] for row in rows],
        "events1": [row["tpos"] for row in rows],
        "n1": [int(row["tpos"]) + int(row["tneg"]) for row in rows],
        "events2": [row["cpos"] for row in rows],
        "n2": [int(row["cpos"]) + int(row["cneg"]) for row in rows],
    }
    found = run(capsys, write(tmp_path / "bcg.csv", columns), "--measure", "RR")
    core = json.loads((REFERENCE / "core" / "bcg.json").read_text(encoding="utf-8"))["core"]
    expected = core["rma"]["REML"]["z"] | core["rma"]["REML"]["knha"]
    assert found["estimate"] == pytest.approx(expected["beta"], rel=1e-8)
    assert found["ci_low"] == pytest.approx(expected["ci_lb"], rel=1e-8)
    assert found["tau2"] == pytest.approx(expected["tau2"], rel=1e-8)
    assert found["labels"][0] == "Aronson"


def test_ratios_with_limits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = {"estimate": [0.5, 0.8], "ci_low": [0.3, 0.6], "ci_high": [0.9, 1.1]}
    found = run(
        capsys, write(tmp_path / "t.csv", columns), "--measure", "GEN", "--ratio", "--ci-level", "0.9"
    )
    effects = sizes.from_interval(*columns.values(), level=0.9, log=True)
    assert found["estimate_natural"] == pytest.approx(np.exp(pool(effects.yi, effects.vi).estimate))


def test_rows_that_cannot_be_pooled_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = {"study": ["甲", "乙", "丙"], "events": [2, "", 5], "n": [10, 10, 12]}
    table = write(tmp_path / "t.csv", columns)
    found = run(capsys, table, "--measure", "PR")
    assert (found["k"], found["weights"][1]) == (2, 0)
    assert found["not_pooled"] == [{"row": 3, "label": "乙", "reason": "missing_value"}]
    assert main([str(table), "--measure", "PR"]) == 0
    text = capsys.readouterr().out
    assert "乙" in text
    assert "a value is missing / 缺少数值" in text


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "utf-8"), ("\t", "utf-8-sig"), (",", "gb18030")])
def test_files_as_spreadsheets_save_them(
    delimiter: str, encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = {"研究": ["甲", "乙"], "Events ": [2, 5], "N": [10, 12]}
    found = run(capsys, write(tmp_path / "t.csv", columns, delimiter, encoding), "--measure", "PR")
    assert (found["k"], found["labels"]) == (2, ["甲", "乙"])


@pytest.mark.parametrize(
    ("columns", "measure", "expected"),
    [
        (
            {"events": [2, 5], "n": [10, "1O"]},
            "PR",
            ["t.csv:3 [n]", "“1O”", "a whole number above 0", "大于 0 的整数"],
        ),
        (
            {"events": [2, 15], "n": [10, 12]},
            "PR",
            ["t.csv:3 [events]", "“15”", "no more than n = 12", "不大于"],
        ),
        ({"events": [2.5], "n": [10]}, "PR", ["t.csv:2 [events]", "a whole number"]),
        ({"events": [2, 5]}, "PR", ["t.csv:1 [n]", "events,n", "需要的列"]),
        ({"estimate": [1], "sd": [2]}, "GEN", ["estimate,se | estimate,variance | estimate,ci_low,ci_high"]),
        (
            {"estimate": [1.0], "ci_low": [1.1], "ci_high": [2]},
            "GEN",
            ["t.csv:2 [estimate]", "between ci_low 1.1 and ci_high 2", "介于"],
        ),
        ({"events": [], "n": []}, "PR", ["at least one row", "至少一行"]),
        ({"events": [""], "n": [10]}, "PR", ["no row of the table can be pooled", "没有可合并的研究"]),
    ],
)
def test_errors_say_where_and_what(
    columns: dict[str, Any],
    measure: str,
    expected: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([str(write(tmp_path / "t.csv", columns)), "--measure", measure]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    for text in expected:
        assert text in err


def test_all_errors_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = write(tmp_path / "t.csv", {"events": ["x", 20, -1], "n": [10, 12, 0]})
    assert main([str(table), "--measure", "PR"]) == 1
    assert capsys.readouterr().err.count("ERROR 错误") == 4


def test_missing_file_and_repeated_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.csv"), "--measure", "PR"]) == 1
    assert "none.csv" in capsys.readouterr().err
    (tmp_path / "twice.csv").write_text("events,n,n\n1,2,3\n", encoding="utf-8")
    assert main([str(tmp_path / "twice.csv"), "--measure", "PR"]) == 1
    assert "each column once" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ["--measure", "XX"],
        ["--measure", "PR", "--tau2", "nonsense"],
        ["--measure", "PR", "--level", "95"],
        ["--measure", "RR", "--transform", "raw"],
        ["--measure", "PR", "--transform", "glmm", "--interval", "hksj"],
        ["--measure", "PR", "--transform", "glmm", "--tau2", "DL"],
        ["--measure", "IR", "--transform", "logit"],
        ["--measure", "PR", "--ratio"],
    ],
)
def test_wrong_options(options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = write(tmp_path / "t.csv", {"events": [2, 5], "n": [10, 12]})
    assert main([str(table), *options]) == 2
    assert "错误" in capsys.readouterr().err


def test_as_a_command(tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", {"events": [2, 5], "n": [10, 12]})
    command = [sys.executable, "-m", "analysis", "pool", str(table), "--measure", "PR", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, encoding="utf-8")
    assert json.loads(done.stdout)["k"] == 2
