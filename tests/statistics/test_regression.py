"""Meta-regression against R's metafor, and what must hold of any."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest

from analysis.statistics.errors import StatisticsError
from analysis.statistics.permutation import permutation_test
from analysis.statistics.pooling import pool
from analysis.statistics.regression import dummies, predict, regress
from tests.statistics.reference_data import CLOSED_FORM, INTERVAL, ITERATED, ITERATIVE, array, differs, load

CASES = {
    f"{dataset}/{name}": (dataset, case)
    for dataset, cases in load("models/regression").items()
    for name, case in cases.items()
}
# metafor 5.0-1 centres the effects at their mean before it estimates tau²; without an intercept that is
# another model. See test_without_an_intercept_metafor_fits_another_model.
WRONG = {"bcg/no_intercept"}


def effects(dataset: str, case: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """yi, vi, moderators and whether there is an intercept."""
    block = load(f"core/{dataset}")[case["block"]]
    y, v, x = array(block["yi"]), array(block["vi"]), np.array(case["X"], dtype=float)
    rows = case.get("rows", slice(None))
    intercept = bool((x[:, 0] == 1).all())
    return y[rows], v[rows], x[:, 1:] if intercept else x, intercept


@pytest.mark.parametrize("name", [name for name in CASES if name not in WRONG])
def test_metafor(name: str) -> None:
    dataset, case = CASES[name]
    y, v, x, intercept = effects(dataset, case)
    for key, expected in case["fits"].items():
        method, test = key.split("_")
        loose = ITERATIVE if method in ITERATED else CLOSED_FORM
        ours = regress(y, v, x, intercept=intercept, method=method, interval=INTERVAL[test])
        for field, theirs in (
            ("beta", "beta"),
            ("se", "se"),
            ("ci_low", "ci_lb"),
            ("ci_high", "ci_ub"),
            ("p_value", "pval"),
            ("h2", "H2"),
            ("q_residual", "QE"),
            ("q_residual_p", "QEp"),
            ("q_model", "QM"),
            ("q_model_p", "QMp"),
            ("scale", "s2w"),
        ):
            # A p value of 1e-8 magnifies the rounding of its χ² twentyfold.
            found = differs(getattr(ours, field), expected[theirs], max(loose, 1e-8 if "_p" in field else 0))
            assert not found, f"{key} {field}: {found}"
        assert not differs(ours.tau2, expected["tau2"], loose, 1e-12)
        assert not differs(ours.i2, expected["I2"], loose, 1e-9)
        if ours.r2 is not None:
            assert not differs(ours.r2, expected["R2"], loose, 1e-8), key
        likelihoods = [ours.log_likelihood, ours.log_likelihood_restricted]
        assert not differs(likelihoods, expected["logLik"], 1e-9)


@pytest.mark.parametrize("name", [name for name in CASES if "qp" in CASES[name][1]])
def test_q_profile_limits(name: str) -> None:
    y, v, x, intercept = effects(*CASES[name])
    ours = regress(y, v, x, intercept=intercept)
    assert not differs([ours.tau2_ci_low, ours.tau2_ci_high], CASES[name][1]["qp"], ITERATIVE, 1e-12) or (
        name in WRONG
    )


@pytest.mark.parametrize("name", [name for name in CASES if "predict" in CASES[name][1]])
@pytest.mark.parametrize(("test", "prediction"), [("z", "normal"), ("knha", "t_k1")])
def test_predictions(name: str, test: str, prediction: str) -> None:
    _, case = CASES[name]
    y, v, x, _ = effects(*CASES[name])
    expected = case["predict"][f"REML_{test}"]
    ours = predict(regress(y, v, x, interval=INTERVAL[test]), case["newmods"], prediction=prediction)
    for field, theirs in (
        ("estimate", "pred"),
        ("se", "se"),
        ("ci_low", "ci_lb"),
        ("ci_high", "ci_ub"),
        ("prediction_low", "pi_lb"),
        ("prediction_high", "pi_ub"),
    ):
        assert not differs(getattr(ours, field), expected[theirs], ITERATIVE, 1e-12)


def test_likelihood_ratio() -> None:
    _, case = CASES["bcg/ablat"]
    y, v, x, _ = effects(*CASES["bcg/ablat"])
    null = regress(y, v, np.empty((y.size, 0)), method="ML")
    ours = 2 * (regress(y, v, x, method="ML").log_likelihood - null.log_likelihood)
    assert not differs(ours, case["lrt"], ITERATIVE)


def test_without_an_intercept_metafor_fits_another_model() -> None:
    dataset, case = CASES["bcg/no_intercept"]
    y, v, x, intercept = effects(dataset, case)
    assert not intercept
    common = regress(y, v, x, intercept=False, method="EE", interval="wald")
    expected = case["fits"]["FE_z"]
    assert not differs(common.beta, expected["beta"], CLOSED_FORM)
    w, b = 1 / v, float(common.beta[0])
    assert common.q_residual == pytest.approx((w * (y - x[:, 0] * b) ** 2).sum(), rel=1e-12)
    centred = y - y.mean()
    again = (w * x[:, 0] * centred).sum() / (w * x[:, 0] ** 2).sum()
    theirs = (w * (centred - x[:, 0] * again) ** 2).sum()
    assert theirs == pytest.approx(expected["QE"], rel=1e-12)
    assert expected["QE"] > 4 * common.q_residual
    # Our restricted likelihood is the higher one.
    ours = regress(y, v, x, intercept=False, interval="wald")

    def height(t: float) -> float:
        w = 1 / (v + t)
        a = (w * x[:, 0] ** 2).sum()
        b = (w * x[:, 0] * y).sum() / a
        return float(-0.5 * (np.log(v + t).sum() + np.log(a) + (w * (y - x[:, 0] * b) ** 2).sum()))

    assert height(ours.tau2) > height(case["fits"]["REML_z"]["tau2"]) + 1


def test_no_moderators_is_pooling() -> None:
    y, v, _, _ = effects(*CASES["bcg/ablat"])
    for method in ("REML", "ML", "DL", "DL2", "HE", "HS", "SJ", "PM", "EE"):
        for interval in ("wald", "t", "hksj", "hksj_adhoc"):
            ours = regress(y, v, np.empty((y.size, 0)), method=method, interval=interval)
            pooled = pool(y, v, method=method, interval=interval)
            assert float(ours.beta[0]) == pytest.approx(pooled.estimate, rel=1e-9)
            assert float(ours.se[0]) == pytest.approx(pooled.se, rel=1e-9)
            assert (ours.tau2, ours.i2) == (pytest.approx(pooled.tau2, rel=1e-9), pytest.approx(pooled.i2))
            assert ours.tau2_ci_high == pytest.approx(pooled.tau2_ci_high)


def test_global_maximum_of_the_restricted_likelihood() -> None:
    """Simulated small sets: no grid point beats what was found."""
    rng = np.random.default_rng(3)
    for _ in range(200):
        k = int(rng.integers(4, 8))
        y, v = rng.normal(0, 1.5, k), np.exp(rng.normal(-2, 2, k))
        x = np.column_stack([np.ones(k), rng.normal(size=k)])
        fit = regress(y, v, x[:, 1], q_profile=False)

        def height(t: float, y: np.ndarray = y, v: np.ndarray = v, x: np.ndarray = x) -> float:
            w = 1 / (v + t)
            a = x.T @ (w[:, None] * x)
            r = y - x @ np.linalg.solve(a, x.T @ (w * y))
            return float(-0.5 * (np.log(v + t).sum() + np.linalg.slogdet(a)[1] + (w * r**2).sum()))

        grid = max(height(t) for t in [0.0, *np.geomspace(1e-6, 100, 200)])
        assert height(fit.tau2) >= grid - 1e-9


def test_scale_shift_and_order() -> None:
    y, v, x, _ = effects(*CASES["bcg/ablat_year"])
    one = regress(y, v, x)
    other = regress(1e6 * y[::-1] + 3e6, 1e12 * v[::-1], x[::-1])
    assert other.tau2 == pytest.approx(1e12 * one.tau2, rel=1e-8)
    assert other.beta[1:] == pytest.approx(1e6 * one.beta[1:], rel=1e-8)
    assert other.beta[0] == pytest.approx(1e6 * one.beta[0] + 3e6, rel=1e-8)
    tiny = regress(1e-8 * y, 1e-16 * v, x)
    assert tiny.tau2 == pytest.approx(1e-16 * one.tau2, rel=1e-8)


def test_permutations_exact_by_hand() -> None:
    y, v, x = np.array([0.1, 0.5, 0.9, 1.6, 2.2]), np.array([0.1, 0.2, 0.1, 0.3, 0.2]), np.arange(5.0)
    ours = permutation_test(y, v, x, permutations=120, interval="wald")
    assert ours.exact
    observed = abs(regress(y, v, x, interval="wald").statistic[1])
    found = [
        abs(regress(y, v, x[list(order)], interval="wald").statistic[1]) for order in permutations(range(5))
    ]
    assert ours.p_value[0] == pytest.approx(np.mean(np.array(found) >= observed - 1e-9))
    assert ours.model_p == ours.p_value[0]


def test_permutations_random_is_reproducible_and_never_zero() -> None:
    y, v, x, _ = effects(*CASES["bcg/ablat"])
    one = permutation_test(y, v, x, permutations=500, seed=4)
    assert one.to_dict() == permutation_test(y, v, x, permutations=500, seed=4).to_dict()
    assert not one.exact
    assert 1 / 500 <= one.p_value[0] < 0.05


def test_identical_effects_leave_nothing_to_scale_by() -> None:
    fit = regress([2.3] * 5, [0.1, 0.2, 0.1, 0.3, 0.2], [1, 2, 3, 5, 4])
    assert fit.beta == pytest.approx([2.3, 0], abs=1e-12)
    assert (fit.tau2, fit.scale, fit.q_residual, fit.q_model, fit.q_model_p) == (0, 0, 0, None, None)
    assert np.isnan(fit.p_value).all()
    assert fit.to_dict()["p_value"] == [None, None]
    with pytest.raises(StatisticsError) as caught:
        permutation_test([2.3] * 5, [0.1, 0.2, 0.1, 0.3, 0.2], [1, 2, 3, 5, 4])
    assert caught.value.code == "no_scatter"


def test_dummies() -> None:
    columns, levels = dummies(["b", "a", "c", "a"])
    assert levels == ("a", "b", "c")
    assert columns.tolist() == [[1, 0], [0, 0], [0, 1], [0, 0]]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda y, v: regress(y, v, [1, 2]), "unequal_lengths"),
        (lambda y, v: regress(y, v, [1, 2, np.nan, 4]), "not_finite"),
        (lambda y, v: regress(y, v, [1, 1, 1, 1]), "collinear"),
        (lambda y, v: regress(y, v, np.eye(4)[:, :3]), "too_few_studies"),
        (lambda y, v: regress(y, v, [1, 2, 3, 4], names=["a", "b"]), "unequal_lengths"),
        (lambda y, v: regress(y, v, [1, 2, 3, 4], method="XX"), "unknown_option"),
        (lambda y, v: regress(y, v, ["a", "b", "c", "d"]), "not_a_number"),
        (lambda y, v: regress(y, v, np.empty((4, 0)), intercept=False), "no_moderators"),
        (lambda y, v: predict(regress(y, v, [1, 2, 3, 4]), [[1, 2]]), "unequal_lengths"),
        (lambda y, v: permutation_test(y, v, [1, 2, 3, 4], permutations=0), "unknown_option"),
    ],
)
def test_refusals(call: Any, code: str) -> None:
    with pytest.raises(StatisticsError) as caught:
        call([0.1, 0.2, 0.4, 0.3], [0.1, 0.1, 0.2, 0.1])
    assert caught.value.code == code
