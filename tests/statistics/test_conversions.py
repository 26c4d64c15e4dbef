"""Conversions against the formulae as published, and against what they undo."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.statistics import conversions as cv
from analysis.statistics.errors import StatisticsError
from tests.statistics.reference_data import CLOSED_FORM, differs, load

FIVE_NUMBERS = load("conversions")["five_number"]


@pytest.mark.parametrize("row", FIVE_NUMBERS, ids=lambda row: f"n{row['n']}-{row['median']}")
def test_five_numbers(row: dict) -> None:
    known = {
        "S1": {"minimum": row["min"], "maximum": row["max"]},
        "S2": {"q1": row["q1"], "q3": row["q3"]},
    }
    known["S3"] = known["S1"] | known["S2"]
    for scenario, quantiles in known.items():
        wan = cv.mean_sd_from_quantiles(row["n"], row["median"], mean="wan", sd="wan", **quantiles)
        assert not differs(wan.mean, row["wan2014"][scenario]["mean"], CLOSED_FORM)
        assert not differs(wan.sd, row["wan2014"][scenario]["sd"], CLOSED_FORM)
        best = cv.mean_sd_from_quantiles(row["n"], row["median"], **quantiles)
        assert not differs(best.mean, row["luo2018_mean"][scenario], CLOSED_FORM)
        if scenario == "S3":
            assert not differs(best.sd, row["shi2020_sd_S3"], CLOSED_FORM)


def test_five_numbers_of_mixed_rows() -> None:
    """One call takes studies that printed different things."""
    ours = cv.mean_sd_from_quantiles(
        [50, 50, 50],
        [7, 7, 7],
        q1=[None, 4, 4],
        q3=[None, 11, 11],
        minimum=[0, None, 0],
        maximum=[25, None, 25],
    )
    assert ours.known == ("range", "iqr", "range_iqr")
    row = next(item for item in FIVE_NUMBERS if item["n"] == 50)
    assert not differs(ours.mean, [row["luo2018_mean"][s] for s in ("S1", "S2", "S3")], CLOSED_FORM)


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"q1": [4, 4], "q3": [9, None]}, "missing_value"),
        ({"q1": [4, 8], "q3": [9, 9]}, "not_ordered"),
        ({"minimum": [1, 1], "maximum": [9, 2]}, "not_ordered"),
        ({"q1": [4, 4], "q3": [9, 9], "minimum": [1, 5], "maximum": [10, 10]}, "not_ordered"),
    ],
)
def test_five_numbers_that_cannot_be(how: dict, code: str) -> None:
    with pytest.raises(StatisticsError) as caught:
        cv.mean_sd_from_quantiles([20, 20], [7, 7], **how)
    assert (caught.value.code, caught.value.study) == (code, 1)


class TestStandardDeviations:
    def test_from_standard_error(self) -> None:
        assert cv.sd_from_se(0.5, 16) == pytest.approx([2.0])

    def test_from_interval(self) -> None:
        """Cochrane Handbook 7.7.3.2: 25 people, 95 % limits 30.0 and 34.2: t = 2.0639, SD 5.09."""
        assert cv.sd_from_interval(30.0, 34.2, 25) == pytest.approx([5.09], abs=0.005)
        normal = cv.sd_from_interval(30.0, 34.2, 25, t=False)
        assert normal == pytest.approx([5 * 4.2 / 3.919927969], rel=1e-9)

    def test_round_trip(self) -> None:
        """What a paper would have printed for SD 3.2 in 14 people gives 3.2 back, at any level."""
        for level in (0.9, 0.95, 0.99):
            half = cv.se_from_interval(-1, 1, df=13, level=level)
            printed = 3.2 / np.sqrt(14) / half
            assert cv.sd_from_interval(-printed, printed, 14, level=level) == pytest.approx([3.2])

    def test_from_p_value(self) -> None:
        """Cochrane Handbook 7.7.3.3: 3.8, P = 0.008, 25 and 22 people: t = 2.78, SE 1.37, SD 4.69."""
        se = cv.se_from_p(3.8, 0.008, df=45)
        assert se == pytest.approx([1.37], abs=0.005)
        assert cv.sd_from_difference(se, 25, 22) == pytest.approx([4.69], abs=0.01)

    def test_from_t(self) -> None:
        assert cv.se_from_t([-3.8, 2.0], [2.0, -4.0]) == pytest.approx([1.9, 0.5])
        with pytest.raises(StatisticsError, match="study 1"):
            cv.se_from_t([1, 1], [2, 0])

    def test_of_change_and_back(self) -> None:
        change = cv.sd_of_change([4.0], [4.4], [0.78])
        assert change == pytest.approx([np.sqrt(16 + 19.36 - 2 * 0.78 * 4 * 4.4)])
        assert cv.correlation_from_sds([4.0], [4.4], change) == pytest.approx([0.78])

    def test_three_sds_that_cannot_go_together(self) -> None:
        with pytest.raises(StatisticsError) as caught:
            cv.correlation_from_sds([1, 1], [1, 1], [1, 3])
        assert (caught.value.code, caught.value.study) == ("impossible_correlation", 1)


class TestArms:
    def test_combine(self) -> None:
        """The check value of the methods file (StatsToDo)."""
        mean, sd, n = cv.combine_arms([11.8, 15.3, 8.4], [2.4, 3.2, 4.1], [10, 20, 15])
        assert (round(mean, 4), round(sd, 4), n) == (12.2222, 4.5028, 45)

    def test_combine_is_exact(self) -> None:
        people = np.random.default_rng(1).normal(1e6, 2, 60)
        arms = np.split(people, [13, 40])
        mean, sd, n = cv.combine_arms(
            [arm.mean() for arm in arms], [arm.std(ddof=1) for arm in arms], [arm.size for arm in arms]
        )
        assert (mean, sd, n) == pytest.approx((people.mean(), people.std(ddof=1), 60), rel=1e-9)

    def test_combining_does_not_depend_on_the_order(self) -> None:
        forward = cv.combine_arms([1, -2, 3], [1, 2, 3], [5, 6, 7])
        assert cv.combine_arms([3, 1, -2], [3, 1, 2], [7, 5, 6]) == pytest.approx(forward, rel=1e-14)

    def test_split_control(self) -> None:
        shares = cv.split_control(31, 7, parts=2)
        assert shares == (15.5, 3.5)
        with pytest.raises(StatisticsError):
            cv.split_control(31, parts=0)


def test_cross_over() -> None:
    """Cochrane Handbook 16.4.6.4: ten people, 7.0 (SD 2.38) against 6.5 (2.21), correlation 0.68."""
    ours = cv.cross_over(7.0, 2.38, 6.5, 2.21, 10, 0.68)
    assert ours.md == pytest.approx(0.5)
    assert round(ours.md_se, 3) == 0.583
    assert round(ours.smd, 3) == 0.218
    assert round(ours.smd_se, 3) == 0.256
    assert round(2 / np.sqrt(10), 3) == 0.632  # with the SD of the differences as printed


class TestPValues:
    """The intervals of earlier reviews, and the p values printed beside them."""

    def test_printed_p_follows_from_the_interval(self) -> None:
        """WMD −0.28 (−0.53 to −0.03), p = 0.028."""
        assert round(float(cv.p_from_interval(-0.28, -0.53, -0.03)[0]), 3) == 0.028

    def test_printed_p_within_rounding(self) -> None:
        """WMD −0.34 (−1.05 to 0.38), p = 0.357: two decimals allow 0.337 to 0.366."""
        low, high = cv.p_range_from_interval(-0.34, -1.05, 0.38, decimals=2)
        assert low < 0.357 < high
        assert not low < 0.30 < high

    def test_ratio(self) -> None:
        (p,) = cv.p_from_interval([0.49], [0.34], [0.70], log=True)
        assert cv.se_from_p(np.log(0.49), p) == pytest.approx(np.log(0.70 / 0.34) / 3.919927969, rel=1e-9)


class TestBetweenScales:
    def test_odds_ratio_and_standardised_difference(self) -> None:
        expected = load("conversions")["transf"]
        x = np.array(expected["x"], dtype=float)
        assert not differs(cv.d_from_log_odds_ratio(x, method="cox"), expected["lnor_to_d_cox"], CLOSED_FORM)
        assert not differs(cv.d_from_log_odds_ratio(x), expected["lnor_to_d_hasselblad_hedges"], CLOSED_FORM)
        assert not differs(cv.log_odds_ratio_from_d(x), expected["d_to_lnor_hasselblad_hedges"], CLOSED_FORM)

    def test_t_to_d(self) -> None:
        assert cv.d_from_t([2.1], [20], [22]) == pytest.approx([2.1 * np.sqrt(1 / 20 + 1 / 22)])
