"""Tests for small-study effects, trim and fill and selection models against R's metafor and meta."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from scipy import stats

from analysis.statistics import small_study as tests
from analysis.statistics.effect_sizes import standardised_mean_difference
from analysis.statistics.errors import StatisticsError
from analysis.statistics.heterogeneity import log_likelihood
from analysis.statistics.selection import VEVEA_WOODS, VEVEA_WOODS_STEPS, select
from analysis.statistics.trim_fill import trim_and_fill
from tests.statistics.reference_data import CLOSED_FORM, ITERATIVE, array, differs, load, numbers

REFERENCE = load("models/bias")
BLOCKS = [(d, b) for d, blocks in REFERENCE.items() if d != "meta" for b in blocks]
# A p value or a fill at the end of a chain of fits loses a digit or two.
CHAIN = 1e-7


def effects(dataset: str, block: str) -> tuple[np.ndarray, np.ndarray]:
    """Effects and variances of a block of the core figures."""
    core = load(f"core/{dataset}")
    values = core[block]
    y, v = array(values["yi"]), array(values["vi"])
    known = np.isfinite(y) & np.isfinite(v)
    return y[known], v[known]


@pytest.mark.parametrize(("dataset", "block"), BLOCKS)
def test_regression_and_rank_tests(dataset: str, block: str) -> None:
    expected = REFERENCE[dataset][block]
    y, v = effects(dataset, block)
    ours = tests.egger(y, v, fewest=3)
    for field, theirs in (
        ("statistic", "zval"),
        ("p_value", "pval"),
        ("limit", "limit_est"),
        ("limit_ci_low", "limit_ci_lb"),
        ("limit_ci_high", "limit_ci_ub"),
    ):
        assert not differs(getattr(ours, field), expected["lm"][theirs], CLOSED_FORM, 1e-12)
    for name, theirs in expected["mixed"].items():
        method = name.split("_")[1]
        interval = "hksj" if name.endswith("knha") else "wald"
        mixed = tests.egger_mixed(y, v, method=method, interval=interval, fewest=3)
        assert not differs(mixed.statistic, theirs["zval"], ITERATIVE)
        assert not differs(mixed.p_value, theirs["pval"], CHAIN)
        assert not differs(mixed.tau2, theirs["tau2"], ITERATIVE, 1e-11)
    rank = tests.begg(y, v, fewest=3)
    assert not differs([rank.tau, rank.p_value], list(expected["ranktest"].values()), CLOSED_FORM)
    if "peese" in expected:
        assert not differs(tests.pet_peese(y, v, fewest=3).peese.limit, expected["peese"], CLOSED_FORM)


@pytest.mark.parametrize(("dataset", "block"), BLOCKS)
def test_trim_and_fill(dataset: str, block: str) -> None:
    y, v = effects(dataset, block)
    for name, expected in REFERENCE[dataset][block]["trimfill"].items():
        method, estimator, side = name.split("_")
        ours = trim_and_fill(
            y,
            v,
            estimator=estimator,
            side=None if side == "auto" else side,
            method=method,
            interval="wald",
            fewest=3,
        )
        assert (ours.k0, ours.side) == (expected["k0"], expected["side"]), name
        assert ours.filled.sum() == ours.k0
        assert ours.yi[: y.size].tolist() == y.tolist()
        if expected["se_k0"] is None:
            assert ours.k0_se is None
        else:
            assert not differs(ours.k0_se, expected["se_k0"], CLOSED_FORM)
        if estimator == "R0":
            assert not differs(ours.k0_p, expected["p_k0"], CLOSED_FORM)
        found = [ours.effect.estimate, ours.effect.se, ours.effect.tau2]
        assert not differs(found, expected["fit"], CHAIN, 1e-11)


def counts(dataset: str) -> list[np.ndarray]:
    if dataset == "bcg":
        a, b, c, d = numbers("data/bcg", "tpos", "tneg", "cpos", "cneg")
        return [a, a + b, c, c + d]
    return numbers(f"data/{dataset}", "ai", "n1i", "ci", "n2i")


@pytest.mark.parametrize("dataset", ["li2007", "bcg", "nielweise2007"])
@pytest.mark.parametrize(("name", "test"), [("Peters", tests.peters), ("Harbord", tests.harbord)])
def test_peters_and_harbord(dataset: str, name: str, test: Any) -> None:
    expected, ours = REFERENCE["meta"][dataset][name], test(*counts(dataset))
    assert ours.df == expected["df"]
    assert not differs(ours.limit, expected["intercept"], CLOSED_FORM, 1e-12)
    assert not differs(ours.statistic, expected["statistic"], CLOSED_FORM)
    assert not differs(ours.p_value, expected["pval"], CLOSED_FORM)


def test_pustejovsky_rodgers() -> None:
    m = numbers("data/normand1999", "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
    smd = standardised_mean_difference(*m, variance="UB")
    cases = [("normand1999_SMD", smd.yi, smd.vi, m[2], m[5])]
    cases.append(("raudenbush1985", *numbers("data/raudenbush1985", "yi", "vi", "n1i", "n2i")))
    for name, *arguments in cases:
        expected = REFERENCE["meta"][name]["Pustejovsky"]
        ours = tests.pustejovsky_rodgers(*arguments, fewest=3)
        assert not differs(ours.statistic, expected["statistic"], CLOSED_FORM)
        assert not differs(ours.p_value, expected["pval"], CLOSED_FORM)


def test_egger_is_the_classic_regression() -> None:
    y, v = effects("bcg", "core")
    line = stats.linregress(1 / np.sqrt(v), y / np.sqrt(v))
    ours = tests.egger(y, v)
    assert ours.bias == pytest.approx(line.intercept)
    assert ours.limit == pytest.approx(line.slope)
    assert ours.bias_se == pytest.approx(line.intercept_stderr)


def test_begg_with_ties_uses_the_normal() -> None:
    y = np.arange(12.0)
    v = np.repeat([0.1, 0.2, 0.3], 4)
    assert not tests.begg(y, v).exact


def test_pet_gives_way_to_peese_when_there_is_an_effect() -> None:
    rng = np.random.default_rng(0)
    v = np.linspace(0.01, 0.3, 15)
    noise = rng.normal(0, np.sqrt(v)) * 0.3
    assert tests.pet_peese(2 + noise, v).chosen == "peese"
    ours = tests.pet_peese(np.sqrt(v) + noise, v)
    assert ours.chosen == "pet"
    assert ours.estimate is ours.pet


@pytest.mark.parametrize(
    "call",
    [
        lambda y, v, c: tests.egger(y, v),
        lambda y, v, c: tests.egger_mixed(y, v),
        lambda y, v, c: tests.begg(y, v),
        lambda y, v, c: tests.pet_peese(y, v),
        lambda y, v, c: tests.pustejovsky_rodgers(y, v, c[1], c[3]),
        lambda y, v, c: tests.peters(*c),
        lambda y, v, c: tests.harbord(*c),
        lambda y, v, c: trim_and_fill(y, v),
        lambda y, v, c: select(y, v),
    ],
)
def test_nine_studies_are_refused(call: Any) -> None:
    y, v = np.arange(9.0), np.linspace(0.1, 1, 9)
    table = [np.arange(1.0, 10), np.full(9, 30.0), np.arange(9.0, 0, -1), np.full(9, 31.0)]
    with pytest.raises(StatisticsError, match="9 studies") as caught:
        call(y, v, table)
    assert caught.value.code == "too_few_for_asymmetry"


def test_equal_studies_have_no_trend() -> None:
    with pytest.raises(StatisticsError) as caught:
        tests.egger(np.arange(12.0), np.full(12, 0.3))
    assert caught.value.code == "equal_sizes"


def test_identical_effects_have_no_trend_to_test() -> None:
    with pytest.raises(StatisticsError) as caught:
        tests.egger(np.full(12, 2.3), np.linspace(0.1, 1, 12))
    assert caught.value.code == "no_scatter"


def steps() -> Iterator[tuple[str, str, str]]:
    for dataset, block in BLOCKS:
        for name in REFERENCE[dataset][block].get("steps", {}):
            yield dataset, block, name


# Two models where metafor stops at a lower peak; see test_metafor_stops_at_a_lower_peak.
LOWER_PEAK = {("li2007", "stepfun_025"), ("li2007", "stepfun_05_10_50")}
# No study has a p value in one interval: metafor returns δ = 0 to rounding, ours refuses.
EMPTY = {("raudenbush1985", "stepfun_05_10_50"), ("viechtbauer2021", "stepfun_05_10_50")}


def fit_steps(dataset: str, block: str, name: str) -> Any:
    expected = REFERENCE[dataset][block]["steps"][name]
    y, v = effects(dataset, block)
    return select(
        y,
        v,
        steps=expected["steps"],
        delta=expected["delta"] if "fixed" in name else None,
        alternative=REFERENCE[dataset][block]["alternative"],
        method="EE" if name.endswith("FE") else "ML",
    )


@pytest.mark.parametrize(("dataset", "block", "name"), list(steps()))
def test_step_functions(dataset: str, block: str, name: str) -> None:
    expected = REFERENCE[dataset][block]["steps"][name]
    if (dataset, name) in EMPTY:
        with pytest.raises(StatisticsError) as caught:
            fit_steps(dataset, block, name)
        assert caught.value.code == "empty_interval"
        return
    ours = fit_steps(dataset, block, name)
    assert ours.log_likelihood >= expected["logLik"] - 1e-10
    if (dataset, name) in LOWER_PEAK:
        return
    assert not differs(ours.estimate, expected["beta"], 1e-5, 1e-7)
    assert not differs(ours.se, expected["se"], 1e-5)
    assert not differs(ours.tau2, expected["tau2"], 1e-5, 1e-7)
    assert not differs(ours.delta, expected["delta"], 1e-5)
    if "fixed" not in name:
        assert not differs(ours.delta_se, expected["se_delta"], 1e-5)
        assert not differs(ours.lrt, expected["LRT"], 1e-6, 1e-8)
    if ours.tau2 > 0 and expected["se_tau2"] is not None:
        assert not differs(ours.tau2_se, expected["se_tau2"], 1e-5)


@pytest.mark.parametrize("name", ["stepfun_025", "stepfun_05_10_50"])
def test_metafor_stops_at_a_lower_peak(name: str) -> None:
    expected, ours = REFERENCE["li2007"]["core_OR"]["steps"][name], fit_steps("li2007", "core_OR", name)
    assert ours.log_likelihood > expected["logLik"] + 0.5
    # That this is the value of our likelihood at our solution, computed from its definition:
    y, v = effects("li2007", "core_OR")
    sign = 1 if ours.alternative == "greater" else -1
    p = stats.norm.sf(sign * y / np.sqrt(v))
    ends = np.array(ours.steps)
    cuts = np.sqrt(v)[:, None] * stats.norm.isf(np.concatenate(([0], ends)))
    sd = np.sqrt(v + ours.tau2)
    share = -np.diff(stats.norm.cdf((cuts - sign * ours.estimate) / sd[:, None]), axis=1)
    value = np.log(ours.delta[np.searchsorted(ends, p)]) + stats.norm.logpdf(y, ours.estimate, sd)
    assert ours.log_likelihood == pytest.approx((value - np.log(share @ ours.delta)).sum(), abs=1e-9)


def test_no_selection_is_the_plain_likelihood() -> None:
    y, v = effects("bcg", "core")
    ours = select(y, v, steps=(0.025, 1), delta=(1, 1), alternative="less")
    assert ours.log_likelihood == pytest.approx(log_likelihood(y, v, ours.tau2, restricted=False))
    assert ours.lrt is None


def test_assumed_selection_needs_no_ten_studies() -> None:
    y, v = effects("bcg", "core")
    mild = select(y[:5], v[:5], steps=VEVEA_WOODS_STEPS, delta=VEVEA_WOODS["moderate"], alternative="less")
    assert mild.k == 5
    mirrored = select(-y[:5], v[:5], steps=VEVEA_WOODS_STEPS, delta=VEVEA_WOODS["moderate"])
    assert mirrored.estimate == pytest.approx(-mild.estimate)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"steps": (0.5, 0.2)}, "unknown_option"),
        ({"delta": (0.9, 1)}, "unknown_option"),
        ({"delta": (1,)}, "unknown_option"),
        ({"alternative": "both"}, "unknown_option"),
        ({"method": "REML"}, "unknown_option"),
        ({"steps": (1e-60, 1)}, "empty_interval"),
    ],
)
def test_selection_refusals(options: dict[str, Any], code: str) -> None:
    y, v = effects("bcg", "core")
    with pytest.raises(StatisticsError) as caught:
        select(-y, v, **options)
    assert caught.value.code == code
