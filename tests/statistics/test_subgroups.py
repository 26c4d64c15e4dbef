"""Subgroups against R's metafor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.statistics.errors import StatisticsError
from analysis.statistics.pooling import pool
from analysis.statistics.subgroups import subgroups
from tests.statistics.reference_data import INTERVAL, ITERATIVE, array, differs, load

CASES = {
    f"{dataset}/{name}": (dataset, case)
    for dataset, cases in load("models/subgroups").items()
    for name, case in cases.items()
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("fit", ["REML_z", "REML_knha", "DL_z", "DL_knha", "EE_z"])
def test_metafor(name: str, fit: str) -> None:
    dataset, case = CASES[name]
    block = load(f"core/{dataset}")[case["block"]]
    y, v = array(block["yi"]), array(block["vi"])
    method, test = fit.split("_")
    expected = case["fits"][fit]
    ours = subgroups(y, v, case["group"], method=method, interval=INTERVAL[test])
    assert set(ours.names) == set(expected["groups"])
    for group, effect in zip(ours.names, ours.effects, strict=True):
        theirs = expected["groups"][group]
        assert not differs(effect.estimate, theirs["beta"], ITERATIVE, 1e-10)
        assert not differs(effect.se, theirs["se"], ITERATIVE)
        assert not differs(effect.tau2, theirs["tau2"], ITERATIVE, 1e-10)
    # A Q near zero is a difference of nearly equal numbers.
    assert not differs(ours.q_between, expected["between"]["Q"], 1e-8, 1e-10)
    assert not differs(ours.q_between_p, expected["between"]["p"], 1e-8)
    if "common" not in expected:
        return
    shared = subgroups(y, v, case["group"], tau2="common", method=method, interval=INTERVAL[test])
    theirs = expected["common"]
    order = [shared.names.index(coef.removeprefix("g_")) for coef in theirs["coef"]]
    for field, column in (("estimate", "beta"), ("se", "se"), ("ci_low", "ci_lb"), ("p_value", "pval")):
        values = [getattr(shared.effects[i], field) for i in order]
        assert not differs(values, theirs[column], ITERATIVE, 1e-10)
    for effect in shared.effects:
        assert effect.tau2 == pytest.approx(theirs["tau2"], rel=1e-8, abs=1e-12)
    if method != "EE":
        assert not differs(shared.q_between, expected["common_between"][0], 1e-8, 1e-10)
        assert not differs(shared.q_between_p, expected["common_between"][1], 1e-8)


def test_common_effect_leaves_nothing_over() -> None:
    """Under a common effect Q splits exactly into within and between."""
    y, v, g = np.array([0.1, 0.3, 0.6, 1.0, 0.2]), np.array([0.1, 0.2, 0.1, 0.3, 0.2]), list("aabba")
    ours = subgroups(y, v, g, method="EE", interval="wald")
    assert sum(e.q for e in ours.effects) + ours.q_between == pytest.approx(pool(y, v, method="EE").q)


def test_common_tau2_describes_each_subgroup_with_it() -> None:
    y, v, g = [0.1, 0.9, 0.6, 2.0, 0.2], [0.1, 0.2, 0.1, 0.3, 0.2], list("aabbc")
    ours = subgroups(y, v, g, tau2="common")
    lonely = ours.effects[2]
    assert (lonely.k, lonely.interval, lonely.df) == (1, "hksj", 2.0)
    assert lonely.weights.tolist() == [100.0]
    pair = ours.effects[0]
    w = 1 / np.array([0.1, 0.2])
    typical = 1 / (w.sum() - (w**2).sum() / w.sum())
    assert pair.i2 == pytest.approx(100 * pair.tau2 / (pair.tau2 + typical))
    assert pair.weights.sum() == pytest.approx(100)


def test_identical_effects_have_no_test() -> None:
    ours = subgroups([1, 1, 2, 3], [0.1, 0.2, 0.1, 0.2], list("aabb"))
    assert (ours.q_between, ours.q_between_p) == (None, None)


@pytest.mark.parametrize(
    ("groups", "options", "code"),
    [
        (list("aaaa"), {}, "one_subgroup"),
        (list("aab"), {}, "unequal_lengths"),
        (list("abcd"), {"tau2": "common"}, "too_few_studies"),
        (list("aabb"), {"tau2": "other"}, "unknown_option"),
    ],
)
def test_refusals(groups: list[str], options: dict[str, Any], code: str) -> None:
    with pytest.raises(StatisticsError) as caught:
        subgroups([1, 2, 3, 4], [0.1] * 4, groups, **options)
    assert caught.value.code == code
