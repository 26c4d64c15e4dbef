"""Mantel-Haenszel and Peto against metafor and meta."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.statistics.errors import StatisticsError
from analysis.statistics.mantel_haenszel import (
    TableEffect,
    cumulate_tables,
    leave_one_table_out,
    mantel_haenszel,
    peto,
)
from tests.statistics.reference_data import CLOSED_FORM, differs, load, numbers, table

FIELDS = {
    "estimate": "beta",
    "se": "se",
    "p_value": "pval",
    "ci_low": "ci_lb",
    "ci_high": "ci_ub",
    "q": "QE",
    "q_p_value": "QEp",
    "i2": "I2",
    "h2": "H2",
    "k": "k",
    "k_effects": "k_yi",
}
TESTS = {"cmh": "MH", "cochran": "CO", "breslow_day": "BD", "tarone": "TA"}


def bcg() -> list[np.ndarray]:
    tpos, tneg, cpos, cneg = numbers("data/bcg", "tpos", "tneg", "cpos", "cneg")
    return [tpos, tpos + tneg, cpos, cpos + cneg]


def counts(name: str) -> list[np.ndarray]:
    if name == "viechtbauer2021":
        return numbers("data/viechtbauer2021", "xTi", "nTi", "xCi", "nCi")
    columns = numbers(f"data/{name}", "ai", "n1i", "ci", "n2i")
    if name == "yusuf1985":
        chosen = np.array([x == "6" for x in table("data/yusuf1985")["table"]])
        chosen &= np.isfinite(np.sum(columns, axis=0))
        return [column[chosen] for column in columns]
    return columns


def agree(ours: TableEffect, expected: dict[str, Any], close: float = CLOSED_FORM) -> None:
    wrong = [
        f"{field}: {found}"
        for field, name in FIELDS.items()
        if (found := differs(getattr(ours, field), expected[name], close, 1e-13))
    ]
    for name, theirs in TESTS.items():
        if name in ours.tests:
            # far in the tail a p value multiplies the rounding of its statistic
            wrong += [differs(ours.tests[name]["statistic"], expected[theirs], close)]
            wrong += [differs(ours.tests[name]["p_value"], expected[theirs + "p"], 1e-8, 1e-15)]
        else:
            assert expected.get(theirs) is None
    assert not any(wrong), "\n".join(wrong)


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_vaccine_trials(measure: str) -> None:
    agree(mantel_haenszel(measure, *bcg()), load("core/bcg")["mh"][measure])


def test_without_continuity_correction() -> None:
    agree(mantel_haenszel("OR", *bcg(), continuity=False), load("core/bcg")["mh"]["OR_uncorrected_CMH"])


@pytest.mark.parametrize("name", ["nielweise2007", "li2007", "viechtbauer2021", "yusuf1985"])
@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_tables_with_empty_cells(name: str, measure: str) -> None:
    expected = load(f"core/{name}")[f"mh_{measure}"]
    agree(mantel_haenszel(measure, *counts(name)), expected["default"])
    corrected = mantel_haenszel(measure, *counts(name), correction=0.5, correct="only0")
    agree(corrected, expected["pooled_with_add_only0"])


@pytest.mark.parametrize("name", ["bcg", "nielweise2007", "li2007", "viechtbauer2021", "yusuf1985"])
def test_peto(name: str) -> None:
    agree(peto(*(bcg() if name == "bcg" else counts(name))), load(f"core/{name}")["peto"])


@pytest.mark.parametrize("measure", ["IRR", "IRD"])
def test_rates(measure: str) -> None:
    data = numbers("data/hart1999", "x1i", "t1i", "x2i", "t2i")
    expected = load("core/hart1999")[f"mh_{measure}"]
    agree(mantel_haenszel(measure, *data), expected["default"])
    agree(mantel_haenszel(measure, *data, continuity=False), expected["no_correction"])


@pytest.mark.parametrize(("measure", "name"), [("OR", "mh_leave1out"), ("PETO", "peto_leave1out")])
def test_leave_one_out(measure: str, name: str) -> None:
    ours, expected = leave_one_table_out(measure, *bcg()), load("core/bcg")[name]
    for field, key in (("estimate", "estimate"), ("se", "se"), ("q", "Q"), ("q_p_value", "Qp"), ("i2", "I2")):
        assert not differs([getattr(item, field) for item in ours], expected[key], CLOSED_FORM, 1e-13)


def test_cumulative() -> None:
    expected = load("core/bcg")["mh_cumul"]
    ours = cumulate_tables("OR", *bcg(), np.array(expected["ids"]) - 1)
    for field, key in (("estimate", "estimate"), ("se", "se"), ("q", "Q"), ("q_p_value", "Qp"), ("i2", "I2")):
        assert not differs([getattr(item, field) for item in ours], expected[key], CLOSED_FORM, 1e-12)


@pytest.mark.parametrize("dataset", list(load("meta")["metabin"]))
def test_r_meta(dataset: str) -> None:
    """R's meta without its corrections ("exact"), and its variance of the risk difference."""
    source = load("meta")["metabin"][dataset]
    data = [np.array(source["inputs"][name]) for name in ("event.e", "n.e", "event.c", "n.c")]
    for ours, name in (
        (mantel_haenszel("OR", *data), "OR_MH_exact"),
        (mantel_haenszel("RD", *data, variance="greenland"), "RD_MH_exact"),
        (peto(*data), "OR_Peto"),
    ):
        if name not in source:
            continue
        assert not differs(ours.estimate, source[name]["TE_common"], CLOSED_FORM, 1e-14), name
        assert not differs(ours.se, source[name]["seTE_common"], CLOSED_FORM), name


