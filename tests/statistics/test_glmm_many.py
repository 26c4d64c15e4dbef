"""Many subsets fitted together, against each fitted by itself; the counts are simulated, none is evidence."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.statistics import glmm_many
from analysis.statistics.errors import StatisticsError
from analysis.statistics.glmm import glmm_proportion
from analysis.statistics.glmm_many import glmm_proportions


def counts(k: int, mean: float, tau: float, most: int, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    n = chance.integers(8, most, k)
    share = 1 / (1 + np.exp(-(mean + tau * chance.normal(size=k))))
    return chance.binomial(n, share), n


def alone(events, n, chosen, **options):
    try:
        return glmm_proportion(events[chosen], n[chosen], profile=False, **options)
    except StatisticsError:
        return None


@pytest.mark.parametrize(
    ("k", "mean", "tau", "most", "together"),
    [
        (40, -0.4, 0.8, 60, 40),
        (45, -2.0, 0.0, 60, 45),
        (36, 0.0, 0.5, 3000, None),
        (34, -5.0, 1.0, 30, None),
        (12, -0.4, 0.8, 60, 0),
    ],
    ids=["spread", "no spread", "large studies", "rare events", "few studies"],
)
def test_subsets_together_are_the_subsets_one_by_one(k, mean, tau, most, together, monkeypatch) -> None:
    events, n = counts(k, mean, tau, most)
    sets = ~np.eye(k, dtype=bool)
    calls = []

    def counted(*args, **options):
        calls.append(args)
        return glmm_proportion(*args, **options)

    monkeypatch.setattr(glmm_many, "glmm_proportion", counted)
    fits = glmm_proportions(events, n, sets, interval="t")
    if together is not None:
        assert len(calls) == k - together
    for chosen, fit in zip(sets, fits, strict=True):
        expected = alone(events, n, chosen, interval="t")
        assert fit is not None
        assert fit.tau2 == pytest.approx(expected.tau2, rel=2e-8, abs=1e-12)
        assert fit.weights == pytest.approx(expected.weights, rel=1e-7)
        for name in (
            "estimate",
            "se",
            "ci_low",
            "ci_high",
            "p_value",
            "i2",
            "q",
            "log_likelihood",
            "k",
            "df",
        ):
            assert getattr(fit, name) == pytest.approx(getattr(expected, name), rel=2e-8, abs=1e-12), name


def test_growing_subsets_are_the_same_and_one_without_a_maximum_is_none() -> None:
    events, n = counts(50, -0.4, 0.8, 60)
    events[:2] = 0, n[1]
    sets = np.tri(50, dtype=bool)[1:]
    fits = glmm_proportions(events, n, sets)
    assert fits[0] is None
    for chosen, fit in zip(sets, fits, strict=True):
        expected = alone(events, n, chosen)
        assert (fit is None) == (expected is None)
        if fit is not None:
            assert fit.estimate == pytest.approx(expected.estimate, rel=1e-8, abs=1e-10)
            assert fit.tau2 == pytest.approx(expected.tau2, rel=2e-8, abs=1e-12)


def test_subsets_without_any_event_are_counted_exactly() -> None:
    n = np.full(40, 20)
    events = np.zeros(40)
    events[0] = 3
    without = glmm_proportions(events, n, ~np.eye(40, dtype=bool))[0]
    assert without is not None
    assert without.interval == "exact"
    assert without.ci_high == alone(events, n, np.arange(40) > 0).ci_high
