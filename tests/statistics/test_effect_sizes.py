"""Effect sizes: every case of metafor's escalc that we compute, and what happens to rows that have none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from analysis.statistics import effect_sizes as es
from analysis.statistics import proportions, rates
from analysis.statistics.continuous import hedges_correction
from analysis.statistics.errors import StatisticsError
from analysis.statistics.pooling import pool
from tests.statistics.reference_data import CLOSED_FORM, array, differs, load, numbers

CASES = {case["id"]: case for case in load("escalc")["cases"]}
BINARY = {
    "RR": es.risk_ratio,
    "OR": es.odds_ratio,
    "RD": es.risk_difference,
    "AS": es.arcsine_difference,
    "PETO": es.peto_odds_ratio,
}
PROPORTION = {"PR": "raw", "PLN": "log", "PLO": "logit", "PAS": "arcsine", "PFT": "double_arcsine"}
RATE = {"IR": "raw", "IRLN": "log", "IRS": "sqrt", "IRFT": "double_sqrt"}
STANDARDISER = {"SMD": "pooled", "SMDH": "average", "SMD1": "control"}


def compute(case: dict[str, Any]) -> es.EffectSizes:
    """Our effect sizes for a case."""
    measure, options = case["measure"], case["options"] or {}
    given = {name: array(values) for name, values in case["inputs"].items()}
    form = options.get("vtype")
    how: dict[str, Any] = {}
    if "add" in options:
        how["correction"] = options["add"]
    if "to" in options:
        how["correct"] = options["to"]
    if options.get("drop00"):
        how["double_zeros"] = "drop"
    if measure in BINARY:
        if form:
            how["variance"] = form
        a, b, c, d = (given[name] for name in ("ai", "bi", "ci", "di"))
        return BINARY[measure](a, a + b, c, c + d, **how)
    if measure in ("IRR", "IRD", "IRSD"):
        arms = [given[name] for name in ("x1i", "t1i", "x2i", "t2i")]
        if measure == "IRSD":
            return es.root_rate_difference(*arms)
        return (es.rate_ratio if measure == "IRR" else es.rate_difference)(*arms, **how)
    if measure in PROPORTION:
        return es.proportion(given["xi"], given["ni"], PROPORTION[measure], **how)
    if measure in RATE:
        return es.rate(given["xi"], given["ti"], RATE[measure], **how)
    if measure == "MN":
        return es.mean_change(given["mi"], given["sdi"], given["ni"])
    if measure in ("MC", "SMCC", "SMCR"):
        sd_pre = given["sd1i"] if measure == "SMCR" else given["sd2i"]
        paired = (given["m2i"], sd_pre, given["m1i"], given["sd1i"], given["ni"], given["ri"])
        if measure == "MC":
            return es.change_from_baseline(*paired)
        kind = "change" if measure == "SMCC" else "baseline"
        return es.standardised_mean_change(*paired, standardiser=kind, variance=form or "LS")
    return two_means(measure, given, options, form)


def two_means(measure: str, given: dict, options: dict, form: str | None) -> es.EffectSizes:
    how = {"correct": options["correct"]} if "correct" in options else {}
    if "di" in given:
        return es.standardised_difference(given["di"], given["n1i"], given["n2i"])
    if "ti" in given:
        d = given["ti"] * np.sqrt(1 / given["n1i"] + 1 / given["n2i"])
        return es.standardised_difference(d, given["n1i"], given["n2i"])
    sd1 = given.get("sd1i", np.zeros_like(given["m1i"]))
    arms = (given["m1i"], sd1, given["n1i"], given["m2i"], given["sd2i"], given["n2i"])
    if measure in ("MD", "ROM"):
        if form == "HO":
            how["variance"] = "pooled"
        return (es.mean_difference if measure == "MD" else es.ratio_of_means)(*arms, **how)
    return es.standardised_mean_difference(
        *arms, standardiser=STANDARDISER[measure], variance=form or "LS", **how
    )


@pytest.mark.parametrize("case", CASES)
def test_escalc(case: str) -> None:
    expected = CASES[case]
    ours = compute(expected)
    for name, mine in (("yi", ours.yi), ("vi", ours.vi)):
        theirs = array(expected[name])
        assert not differs(mine, theirs, 1e-11, 1e-15), name  # R's own J loses two digits to lgamma
        assert np.array_equal(np.isnan(mine), np.isnan(theirs)), f"{name}: {mine} against {theirs}"


def test_summary_of_the_vaccine_trials() -> None:
    """Study rows as a forest plot prints them."""
    expected = load("escalc")["summary_escalc_bcg_OR"]
    tpos, tneg, cpos, cneg = numbers("data/bcg", "tpos", "tneg", "cpos", "cneg")
    ours = es.odds_ratio(tpos, tpos + tneg, cpos, cpos + cneg)
    low, high = ours.interval()
    for mine, name in ((ours.yi, "yi"), (ours.vi, "vi"), (ours.sei, "sei"), (low, "ci_lb"), (high, "ci_ub")):
        assert not differs(mine, expected[name], CLOSED_FORM)
    assert not differs(2 * special.ndtr(-np.abs(ours.yi / ours.sei)), expected["pval"], CLOSED_FORM)


def test_core_blocks_from_their_data() -> None:
    """From the tables of the data sets to the effects that were pooled."""
    normand = numbers("data/normand1999", "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
    blocks = load("core/normand1999")
    for name, ours in {
        "MD": es.mean_difference(*normand),
        "SMD": es.standardised_mean_difference(*normand),
        "SMD_vtype_UB": es.standardised_mean_difference(*normand, variance="UB"),
        "SMDH": es.standardised_mean_difference(*normand, standardiser="average"),
        "ROM": es.ratio_of_means(*normand),
    }.items():
        assert not differs(ours.yi, blocks[name]["yi"], 1e-11)
        assert not differs(ours.vi, blocks[name]["vi"], 1e-11)

    hart = numbers("data/hart1999", "x1i", "t1i", "x2i", "t2i")
    blocks = load("core/hart1999")
    for name, ours in {
        "core_IRR": es.rate_ratio(*hart),
        "core_IRD": es.rate_difference(*hart),
        "core_IRSD": es.root_rate_difference(*hart),
        **{f"single_arm_2/{key}": es.rate(hart[2], hart[3], kind) for key, kind in RATE.items()},
    }.items():
        assert not differs(ours.yi, blocks[name]["yi"], 1e-11)
        assert not differs(ours.vi, blocks[name]["vi"], 1e-11)

    xi, ni = numbers("data/debruin2009", "xi", "ni")
    for name, kind in PROPORTION.items():
        ours, block = es.proportion(xi, ni, kind), load("core/debruin2009")[name]
        assert not differs(ours.yi, block["yi"], 1e-12)
        assert not differs(ours.vi, block["vi"], 1e-12)


def test_r_meta_standardised_differences() -> None:
    """The package whose SMD has other variances: each is ours by name."""
    expected = load("meta")["metacont"]
    normand = numbers("data/normand1999", "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
    for name, ours in {
        "MD": es.mean_difference(*normand),
        "MD_pooledvar": es.mean_difference(*normand, variance="pooled"),
        "SMD_Hedges_exact": es.standardised_mean_difference(*normand, variance="UB"),
        "ROM": es.ratio_of_means(*normand, correct=False),
    }.items():
        assert not differs(ours.yi, expected[name]["TE"], CLOSED_FORM)
        assert not differs(ours.sei, expected[name]["seTE"], CLOSED_FORM)


def test_hedges_correction_is_exact() -> None:
    # Γ(1) / (√1 Γ(1/2)) and Γ(5) / (√5 Γ(9/2))
    expected = [1 / np.sqrt(np.pi), 24 / (np.sqrt(5) * 11.631728396567448)]
    assert np.allclose(hedges_correction([2, 10]), expected, rtol=1e-14)
    assert np.isnan(hedges_correction([1])).all()
    assert hedges_correction(1e6)[()] == pytest.approx(1 - 3 / (4e6 - 1), abs=1e-12)


def test_revman_variance() -> None:
    ours = es.standardised_mean_difference([10], [2], [12], [8], [2.5], [14], variance="RevMan")
    assert ours.vi[0] == pytest.approx(1 / 12 + 1 / 14 + ours.yi[0] ** 2 / (2 * (26 - 3.94)), rel=1e-14)


def test_unbiased_variance_of_a_standardised_change() -> None:
    """Where change and baseline agree (r = ½ and equal SDs), SMCC and SMCR are the same effect."""
    args = ([5], [2], [6], [2], [30], [0.5])
    change = es.standardised_mean_change(*args, standardiser="change", variance="UB")
    baseline = es.standardised_mean_change(*args, standardiser="baseline", variance="UB")
    assert change.yi[0] == pytest.approx(baseline.yi[0], rel=1e-14)
    assert baseline.vi[0] == pytest.approx(change.vi[0], rel=0.02)
    assert not np.isfinite(
        es.standardised_mean_change(
            [5], [2], [6], [2], [4], [0.5], standardiser="baseline", variance="UB"
        ).vi[0]
    )


class TestRowsWithoutAnEffect:
    """Nothing is dropped: a row stays, with the reason."""

    def test_missing_value(self) -> None:
        ours = es.mean_difference([1, 2], [1, None], [10, 10], [0, 0], [1, 1], [10, 10])
        assert ours.reasons == (None, "missing_value")
        assert np.isnan(ours.yi[1])
        assert ours.usable.tolist() == [True, False]

    def test_double_zeros_are_kept_and_flagged(self) -> None:
        ours = es.risk_ratio([0, 3, 20], [10, 10, 20], [0, 2, 20], [10, 10, 20])
        assert ours.flags["double_zero"].tolist() == [True, False, True]
        assert ours.flags["corrected"].tolist() == [True, False, True]
        assert ours.reasons == (None, None, None)
        assert np.isfinite(ours.yi).all()

    def test_double_zeros_dropped_stay_as_rows(self) -> None:
        ours = es.odds_ratio([0, 3], [10, 10], [0, 2], [10, 10], double_zeros="drop")
        assert ours.reasons == ("double_zero", None)
        assert ours.k == 2

    def test_without_correction_a_zero_is_not_estimable(self) -> None:
        ours = es.odds_ratio([0, 3], [10, 10], [1, 2], [10, 10], correct="none")
        assert ours.reasons == ("not_estimable", None)

    def test_a_share_of_nobody_keeps_its_value_without_weight(self) -> None:
        ours = es.proportion([0, 3], [10, 10], "raw", correct="none")
        assert ours.reasons == ("zero_variance", None)
        assert ours.yi[0] == 0
        with pytest.raises(StatisticsError, match="study 0"):
            pool(ours.yi, ours.vi)

    def test_two_people_are_too_few_to_standardise(self) -> None:
        ours = es.standardised_mean_difference([1, 1], [1, 1], [1, 20], [0, 0], [1, 1], [1, 20])
        assert ours.reasons[0] is not None
        assert ours.reasons[1] is None

    def test_ratio_of_means_of_opposite_sign(self) -> None:
        ours = es.ratio_of_means([1, -1], [1, 1], [10, 10], [2, 2], [1, 1], [10, 10])
        assert ours.reasons == (None, "not_estimable")


@pytest.mark.parametrize(
    ("call", "code", "study"),
    [
        (lambda: es.risk_ratio([1, 11], [10, 10], [1, 1], [10, 10]), "more_events_than_people", 1),
        (lambda: es.risk_ratio([1, -1], [10, 10], [1, 1], [10, 10]), "negative_events", 1),
        (lambda: es.proportion([0], [0]), "no_people", 0),
        (lambda: es.mean_difference([1], [-1], [10], [1], [1], [10]), "negative_sd", 0),
        (lambda: es.change_from_baseline(1, 1, 1, 1, [10, 10], [0.5, 1.5]), "impossible_correlation", 1),
        (lambda: es.rate_ratio([1], [0], [1], [10]), "no_time", 0),
        (lambda: es.from_se([1, 2], [0.1, -0.1]), "negative_se", 1),
        (lambda: es.from_interval([1, 2], [0, 3], [2, 1]), "limits_swapped", 1),
        (lambda: es.from_interval([1, 2], [0.5, -1], [2, 3], log=True), "not_positive", 1),
        (lambda: es.from_p_value([1], [0.0]), "impossible_p", 0),
        (lambda: es.mean_difference(["a"], [1], [10], [1], [1], [10]), "not_a_number", None),
        (lambda: es.mean_difference([1, 2, 3], [1, 2], [10], [1], [1], [10]), "unequal_lengths", None),
        (lambda: es.proportion([[1]], [[2]]), "wrong_shape", None),
        (lambda: es.proportion([1], [2], "probit"), "unknown_option", None),  # type: ignore[arg-type]
        (lambda: es.risk_ratio([1], [2], [1], [2], correct="some"), "unknown_option", None),  # type: ignore[arg-type]
        (lambda: es.to_natural(0.5, "double_arcsine"), "n_needed", None),
    ],
)
def test_impossible_input_names_the_study(call, code: str, study: int | None) -> None:
    with pytest.raises(StatisticsError) as caught:
        call()
    assert (caught.value.code, caught.value.study) == (code, study)


def test_inputs_are_never_changed() -> None:
    events, people = np.array([0.0, 3.0]), np.array([10.0, 12.0])
    es.risk_ratio(events, people, events, people, correct="all")
    es.proportion(events, people)
    assert events.tolist() == [0, 3]
    assert people.tolist() == [10, 12]


def test_results_are_closed_and_serialise() -> None:
    ours = es.risk_ratio([0, 3], [10, 10], [0, 2], [10, 10], double_zeros="drop")
    with pytest.raises(ValueError, match="read-only"):
        ours.yi[1] = 0
    written = ours.to_dict()
    assert written["yi"][0] is None
    assert written["flags"]["double_zero"] == [True, False]


class TestPublishedEstimates:
    """R's conv.wald on the same numbers; its inputs are those of the package's help page."""

    expected = load("conversions")["wald"]

    def test_interval_of_a_ratio(self) -> None:
        ours = es.from_interval([1.37, 1.89], [1.03, 1.60], [1.82, 2.23], log=True)
        assert not differs(ours.yi, self.expected["or_ci_log"]["yi"], CLOSED_FORM)
        assert not differs(ours.vi, self.expected["or_ci_log"]["vi"], CLOSED_FORM)
        assert ours.scale == "log"

    def test_p_value_of_a_ratio(self) -> None:
        ours = es.from_p_value([1.37, 0.7], [0.03, 0.04], log=True)
        assert not differs(ours.yi, self.expected["or_p"]["yi"], CLOSED_FORM)
        assert not differs(ours.vi, self.expected["or_p"]["vi"], CLOSED_FORM)

    def test_level_90(self) -> None:
        ours = es.from_interval([1.37], [1.10], [1.70], level=0.90, log=True)
        assert not differs(ours.vi, self.expected["level90"]["vi"], CLOSED_FORM)

    def test_standard_error_and_variance(self) -> None:
        by_se = es.from_se([0.5], [0.2])
        by_variance = es.from_variance([0.5], [0.04])
        assert by_se.vi[0] == pytest.approx(by_variance.vi[0], rel=1e-15)

    def test_interval_with_t(self) -> None:
        ours = es.from_interval([2.0], [1.0], [3.0], df=24)
        assert ours.sei[0] == pytest.approx(1 / 2.0638985616, rel=1e-9)

    def test_p_value_with_t(self) -> None:
        ours = es.from_p_value([3.8], [0.008], df=45)
        assert 3.8 / ours.sei[0] == pytest.approx(2.78, abs=0.005)  # Cochrane Handbook 7.7.3.3

    def test_a_p_of_one_tells_nothing(self) -> None:
        assert es.from_p_value([0.5, 0.0], [1.0, 0.5]).reasons == ("not_estimable", "not_estimable")

    def test_lopsided_interval_is_flagged(self) -> None:
        ours = es.from_interval([2.0, 2.0], [1.0, 1.0], [3.0, 4.0])
        assert ours.flags["lopsided"].tolist() == [False, True]


class TestProportions:
    def test_clopper_pearson_and_wilson(self) -> None:
        """R's meta prints both on the logit scale of its example (Pritz 1997)."""
        case = CASES["prop/pritz/PR"]["inputs"]
        expected = load("meta")["metaprop"]["pritz1997"]
        for ours, name in (
            (proportions.exact_interval(case["xi"], case["ni"]), "study_ci_CP"),
            (proportions.wilson_interval(case["xi"], case["ni"]), "study_ci_WS"),
        ):
            for mine, end in zip(ours, ("lower", "upper"), strict=True):
                theirs = [{"Inf": np.inf, "-Inf": -np.inf}.get(x, x) for x in expected[name][end]]
                assert not differs(mine, special.expit(np.array(theirs, dtype=float)), 1e-10, 1e-12)

    def test_exact_interval_solves_its_equations(self) -> None:
        events, n = np.array([0, 1, 5, 9, 10]), np.full(5, 10)
        low, high = proportions.exact_interval(events, n, 0.9)
        assert low[0] == 0
        assert high[-1] == 1
        assert np.allclose(special.bdtrc(events[1:] - 1, n[1:], low[1:]), 0.05)
        assert np.allclose(special.bdtr(events[:-1], n[:-1], high[:-1]), 0.05)

    def test_double_arcsine_returns(self) -> None:
        expected = load("conversions")["transf"]
        p, n = array(expected["pft_proportion"]), array(expected["pft_n"])
        ours = es.proportion(p * n, n, "double_arcsine")
        assert not differs(ours.yi, expected["pft"], CLOSED_FORM)
        assert not differs(ours.natural(), expected["ipft_of_pft"], CLOSED_FORM, 1e-12)
        pooled = proportions.back_transform([0.6], "double_arcsine", n=n)
        assert not differs(pooled, expected["ipft_hm_of_0_6"], CLOSED_FORM)

    @pytest.mark.parametrize("transform", list(PROPORTION.values()))
    def test_every_scale_returns_each_share(self, transform: str) -> None:
        events, n = np.array([1.0, 3, 7, 11]), np.array([12.0, 9, 8, 12])
        ours = es.proportion(events, n, transform, correct="none")
        assert np.allclose(ours.natural(), events / n, rtol=1e-12)

    def test_pooled_shares_return(self) -> None:
        blocks = load("core/debruin2009")
        back = blocks["back_transform"]
        ni = blocks["PFT"]["ni"]
        for key, name, how in (
            ("PLO", "logit", {}),
            ("PLN", "log", {}),
            ("PAS", "arcsine", {}),
            ("PFT_harmonic_mean_n", "double_arcsine", {"n": ni}),
        ):
            block = blocks[key[:3]]
            ours = pool(block["yi"], block["vi"], interval="wald", prediction="normal")
            for end, value in (("pred", ours.estimate), ("ci_lb", ours.ci_low), ("ci_ub", ours.ci_high)):
                assert not differs(proportions.back_transform([value], name, **how), back[key][end], 1e-8)
        ours = pool(blocks["PFT"]["yi"], blocks["PFT"]["vi"], interval="wald")
        value = proportions.back_transform([ours.estimate], "double_arcsine", variance=ours.se**2)
        assert not differs(value, back["PFT_inverse_variance_n"]["pred"], 1e-8)

    def test_outside_the_range_is_nobody_or_everybody(self) -> None:
        assert proportions.back_transform([0.0, 1.6], "double_arcsine", n=[20]).tolist() == [0.0, 1.0]
        assert proportions.back_transform([-0.1, 2.0], "arcsine").tolist() == [0.0, 1.0]
        assert proportions.back_transform([0.5], "log").tolist() == [1.0]

    def test_the_double_arcsine_needs_an_n(self) -> None:
        with pytest.raises(StatisticsError, match="n or variance"):
            proportions.back_transform([0.5], "double_arcsine")


class TestRates:
    def test_double_square_root_returns(self) -> None:
        expected = load("conversions")["transf"]
        rate, time = array(expected["irft_rate"]), array(expected["irft_t"])
        ours = es.rate(rate * time, time, "double_sqrt")
        assert not differs(ours.yi, expected["irft"], CLOSED_FORM)
        assert not differs(ours.natural(), rate, CLOSED_FORM, 1e-12)

    def test_pooled_rates_return(self) -> None:
        blocks = load("core/hart1999")
        (time,) = numbers("data/hart1999", "t2i")
        block, back = blocks["single_arm_2/IRFT"], blocks["single_arm_2_back"]["IRFT_harmonic_mean_ti"]
        ours = pool(block["yi"], block["vi"], interval="wald")
        for value, end in ((ours.estimate, "pred"), (ours.ci_low, "ci_lb"), (ours.ci_high, "ci_ub")):
            assert not differs(rates.back_transform_rate([value], "double_sqrt", time), back[end], 1e-8)
