"""The restricted likelihood may have two peaks. Ours must be the higher one, to the last digits."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.statistics import tau2 as between
from analysis.statistics.heterogeneity import estimate_tau2, log_likelihood
from analysis.statistics.influence import leave_one_out
from analysis.statistics.many import pool_many
from analysis.statistics.pooling import pool
from tests.statistics.reference_data import blocks, load

TRAP = ([-1.1842, -0.5618, 1.9903, -0.4926], [0.08439, 0.00742, 0.40691, 0.00507])
EDGES = {
    name: case
    for name, case in load("edge_cases").items()
    if case["global_max_REML"] and None not in case["yi"] + case["vi"]
}


def likelihoods(y: np.ndarray, v: np.ndarray, t: np.ndarray, restricted: bool) -> np.ndarray:
    """Log-likelihood (up to a constant) of each row's tau² values: y, v (n, k), t (n, g) → (n, g)."""
    spread = v[:, None, :] + t[:, :, None]
    w = 1 / spread
    total = w.sum(axis=2)
    mean = (w * y[:, None, :]).sum(axis=2) / total
    value = np.log(spread).sum(axis=2) + (w * (y[:, None, :] - mean[:, :, None]) ** 2).sum(axis=2)
    return -0.5 * (value + np.log(total) if restricted else value)


def test_the_trap() -> None:
    """A solver that starts at 0 reports tau² = 0, −0.526 (−0.631 to −0.420), "converged"."""
    ours = pool(*TRAP, interval="wald")
    assert round(ours.tau2, 3) == 1.446
    assert (round(ours.estimate, 3), round(ours.ci_low, 3), round(ours.ci_high, 3)) == (-0.166, -1.388, 1.057)
    assert log_likelihood(*TRAP, ours.tau2) > log_likelihood(*TRAP, 0.0)
    stuck = pool(*TRAP, method="EE", interval="wald")
    assert (round(stuck.estimate, 3), round(stuck.ci_low, 3), round(stuck.ci_high, 3)) == (
        -0.526,
        -0.631,
        -0.420,
    )


@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_edge_cases(name: str, method: str) -> None:
    """Among them two sets where metafor itself stops at the lower peak."""
    case = EDGES[name]
    expected = case[f"global_max_{method}"]["tau2"]
    # the reference's own grid search is exact to 1e-7
    scale = expected + min(case["vi"])
    assert estimate_tau2(case["yi"], case["vi"], method) == pytest.approx(expected, abs=2e-7 * scale)


def test_where_metafor_takes_the_lower_peak() -> None:
    for name in ("reml_bimodal_metafor_stops_at_0", "reml_bimodal_metafor_takes_lower_peak"):
        case = EDGES[name]
        ours, lower = estimate_tau2(case["yi"], case["vi"]), case["confint_QP"]["tau2"]["estimate"]
        assert abs(ours - lower) > 0.1
        height = [log_likelihood(case["yi"], case["vi"], t) for t in (ours, lower)]
        assert height[0] > height[1] + 1e-3


@pytest.mark.parametrize("restricted", [True, False], ids=["REML", "ML"])
def test_no_grid_beats_us(restricted: bool) -> None:
    """12,000 simulated small sets of several kinds; some hundreds have two peaks."""
    rng = np.random.default_rng(20260)
    method = "REML" if restricted else "ML"
    two_peaked = 0
    for _ in range(60):
        k, n = int(rng.integers(2, 9)), 200
        v = np.exp(rng.normal(-2, rng.choice([0.5, 1, 2, 3, 5]), (n, k)))
        noise = rng.normal(0, 1, (n, k))
        y = [
            noise * np.exp(rng.normal(0, 1, (n, 1))),
            noise * np.sqrt(v) * np.exp(rng.normal(0, 0.7, (n, 1))),
            (noise + rng.choice([0, 0, 0, 1], (n, k)) * rng.normal(0, 5, (n, k))) * np.sqrt(v),
        ][int(rng.integers(3))]
        ours = pool_many(y, v, method=method, interval="wald").tau2
        low, high = v.min(axis=1) * 1e-4, 30 * np.maximum(np.ptp(y, axis=1) ** 2, v.max(axis=1))
        grid = low[:, None] * (high / low)[:, None] ** np.linspace(0, 1, 400)
        grid = np.hstack([np.zeros((n, 1)), grid])
        height = likelihoods(y, v, grid, restricted)
        gap = height.max(axis=1) - likelihoods(y, v, ours[:, None], restricted)[:, 0]
        assert gap.max() <= 1e-10, (method, y[gap.argmax()], v[gap.argmax()])
        rising = np.diff(height, axis=1) > 0
        two_peaked += int(((rising[:, :-1] & ~rising[:, 1:]).sum(axis=1) + ~rising[:, 0] > 1).sum())
    assert two_peaked > (200 if restricted else 50)


