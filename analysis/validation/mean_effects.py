"""Pooling by inverse variance and mixed models of counts, beside the reference."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.statistics.glmm import glmm_odds_ratio, glmm_proportion, glmm_rate, glmm_rate_ratio
from analysis.statistics.mixed import MixedEffect
from analysis.statistics.pooling import pool

from .record import ITERATED, TESTS, Agreement, Fixtures, one, worst


def pooling(source: Fixtures) -> Iterator[Agreement]:
    """Inverse-variance pooling: the main figures, and the worst of every estimator and interval."""
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
                yield one("pooling", name, quantity, mine, theirs, ITERATED)
            pairs = []
            for method, tests in expected["rma"].items():
                for test, fit in tests.items():
                    if not isinstance(fit, dict) or "se" not in fit:
                        continue
                    effect = pool(y, v, method=method, interval=TESTS[test], q_profile=False)
                    pairs += [(effect.se, fit["se"]), (effect.ci_low, fit["ci_lb"])]
                    if test == "z":
                        pairs += [(effect.estimate, fit["beta"]), (effect.tau2, fit["tau2"] or 0.0)]
                        pairs += [(effect.i2, fit["I2"]), (effect.h2, fit["H2"]), (effect.q, fit["QE"])]
            quantity = {
                "en": "All estimators and intervals: the worst figure",
                "zh": "全部估计方法与区间：差异最大者",
            }
            yield worst("pooling", name, quantity, pairs, ITERATED)


def _mixed_cases(source: Fixtures) -> Iterator[tuple[str, str, str, MixedEffect]]:
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


def mixed(source: Fixtures) -> Iterator[Agreement]:
    """Mixed models of counts beside exact solutions."""
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
            yield one("mixed", dataset, quantity, mine, reference, promised, note)
