"""A second review, built by the same code: BCG vaccine against tuberculosis, 13 trials, risk ratio."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from analysis.evidence import check, load
from analysis.synthesis import Results, synthesise
from tests.reviews.bcg_site import BCG, ROOT, build, copy_bcg

# metafor 5.0-1, R 4.2.2: rma(yi, vi, method="REML", test="knha") of escalc("RR", …) on dat.bcg.
LOG_RISK_RATIO = -0.7145323421581394
LIMITS = (-1.108443713685551, -0.32062097063072803)
TAU2 = 0.31324325813648074
# The same within the trials that alternated people between the groups, with their own tau².
ALTERNATE = -0.5407929618493458


@pytest.fixture(scope="module")
def results() -> Results:
    return synthesise(load(BCG / "data"))


def test_the_evidence_passes_its_checks() -> None:
    assert check(BCG / "data") == []


def test_the_pooled_result_is_metafor_s(results: Results) -> None:
    answer = results.question("tuberculosis")
    assert answer.pooled is not None
    assert (answer.k, answer.pooled.tau2_method, answer.pooled.interval) == (13, "REML", "hksj")
    assert answer.pooled.beta == pytest.approx(LOG_RISK_RATIO, abs=1e-12)
    assert answer.pooled.tau2 == pytest.approx(TAU2, abs=1e-10)
    limits = results.question("tuberculosis").pooled
    assert limits is not None
    assert limits.ci_low == pytest.approx(2.718281828459045 ** LIMITS[0], rel=1e-12)
    assert limits.ci_high == pytest.approx(2.718281828459045 ** LIMITS[1], rel=1e-12)


def test_a_column_of_its_own_makes_its_subgroups(results: Results) -> None:
    groups = {group.code: group for group in results.question("tuberculosis").subgroups}
    assert {code: group.k for code, group in groups.items()} == {"random": 7, "alternate": 2, "systematic": 4}
    alternate = groups["alternate"].pooled
    assert alternate is not None
    assert alternate.beta == pytest.approx(ALTERNATE, abs=1e-12)
    assert groups["alternate"].label == {"en": "alternate", "zh": "交替"}


def test_latitude_explains_what_metafor_says_it_does(results: Results) -> None:
    reference = json.loads((ROOT / "tests" / "reference" / "models" / "regression.json").read_text())
    fit = reference["bcg"]["ablat"]["fits"]["REML_knha"]
    found = results.question("tuberculosis").regression
    assert found is not None
    assert (found.done, found.k, found.left_out, found.minimum_k) == (True, 13, 0, 10)
    assert [part.name for part in found.coefficients] == ["intercept", "latitude"]
    assert found.coefficients[1].label == {"en": "Latitude", "zh": "纬度"}
    for name, key in (("beta", "beta"), ("se", "se"), ("ci_low", "ci_lb"), ("ci_high", "ci_ub")):
        assert [getattr(part, name) for part in found.coefficients] == pytest.approx(fit[key], rel=1e-6), name
    assert [part.p_value for part in found.coefficients] == pytest.approx(fit["pval"], rel=1e-6)
    assert (found.tau2, found.i2, found.r2, found.q_model, found.q_model_p) == pytest.approx(
        (fit["tau2"], fit["I2"], fit["R2"], fit["QM"], fit["QMp"]), rel=1e-6
    )


def test_the_estimate_after_every_trial_ends_in_the_pooled_one(results: Results) -> None:
    answer = results.question("tuberculosis")
    assert answer.pooled is not None
    assert len(answer.cumulative) == 12
    assert answer.cumulative[0].label == "Ferguson & Simes 1949"
    assert answer.cumulative[-1].estimate == pytest.approx(answer.pooled.estimate, rel=1e-12)


def test_every_number_is_in_its_quote() -> None:
    """The quote is the row of the data set: trial, author, year, cases and others in both groups …"""
    with (BCG / "data" / "outcomes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 26
    for row in rows:
        *_, tpos, tneg, cpos, cneg, _latitude, _allocation = row["quote"].split(",")
        events, others = (tpos, tneg) if row["arm_id"] == "bcg" else (cpos, cneg)
        assert (row["events"], int(row["n"])) == (events, int(events) + int(others))


def test_no_word_of_the_first_review_is_in_it() -> None:
    words = re.compile(r"mesenchymal|stem cell|EDSS|relaps|intrathecal|间充质|鞘内|复发", re.IGNORECASE)
    for path in sorted(BCG.rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            if path.name == "datapackage.json":
                text = json.dumps(without_phenotypes(json.loads(text)), ensure_ascii=False)
            assert not words.search(text), path.name


def without_phenotypes(package: dict) -> dict:
    """The schema without three empty columns that `analysis.evidence.checks.people` cannot do without."""
    for resource in package["resources"]:
        fields = resource["schema"]["fields"]
        resource["schema"]["fields"] = [f for f in fields if f["name"] not in ("n_rrms", "n_spms", "n_ppms")]
    return package


@pytest.mark.slow
def test_its_site_is_built_in_both_languages(tmp_path: Path, results: Results) -> None:
    site = build(copy_bcg(tmp_path / "bcg"))
    for lang, said in (("en", "Aronson 1948"), ("zh", "卡介苗")):
        page = (site / lang / "chapters" / "results.html").read_text(encoding="utf-8")
        assert said in page
        assert 'id="fig-tuberculosis"' in page
        assert (site / lang / f"bcg-{lang}.pdf").stat().st_size > 10_000
        record = json.loads((site / lang / "results.json").read_text(encoding="utf-8"))
        assert record == json.loads(results.to_json())
