"""Our figures beside the reference's: what the site's *Validation* page prints.

`agreements` computes everything anew from the fixtures that the tests compare (``tests/reference``), so the
page cannot claim what the tests do not check. Where the reference is wrong (it stops at a lower peak, fits
another model) the record says so, and the reference is then a value found independently.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.statistics import small_study
from analysis.statistics.arrays import Record
from analysis.statistics.glmm import glmm_odds_ratio, glmm_proportion, glmm_rate, glmm_rate_ratio
from analysis.statistics.mixed import MixedEffect
from analysis.statistics.multilevel import pool_multilevel
from analysis.statistics.pooling import pool
from analysis.statistics.regression import regress
from analysis.statistics.robust import robust
from analysis.statistics.selection import select
from analysis.statistics.trim_fill import trim_and_fill

Text = Mapping[str, str]
Array = NDArray[np.float64]

SECTIONS: Mapping[str, Text] = {
    "pooling": {"en": "Pooling by inverse variance", "zh": "逆方差合并"},
    "mixed": {"en": "Mixed models of counts", "zh": "计数数据的混合模型"},
    "regression": {"en": "Meta-regression", "zh": "Meta 回归"},
    "multilevel": {"en": "Three-level models and robust variance", "zh": "三水平模型与稳健方差"},
    "small_study": {"en": "Small-study effects", "zh": "小样本研究效应"},
    "reference_wrong": {"en": "Where the reference is wrong", "zh": "参考结果有误之处"},
}

_TESTS = {"z": "wald", "t": "t", "knha": "hksj", "adhoc": "hksj_adhoc"}
_CLOSED, _ITERATED = 1e-9, 1e-8


@dataclass(frozen=True)
class Agreement(Record):
    """One figure of ours beside the reference's, or the worst of many.

    Attributes
    ----------
    section : str
        Key of `SECTIONS`.
    dataset : str
        Name in R's metadat, with the outcome or the measure where there are several.
    quantity : mapping
        What is compared, ``{"en": …, "zh": …}``.
    reference, ours, difference : float
        ``difference`` is ours − reference.
    promised : float
        Relative difference up to which the reference can be trusted.
    agrees : bool
        Whether the difference is within it (or within 1e-9 of a value near 0).
    figures : int
        How many figures were compared; of several, the worst one is shown.
    note : mapping or None
    """

    section: str
    dataset: str
    quantity: Text
    reference: float
    ours: float
    difference: float
    promised: float
    agrees: bool
    figures: int = 1
    note: Text | None = None


def agreements(fixtures: Path) -> tuple[Agreement, ...]:
    """Every comparison, by section.

    Parameters
    ----------
    fixtures : Path
        The folder ``tests/reference``.
    """
    parts: tuple[Callable[[_Fixtures], Iterable[Agreement]], ...] = (
        _pooling,
        _mixed,
        _regression,
        _multilevel,
        _small_study,
        _reference_wrong,
    )
    source = _Fixtures(fixtures)
    return tuple(record for part in parts for record in part(source))


@dataclass(frozen=True)
class _Fixtures:
    folder: Path

    def load(self, name: str) -> Any:
        return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))

    def columns(self, dataset: str, *names: str) -> list[Array]:
        rows = self.rows(dataset)
        return [np.array([float(row[name] or "nan") for row in rows]) for name in names]

    def rows(self, dataset: str) -> list[dict[str, str]]:
        with (self.folder / "data" / f"{dataset}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def block(self, dataset: str, block: str) -> tuple[Array, Array]:
        """Effects and variances, rows without one left out."""
        core = self.load(f"core/{dataset}")[block]
        y, v = (
            np.array([np.nan if x is None else x for x in core[key]], dtype=float) for key in ("yi", "vi")
        )
        known = np.isfinite(y) & np.isfinite(v)
        return y[known], v[known]


def _close(ours: float, reference: float, promised: float) -> bool:
    return abs(ours - reference) <= promised * abs(reference) + 1e-9


def _one(
    section: str,
    dataset: str,
    quantity: Text,
    ours: float,
    reference: float,
    promised: float,
    note: Text | None = None,
) -> Agreement:
    ours, reference = float(ours), float(reference)
    agrees = _close(ours, reference, promised)
    return Agreement(section, dataset, quantity, reference, ours, ours - reference, promised, agrees, 1, note)


def _worst(
    section: str,
    dataset: str,
    quantity: Text,
    pairs: Iterable[tuple[float, float]],
    promised: float,
    note: Text | None = None,
) -> Agreement:
    """The pair (ours, reference) that differs most, relative to the reference."""
    known = [(float(a), float(b)) for a, b in pairs]
    ours, reference = max(known, key=lambda pair: abs(pair[0] - pair[1]) / (abs(pair[1]) + 1e-9 / promised))
    one = _one(section, dataset, quantity, ours, reference, promised, note)
    return Agreement(**{**one.__dict__, "figures": len(known)})


def _pooling(source: _Fixtures) -> Iterator[Agreement]:
    for path in sorted((source.folder / "core").glob("*.json")):
        for block, expected in source.load(f"core/{path.stem}").items():
            if "rma" not in expected or "REML" not in expected["rma"]:
                continue
            name = f"{path.stem} {block.removeprefix('core').strip('_')}".strip()
            y, v = source.block(path.stem, block)
            reml = expected["rma"]["REML"]
            ours = pool(y, v)
            for quantity, mine, theirs in (
                ({"en": "Estimate (REML)", "zh": "合并效应（REML）"}, ours.estimate, reml["z"]["beta"]),
                ({"en": "tau² (REML)", "zh": "tau²（REML）"}, ours.tau2, reml["z"]["tau2"]),
                (
                    {"en": "Lower 95% limit (HKSJ)", "zh": "95% 置信区间下限（HKSJ）"},
                    ours.ci_low,
                    reml["knha"]["ci_lb"],
                ),
            ):
                yield _one("pooling", name, quantity, mine, theirs, _ITERATED)
            pairs = []
            for method, tests in expected["rma"].items():
                for test, fit in tests.items():
                    if not isinstance(fit, dict) or "se" not in fit:
                        continue
                    effect = pool(y, v, method=method, interval=_TESTS[test], q_profile=False)
                    pairs += [(effect.se, fit["se"]), (effect.ci_low, fit["ci_lb"])]
                    if test == "z":
                        pairs += [(effect.estimate, fit["beta"]), (effect.tau2, fit["tau2"] or 0.0)]
                        pairs += [(effect.i2, fit["I2"]), (effect.h2, fit["H2"]), (effect.q, fit["QE"])]
            quantity = {
                "en": "All estimators and intervals: the worst figure",
                "zh": "全部估计方法与区间：差异最大者",
            }
            yield _worst("pooling", name, quantity, pairs, _ITERATED)


def _mixed_cases(source: _Fixtures) -> Iterator[tuple[str, str, str, MixedEffect]]:
    """Key of the exact solution, data set, model and our fit."""
    yield (
        "debruin2009_PLO",
        "debruin2009",
        "binomial",
        glmm_proportion(*source.columns("debruin2009", "xi", "ni"), profile=False),
    )
    first, t1, second, t2 = source.columns("hart1999", "x1i", "t1i", "x2i", "t2i")
    yield "hart1999_control_IRLN", "hart1999", "Poisson", glmm_rate(second, t2, profile=False)
    ratio = glmm_rate_ratio(first, t1, second, t2, model="CM.EL", profile=False)
    yield "hart1999_IRR_CM.EL", "hart1999", "CM.EL", ratio
    a, b, c, d = source.columns("bcg", "tpos", "tneg", "cpos", "cneg")
    tables = {"bcg": [a, a + b, c, c + d]}
    for name, columns in (
        ("nielweise2007", ("ai", "n1i", "ci", "n2i")),
        ("li2007", ("ai", "n1i", "ci", "n2i")),
        ("collins1985b", ("pre.xti", "pre.nti", "pre.xci", "pre.nci")),
    ):
        tables[name] = source.columns(name, *columns)
    for name, table in tables.items():
        outcome = "_preeclampsia" if name == "collins1985b" else ""
        for model in ("UM.FS", "CM.AL", "CM.EL"):
            effect = glmm_odds_ratio(*table, model=model, profile=False)
            yield f"{name}{outcome}_OR_{model}", name, model, effect


def _mixed(source: _Fixtures) -> Iterator[Agreement]:
    exact = source.load("models/glmm_exact")
    for key, dataset, model, ours in _mixed_cases(source):
        theirs = exact[key]["nAGQ61"]
        note = None
        if theirs["boundary"]:
            note = {
                "en": "The reference stopped just short of the boundary, at tau = 6e-7.",
                "zh": "参考解停在边界附近（tau = 6e-7），未到 0。",
            }
        promised = 1e-7 if theirs["boundary"] else 1e-8
        for quantity, mine, reference in (
            ({"en": f"Mean, {model}", "zh": f"均值，{model}"}, ours.estimate, theirs["mu"]),
            ({"en": f"Standard error, {model}", "zh": f"标准误，{model}"}, ours.se, theirs["se"]),
            ({"en": f"tau², {model}", "zh": f"tau²，{model}"}, ours.tau2, theirs["tau2"]),
        ):
            yield _one("mixed", dataset, quantity, mine, reference, promised, note)


def _regression(source: _Fixtures) -> Iterator[Agreement]:
    for dataset, cases in source.load("models/regression").items():
        for name, case in cases.items():
            if name == "no_intercept":
                continue
            y, v = source.block(dataset, case["block"])
            x = np.array(case["X"], dtype=float)[:, 1:]
            if "rows" in case:
                y, v = y[case["rows"]], v[case["rows"]]
            pairs: list[tuple[float, float]] = []
            for key, fit in case["fits"].items():
                method, test = key.split("_")
                ours = regress(y, v, x, method=method, interval=_TESTS[test], q_profile=False)
                for mine, theirs in ((ours.beta, "beta"), (ours.se, "se"), (ours.ci_low, "ci_lb")):
                    pairs += list(zip(mine, fit[theirs], strict=True))
                pairs += [(ours.tau2, fit["tau2"]), (ours.i2, fit["I2"]), (ours.q_model or 0.0, fit["QM"])]
                if ours.r2 is not None:
                    pairs.append((ours.r2, fit["R2"]))
            quantity = {"en": f"Moderators {name}: the worst figure", "zh": f"调节变量 {name}：差异最大者"}
            yield _worst("regression", dataset, quantity, pairs, _ITERATED)


def _cluster_data(source: _Fixtures, dataset: str, name: str) -> tuple[list[str], Array | None, float]:
    """Clusters, moderators and correlation of a three-level case."""
    rows = source.rows(dataset)
    cluster = [row["study" if dataset == "assink2016" else "district"] for row in rows]
    moderators = None
    if name == "three_level_deltype":
        kinds = ("general", "overt")
        moderators = np.array([[float(row["deltype"] == kind) for kind in kinds] for row in rows])
    elif name == "three_level_pub_year":
        moderators = np.column_stack(source.columns(dataset, "pubstatus", "year"))
    elif name == "three_level_year":
        (year,) = source.columns(dataset, "year")
        moderators = (year - year.mean())[:, None]
    return cluster, moderators, 0.6 if name.endswith("rho06") else 0.0


def _multilevel(source: _Fixtures) -> Iterator[Agreement]:
    for dataset, cases in source.load("models/multilevel").items():
        y, v = source.columns(dataset, "yi", "vi")
        for name, case in cases.items():
            if name == "robust_on_two_level":
                continue
            cluster, x, correlation = _cluster_data(source, dataset, name)
            ours = pool_multilevel(y, v, cluster, moderators=x, correlation=correlation)
            theirs = case["REML_z"]
            for quantity, mine, reference in (
                (
                    {"en": f"{name}: variance between clusters", "zh": f"{name}：聚类间方差"},
                    ours.sigma2_between,
                    theirs["sigma2"][0],
                ),
                (
                    {"en": f"{name}: variance within clusters", "zh": f"{name}：聚类内方差"},
                    ours.sigma2_within,
                    theirs["sigma2"][1],
                ),
                (
                    {"en": f"{name}: first coefficient", "zh": f"{name}：首个系数"},
                    ours.beta[0],
                    theirs["beta"][0],
                ),
            ):
                yield _one("multilevel", dataset, quantity, mine, reference, 1e-6)
            found = robust(
                y,
                v,
                cluster,
                moderators=x,
                correlation=correlation,
                tau2_between=theirs["sigma2"][0],
                tau2=theirs["sigma2"][1],
            )
            expected = case["robust"]["clubSandwich_CR2_Satterthwaite"]
            pairs = [*zip(found.se, expected["se"], strict=True), *zip(found.df, expected["df"], strict=True)]
            quantity = {
                "en": f"{name}: CR2 standard errors and Satterthwaite df",
                "zh": f"{name}：CR2 标准误与 Satterthwaite 自由度",
            }
            yield _worst("multilevel", dataset, quantity, pairs, _CLOSED)


def _small_study(source: _Fixtures) -> Iterator[Agreement]:
    for dataset, blocks in source.load("models/bias").items():
        if dataset == "meta":
            continue
        for block, expected in blocks.items():
            name = f"{dataset} {block.removeprefix('core').strip('_')}".strip()
            y, v = source.block(dataset, block)
            egger = small_study.egger(y, v, fewest=3)
            begg = small_study.begg(y, v, fewest=3)
            quantity = {"en": "Egger's test: t", "zh": "Egger 检验：t"}
            yield _one("small_study", name, quantity, egger.statistic, expected["lm"]["zval"], _CLOSED)
            quantity = {"en": "Begg's test: p", "zh": "Begg 检验：p"}
            yield _one("small_study", name, quantity, begg.p_value, expected["ranktest"]["pval"], _CLOSED)
            pairs = []
            for key, fill in expected["trimfill"].items():
                method, estimator, side = key.split("_")
                ours = trim_and_fill(
                    y,
                    v,
                    estimator=estimator,
                    side=None if side == "auto" else side,
                    method=method,
                    interval="wald",
                    fewest=3,
                )
                pairs += [(ours.k0, fill["k0"]), (ours.effect.estimate, fill["fit"][0])]
            quantity = {
                "en": "Trim and fill: studies filled and estimates, the worst",
                "zh": "剪补法：补入研究数与合并效应，差异最大者",
            }
            yield _worst("small_study", name, quantity, pairs, 1e-7)
            if "steps" in expected:
                fit = expected["steps"]["stepfun_05"]
                model = select(y, v, steps=fit["steps"], alternative=expected["alternative"])
                quantity = {"en": "Selection model (0.05): mean", "zh": "选择模型（0.05）：均值"}
                yield _one("small_study", name, quantity, model.estimate, fit["beta"][0], 1e-5)


def _reference_wrong(source: _Fixtures) -> Iterator[Agreement]:
    edge = source.load("edge_cases")
    for name, case in edge.items():
        if not name.startswith("reml_bimodal"):
            continue
        ours = pool(case["yi"], case["vi"], interval="wald")
        theirs = case["confint_QP"]["tau2"]["estimate"]
        note = None
        if not name.endswith("finds_global"):
            note = {
                "en": f"Two peaks: metafor reports the lower one, tau² = {theirs:.4g}.",
                "zh": f"似然函数有两个峰：metafor 给出较低的一个，tau² = {theirs:.4g}。",
            }
        quantity = {"en": "tau² (REML), highest peak", "zh": "tau²（REML），最高峰"}
        yield _one("reference_wrong", name, quantity, ours.tau2, case["global_max_REML"]["tau2"], 1e-6, note)

    case = source.load("models/regression")["bcg"]["no_intercept"]
    y, v = source.block("bcg", case["block"])
    x = np.array(case["X"], dtype=float)
    fitted = regress(y, v, x, intercept=False, method="EE", interval="wald")
    w, column = 1 / v, x[:, 0]
    direct = float((w * (y - column * float(fitted.beta[0])) ** 2).sum())
    theirs = case["fits"]["FE_z"]["QE"]
    yield _one(
        "reference_wrong",
        "bcg",
        {"en": "Residual Q of a regression without intercept", "zh": "无截距回归的残差 Q"},
        fitted.q_residual,
        direct,
        _CLOSED,
        {
            "en": f"metafor centres the effects first, which is another model: Q = {theirs:.4g}. "
            "The reference is the sum of squares itself.",
            "zh": f"metafor 先将效应量中心化，等于换了模型：Q = {theirs:.4g}。此处参考值为平方和本身。",
        },
    )
    bias = source.load("models/bias")["li2007"]["core_OR"]
    y, v = source.block("li2007", "core_OR")
    for name in ("stepfun_025", "stepfun_05_10_50"):
        fit = bias["steps"][name]
        model = select(y, v, steps=fit["steps"], alternative=bias["alternative"])
        yield Agreement(
            "reference_wrong",
            "li2007 OR",
            {
                "en": f"Selection model {name}: log-likelihood",
                "zh": f"选择模型 {name}：对数似然",
            },
            fit["logLik"],
            model.log_likelihood,
            model.log_likelihood - fit["logLik"],
            0.0,
            model.log_likelihood >= fit["logLik"],
            1,
            {
                "en": "A maximum of the likelihood must be its highest value: metafor stops at a lower peak.",
                "zh": "最大似然应取最高值：metafor 停在较低的峰。",
            },
        )
