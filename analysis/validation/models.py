"""Meta-regression, three-level models, robust variance and small-study effects, beside the reference."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.statistics.multilevel import pool_multilevel
from analysis.statistics.regression import regress
from analysis.statistics.robust import robust
from analysis.statistics.selection import select
from analysis.statistics.small_study import begg, egger
from analysis.statistics.trim_fill import trim_and_fill

from .record import CLOSED, ITERATED, TESTS, Agreement, Array, Fixtures, one, worst


def regression(source: Fixtures) -> Iterator[Agreement]:
    """Meta-regression under every estimator and test."""
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
                ours = regress(y, v, x, method=method, interval=TESTS[test], q_profile=False)
                for mine, theirs in ((ours.beta, "beta"), (ours.se, "se"), (ours.ci_low, "ci_lb")):
                    pairs += list(zip(mine, fit[theirs], strict=True))
                pairs += [(ours.tau2, fit["tau2"]), (ours.i2, fit["I2"]), (ours.q_model or 0.0, fit["QM"])]
                if ours.r2 is not None:
                    pairs.append((ours.r2, fit["R2"]))
            quantity = {"en": f"Moderators {name}: the worst figure", "zh": f"调节变量 {name}：差异最大者"}
            yield worst("regression", dataset, quantity, pairs, ITERATED)


def _cluster_data(source: Fixtures, dataset: str, name: str) -> tuple[list[str], Array | None, float]:
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


def multilevel(source: Fixtures) -> Iterator[Agreement]:
    """Three-level models and cluster-robust variance."""
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
                yield one("multilevel", dataset, quantity, mine, reference, 1e-6)
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
            yield worst("multilevel", dataset, quantity, pairs, CLOSED)


def small_study(source: Fixtures) -> Iterator[Agreement]:
    """Egger, Begg, trim and fill, selection models."""
    for dataset, blocks in source.load("models/bias").items():
        if dataset == "meta":
            continue
        for block, expected in blocks.items():
            name = f"{dataset} {block.removeprefix('core').strip('_')}".strip()
            y, v = source.block(dataset, block)
            eggers = egger(y, v, fewest=3)
            beggs = begg(y, v, fewest=3)
            quantity = {"en": "Egger's test: t", "zh": "Egger 检验：t"}
            yield one("small_study", name, quantity, eggers.statistic, expected["lm"]["zval"], CLOSED)
            quantity = {"en": "Begg's test: p", "zh": "Begg 检验：p"}
            yield one("small_study", name, quantity, beggs.p_value, expected["ranktest"]["pval"], CLOSED)
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
            yield worst("small_study", name, quantity, pairs, 1e-7)
            if "steps" in expected:
                fit = expected["steps"]["stepfun_05"]
                model = select(y, v, steps=fit["steps"], alternative=expected["alternative"])
                quantity = {"en": "Selection model (0.05): mean", "zh": "选择模型（0.05）：均值"}
                yield one("small_study", name, quantity, model.estimate, fit["beta"][0], 1e-5)
