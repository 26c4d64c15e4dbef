"""Results as printed in papers, handbooks and slides, each from its own data.

``tests/reference/published/expected.csv`` holds every figure with the page it stands on and its address.
"""

from __future__ import annotations

import csv

import numpy as np
import pytest

from analysis.statistics import effect_sizes as es
from analysis.statistics.pooling import PooledEffect, pool
from tests.statistics.reference_data import REFERENCE

INTERVALS = {"Wald": "wald", "Knapp-Hartung (HKSJ)": "hksj", "Knapp-Hartung": "hksj"}


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / "published" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def column(dataset: str, *names: str) -> list[np.ndarray]:
    chosen = [row for row in rows("inputs") if row["dataset"] == dataset]
    return [np.array([float(row[name]) for row in chosen]) for name in names]


def effects(dataset: str, effect: str) -> es.EffectSizes:
    """The effects a published row was pooled from."""
    if dataset == "normand1999":
        data = column(dataset, "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
        if effect == "SMD":
            return es.standardised_mean_difference(*data)
        return es.mean_difference(*data, variance="pooled" if "POOLED" in effect else "separate")
    if dataset == "hine1989":
        a, c, n1, n2 = column(dataset, "ai", "ci", "n1i", "n2i")
        return es.risk_difference(a, n1, c, n2)
    if dataset == "raudenbush1985":
        return es.from_variance(*column(dataset, "yi", "vi"))
    a, b, c, d = column("bcg", "tpos", "tneg", "cpos", "cneg")
    measure = {"RR": es.risk_ratio, "OR": es.odds_ratio, "RD": es.risk_difference}
    (kind,) = (measure[word] for word in measure if word in effect)
    return kind(a, a + b, c, c + d)


PUBLISHED = [
    row
    for row in rows("expected")
    if row["dataset"] in ("normand1999", "raudenbush1985", "bcg", "hine1989") and row["model"] != "regtest"
]


def name_of(row: dict[str, str]) -> str:
    return "-".join(row[key] for key in ("dataset", "effect", "model", "ci_method"))


@pytest.mark.parametrize("row", PUBLISHED, ids=name_of)
def test_published_figure(row: dict[str, str]) -> None:
    """Every printed figure, to its last digit."""
    source = effects(row["dataset"], row["effect"])
    model = row["model"].split(" ")[0]
    method = {"fixed/equal": "EE", "fixed": "EE"}.get(model, model)
    prediction = "normal" if "z-type" in row["ci_method"] else "hts"
    if row["dataset"] == "raudenbush1985":
        prediction = "normal"  # metafor's, quoted in its test of this analysis
    interval = INTERVALS[row["ci_method"].split(";")[0]]
    ours = pool(source.yi, source.vi, method=method, interval=interval, prediction=prediction)
    exponential, factor = "(exp)" in row["effect"], 100.0 if "x100" in row["effect"] else 1.0
    fields = {
        "estimate": "estimate",
        "se": "se",
        "stat": "statistic",
        "ci_low": "ci_low",
        "ci_high": "ci_high",
        "tau2": "tau2",
        "i2": "i2",
        "q": "q",
        "pi_low": "prediction_low",
        "pi_high": "prediction_high",
    }
    checked = 0
    for name, field in fields.items():
        printed = row[name]
        if not printed:
            continue
        value = getattr(ours, field)
        if exponential and name in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high"):
            value = np.exp(value)
        if name in ("estimate", "se", "ci_low", "ci_high"):
            value *= factor
        last = 10.0 ** -len(printed.partition(".")[2])
        # printed after REML and ML stopped at an absolute change of 1e-5, which may turn the last digit
        within = 1.5 if method in ("REML", "ML") else 0.51
        assert value == pytest.approx(float(printed), abs=within * last), name
        checked += 1
    assert checked


def test_computed_by_an_older_metafor() -> None:
    """Twelve and more rows of metafor 3.8.1, at its default stopping rule."""
    names = {
        "normand1999_MD": ("normand1999", "MD"),
        "raudenbush1985_SMD": ("raudenbush1985", ""),
        "bcg_logRR": ("bcg", "RR"),
    }
    for row in rows("computed_metafor381"):
        source = effects(*names[row["dataset"]])
        ours = pool(
            source.yi,
            source.vi,
            method=row["method"],
            interval={"z": "wald", "knha": "hksj"}[row["test"]],
        )
        pairs = {
            "est": ours.estimate,
            "se": ours.se,
            "ci_low": ours.ci_low,
            "ci_high": ours.ci_high,
            "tau2": ours.tau2,
            "I2": ours.i2,
            "Q": ours.q,
            "stat": ours.statistic,
            "p": ours.p_value,
            "pi_HTS_k2_low": ours.prediction_low,
            "pi_HTS_k2_high": ours.prediction_high,
        }
        for name, value in pairs.items():
            if row[name] in ("", "NA"):
                continue
            close = (1e-9, 1e-12) if row["method"] in ("EE", "DL") else (1e-3, 1e-5)
            expected = pytest.approx(float(row[name]), rel=close[0], abs=close[1])
            assert value == expected, (row["dataset"], row["method"], name)


def clasp(method: str) -> PooledEffect:
    a, n1 = [5, 5, 12, 69, 9, 313], [156, 303, 565, 1570, 103, 4659]
    c, n2 = [8, 17, 9, 94, 11, 352], [74, 303, 477, 1565, 105, 4650]
    source = es.odds_ratio(a, n1, c, n2)
    return pool(source.yi, source.vi, method=method, interval="wald")


@pytest.mark.parametrize(
    ("method", "tau", "estimate", "se"),
    [
        ("PM", 0.3681, -0.3811, 0.2060),
        ("EB", 0.3681, -0.3811, 0.2060),
        ("HE", 0.4410, -0.4035, 0.2327),
        ("DL", 0.2323, -0.3240, 0.1540),
        ("DL2", 0.3254, -0.3655, 0.1901),
        ("HS", 0.1330, -0.2666, 0.1125),
        ("REML", 0.1843, -0.2980, 0.1343),
        ("SJ", 0.4572, -0.4079, 0.2386),
    ],
)
def test_dersimonian_and_kacker_2007(method: str, tau: float, estimate: float, se: float) -> None:
    """Aspirin in pre-eclampsia, tables 3 and 4 (pages 111 and 112)."""
    ours = clasp(method)
    assert np.sqrt(ours.tau2) == pytest.approx(tau, abs=1e-4)
    assert ours.estimate == pytest.approx(estimate, abs=1e-4)
    assert ours.se == pytest.approx(se, abs=1e-4)


def test_where_the_printed_maximum_is_not_one() -> None:
    """The same table prints τ = 0.0023 by ML; the likelihood falls from 0 on, so ML is exactly 0."""
    ours = clasp("ML")
    assert ours.tau2 == 0
    assert (round(ours.estimate, 4), round(ours.se, 4)) == (-0.1973, 0.0694)


def test_six_studies_on_a_chinese_slide() -> None:
    """Stata's metan: WMD −1.33 (−1.88, −0.77), z = 4.68, heterogeneity chi² 2.25 (d.f. = 5), p = 0.814."""
    low = [-2.50164, -3.26145, -2.38466, -3.47762, -2.37038, -2.31368]
    high = [0.501644, -0.538545, 0.38466, -0.52238, 0.570382, -0.086323]
    source = es.from_interval([-1, -1.9, -1, -2, -0.9, -1.2], low, high)
    ours = pool(source.yi, source.vi, method="EE", interval="wald")
    assert (round(ours.estimate, 2), round(ours.ci_low, 2), round(ours.ci_high, 2)) == (-1.33, -1.88, -0.77)
    assert round(abs(ours.statistic or 0), 2) == 4.68
    assert (round(ours.q, 2), ours.q_df, round(ours.q_p_value, 3)) == (2.25, 5, 0.814)
    printed = [13.724, 16.6959, 16.1409, 14.1739, 14.3138]
    assert ours.weights[:5] == pytest.approx(printed, abs=1e-3)


def test_bcg_by_van_houwelingen() -> None:
    """Van Houwelingen 2002, as re-derived by metafor's test: Q-profile interval of tau² 0.1302 to 1.1812.

    Its solver stops within 1e-4; ours gives 0.13015, where Q is the quantile.
    """
    source = effects("bcg", "OR")
    ours = pool(source.yi, source.vi, method="ML")
    assert ours.tau2_ci_low == pytest.approx(0.1302, abs=1e-4)
    assert ours.tau2_ci_high == pytest.approx(1.1812, abs=1e-4)
