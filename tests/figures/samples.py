"""Syntheses to draw: the BCG trials with metafor's own numbers, and simulated ones, named so."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path

from analysis.figures.lights import Lights
from analysis.synthesis.results import (
    Alternative,
    LeftOut,
    Mark,
    Pooled,
    Row,
    Subgroup,
    SubgroupTest,
    Synthesis,
)

Z = 1.959963984540054

ROUTES = {"IT": {"en": "Intrathecal", "zh": "鞘内"}, "IV": {"en": "Intravenous", "zh": "静脉"}}
CELLS = {
    "bone_marrow": {"en": "Bone marrow", "zh": "骨髓"},
    "umbilical_cord": {"en": "Umbilical cord", "zh": "脐带"},
}


def synthesis(rows: Sequence[Row], **changes: object) -> Synthesis:
    """A mean difference in EDSS, with `rows`, changed as wanted."""
    base: dict[str, object] = {
        "id": "simulated",
        "kind": "two_arm",
        "measure": "MD",
        "scale": "identity",
        "better": "lower",
        "null_value": 0.0,
        "mid": None,
        "unit": "edss_points",
        "title": {"en": "EDSS change, simulated", "zh": "EDSS 变化（模拟数据）"},
        "outcome": {"en": "EDSS change", "zh": "EDSS 变化"},
        "description": {"en": "Simulated.", "zh": "模拟数据。"},
        "favours_low": {"en": "favours MSC", "zh": "支持间充质干细胞"},
        "favours_high": {"en": "favours sham", "zh": "支持假手术"},
        "columns": ("route", "mean_sd_n"),
        "k": sum(row.status == "pooled" for row in rows),
        "participants": None,
        "rows": tuple(rows),
        "pooled": None,
    }
    return Synthesis(**(base | changes))  # type: ignore[arg-type]


def pooled(rows: Sequence[Row], scale: str = "identity", **changes: object) -> Pooled:
    """A common-effect average of the pooled rows, dressed as a random-effects one."""
    used = [row for row in rows if row.status == "pooled" and row.yi is not None and row.vi]
    weight = [1 / row.vi for row in used if row.vi]
    beta = math.fsum(w * row.yi for w, row in zip(weight, used, strict=True) if row.yi is not None) / sum(
        weight
    )
    se = 1 / math.sqrt(sum(weight))
    spread = 3 * se
    base: dict[str, object] = {
        "model": "random",
        "tau2_method": "REML",
        "interval": "hksj",
        "prediction": "t_k1",
        "k": len(used),
        "participants": int(sum((row.data.get("n1") or row.data.get("n") or 0) for row in used)),
        "estimate": natural(beta, scale),
        "ci_low": natural(beta - Z * se, scale),
        "ci_high": natural(beta + Z * se, scale),
        "prediction_low": natural(beta - spread, scale),
        "prediction_high": natural(beta + spread, scale),
        "beta": beta,
        "se": se,
        "statistic": beta / se,
        "df": float(len(used) - 1),
        "p_value": 0.0123,
        "tau2": 0.0421,
        "tau2_low": 0.0,
        "tau2_high": 0.31,
        "i2": 46.2,
        "i2_low": 0.0,
        "i2_high": 81.0,
        "q": 12.34,
        "q_df": len(used) - 1,
        "q_p": 0.137,
    }
    return Pooled(**(base | changes))  # type: ignore[arg-type]


def natural(value: float, scale: str) -> float:
    """Back from the analysis scale."""
    if scale == "log":
        return math.exp(value)
    return 1 / (1 + math.exp(-value)) if scale == "logit" else value


def row(number: int, yi: float, vi: float, scale: str = "identity", **changes: object) -> Row:
    """A simulated study."""
    half = Z * math.sqrt(vi)
    base: dict[str, object] = {
        "study_id": f"simulated{number}",
        "label": f"Simulated {1980 + number}",
        "arm": "a",
        "timepoint_months": 6.0,
        "subgroup": None,
        "status": "pooled",
        "data": {
            "mean1": -0.3 - yi / 9,
            "sd1": 0.6 + number / 30,
            "n1": 20.0 + number,
            "mean2": 0.15 + number / 50,
            "sd2": 0.5 + number,
            "n2": 18.0 + number,
        },
        "yi": yi,
        "vi": vi,
        "estimate": natural(yi, scale),
        "ci_low": natural(yi - half, scale),
        "ci_high": natural(yi + half, scale),
        "attributes": {
            "route": ROUTES["IT" if number % 2 else "IV"],
            "cell_source": CELLS["bone_marrow" if number % 3 else "umbilical_cord"],
        },
    }
    return Row(**(base | changes))  # type: ignore[arg-type]


def weighed(rows: Sequence[Row]) -> list[Row]:
    """The same rows with weights in percent."""
    total = sum(1 / r.vi for r in rows if r.status == "pooled" and r.vi)
    return [
        dataclasses.replace(r, weight=100 / r.vi / total) if r.status == "pooled" and r.vi else r
        for r in rows
    ]


def simulated(k: int, scale: str = "identity", **changes: object) -> Synthesis:
    """`k` simulated studies on a fixed pattern, pooled."""
    rows = weighed(
        [
            row(i, 0.45 * math.sin(2.3 * i) - 0.3, 0.02 + 0.2 * ((7 * i) % 11) / 11, scale)
            for i in range(1, k + 1)
        ]
    )
    return synthesis(rows, **({"pooled": pooled(rows, scale)} | changes))


def one() -> Synthesis:
    """One simulated trial, not pooled, with two things assumed."""
    marks = (Mark("assumed_n", 30.0), Mark("assumed_sd_label"))
    only = row(1, -0.5, 0.0086, status="single", marks=marks)
    others = [
        row(
            2, 0, 1, status="not_pooled", reason="missing_sd", estimate=None, data={"mean1": -0.2, "n1": 12.0}
        ),
        row(3, 0.1, 0.05, status="not_pooled", reason="overlap", reason_detail="simulated1"),
    ]
    return synthesis([only, *others], k=1, mid=0.5)


def nothing() -> Synthesis:
    """Three simulated studies of which none can be estimated."""
    rows = [
        row(i, 0, 1, status="not_pooled", reason=reason, estimate=None, ci_low=None, ci_high=None, data={})
        for i, reason in enumerate(("no_numbers", "missing_n", "secondary_unchecked"), 1)
    ]
    return synthesis(rows)


def subgroups() -> Synthesis:
    """Seven simulated studies in three subgroups, one of them with a single study."""
    base = simulated(7)
    codes = ("IT", "IT", "IT", "IV", "IV", "IV", "ICV")
    rows = tuple(dataclasses.replace(r, subgroup=code) for r, code in zip(base.rows, codes, strict=True))
    labels = ROUTES | {"ICV": {"en": "Intracerebroventricular", "zh": "脑室内"}}
    groups = []
    for code in ("IT", "IV", "ICV"):
        members = [r for r in rows if r.subgroup == code]
        own = pooled(members, prediction_low=None, prediction_high=None) if len(members) > 1 else None
        groups.append(Subgroup(code, labels[code], len(members), 40 * len(members), own))
    return dataclasses.replace(
        base,
        rows=rows,
        subgroup_by="route",
        subgroups=tuple(groups),
        subgroup_test=SubgroupTest("route", 1.83, 2, 0.401),
    )


def shares() -> Synthesis:
    """Simulated single-arm shares, some of them zero."""
    table = [(0, 10), (0, 24), (1, 7), (3, 30), (0, 5), (2, 18)]
    limits = [(0.0, 0.308), (0.0, 0.142), (0.004, 0.579), (0.021, 0.265), (0.0, 0.522), (0.014, 0.347)]
    rows = [
        row(
            i,
            0.0,
            1.0,
            data={"events": float(events), "n": float(n)},
            estimate=events / n,
            ci_low=low,
            ci_high=high,
            weight=100 * n / 94,
        )
        for i, ((events, n), (low, high)) in enumerate(zip(table, limits, strict=True), 1)
    ]
    answer = pooled(
        rows,
        model="glmm",
        tau2_method="ML",
        interval="t",
        estimate=0.052,
        ci_low=0.021,
        ci_high=0.124,
        prediction_low=0.01,
        prediction_high=0.24,
        participants=94,
    )
    return synthesis(
        rows,
        kind="proportion",
        measure="PR",
        scale="logit",
        null_value=None,
        unit="share",
        columns=("route", "follow_up", "events_n"),
        favours_low={"en": "", "zh": ""},
        favours_high={"en": "", "zh": ""},
        outcome={"en": "Serious adverse events", "zh": "严重不良事件"},
        pooled=answer,
    )


def enormous() -> Synthesis:
    """Five simulated studies, one with an interval a hundred times as wide as the others'."""
    rows = [row(i, -0.2 * i, 0.03) for i in range(1, 5)] + [row(5, 0.1, 400.0)]
    rows = weighed(rows)
    return synthesis(rows, pooled=pooled(rows))


