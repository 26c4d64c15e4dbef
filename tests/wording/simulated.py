"""Simulated results to write sentences about: no number of them is evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from analysis.synthesis.results import (
    Alternative,
    Mark,
    Pooled,
    Row,
    SmallStudy,
    Subgroup,
    SubgroupTest,
    Synthesis,
)


def pooled(estimate: float, low: float, high: float, k: int = 3, **values: Any) -> Pooled:
    """A pooled estimate; what is not given is filled in plausibly."""
    given: dict[str, Any] = {
        "model": "random",
        "tau2_method": "REML",
        "interval": "hksj",
        "prediction": "t_k1",
        "k": k,
        "participants": 20 * k,
        "estimate": estimate,
        "ci_low": low,
        "ci_high": high,
        "prediction_low": None,
        "prediction_high": None,
        "beta": estimate,
        "se": (high - low) / 4,
        "statistic": None,
        "df": None,
        "p_value": None,
    }
    return Pooled(**(given | values))


def row(name: str = "Simulated 2001", status: str = "pooled", **values: Any) -> Row:
    """A study's row."""
    study_id = name.lower().replace(" ", "")
    given: dict[str, Any] = {"arm": "MSC", "timepoint_months": 6.0, "subgroup": None}
    return Row(study_id=study_id, label=name, status=status, **(given | values))


def question(kind: str = "two_arm", measure: str = "MD", **values: Any) -> Synthesis:
    """A question without an answer yet."""
    unit = {"MD": "edss_points", "MC": "edss_points", "PR": "share"}.get(measure, "ratio")
    given: dict[str, Any] = {
        "scale": "identity",
        "better": "lower",
        "null_value": {"PR": None, "RR": 1.0}.get(measure, 0.0),
        "mid": None,
        "unit": unit,
        "title": {"en": "Simulated question", "zh": "模拟问题"},
        "outcome": {"en": "EDSS change", "zh": "EDSS 变化值"},
        "description": {"en": "A simulated question.", "zh": "模拟问题。"},
        "favours_low": {"en": "favours MSC", "zh": "支持间充质干细胞"},
        "favours_high": {"en": "favours sham", "zh": "支持假手术"},
        "columns": (),
        "k": 0,
        "participants": None,
        "rows": (),
        "pooled": None,
    }
    return Synthesis(id="simulated", kind=kind, measure=measure, **(given | values))


def answered(estimate: float, low: float, high: float, k: int, **values: Any) -> Synthesis:
    """A question with an answer from `k` studies; one study is shown, not pooled."""
    base = question(**{name: value for name, value in values.items() if name != "head"})
    head = values.get("head", {})
    n = 20 * k
    if k == 1:
        single = row("Simulated 2001", "single", estimate=estimate, ci_low=low, ci_high=high)
        return replace(base, k=1, participants=n, rows=(single,))
    rows = tuple(row(f"Simulated {2000 + number}") for number in range(1, k + 1))
    return replace(
        base, k=k, participants=n, rows=rows, pooled=pooled(estimate, low, high, k, p_value=0.0123, **head)
    )


def share(events: tuple[int, ...], n: tuple[int, ...], low: float, high: float, **values: Any) -> Synthesis:
    """A share, with its counts."""
    k = len(events)
    base = answered(sum(events) / sum(n), low, high, k, kind="proportion", measure="PR", **values)
    rows = tuple(
        replace(found, data={"events": float(e), "n": float(size)})
        for found, e, size in zip(base.rows, events, n, strict=True)
    )
    outcome = values.get("outcome", {"en": "EDSS improved", "zh": "EDSS 改善"})
    return replace(base, rows=rows, participants=sum(n), outcome=outcome)


def alternative(
    code: str, estimate: float | None, low: float | None, high: float | None, **params: Any
) -> Alternative:
    """Another choice."""
    reason = None if estimate is not None else "not_estimable"
    return Alternative("assumption", code, params, 1, estimate, low, high, reason=reason)


