"""Three-level models and cluster-robust variances against R's metafor and clubSandwich."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.statistics.errors import StatisticsError
from analysis.statistics.multilevel import pool_multilevel
from analysis.statistics.pooling import pool
from analysis.statistics.robust import robust
from tests.statistics.reference_data import CLOSED_FORM, differs, load, numbers, table

REFERENCE = load("models/multilevel")
# The README promises 1e-6 for the variances. Where ours differ by more the likelihood of ours is higher.
VARIANCE = 2e-6


def data(dataset: str, name: str) -> tuple[np.ndarray, np.ndarray, list[str], np.ndarray | None, float]:
    """yi, vi, clusters, moderators and correlation of a case."""
    y, v = numbers(f"data/{dataset}", "yi", "vi")
    cluster = table(f"data/{dataset}")["study" if dataset == "assink2016" else "district"]
    moderators = None
    if name == "three_level_deltype":
        kind = np.array(table("data/assink2016")["deltype"])
        moderators = np.column_stack([kind == "general", kind == "overt"]).astype(float)
    elif name == "three_level_pub_year":
        moderators = np.column_stack(numbers("data/assink2016", "pubstatus", "year"))
    elif name == "three_level_year":
        year = numbers(f"data/{dataset}", "year")[0]
        moderators = (year - year.mean())[:, None]
    return y, v, cluster, moderators, 0.6 if "rho06" in name else 0.0


CASES = [(d, n) for d, cases in REFERENCE.items() for n in cases if n != "robust_on_two_level"]


@pytest.mark.parametrize(("dataset", "name"), CASES)
def test_metafor(dataset: str, name: str) -> None:
    case = REFERENCE[dataset][name]
    y, v, cluster, x, rho = data(dataset, name)
    for key in ("REML_z", "REML_t", "ML_z", "ML_t", "REML_t_contain"):
        expected = case[key]
        method = key.split("_")[0]
        interval = {"z": "wald", "t": "t", "contain": "contain"}[key.split("_")[-1]]
        ours = pool_multilevel(y, v, cluster, moderators=x, correlation=rho, method=method, interval=interval)
        variances = [ours.sigma2_between, ours.sigma2_within]
        assert not differs(variances, expected["sigma2"], VARIANCE)
        assert ours.log_likelihood >= expected["logLik"] - 1e-9
        assert not differs(ours.beta, expected["beta"], 1e-6)
        assert not differs(ours.se, expected["se"], 1e-6)
        assert not differs(ours.p_value, expected["pval"], 1e-5)
        assert not differs(ours.ci_low, expected["ci_lb"], 1e-6, 1e-7)
        assert not differs(ours.q_residual, expected["QE"], CLOSED_FORM)
        if interval != "wald":
            assert ours.df is not None
            assert ours.df.tolist() == list(expected["ddf"])
    if "I2" in case:
        ours = pool_multilevel(y, v, cluster, moderators=x, correlation=rho)
        assert not differs(ours.i2, case["I2"]["I2_total"], 1e-6)
        assert not differs([ours.i2_between, ours.i2_within], case["I2"]["I2_by_component"], 1e-6)
    if "pi" in case:
        ours = pool_multilevel(y, v, cluster, correlation=rho, interval="wald")
        assert not differs([ours.prediction_low, ours.prediction_high], case["pi"], 1e-6)


@pytest.mark.parametrize(("dataset", "name"), CASES)
def test_profile_intervals(dataset: str, name: str) -> None:
    y, v, cluster, x, rho = data(dataset, name)
    ours = pool_multilevel(y, v, cluster, moderators=x, correlation=rho, profile=True)
    for mine, theirs in zip(
        (ours.sigma2_between_ci, ours.sigma2_within_ci), REFERENCE[dataset][name]["profile"], strict=True
    ):
        assert mine is not None
        assert not differs(mine, theirs, 1e-6, 1e-7)


def robust_cases() -> list[tuple[str, str, str]]:
    return [(d, n, kind) for d, cases in REFERENCE.items() for n in cases for kind in cases[n]["robust"]]


@pytest.mark.parametrize(("dataset", "name", "which"), robust_cases())
def test_robust(dataset: str, name: str, which: str) -> None:
    case = REFERENCE[dataset][name]
    y, v, cluster, x, rho = data(dataset, name)
    between, within = 0.0, 0.0
    if name == "robust_on_two_level":
        within = load(f"core/{dataset}")["core_ignoring_clusters"]["rma"]["REML"]["z"]["tau2"]
    else:
        between, within = case["REML_z"]["sigma2"]
    named = {"CR0_adjust_false": "CR0", "CR1_adjust_true": "CR1p", "CR2_robust_clubSandwich": "CR2"}
    kind = named.get(which) or which.split("_")[1]
    options: dict[str, Any] = {
        "moderators": x,
        "correlation": rho,
        "tau2_between": between,
        "tau2": within,
        "kind": kind,
        "df": "satterthwaite" if "lub" in which else "clusters",
    }
    if (name, kind) == ("three_level_deltype", "CR3"):
        # One study alone has the reference level: I − H is singular, and clubSandwich's figures are rounding.
        with pytest.raises(StatisticsError) as caught:
            robust(y, v, cluster, **options)
        assert caught.value.code == "cluster_alone"
        return
    expected, ours = case["robust"][which], robust(y, v, cluster, **options)
    assert not differs(ours.se, expected["se"], CLOSED_FORM)
    df = np.broadcast_to(np.array(expected.get("ddf", expected.get("df")), dtype=float), ours.df.shape)
    assert not differs(ours.df, df, CLOSED_FORM)
    assert not differs(ours.p_value, expected.get("pval", expected.get("p")), CLOSED_FORM)


def test_no_grid_point_beats_the_maximum() -> None:
    """Simulated clusters, some with the maximum on the boundary."""
    rng = np.random.default_rng(5)
    boundary = 0
    for _ in range(12):
        cluster = np.repeat(np.arange(6), 3)
        v = np.exp(rng.normal(-1, 1, 18))
        y = rng.normal(0, rng.choice([0, 1]), 6)[cluster] + rng.normal(0, np.sqrt(v))
        ours = pool_multilevel(y, v, cluster.tolist())
        boundary += min(ours.sigma2_between, ours.sigma2_within) == 0
        same = cluster[:, None] == cluster
        for a in (0, 0.01, 0.1, 0.5, 2):
            for b in (0, 0.01, 0.1, 0.5, 2):
                sigma = np.diag(v + b) + a * same
                inverse = np.linalg.inv(sigma)
                mean = inverse.sum(axis=0) @ y / inverse.sum()
                value = (
                    np.linalg.slogdet(sigma)[1] + np.log(inverse.sum()) + (y - mean) @ inverse @ (y - mean)
                )
                height = -0.5 * (value + 17 * np.log(2 * np.pi) - np.log(18))
                assert height <= ours.log_likelihood + 1e-9
    assert boundary > 0


def test_no_cluster_effect_is_the_two_level_model() -> None:
    y, v = np.array([0.0, 2, 1, 3, 0.5, 2.5]), np.array([0.1, 0.2, 0.15, 0.1, 0.2, 0.1])
    ours = pool_multilevel(y, v, list("aabbcc"))
    assert ours.sigma2_between == 0
    pooled = pool(y, v, interval="wald")
    assert ours.sigma2_within == pytest.approx(pooled.tau2, rel=1e-7)
    assert ours.se[0] == pytest.approx(pooled.se, rel=1e-7)


def test_order_and_scale() -> None:
    y, v, cluster, _, _ = data("konstantopoulos2011", "three_level")
    one = pool_multilevel(y, v, cluster)
    order = np.random.default_rng(1).permutation(y.size)
    other = pool_multilevel(1e5 * y[order], 1e10 * v[order], [cluster[i] for i in order])
    assert other.sigma2_between == pytest.approx(1e10 * one.sigma2_between, rel=1e-7)
    assert other.beta[0] == pytest.approx(1e5 * one.beta[0], rel=1e-8)


def test_satterthwaite_warns_of_few_clusters() -> None:
    ours = robust([0.1, 0.5, 0.3, 0.9], [0.1, 0.2, 0.1, 0.1], list("aabc"), tau2=0.1)
    assert ours.df[0] < 4
    assert not ours.trustworthy[0]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda y, v: pool_multilevel(y, v, list("aaaa")), "one_cluster"),
        (lambda y, v: pool_multilevel(y, v, list("abcd")), "not_identified"),
        (lambda y, v: pool_multilevel(y, v, list("aab")), "unequal_lengths"),
        (lambda y, v: pool_multilevel(y, v, list("aabb"), correlation=1), "unknown_option"),
        (lambda y, v: pool_multilevel(y, v, list("aabb"), method="DL"), "unknown_option"),
        (lambda y, v: pool_multilevel(y, v, list("aabb"), interval="hksj"), "unknown_option"),
        (lambda y, v: pool_multilevel(y, v, list("aabb"), moderators=[0, 0, 1, 1]), "too_few_clusters"),
        (lambda y, v: robust(y, v, list("aabb"), moderators=[0, 1, 0, 2]), "too_few_clusters"),
        (lambda y, v: robust(y, v, list("aabb"), kind="CR9"), "unknown_option"),
        (lambda y, v: robust(y, v, list("aabb"), tau2=-1), "unknown_option"),
    ],
)
def test_refusals(call: Any, code: str) -> None:
    with pytest.raises(StatisticsError) as caught:
        call([0.1, 0.2, 0.4, 0.3], [0.1, 0.1, 0.2, 0.1])
    assert caught.value.code == code
