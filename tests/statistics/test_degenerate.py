"""k = 0, 1, 2; identical studies; absurd scales; NaN: each is defined, and documented in `pooling.pool`."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from analysis.statistics.errors import StatisticsError
from analysis.statistics.heterogeneity import estimate_tau2, fit, tau2_interval, tau2_standard_error
from analysis.statistics.influence import baujat, cumulative, deletions, influence, leave_one_out
from analysis.statistics.many import pool_many
from analysis.statistics.pooling import pool
from analysis.statistics.tau2 import METHODS
from tests.statistics.reference_data import differs, load

EDGES = load("edge_cases")


def complete(case: dict) -> tuple[list[float], list[float]]:
    pairs = [pair for pair in zip(case["yi"], case["vi"], strict=True) if None not in pair]
    return [y for y, _ in pairs], [v for _, v in pairs]


@pytest.mark.parametrize("name", [name for name in EDGES if not name.startswith("reml_bimodal")])
def test_edge_cases(name: str) -> None:
    """metafor's figures, where its own stopping rule lets it be right."""
    case = EDGES[name]
    y, v = complete(case)
    # the reference stops at absolute changes, which at tau² of 1e-11 leaves it four digits
    loose = 1e-4 if name == "tiny_scale" else 1e-8
    for kind, expected in case["predict_REML"].items():
        prediction = {"default": "normal", "riley": "hts", "t": "t_k1"}.get(kind)
        if prediction is None or name == "fisher_scoring_fails_by_default":
            continue
        ours = pool(y, v, interval="wald", prediction=prediction)
        for mine, theirs in ((ours.estimate, "pred"), (ours.se, "se"), (ours.ci_low, "ci_lb")):
            assert not differs(mine, expected[theirs], loose, 1e-12), theirs
        if expected.get("pi_lb") is not None and ours.prediction_low is not None and len(y) > 1:
            assert not differs([ours.prediction_low], expected["pi_lb"], loose, 1e-12)
    expected = case["confint_QP"]
    if "error" in expected:
        with pytest.raises(StatisticsError, match="one study says nothing"):
            tau2_interval(y, v)
        return
    limits = expected["tau2"]["ci_lb"], expected["tau2"]["ci_ub"]
    mine = tau2_interval(y, v)
    assert not differs(mine[0], limits[0], max(loose, 1e-7), 1e-12 * max(v))
    if expected["ub_sign"] == ">":
        assert mine[1] > limits[1]  # metafor stops searching at 100
    else:
        assert not differs(mine[1], limits[1], max(loose, 1e-7), 1e-12 * max(v))


class TestNoStudy:
    @pytest.mark.parametrize("call", [pool, leave_one_out, cumulative, influence, baujat, estimate_tau2])
    def test_is_an_error(self, call) -> None:
        with pytest.raises(StatisticsError) as caught:
            call([], [])
        assert caught.value.code == "no_studies"

    def test_in_one_of_many(self) -> None:
        with pytest.raises(StatisticsError) as caught:
            pool_many([1, 2], [1, 1], [[1, 1], [0, 0]])
        assert caught.value.code == "no_studies"


class TestOneStudy:
    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("interval", ["wald", "t", "hksj", "hksj_adhoc"])
    def test_is_itself(self, method: str, interval: str) -> None:
        ours = pool([0.5], [0.04], method=method, interval=interval)
        assert (ours.estimate, ours.se, ours.k, ours.tau2) == pytest.approx((0.5, 0.2, 1, 0))
        assert ours.interval == "wald"  # said, not silent: there is no t interval of one study
        assert ours.df is None
        assert (ours.ci_low, ours.ci_high) == pytest.approx((0.1080072030919893, 0.8919927969080109))
        assert (ours.q, ours.q_df, ours.q_p_value, ours.i2) == (0, 0, 1, 0)
        assert ours.tau2_ci_low is ours.i2_ci_high is ours.prediction_low is None
        assert ours.weights.tolist() == [100]

    def test_has_nothing_to_leave_out(self) -> None:
        for call in (leave_one_out, deletions, influence, baujat):
            with pytest.raises(StatisticsError) as caught:
                call([1], [1])
            assert caught.value.code == "too_few"

    def test_cumulates_to_itself(self) -> None:
        (only,) = cumulative([0.5], [0.04])
        assert only.estimate == 0.5
        assert only.interval == "wald"

    def test_has_no_standard_error_of_tau2(self) -> None:
        with pytest.raises(StatisticsError, match="k = 1"):
            tau2_standard_error([1], [1])


