"""Where the reference is wrong: ours beside a value found independently."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.statistics.pooling import pool
from analysis.statistics.regression import regress
from analysis.statistics.selection import select

from .record import CLOSED, Agreement, Fixtures, one


def reference_wrong(source: Fixtures) -> Iterator[Agreement]:
    """Ours beside the value that metafor should have found."""
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
        yield one("reference_wrong", name, quantity, ours.tau2, case["global_max_REML"]["tau2"], 1e-6, note)

    case = source.load("models/regression")["bcg"]["no_intercept"]
    y, v = source.block("bcg", case["block"])
    x = np.array(case["X"], dtype=float)
    fitted = regress(y, v, x, intercept=False, method="EE", interval="wald")
    w, column = 1 / v, x[:, 0]
    direct = float((w * (y - column * float(fitted.beta[0])) ** 2).sum())
    theirs = case["fits"]["FE_z"]["QE"]
    yield one(
        "reference_wrong",
        "bcg",
        {"en": "Residual Q of a regression without intercept", "zh": "无截距回归的残差 Q"},
        fitted.q_residual,
        direct,
        CLOSED,
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