def decades() -> Synthesis:
    """Simulated risk ratios over three decades."""
    spread = [math.log(0.03), math.log(0.2), math.log(1.1), math.log(4), math.log(30)]
    rows = weighed(
        [
            row(
                i,
                yi,
                0.15 + 0.05 * i,
                "log",
                data={"events1": 3.0 + i, "n1": 30.0, "events2": 104.0 / i, "n2": 1531.0},
            )
            for i, yi in enumerate(spread, 1)
        ]
    )
    return ratio(synthesis(rows, pooled=pooled(rows, "log")))


def ratio(base: Synthesis) -> Synthesis:
    """The same as a risk ratio."""
    return dataclasses.replace(
        base,
        measure="RR",
        scale="log",
        null_value=1.0,
        unit="ratio",
        columns=("route", "events_n"),
        outcome={"en": "Relapse", "zh": "复发"},
    )


def long_labels() -> Synthesis:
    """Simulated studies whose labels do not fit on a line, in both languages."""
    base = simulated(3, mid=0.5)
    labels = (
        "Multicentre Consortium for Mesenchymal Stromal Cells in Progressive Multiple Sclerosis 2021",
        "多中心间充质干细胞治疗继发进展型多发性硬化随机双盲安慰剂对照临床试验协作组 2019",
        "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüssel 1899",
    )
    rows = tuple(
        dataclasses.replace(r, label=label, marks=(Mark("assumed_correlation", 0.5),))
        for r, label in zip(base.rows, labels, strict=True)
    )
    extra = row(
        9, 0, 1, status="not_pooled", reason="secondary_unchecked", estimate=None, data={}, label=labels[0]
    )
    return dataclasses.replace(
        base,
        rows=(*rows, extra),
        favours_low={
            "en": "favours mesenchymal stem cells given into the spinal canal",
            "zh": "支持经鞘内途径给予的间充质干细胞治疗",
        },
        favours_high={"en": "favours the sham procedure or usual treatment", "zh": "支持假手术或常规治疗"},
    )


