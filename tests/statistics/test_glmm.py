"""Mixed models of counts against exact solutions, R's metafor, and plain numerical integration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, optimize, stats
from scipy.special import expit

from analysis.statistics.errors import StatisticsError
from analysis.statistics.glmm import glmm_odds_ratio, glmm_proportion, glmm_rate, glmm_rate_ratio
from analysis.statistics.marginal import binomial_kernel, poisson_kernel
from analysis.statistics.marginal import integrate as marginal
from analysis.statistics.mixed import MixedEffect
from tests.statistics.reference_data import differs, load, numbers, table

EXACT = load("models/glmm_exact")
PACKAGE = load("models/glmm")


def tables(dataset: str, block: str = "") -> list[np.ndarray]:
    """events1, n1, events2, n2 of a data set, rows with a missing count left out."""
    if dataset == "bcg":
        a, b, c, d = numbers("data/bcg", "tpos", "tneg", "cpos", "cneg")
        return [a, a + b, c, c + d]
    columns = {
        "li2007": ("ai", "n1i", "ci", "n2i"),
        "nielweise2007": ("ai", "n1i", "ci", "n2i"),
        "viechtbauer2021": ("xTi", "nTi", "xCi", "nCi"),
        "yusuf1985": ("ai", "n1i", "ci", "n2i"),
        "collins1985a": ("b.xti", "nti", "b.xci", "nci")
        if block == "bleeding"
        else ("d.xti", "nti", "d.xci", "nci"),
        "collins1985b": ("pre.xti", "pre.nti", "pre.xci", "pre.nci")
        if block != "perinatal_death"
        else ("ped.xti", "fup.nti", "ped.xci", "fup.nci"),
    }[dataset]
    values = np.array(numbers(f"data/{dataset}", *columns))
    if dataset == "yusuf1985":
        values = values[:, np.array(table("data/yusuf1985")["table"]) == "6"]
    return list(values[:, ~np.isnan(values).any(axis=0)])


def fit(key: str) -> MixedEffect:
    """The model of one entry of glmm_exact."""
    if key == "debruin2009_PLO":
        return glmm_proportion(*numbers("data/debruin2009", "xi", "ni"))
    if key == "hart1999_control_IRLN":
        return glmm_rate(*numbers("data/hart1999", "x2i", "t2i"))
    if key.startswith("hart1999_IRR"):
        return glmm_rate_ratio(*numbers("data/hart1999", "x1i", "t1i", "x2i", "t2i"), model="CM.EL")
    dataset, _, model = key.replace("_preeclampsia", "").rpartition("_OR_")
    return glmm_odds_ratio(*tables(dataset), model=model, profile=False)


GIVEN = [key for key in EXACT if key != "note" and not key.startswith(("pritz", "nielweise2008"))]


@pytest.mark.parametrize("key", GIVEN)
def test_exact_solution(key: str) -> None:
    expected, ours = EXACT[key]["nAGQ61"], fit(key)
    # The solutions' own note: good to about 1e-8; on the boundary they stopped at tau = 6e-7, not 0.
    loose = 1e-7 if expected["boundary"] else 3e-9
    assert not differs(ours.estimate, expected["mu"], loose)
    assert not differs(ours.se, expected["se"], loose)
    assert not differs(ours.tau2**0.5, expected["tau"], 3e-9, 1e-6 if expected["boundary"] else 0)
    assert not differs(ours.log_likelihood, expected["logLik"], 1e-10, 1e-9)


def package_cases() -> list[tuple[str, str, str]]:
    return [(n, b, m) for n, blocks in PACKAGE.items() for b, models in blocks.items() for m in models]


@pytest.mark.parametrize(("dataset", "block", "model"), package_cases())
def test_metafor(dataset: str, block: str, model: str) -> None:
    expected = PACKAGE[dataset][block][model]
    if block == "PLO":
        ours = glmm_proportion(*numbers("data/debruin2009", "xi", "ni"))
    elif block == "IRLN2":
        ours = glmm_rate(*numbers("data/hart1999", "x2i", "t2i"))
    elif block == "IRR":
        ours = glmm_rate_ratio(*numbers("data/hart1999", "x1i", "t1i", "x2i", "t2i"), model=model)
    else:
        ours = glmm_odds_ratio(*tables(dataset, block), model=model, profile=False)
    assert ours.k == expected["k"]
    # metafor integrates UM.RS by the Laplace approximation; ours is exact, so that they differ visibly.
    laplace = model == "UM.RS"
    assert not differs(ours.estimate, expected["beta"], 1e-2 if laplace else 2e-5, 1e-6)
    # Where ours is on the boundary, metafor's CM.EL stops before it, at a lower likelihood.
    assert not differs(ours.tau2, expected["tau2"], 5e-2 if laplace else 2e-4, 5e-5)
    if model == "CM.EL":
        assert ours.log_likelihood >= expected["logLik"] - 1e-9
    if not laplace and (ours.tau2 > 0 or model != "CM.EL"):
        # Its CM.EL has the Hessian by differences, and each study's own odds ratio by an optimiser.
        loose = model == "CM.EL"
        assert not differs(ours.se, expected["se"], 5e-4 if loose else 1e-4)
        assert not differs(ours.i2, expected["I2"], 2e-4, 1e-3)
        assert not differs(ours.q, expected["QE_LRT"], 1e-5 if loose else 1e-8)
        assert ours.q_df == expected["QE_df"]


def test_integral_is_right_where_gauss_hermite_fails() -> None:
    for x, n, mean, tau in [
        (0, 20, -3, 1),
        (0, 1000, -3, 5),
        (0, 100_000, -3, 5),
        (50, 50, 0, 10),
        (3, 9, 0, 2),
    ]:
        value = marginal(
            binomial_kernel(np.array([float(x)]), np.array([float(n)])),
            np.array([[float(mean)]]),
            np.array([[float(tau)]]),
        )[0][0, 0]

        def density(z: float, x: int = x, n: int = n, mean: int = mean, tau: int = tau) -> float:
            return float(stats.binom.pmf(x, n, expit(mean + tau * z)) * stats.norm.pdf(z))

        direct = sum(
            integrate.quad(density, low, low + 1, epsabs=1e-14, epsrel=1e-10, limit=400)[0]
            for low in range(-14, 14)
        )
        assert value == pytest.approx(np.log(direct), abs=1e-9)


def test_derivatives_are_those_of_the_value() -> None:
    kernel = binomial_kernel(np.array([0.0, 3, 7, 40]), np.array([12.0, 9, 7, 100]))
    eta, tau, step = np.array([-1.0, 0.2, 1.0, -0.5])[:, None], np.array([[0.8]]), 1e-5
    _, gradient, hessian = marginal(kernel, eta, tau)
    up, down = marginal(kernel, eta + step, tau), marginal(kernel, eta - step, tau)
    right, left = marginal(kernel, eta, tau + step), marginal(kernel, eta, tau - step)
    assert gradient[..., 0] == pytest.approx((up[0] - down[0]) / (2 * step), abs=1e-7)
    assert gradient[..., 1] == pytest.approx((right[0] - left[0]) / (2 * step), abs=1e-7)
    assert hessian[..., 0, :] == pytest.approx((up[1] - down[1]) / (2 * step), rel=1e-6, abs=1e-6)
    assert hessian[..., 1, 1] == pytest.approx((right[1] - left[1])[..., 1] / (2 * step), rel=1e-6, abs=1e-6)


def test_random_levels_likelihood_by_double_integration() -> None:
    a, n1, b, n2 = (np.array(x, dtype=float) for x in ([1, 4, 0], [20, 30, 15], [3, 9, 4], [18, 33, 16]))
    ours = glmm_odds_ratio(a, n1, b, n2, model="UM.RS")
    fixed = glmm_odds_ratio(a, n1, b, n2, model="UM.FS")
    assert ours.sigma2 is not None
    assert ours.q is None

    def total(theta: float, gamma: float, tau: float, sigma: float) -> float:
        z, w = np.polynomial.hermite_e.hermegauss(60)
        w = w / np.sqrt(2 * np.pi)
        level = gamma + sigma * z[:, None]
        effect = theta + tau * z[None, :]
        value = 0.0
        for i in range(3):
            density = stats.binom.pmf(a[i], n1[i], expit(level + effect / 2))
            density = density * stats.binom.pmf(b[i], n2[i], expit(level - effect / 2))
            value += float(np.log(w @ density @ w))
        return value

    tau, sigma = ours.tau2**0.5, ours.sigma2**0.5
    best = optimize.minimize_scalar(
        lambda g: -total(ours.estimate, g, tau, sigma), bounds=(-3, 0), options={"xatol": 1e-6}
    ).x
    assert total(ours.estimate, best, tau, sigma) == pytest.approx(ours.log_likelihood, abs=1e-6)
    for change in (-0.02, 0.02):
        assert total(ours.estimate + change, best, tau, sigma) < ours.log_likelihood
        assert total(ours.estimate, best, tau, abs(sigma + change)) < ours.log_likelihood + 1e-9
    assert fixed.model == "UM.FS"


def test_no_events_anywhere() -> None:
    ours = glmm_proportion([0, 0, 0], [10, 20, 5])
    assert ours.estimate == -np.inf
    assert (ours.ci_low, ours.interval, ours.tau2) == (-np.inf, "exact", 0)
    assert expit(ours.ci_high) == pytest.approx(1 - 0.025 ** (1 / 35))
    mirror = glmm_proportion([10, 20, 5], [10, 20, 5])
    assert (mirror.estimate, mirror.ci_low) == (np.inf, pytest.approx(-ours.ci_high))
    assert ours.to_dict()["estimate"] is None
    rate = glmm_rate([0, 0], [10.0, 20.0])
    assert np.exp(rate.ci_high) == pytest.approx(-np.log(0.025) / 30)


def test_one_study() -> None:
    ours = glmm_proportion([3], [10], interval="t")
    assert ours.estimate == pytest.approx(np.log(3 / 7))
    assert ours.se == pytest.approx((1 / 3 + 1 / 7) ** 0.5)
    assert (ours.tau2, ours.interval, ours.prediction_low, ours.tau2_ci_low) == (0, "wald", None, None)


def test_homogeneous_studies_are_a_plain_logistic_model() -> None:
    ours = glmm_proportion([2, 4, 6], [10, 20, 30])
    assert (ours.tau2, ours.tau2_ci_low) == (0, 0)
    assert ours.estimate == pytest.approx(np.log(12 / 48), abs=1e-10)
    assert ours.se == pytest.approx((1 / 12 + 1 / 48) ** 0.5, rel=1e-9)
    assert ours.q == pytest.approx(0, abs=1e-10)


def test_single_people_cannot_show_a_between_study_variance() -> None:
    ours = glmm_proportion([1, 0, 1, 0, 0], [1] * 5)
    assert ours.tau2 == 0
    assert ours.estimate == pytest.approx(np.log(2 / 3))


@pytest.mark.parametrize(
    ("call", "code", "study"),
    [
        (lambda: glmm_proportion([], []), "no_studies", None),
        (lambda: glmm_proportion([1, 7], [5, 6]), "impossible_count", 1),
        (lambda: glmm_proportion([1, 2.5], [5, 6]), "not_whole", 1),
        (lambda: glmm_proportion([1, np.nan], [5, 6]), "not_finite", 1),
        (lambda: glmm_proportion([0, 10, 0, 10], [10] * 4), "no_finite_maximum", None),
        (lambda: glmm_odds_ratio([0, 0], [9, 9], [2, 3], [9, 9]), "no_finite_maximum", None),
        (lambda: glmm_odds_ratio([0, 0], [9, 9], [0, 0], [9, 9]), "no_studies", None),
        (lambda: glmm_odds_ratio([1, 2], [9, 9], [2, 3], [9, 9], model="XX"), "unknown_option", None),
        (lambda: glmm_rate_ratio([1, 2], [9, 0], [2, 3], [9, 9]), "impossible_count", 1),
        (lambda: glmm_proportion([1, 2], [5, 6], interval="hksj"), "unknown_option", None),
        (lambda: glmm_proportion([1, 2], [5, 6], level=95), "unknown_option", None),
    ],
)
def test_refusals(call: object, code: str, study: int | None) -> None:
    with pytest.raises(StatisticsError) as caught:
        call()  # type: ignore[operator]
    assert (caught.value.code, caught.value.study) == (code, study)


def test_profile_limits_lose_half_a_chi_square() -> None:
    x, n = numbers("data/debruin2009", "xi", "ni")
    ours = glmm_proportion(x, n, level=0.9)
    kernel = binomial_kernel(x, n)
    assert ours.tau2_ci_low is not None
    for limit in (ours.tau2_ci_low, ours.tau2_ci_high):
        means = np.linspace(-0.6, 0.4, 401)
        value = marginal(kernel, np.tile(means, (x.size, 1)), np.array([limit**0.5]))[0].sum(axis=0).max()
        assert ours.log_likelihood - value == pytest.approx(stats.chi2.ppf(0.9, 1) / 2, abs=1e-4)


def test_two_peaks_the_higher_one_wins() -> None:
    rng = np.random.default_rng(7)
    tried = 0
    for _ in range(30):
        n = rng.integers(1, 60, 4).astype(float)
        x = rng.binomial(n.astype(int), expit(rng.normal(0, 3, 4))).astype(float)
        if x.sum() in (0, n.sum()) or not ((x > 0) & (x < n)).any():
            continue
        tried += 1
        ours = glmm_proportion(x, n, profile=False)
        kernel = binomial_kernel(x, n)
        means, taus = np.linspace(-8, 8, 33), np.linspace(0, 12, 25)
        grid = marginal(kernel, np.tile(np.repeat(means, 25), (4, 1)), np.tile(taus, 33))[0].sum(axis=0)
        assert grid.max() <= ours.log_likelihood + 1e-8
    assert tried > 15


def test_order_arms_and_weights() -> None:
    a, n1, b, n2 = tables("li2007")
    for model in ("UM.FS", "CM.EL", "CM.AL"):
        ours = glmm_odds_ratio(a, n1, b, n2, model=model, profile=False)
        back = glmm_odds_ratio(b, n2, a, n1, model=model, profile=False)
        mixed = glmm_odds_ratio(a[::-1], n1[::-1], b[::-1], n2[::-1], model=model, profile=False)
        assert mixed.estimate == pytest.approx(ours.estimate, rel=1e-9)
        assert mixed.weights[::-1] == pytest.approx(ours.weights, rel=1e-7)
        assert ours.weights.sum() == pytest.approx(100)
        if model != "CM.AL":  # the binomial approximation is not symmetric in events and non-events
            assert back.estimate == pytest.approx(-ours.estimate, rel=1e-7)
    with_empty = glmm_odds_ratio([*a, 0], [*n1, 30], [*b, 0], [*n2, 31], profile=False)
    assert with_empty.k == ours.k
    assert with_empty.weights[-1] == 0


def test_inputs_are_left_alone() -> None:
    x, n = np.array([1.0, 5, 3]), np.array([9.0, 12, 20])
    x.flags.writeable = n.flags.writeable = False
    glmm_proportion(x, n)


def test_rates_that_differ_a_thousandfold() -> None:
    """Beside a large count the integrand has a cliff, on which Newton's method alone creeps."""
    x, t = np.array([185.0, 9, 0, 171, 0, 4]), np.array([5.3, 91.6, 35.3, 28.4, 45.1, 10.5])
    ours = glmm_rate(x, t)
    taus, best = np.linspace(0, 12, 25), -np.inf
    for i, tau in enumerate(taus):
        means = np.linspace(-8, 4, 121)
        value = marginal(poisson_kernel(x, t), np.tile(means, (6, 1)), np.full(121, tau))[0].sum(axis=0)
        best = max(best, value.max())
        assert value.max() <= ours.log_likelihood + 1e-8, i
    assert best > ours.log_likelihood - 0.1
    assert ours.tau2_ci_low is not None
    assert ours.tau2_ci_high is not None
    assert ours.tau2_ci_low < ours.tau2 < ours.tau2_ci_high < 900