class TestTwoStudies:
    def test_no_prediction_interval_with_no_degrees_of_freedom(self) -> None:
        ours = pool([0, 1], [0.1, 0.1])
        assert ours.prediction == "hts"
        assert ours.prediction_low is ours.prediction_high is None
        assert pool([0, 1], [0.1, 0.1], prediction="t_k1").prediction_low is not None

    def test_leave_one_out_is_the_other(self) -> None:
        first, second = leave_one_out([0.0, 1.0], [0.1, 0.2])
        assert (first.estimate, second.estimate) == (1.0, 0.0)
        assert first.interval == "wald"
        assert first.tau2_ci_low is None

    def test_every_method(self) -> None:
        """For two studies of equal variance every consistent estimator solves the same equation."""
        for method in ("DL", "DL2", "HE", "REML", "PM", "EB"):
            assert pool([0, 1], [0.1, 0.1], method=method).tau2 == pytest.approx(0.4)


class TestIdenticalEffects:
    y, v = (0.25,) * 6, (0.01, 0.02, 0.03, 0.04, 0.05, 0.06)

    @pytest.mark.parametrize("method", METHODS)
    def test_have_no_heterogeneity(self, method: str) -> None:
        ours = pool(self.y, self.v, method=method, interval="wald")
        assert (ours.estimate, ours.tau2, ours.q, ours.i2) == (0.25, 0, 0, 0)

    def test_leave_hksj_without_a_test(self) -> None:
        ours = pool(self.y, self.v, interval="hksj")
        assert (ours.se, ours.ci_low, ours.ci_high) == (0, 0.25, 0.25)
        assert ours.statistic is ours.p_value is None
        floored = pool(self.y, self.v, interval="hksj_adhoc")
        assert floored.se == pytest.approx(0.06388765649999399)

    def test_have_an_empty_interval_of_tau2(self) -> None:
        ours = pool(self.y, self.v)
        assert (ours.tau2_ci_low, ours.tau2_ci_high, ours.i2_ci_high, ours.h2_ci_high) == (0, 0, 0, 1)

    def test_survive_influence(self) -> None:
        found = influence(self.y, self.v, interval="wald")
        assert found.rstudent == pytest.approx(np.zeros(6))


def test_equal_variances_have_closed_forms() -> None:
    y = np.array([-0.2, 0.1, 0.3, 0.8, 0.5, -0.1, 0.6])
    v = np.full(7, 0.04)
    for method in ("DL", "HE", "REML", "PM", "EB", "DL2"):
        assert pool(y, v, method=method).tau2 == pytest.approx(y.var(ddof=1) - 0.04, rel=1e-13)
    assert pool(y, v, method="ML").tau2 == pytest.approx(y.var() - 0.04, rel=1e-13)
    assert pool(y, v).weights == pytest.approx(np.full(7, 100 / 7))


@pytest.mark.parametrize("scale", [1e-150, 1e-75, 1e-12, 1e12, 1e75, 1e150])
@pytest.mark.parametrize("method", METHODS)
def test_huge_and_tiny_scales(scale: float, method: str) -> None:
    y, v = np.array([-1.18, -0.56, 1.99, -0.49]), np.array([0.084, 0.0074, 0.41, 0.0051])
    here, there = pool(y, v, method=method), pool(y * scale, v * scale * scale, method=method)
    assert there.estimate == pytest.approx(here.estimate * scale, rel=1e-12)
    assert there.tau2 / scale / scale == pytest.approx(here.tau2, rel=1e-11)
    assert there.i2 == pytest.approx(here.i2, rel=1e-11)
    assert there.p_value == pytest.approx(here.p_value, rel=1e-11)