def bcg(*, as_ratio: bool) -> Synthesis:
    """The BCG vaccine trials (Colditz 1994), with metafor's REML results."""
    source = json.loads((Path(__file__).parent / "bcg.json").read_text(encoding="utf-8"))
    trials, fit = source["trials"], source["reml"]
    scale = "log" if as_ratio else "identity"
    rows = [
        row(
            i,
            trial["yi"],
            trial["vi"],
            scale,
            study_id=f"bcg{i}",
            label=trial["label"],
            data={
                "events1": float(trial["tpos"]),
                "n1": float(trial["tpos"] + trial["tneg"]),
                "events2": float(trial["cpos"]),
                "n2": float(trial["cpos"] + trial["cneg"]),
            },
            weight=100 / (trial["vi"] + fit["tau2"]) / sum(1 / (t["vi"] + fit["tau2"]) for t in trials),
        )
        for i, trial in enumerate(trials, 1)
    ]
    answer = pooled(
        rows,
        interval="wald",
        prediction=None,
        participants=None,
        estimate=natural(fit["beta"], scale),
        ci_low=natural(fit["ci_lb"], scale),
        ci_high=natural(fit["ci_ub"], scale),
        prediction_low=None,
        prediction_high=None,
        statistic=fit["zval"],
        df=None,
        p_value=fit["pval"],
        tau2=fit["tau2"],
        tau2_low=None,
        tau2_high=None,
        i2=fit["I2"],
        i2_low=None,
        i2_high=None,
        q=fit["QE"],
        q_df=12,
        q_p=fit["QEp"],
    )
    base = synthesis(
        rows,
        columns=("events_n",),
        pooled=answer,
        measure="RR" if as_ratio else "GEN",
        favours_low={"en": "favours vaccine", "zh": "支持疫苗"},
        favours_high={"en": "favours control", "zh": "支持对照"},
        outcome={"en": "Tuberculosis", "zh": "结核病"},
        unit="ratio",
    )
    return dataclasses.replace(base, scale=scale, null_value=1.0 if as_ratio else 0.0)


def with_choices() -> Synthesis:
    """Five simulated studies under other choices, one of which cannot be computed."""
    base = simulated(5)
    answer = base.pooled
    assert answer is not None
    others = [
        Alternative("model", code, {}, 5, answer.estimate + shift, answer.ci_low - 0.1, answer.ci_high, 0.03)
        for code, shift in (("reml_wald", 0.0), ("dl_hksj", 0.02), ("common", 0.05))
    ]
    others += [
        Alternative("assumption", "assumed_correlation", {"value": r}, 5, -0.3, -0.9 + r, 0.2 - r, 0.2)
        for r in (0.0, 0.3, 0.7)
    ]
    none = Alternative("inclusion", "with_all_wordings", {}, 0, None, None, None, reason="not_estimable")
    left = tuple(
        LeftOut(r.study_id, r.label, -0.3 + i / 20, -0.8, 0.1 + i / 30, 0.02 * i, 12.0 * i)
        for i, r in enumerate(base.rows)
    )
    return dataclasses.replace(base, alternatives=(*others, none), leave_one_out=left)


def lights() -> Lights:
    """Simulated judgements; the third study has none."""
    return Lights(
        domains=("randomisation", "deviations", "missing data"),
        judgements={
            "simulated1": ("low", "some_concerns", "high"),
            "simulated2": ("no_information", "low", "not_assessed"),
        },
        meanings={
            "not_assessed": "not assessed",
            "low": "low",
            "no_information": "no information",
            "some_concerns": "some concerns",
            "high": "high",
        },
    )