ASSUMED_N = Mark("assumed_n", 30.0)
POOLED_CYCLES = Mark("pooled_cycles")
SERIOUS = {"en": "Serious adverse events", "zh": "严重不良事件"}
RELAPSE_FREE = {"en": "Relapse-free", "zh": "无复发"}
MC = {
    "kind": "before_after",
    "measure": "MC",
    "outcome": {"en": "EDSS change from baseline", "zh": "EDSS 较基线变化"},
}
RR = {"measure": "RR", "outcome": RELAPSE_FREE, "better": "higher"}
RR |= {"favours_low": {"en": "favours sham", "zh": "支持假手术"}}
RR |= {"favours_high": {"en": "favours MSC", "zh": "支持间充质干细胞"}}

PREDICTED = {"prediction_low": 0.12, "prediction_high": 0.83}


def _het(k: int, **values: Any) -> Synthesis:
    return answered(-0.4, -0.9, 0.1, k, head=values)


def _subgrouped(p: float) -> Synthesis:
    groups = (
        Subgroup("IT", {"en": "intrathecal", "zh": "鞘内"}, 3, 60, pooled(0.4, 0.2, 0.6)),
        Subgroup("IV", {"en": "intravenous", "zh": "静脉"}, 1, 8, None),
    )
    base = share((4, 2, 3, 1), (10, 7, 20, 8), 0.11, 0.42)
    return replace(
        base, subgroup_by="route", subgroups=groups, subgroup_test=SubgroupTest("route", 2.0, 1, p)
    )


def _sensitivity(synthesis: Synthesis, *alternatives: Alternative) -> Synthesis:
    return replace(synthesis, alternatives=alternatives)


_GRADED = {
    "better": (-0.9, -1.1, -0.7),
    "slightly better": (-0.4, -0.7, -0.1),
    "worse": (0.9, 0.7, 1.1),
    "open": (-0.4, -0.9, 0.1),
    "trivial": (-0.1, -0.3, 0.1),
}
_CLEAR = answered(-0.5, -0.7, -0.3, 1)
_OPEN = answered(-0.5, -1.1, 0.1, 1)