@pytest.mark.parametrize("ratio", [1e6, 1e12, 1e18])
def test_one_study_far_more_precise_than_the_rest(ratio: float) -> None:
    """The trace of P must not cancel: in the limit the precise study fixes the mean."""
    y, v = np.array([0.3, 1.0, -1.0, 2.0]), np.array([1.0 / ratio, 1.0, 1.0, 1.0])
    assert pool(y, v, method="EE").estimate == pytest.approx(0.3, abs=10 / ratio)
    # to first order in 1/ratio: Q is Σ(y − 0.3)²/v over the others, and tr P twice their Σ1/v
    assert pool(y, v, method="DL").tau2 == pytest.approx((0.49 + 1.69 + 2.89 - 3) / 6, rel=20 / ratio + 1e-14)
    for method in METHODS:
        one, many = pool(y, v, method=method), pool_many(y, v, np.ones((2, 4)), method=method)
        assert many.tau2[0] == pytest.approx(one.tau2, rel=1e-9)
        assert many.estimate[0] == pytest.approx(one.estimate, rel=1e-9)


class TestNotANumber:
    @pytest.mark.parametrize(
        ("y", "v", "code", "study"),
        [
            ([1, math.nan, 2], [1, 1, 1], "not_finite", 1),
            ([1, 2, 2], [1, 1, math.inf], "not_finite", 2),
            ([1, None, 2], [1, 1, 1], "not_finite", 1),
            ([1, 2], [1, 0], "variance_not_positive", 1),
            ([1, 2], [-1, 1], "variance_not_positive", 0),
            ([1, 2], [1], "unequal_lengths", None),
            ([1, "x"], [1, 1], "not_a_number", None),
            ([[1, 2]], [1, 1], "wrong_shape", None),
        ],
    )
    def test_names_the_study(self, y, v, code: str, study: int | None) -> None:
        for call in (pool, leave_one_out, cumulative, influence, tau2_interval):
            with pytest.raises(StatisticsError) as caught:
                call(y, v)
            assert (caught.value.code, caught.value.study) == (code, study)
            if study is not None:
                assert f"study {study}" in str(caught.value)

    def test_in_many(self) -> None:
        with pytest.raises(StatisticsError) as caught:
            pool_many([[1, 2], [1, math.nan]], [1, 1])
        assert (caught.value.code, caught.value.study) == ("not_finite", 1)
        with pytest.raises(StatisticsError) as caught:
            pool_many([1, 2], [1, 1], [[1, 0.5]])
        assert caught.value.code == "impossible_count"
        with pytest.raises(StatisticsError) as caught:
            pool_many([1, 2, 3], [1, 1], [[1, 1]])
        assert caught.value.code == "unequal_lengths"


@pytest.mark.parametrize(
    "how",
    [{"method": "BAYES"}, {"interval": "exact"}, {"prediction": "none"}, {"level": 95}, {"level": 0}],
)
def test_unknown_options_are_errors_never_a_fallback(how: dict) -> None:
    for call in (pool, leave_one_out):
        with pytest.raises(StatisticsError) as caught:
            call([1, 2, 3], [1, 1, 1], **how)
        assert caught.value.code == "unknown_option"


def test_cumulative_needs_a_permutation() -> None:
    with pytest.raises(StatisticsError, match="every position"):
        cumulative([1, 2], [1, 1], [0, 0])


def test_results_are_frozen_closed_and_serialise() -> None:
    ours = pool([0, 1, 2], [1, 1, 1])
    with pytest.raises(dataclasses.FrozenInstanceError):
        ours.tau2 = 1.0  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        ours.weights[0] = 1
    for result in (
        ours,
        influence([0, 1, 2], [1, 1, 1]),
        fit([0, 1, 2], [1, 1, 1]),
        pool_many([0, 1], [1, 1]),
    ):
        assert json.loads(json.dumps(result.to_dict(), allow_nan=False))


def test_inputs_are_never_changed() -> None:
    y, v = np.array([2.0, 1.0, 0.0]), np.array([3.0, 2.0, 1.0])
    pool(y, v)
    influence(y, v)
    cumulative(y, v, [2, 1, 0])
    assert y.tolist() == [2, 1, 0]
    assert v.tolist() == [3, 2, 1]


def test_ten_thousand_studies_in_memory_linear_in_k() -> None:
    import tracemalloc

    rng = np.random.default_rng(5)
    peaks = []
    for k in (10_000, 20_000):
        v = rng.uniform(0.01, 0.2, k)
        y = rng.normal(0.2, np.sqrt(v + 0.05))
        tracemalloc.start()
        for method in METHODS:
            pool(y, v, method=method)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 30e6
    assert peaks[1] < 2.5 * peaks[0]
