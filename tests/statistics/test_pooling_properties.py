"""What must hold for every set of studies, whatever the numbers (Hypothesis)."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import special

from analysis.statistics import effect_sizes as es
from analysis.statistics.many import pool_many
from analysis.statistics.pooling import PooledEffect, pool
from analysis.statistics.proportions import exact_interval, wilson_interval
from analysis.statistics.tau2 import METHODS

INTERVALS = ["wald", "t", "hksj", "hksj_adhoc"]
CLOSE = {"rel": 1e-7, "abs": 1e-9}

effects = st.floats(-5, 5).map(lambda x: round(x, 3))
variances = st.floats(-3, 1).map(lambda x: round(10**x, 6))
sets = st.lists(st.tuples(effects, variances), min_size=2, max_size=9)
fast = settings(max_examples=60, deadline=None, derandomize=True)


def split(studies: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    y, v = np.array(studies).T
    return y, v


def numbers_of(fitted: PooledEffect) -> dict[str, float]:
    return {
        field.name: value
        for field in dataclasses.fields(fitted)
        if isinstance(value := getattr(fitted, field.name), float)
    }


def same(one: PooledEffect, other: PooledEffect, *, but: tuple[str, ...] = ()) -> None:
    mine, theirs = numbers_of(one), numbers_of(other)
    assert mine.keys() == theirs.keys()
    for name in mine.keys() - set(but):
        assert mine[name] == pytest.approx(theirs[name], **CLOSE), name


@fast
@given(sets, st.sampled_from(METHODS), st.sampled_from(INTERVALS), st.randoms(use_true_random=False))
def test_order_does_not_matter(studies, method, interval, random) -> None:
    y, v = split(studies)
    mixed = list(range(y.size))
    random.shuffle(mixed)
    one = pool(y, v, method=method, interval=interval)
    other = pool(y[mixed], v[mixed], method=method, interval=interval)
    same(one, other)
    assert other.weights == pytest.approx(one.weights[mixed], **CLOSE)


@fast
@given(sets, st.sampled_from(METHODS))
def test_weights_sum_to_a_hundred_and_are_positive(studies, method) -> None:
    fitted = pool(*split(studies), method=method)
    assert fitted.weights.sum() == pytest.approx(100)
    assert (fitted.weights > 0).all()


@fast
@given(sets, st.sampled_from(METHODS), st.sampled_from(INTERVALS))
def test_swapping_arms_negates(studies, method, interval) -> None:
    y, v = split(studies)
    one, other = pool(y, v, method=method, interval=interval), pool(-y, v, method=method, interval=interval)
    assert other.estimate == pytest.approx(-one.estimate, **CLOSE)
    assert (other.ci_low, other.ci_high) == pytest.approx((-one.ci_high, -one.ci_low), **CLOSE)
    signed = ("estimate", "ci_low", "ci_high", "statistic", "prediction_low", "prediction_high")
    same(one, other, but=signed)


@fast
@given(sets, st.sampled_from(METHODS), st.sampled_from(INTERVALS), st.integers(-200, 200))
def test_another_unit_changes_nothing_else(studies, method, interval, power) -> None:
    """Metres or millimetres, also absurd ones: every method is scale-free."""
    y, v = split(studies)
    c = 2.0**power
    one, other = (
        pool(y, v, method=method, interval=interval),
        pool(y * c, v * c * c, method=method, interval=interval),
    )
    for name, value in numbers_of(one).items():
        factor = {"tau2": c * c, "tau2_ci_low": c * c, "tau2_ci_high": c * c}.get(name, c)
        if name in ("statistic", "df", "p_value", "level", "q", "q_p_value") or name[:2] in ("i2", "h2"):
            factor = 1.0
        assert getattr(other, name) == pytest.approx(value * factor, rel=1e-9, abs=0), name


@fast
@given(sets, st.sampled_from(METHODS), st.floats(-1e3, 1e3).map(lambda x: round(x, 2)))
def test_shifting_every_effect_shifts_the_estimate(studies, method, shift) -> None:
    y, v = split(studies)
    one, other = pool(y, v, method=method), pool(y + shift, v, method=method)
    assert other.estimate == pytest.approx(one.estimate + shift, rel=1e-9, abs=1e-7)
    assert other.tau2 == pytest.approx(one.tau2, rel=1e-6, abs=1e-7)


@fast
@given(sets, st.sampled_from(METHODS), effects)
def test_a_study_of_enormous_variance_carries_no_weight(studies, method, effect) -> None:
    assume(method not in ("HE", "SJ"))  # these two weigh every study alike when they estimate tau²
    y, v = split(studies)
    one = pool(y, v, method=method, interval="wald")
    other = pool(np.append(y, effect), np.append(v, 1e12), method=method, interval="wald")
    assert other.weights[-1] < 1e-6
    if method in ("EE", "FE"):
        assert other.estimate == pytest.approx(one.estimate, abs=1e-6)
        assert other.se == pytest.approx(one.se, rel=1e-6)


@fast
@given(sets, effects)
def test_reml_and_ml_ignore_a_study_of_enormous_variance(studies, effect) -> None:
    """Likelihood methods know that it carries no information, in tau² as well."""
    y, v = split(studies)
    for method in ("REML", "ML"):
        one = pool(y, v, method=method, interval="wald")
        other = pool(np.append(y, effect), np.append(v, 1e14), method=method, interval="wald")
        assert other.estimate == pytest.approx(one.estimate, abs=1e-4)
        assert other.tau2 == pytest.approx(one.tau2, rel=1e-4, abs=1e-5)


@fast
@given(sets, st.sampled_from(METHODS), st.sampled_from(INTERVALS), st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_intervals_hold_the_estimate_and_nest(studies, method, interval, level) -> None:
    y, v = split(studies)
    fitted = pool(y, v, method=method, interval=interval, level=level, prediction="t_k1")
    assert fitted.ci_low <= fitted.estimate <= fitted.ci_high
    wider = pool(y, v, method=method, interval=interval, level=0.9999, prediction="t_k1")
    assert wider.ci_low <= fitted.ci_low
    assert wider.ci_high >= fitted.ci_high
    if fitted.prediction_low is not None and interval != "wald":
        slack = 1e-12 * (1 + abs(fitted.ci_low) + abs(fitted.ci_high))
        assert fitted.prediction_low <= fitted.ci_low + slack
        assert fitted.prediction_high >= fitted.ci_high - slack
    assert min(y) - 1e-12 <= fitted.estimate <= max(y) + 1e-12


@fast
@given(sets, st.sampled_from(METHODS))
def test_heterogeneity_stays_in_its_bounds(studies, method) -> None:
    fitted = pool(*split(studies), method=method)
    assert fitted.tau2 >= 0
    assert 0 <= fitted.i2 < 100
    assert 0 <= fitted.i2_q < 100
    assert fitted.h2 >= 1 or method in ("EE", "FE")
    assert fitted.q >= 0
    assert 0 <= fitted.q_p_value <= 1


@fast
@given(sets, st.sampled_from([0.8, 0.95]))
def test_q_profile_limits_solve_their_equations(studies, level) -> None:
    y, v = split(studies)
    fitted = pool(y, v, level=level)

    def scatter(tau2: float) -> float:
        w = 1 / (v + tau2)
        return float((w * (y - (w * y).sum() / w.sum()) ** 2).sum())

    df = y.size - 1
    for limit, tail in ((fitted.tau2_ci_low, (1 - level) / 2), (fitted.tau2_ci_high, (1 + level) / 2)):
        quantile = special.chdtri(df, tail)
        if limit > 0:
            assert scatter(limit) == pytest.approx(quantile, rel=1e-8)
        else:
            assert scatter(0.0) <= quantile * (1 + 1e-12)
    assert fitted.tau2_ci_low <= fitted.tau2_ci_high


@fast
@given(sets, st.sampled_from(METHODS), st.sampled_from(INTERVALS))
def test_many_at_once_are_the_same_fits(studies, method, interval) -> None:
    y, v = split(studies)
    one = pool(y, v, method=method, interval=interval)
    many = pool_many(y, v, np.ones((2, y.size)), method=method, interval=interval, q_profile=True)
    for name, value in numbers_of(one).items():
        if name != "level":
            assert getattr(many, name)[1] == pytest.approx(value, **CLOSE), name


@fast
@given(sets, st.sampled_from(METHODS), st.data())
def test_counts_are_repeated_studies(studies, method, data) -> None:
    y, v = split(studies)
    counts = data.draw(st.lists(st.integers(0, 3), min_size=y.size, max_size=y.size).filter(any))
    many = pool_many(y, v, [counts], method=method, q_profile=True)
    one = pool(np.repeat(y, counts), np.repeat(v, counts), method=method)
    assert many.k[0] == sum(counts)
    for name, value in numbers_of(one).items():
        if name != "level":
            ours = getattr(many, name)[0]
            assert ours == pytest.approx(value, rel=1e-6, abs=1e-9), name


cells = st.integers(0, 12)


@fast
@given(st.lists(st.tuples(cells, cells, cells, cells), min_size=1, max_size=6))
def test_two_by_two_tables_invert(rows) -> None:
    a, b, c, d = (np.array(column) for column in zip(*rows, strict=True))
    n1, n2 = a + b + 1, c + d + 1
    for measure in (
        es.risk_ratio,
        es.odds_ratio,
        es.risk_difference,
        es.peto_odds_ratio,
        es.arcsine_difference,
    ):
        one, other = measure(a, n1, c, n2), measure(c, n2, a, n1)
        assert other.yi == pytest.approx(-one.yi, rel=1e-12, abs=1e-14, nan_ok=True)
        assert other.vi == pytest.approx(one.vi, rel=1e-12, nan_ok=True)
        assert one.reasons == other.reasons
        assert one.k == len(rows)


@fast
@given(
    st.lists(
        st.tuples(effects, variances, st.integers(2, 80), effects, variances, st.integers(2, 80)), min_size=1
    ),
    st.floats(0.01, 100),
)
def test_standardised_differences_have_no_unit(rows, unit) -> None:
    m1, s1, n1, m2, s2, n2 = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    one = es.standardised_mean_difference(m1, s1, n1, m2, s2, n2)
    other = es.standardised_mean_difference(m1 * unit, s1 * unit, n1, m2 * unit, s2 * unit, n2)
    assert other.yi == pytest.approx(one.yi, rel=1e-9, abs=1e-12)
    assert other.vi == pytest.approx(one.vi, rel=1e-9)


@fast
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=8))
def test_shares_lie_within_their_intervals(rows) -> None:
    events = np.array([min(pair) for pair in rows])
    n = np.array([max(pair) for pair in rows]) + 1
    for interval in (exact_interval, wilson_interval):
        low, high = interval(events, n)
        assert ((low <= events / n) & (events / n <= high)).all()
    for transform in ("raw", "logit", "arcsine", "double_arcsine", "log"):
        shares = es.proportion(events, n, transform).natural()
        assert ((shares[~np.isnan(shares)] >= 0) & (shares[~np.isnan(shares)] <= 1)).all()
