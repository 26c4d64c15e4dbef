"""GOSH, the multiverse and the natural-history contrast."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from analysis.statistics.errors import StatisticsError
from analysis.statistics.gosh import gosh
from analysis.statistics.multiverse import INTERVALS, METHODS, multiverse
from analysis.statistics.natural_history import contrast, contrast_counts
from analysis.statistics.pooling import pool
from analysis.statistics.proportions import exact_interval, wilson_interval
from tests.statistics.reference_data import numbers

Y = np.array([0.1, 0.5, -0.3, 1.2, 0.4])
V = np.array([0.05, 0.1, 0.2, 0.08, 0.3])


def test_gosh_has_every_subset_once() -> None:
    ours = gosh(Y, V, method="DL")
    assert ours.every
    found = {tuple(np.flatnonzero(row)): i for i, row in enumerate(ours.member)}
    wanted = [subset for size in range(1, 6) for subset in combinations(range(5), size)]
    assert set(found) == set(wanted)
    for subset in wanted:
        rows = list(subset)
        pooled = pool(Y[rows], V[rows], method="DL", interval="wald")
        index = found[subset]
        assert ours.size[index] == len(rows)
        assert ours.estimate[index] == pytest.approx(pooled.estimate)
        assert ours.tau2[index] == pytest.approx(pooled.tau2, abs=1e-12)
        assert ours.i2[index] == pytest.approx(pooled.i2, abs=1e-9)
    inside, outside = ours.share_with(2)
    assert (inside.size, outside.size) == (16, 15)


def test_gosh_samples_beyond_fifteen() -> None:
    y, v = numbers("data/raudenbush1985", "yi", "vi")
    ours = gosh(y, v, subsets=2000, method="EE", seed=3)
    assert (ours.every, ours.member.shape) == (False, (2000, 19))
    assert np.array_equal(ours.member, gosh(y, v, subsets=2000, method="EE", seed=3).member)
    assert not np.array_equal(ours.member, gosh(y, v, subsets=2000, method="EE", seed=4).member)
    # Each study is in half of the subsets: 2,000 draws, so within about 4 standard errors of 0.011.
    assert np.abs(ours.member.mean(axis=0) - 0.5).max() < 0.05
    first = ours.member[0]
    assert ours.estimate[0] == pytest.approx(pool(y[first], v[first], method="EE", interval="wald").estimate)


def test_gosh_refuses_one_study() -> None:
    with pytest.raises(StatisticsError) as caught:
        gosh([1], [1])
    assert caught.value.code == "too_few_studies"


def test_multiverse_is_every_combination() -> None:
    data: dict[str, tuple[Any, Any]] = {"half": (Y, V), "none": (np.append(Y[:-1], np.nan), V)}
    keep = {"all": [True] * 5, "low": [True, True, False, False, True], "nobody": [False] * 5}
    ours = multiverse(data, selections=keep)
    per_data = len(METHODS) * len(INTERVALS) - 2  # no HKSJ with EE
    assert len(ours.universes) == 2 * 3 * per_data
    assert ours.computed == 2 * 2 * per_data
    empty = [u for u in ours.universes if u.selection == "nobody"]
    assert {u.reason for u in empty} == {"no_studies"}
    assert {u.k for u in ours.universes if u.data == "none" and u.selection == "all"} == {4}
    one = next(
        u
        for u in ours.universes
        if (u.data, u.selection, u.method, u.interval) == ("half", "low", "DL", "hksj")
    )
    rows = [0, 1, 4]
    assert one.effect is not None
    assert one.effect.ci_low == pytest.approx(pool(Y[rows], V[rows], method="DL", interval="hksj").ci_low)
    estimates = [u.effect.estimate for u in ours.universes if u.effect]
    assert (ours.lowest, ours.highest) == (min(estimates), max(estimates))
    assert ours.above == sum(u.effect.ci_low > 0 for u in ours.universes if u.effect)


def test_multiverse_refuses_what_does_not_fit() -> None:
    with pytest.raises(StatisticsError) as caught:
        multiverse({"a": (Y, V)}, selections={"x": [True]})
    assert caught.value.code == "unequal_lengths"
    with pytest.raises(StatisticsError) as caught:
        multiverse({"a": (Y, V)}, methods=["XX"])
    assert caught.value.code == "unknown_option"


def test_contrast_is_newcombes_hybrid() -> None:
    """Newcombe (1998), Stat Med 17:873, table II, example (a) 56/70 − 48/80, method 10: 0.0524 to 0.3339."""
    low, high = (float(x[0]) for x in wilson_interval([56], [70]))
    other = [float(x[0]) for x in wilson_interval([48], [80])]
    ours = contrast(0.8, low, high, 0.6, *other)
    assert ours.difference[0] == pytest.approx(0.2)
    assert ours.difference_low[0] == pytest.approx(0.0524, abs=5e-5)
    assert ours.difference_high[0] == pytest.approx(0.3339, abs=5e-5)


def test_ratio_limits_solve_their_equation() -> None:
    """A ratio's limits are where the difference share − ratio · reference has a MOVER limit of 0."""
    p1, l1, u1, p2, l2, u2 = 0.8, 0.69, 0.88, 0.6, 0.49, 0.7
    ours = contrast(p1, l1, u1, p2, l2, u2)
    low, high = float(ours.ratio_low[0]), float(ours.ratio_high[0])
    assert low < ours.ratio[0] < high
    assert p1 - low * p2 == pytest.approx(np.hypot(p1 - l1, low * (u2 - p2)))
    assert high * p2 - p1 == pytest.approx(np.hypot(u1 - p1, high * (p2 - l2)))


def test_scenarios_and_edges() -> None:
    ours = contrast(0.3, 0.1, 0.5, [0.2, 0.0, 0.3], [0.1, 0.0, 0.3], [0.6, 0.05, 0.3])
    assert ours.difference.tolist() == pytest.approx([0.1, 0.3, 0.0])
    assert ours.ratio_high[1] == np.inf
    known = contrast(0.3, 0.1, 0.5, 0.3)
    assert (known.difference_low[0], known.difference_high[0]) == pytest.approx((-0.2, 0.2))
    none = contrast(0.0, 0.0, 0.1, 0.3, 0.2, 0.4)
    assert (none.ratio[0], none.ratio_low[0]) == (0, 0)
    low, high = exact_interval([3], [40])
    counted = contrast_counts(0.3, 0.1, 0.5, 3, 40)
    assert (counted.reference_low[0], counted.reference_high[0]) == (low[0], high[0])


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ((1.2, 0.1, 1.3, 0.5), "impossible_share"),
        ((0.4, 0.5, 0.6, 0.5), "impossible_share"),
        ((0.4, 0.3, 0.6, [0.5, np.nan]), "not_finite"),
    ],
)
def test_contrast_refusals(values: tuple[Any, ...], code: str) -> None:
    with pytest.raises(StatisticsError) as caught:
        contrast(*values)
    assert caught.value.code == code