CASES: dict[str, tuple[str, Synthesis]] = {
    # two arms, nobody has assessed the certainty
    "no trial at all": ("answer", question()),
    "no trial usable, two reports listed": (
        "answer",
        question(
            rows=(
                row(status="not_pooled", reason="no_numbers"),
                row("B 2002", "not_pooled", reason="missing_n"),
            )
        ),
    ),
    "no trial usable, one report listed": (
        "answer",
        question(rows=(row(status="not_pooled", reason="no_numbers"),)),
    ),
    "no single-arm study usable": ("answer", question("proportion", "PR")),
    "one trial, favours the treatment, no mid": ("answer", _CLEAR),
    "one trial, open, no mid": ("answer", _OPEN),
    "one trial, n not known": ("answer", replace(_CLEAR, participants=None)),
    "two trials": ("answer", answered(-0.5, -0.7, -0.3, 2)),
    "twelve trials": ("answer", answered(-0.5, -0.7, -0.3, 12)),
    "reversed": ("answer", answered(0.5, 0.3, 0.7, 2)),
    "estimate exactly at no effect": ("answer", answered(0.0, -0.4, 0.4, 2)),
    "favours not named, better": (
        "answer",
        answered(-0.5, -0.7, -0.3, 2, favours_low={"en": "", "zh": ""}),
    ),
    "favours not named, worse": ("answer", answered(0.5, 0.3, 0.7, 2, favours_high={"en": "", "zh": ""})),
    "mid: open": ("answer", answered(-0.4, -0.9, 0.1, 2, mid=0.5)),
    "mid: trivial, includes no difference": ("answer", answered(-0.1, -0.3, 0.1, 2, mid=0.5)),
    "mid: trivial, excludes no difference": ("answer", answered(-0.2, -0.3, -0.1, 2, mid=0.5)),
    "mid: slight": ("answer", answered(-0.4, -0.7, -0.1, 2, mid=0.5)),
    "mid: important": ("answer", answered(-0.6, -0.9, -0.3, 2, mid=0.5)),
    "mid: beyond": ("answer", answered(-0.9, -1.1, -0.7, 2, mid=0.5)),
    "mid reached on the bad side": ("answer", answered(0.9, 0.7, 1.1, 2, mid=0.5)),
    "ratio, one trial, better": ("answer", answered(1.76, 1.1, 2.9, 1, **RR)),
    "ratio, worse": ("answer", answered(0.5, 0.3, 0.8, 2, **RR)),
    "ratio, open": ("answer", answered(1.3, 0.8, 2.1, 2, **RR)),
    "ratio, mid, slight": ("answer", answered(1.2, 1.05, 1.5, 2, mid=1.25, **RR)),
    # the wording of GRADE
    **{
        f"certainty {certainty}, {name}": ("answer", answered(*values, 2, mid=0.5, certainty=certainty))
        for certainty in ("high", "moderate", "low", "very_low")
        for name, values in _GRADED.items()
    },
    # before and after
    "before-after, one study, improved": ("answer", answered(-0.5, -0.7, -0.3, 1, **MC)),
    "before-after, three, open": ("answer", answered(-0.3, -0.9, 0.3, 3, mid=0.5, **MC)),
    "before-after, three, worsened, small": ("answer", answered(0.2, 0.1, 0.4, 3, mid=0.5, **MC)),
    "before-after, three, improved, large": ("answer", answered(-0.8, -0.9, -0.6, 3, mid=0.5, **MC)),
    "before-after, low certainty": ("answer", answered(-0.8, -0.9, -0.6, 3, certainty="low", **MC)),
    # shares
    "share, one study": ("answer", share((3,), (7,), 0.099, 0.816)),
    "share, one study, no event": ("answer", share((0,), (7,), 0.0, 0.41, outcome=SERIOUS)),
    "share, five studies": ("answer", share((3, 2, 4, 0, 9), (7, 5, 9, 6, 24), 0.21, 0.53)),
    "share, prediction interval": ("answer", share((3, 2, 4), (7, 5, 9), 0.21, 0.53, head=PREDICTED)),
    "share, all zero": ("answer", share((0, 0, 0), (10, 6, 20), 0.0, 0.0974, outcome=SERIOUS)),
    "share, everybody": ("answer", share((10, 6), (10, 6), 0.794, 1.0)),
    "share, very low certainty": ("answer", share((3, 2), (7, 5), 0.1, 0.7, certainty="very_low")),
    # published estimates
    "generic, one": ("answer", answered(0.4, 0.1, 0.7, 1, kind="generic", measure="GEN", unit="")),
    "generic, four": ("answer", answered(0.4, -0.1, 0.7, 4, kind="generic", measure="GEN", unit="")),
    # without the closing caution
    "short, no trial": ("short", question()),
    "short, one trial": ("short", _CLEAR),
    "short, before-after": ("short", answered(-0.5, -0.7, -0.3, 3, **MC)),
    "short, share": ("short", share((3, 2), (7, 5), 0.1, 0.7)),
    "short, share, all zero": ("short", share((0, 0), (10, 6), 0.0, 0.2, outcome=SERIOUS)),
    # in everyday words
    "plain, no trial": ("plain", question()),
    "plain, no study": ("plain", question("proportion", "PR")),
    "plain, one trial": ("plain", _CLEAR),
    "plain, one trial, open": ("plain", _OPEN),
    **{
        f"plain, {certainty}, {name}": ("plain", answered(*values, 2, mid=0.5, certainty=certainty))
        for certainty in ("not_assessed", "high", "moderate", "low", "very_low")
        for name, values in _GRADED.items()
    },
    "plain, before-after, better": ("plain", answered(-0.5, -0.7, -0.3, 1, **MC)),
    "plain, before-after, worse": ("plain", answered(0.5, 0.3, 0.7, 3, certainty="low", **MC)),
    "plain, before-after, open": ("plain", answered(-0.3, -0.9, 0.3, 3, **MC)),
    "plain, share": ("plain", share((3, 2), (7, 5), 0.1, 0.7)),
    "plain, share, very few": ("plain", share((1, 0), (200, 200), 0.0, 0.02, certainty="low")),
    "plain, share, nobody": ("plain", share((0, 0), (10, 6), 0.0, 0.2, outcome=SERIOUS)),
    # differences between studies
    "heterogeneity, none": ("heterogeneity", question()),
    "heterogeneity, one": ("heterogeneity", _CLEAR),
    "heterogeneity, two": ("heterogeneity", _het(2, i2=0.0, tau2=0.0, q=0.2, q_df=1, q_p=0.65)),
    "heterogeneity, not estimable": ("heterogeneity", _het(3)),
    "heterogeneity, three, wide": ("heterogeneity", _het(3, i2=40.0, i2_low=0.0, i2_high=97.2, tau2=0.031)),
    "heterogeneity, three, no interval": ("heterogeneity", _het(3, i2=10.0, tau2=0.00001)),
    "heterogeneity, low": ("heterogeneity", _het(13, i2=12.0, i2_low=0.0, i2_high=35.0, tau2=0.004)),
    "heterogeneity, moderate": ("heterogeneity", _het(13, i2=45.0, i2_low=20.0, i2_high=70.0)),
    "heterogeneity, substantial": ("heterogeneity", _het(13, i2=70.0, i2_low=52.0, i2_high=85.0)),
    "heterogeneity, considerable, predicted": (
        "heterogeneity",
        _het(13, i2=92.2, i2_low=81.0, i2_high=98.0, prediction_low=-1.87, prediction_high=0.47),
    ),
    # subgroups
    "subgroups, none": ("subgroups", _CLEAR),
    "subgroups, no clear difference": ("subgroups", _subgrouped(0.31)),
    "subgroups, difference": ("subgroups", _subgrouped(0.004)),
    # what was assumed
    "assumptions, none": ("assumptions", _CLEAR),
    "assumptions, one study": (
        "assumptions",
        replace(_CLEAR, rows=(row(status="single", marks=(ASSUMED_N, POOLED_CYCLES)),)),
    ),
    "assumptions, shared by two studies": (
        "assumptions",
        question(
            rows=(
                row(marks=(Mark("assumed_correlation", 0.5),)),
                row("B 2002", marks=(Mark("assumed_correlation", 0.5), Mark("assumed_constant_n"))),
            )
        ),
    ),
    # other choices
    "sensitivity, nothing computed": ("sensitivity", _CLEAR),
    "sensitivity, only one, not computable": (
        "sensitivity",
        _sensitivity(_CLEAR, alternative("dl_wald", None, None, None)),
    ),
    "sensitivity, none changes it, clear": (
        "sensitivity",
        _sensitivity(
            _CLEAR,
            alternative("assumed_n", -0.5, -0.8, -0.2, value=16.0),
            alternative("dl_wald", -0.45, -0.6, -0.3),
        ),
    ),
    "sensitivity, none changes it, open": (
        "sensitivity",
        _sensitivity(_OPEN, alternative("assumed_n", -0.5, -1.2, 0.2, value=16.0)),
    ),
    "sensitivity, one changes a clear one": (
        "sensitivity",
        _sensitivity(
            _CLEAR,
            alternative("assumed_n", -0.5, -1.2, 0.2, value=16.0),
            alternative("dl_wald", -0.4, -0.6, -0.3),
        ),
    ),
    "sensitivity, one changes an open one, one fails": (
        "sensitivity",
        _sensitivity(
            _OPEN, alternative("common", -0.4, -0.6, -0.3), alternative("dl_wald", None, None, None)
        ),
    ),
    "sensitivity, share": (
        "sensitivity",
        _sensitivity(share((3, 2), (7, 5), 0.1, 0.7), alternative("glmm_wald", 0.4167, 0.2, 0.68)),
    ),
    # rows that are shown without being pooled
    "left out, none": ("left_out", _CLEAR),
    "left out, two": (
        "left_out",
        question(
            rows=(
                row(status="not_pooled", reason="overlap", reason_detail="Other 2007"),
                row("B_*2002* {{< x >}}", status="not_pooled", reason="missing_sd"),
            )
        ),
    ),
    # small studies, certainty
    "small studies, too few": (
        "small_study",
        replace(_CLEAR, small_study=SmallStudy(False, "too_few", 3, 10)),
    ),
    "small studies, not planned": ("small_study", _CLEAR),
    "small studies, done": (
        "small_study",
        replace(_CLEAR, small_study=SmallStudy(True, None, 13, 10, {"egger": {"p_value": 0.19}})),
    ),
    "certainty, not assessed": ("certainty", _CLEAR),
    "certainty, low": ("certainty", replace(_CLEAR, certainty="low")),
}