def test_weights_are_shares_of_the_information() -> None:
    ours = mantel_haenszel("OR", [0, 3, 5], [10, 20, 30], [0, 6, 4], [12, 22, 31])
    assert ours.weights.sum() == pytest.approx(100)
    assert ours.weights[0] == 0
    assert (ours.k, ours.k_effects) == (3, 2)


def test_swapping_arms_inverts() -> None:
    a, n1, c, n2 = counts("nielweise2007")
    for measure in ("OR", "RR", "RD"):
        assert mantel_haenszel(measure, c, n2, a, n1).estimate == pytest.approx(
            -mantel_haenszel(measure, a, n1, c, n2).estimate, rel=1e-12
        )
    assert peto(c, n2, a, n1).estimate == pytest.approx(-peto(a, n1, c, n2).estimate, rel=1e-12)


@pytest.mark.parametrize("call", [lambda *t: mantel_haenszel("OR", *t), lambda *t: mantel_haenszel("RR", *t)])
def test_an_arm_without_any_event_has_no_ratio(call) -> None:
    with pytest.raises(StatisticsError, match="one arm has no event") as caught:
        call([0, 0], [10, 12], [1, 2], [10, 12])
    assert caught.value.code == "not_estimable"


def test_no_event_anywhere() -> None:
    with pytest.raises(StatisticsError) as caught:
        peto([0, 0], [10, 12], [0, 0], [10, 12])
    assert caught.value.code == "not_estimable"
    difference = mantel_haenszel("RD", [0, 0], [10, 12], [0, 0], [10, 12])
    assert (difference.estimate, difference.se, difference.p_value) == (0, 0, None)


def test_missing_count_names_the_study() -> None:
    with pytest.raises(StatisticsError, match="study 1"):
        mantel_haenszel("OR", [1, None], [10, 12], [1, 2], [10, 12])


def test_one_table() -> None:
    ours = mantel_haenszel("OR", [3], [10], [5], [12])
    assert ours.estimate == pytest.approx(np.log(3 * 7 / (7 * 5)))
    assert (ours.q, ours.q_df, ours.i2) == (0, 0, 0)