def test_the_two_searches_agree() -> None:
    """One fit at a time and many at once are two implementations of one search."""
    rng = np.random.default_rng(3)
    y, v = rng.normal(0, 1, (400, 5)), np.exp(rng.normal(-2, 2.5, (400, 5)))
    for method in ("REML", "ML"):
        many = pool_many(y, v, method=method).tau2
        one = [estimate_tau2(a, b, method) for a, b in zip(y, v, strict=True)]
        assert many == pytest.approx(one, rel=1e-11, abs=1e-13)


def test_a_slope_that_crosses_zero_twice_within_one_cell_is_seen() -> None:
    """Two peaks are born together: just past that point they share a cell of the grid."""

    def sample(pull: float) -> between.Sample:
        return between.Sample.of(np.array([-0.43, 0.05, -0.15, pull]), np.array([0.026, 0.012, 0.009, 2.433]))

    def peaks(pull: float) -> int:
        fine = np.geomspace(1e-4, 1e4, 20001)
        slope = between._excess(sample(pull), fine, True)
        return int(((slope[:-1] > 0) & (slope[1:] <= 0)).sum())

    # bisect for the pull of the fourth study at which the second peak appears
    low, high = 0.0, 4.98
    assert (peaks(low), peaks(high)) == (1, 2)
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if peaks(middle) == 1 else (low, middle)
    seen = []
    for pull in high + np.geomspace(1e-8, 0.5, 60):
        young = sample(pull)
        first = float(young.v[0])
        reach = np.log1p(between._ceiling(young, True) / first) + 1e-6
        cells = int(np.ceil(reach / between.GRID_STEP)) + 1
        t = first * np.expm1(np.arange(-1.0, cells + 1.0) * (reach / cells))
        slope = between._excess(young, t, True)
        coarse = int(((slope[1:-1] > 0) & (slope[2:] <= 0)).sum())
        seen.append((coarse, len(between._brackets(young, t.tolist(), slope.tolist(), True))))
    assert (1, 2) in seen  # the coarse grid alone sees one peak, the second look both
    assert seen[-1] == (2, 2)


def test_reml_solves_its_equation_in_long_double() -> None:
    """The slope at our tau² vanishes to 1e-13 of its terms, also where the reference's digits end at 1e-8."""
    if np.finfo(np.longdouble).eps > 1e-18:
        pytest.skip("long double is no longer than double here")

    def root(y: np.ndarray, v: np.ndarray, near: float) -> float:
        y, v = y.astype(np.longdouble), v.astype(np.longdouble)
        low, high = np.longdouble(near) * (1 - 1e-6), np.longdouble(near) * (1 + 1e-6)
        for _ in range(80):
            t = (low + high) / 2
            w = 1 / (v + t)
            u = w * (y - (w * y).sum() / w.sum())
            rising = (u * u).sum() > w.sum() - (w * w).sum() / w.sum()
            low, high = (t, high) if rising else (low, t)
        return float((low + high) / 2)

    checked = 0
    for name, block in blocks():
        y, v = np.array(block["yi"]), np.array(block["vi"])
        if y.size > 40:
            continue
        for i, fitted in enumerate(leave_one_out(y, v, q_profile=False)):
            if fitted.tau2 > 1e-3 * v.min():
                exact = root(np.delete(y, i), np.delete(v, i), fitted.tau2)
                assert fitted.tau2 == pytest.approx(exact, rel=1e-12), (name, i)
                checked += 1
    assert checked > 300
