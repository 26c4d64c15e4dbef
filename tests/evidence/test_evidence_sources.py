"""The tables hold what the collected evidence holds: nothing altered, nothing lost, nothing added.

The collected evidence lies beside the repository, in ``../shared/evidence``; where it does not, these
tests are skipped.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "evidence"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/evidence is not here")

# Records that the evidence notes name and no evidence table holds: known by their notes only.
FROM_NOTES = {"smart_ms2026", "nct05116540", "petriv2022", "rmj2019"}

# One sentence about two outcomes stands in two rows of the tables.
SPLIT = {
    ("li2014", "EDSS and relapse occurrence"),
    ("cohen2023", "people with relapse / MRI disease activation"),
    ("fernandez2018", "measures of treatment effect (EDSS, MRI etc.)"),
}


def evidence(*names: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for name in names:
        with (SHARED / name).open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    for row in rows:
        if row.get("study_id") == "cohen2023_mscntf":
            row["study_id"] = "cohen2023"
    return rows


def table(name: str, *, notes: bool = False) -> list[dict[str, str]]:
    """Rows of our table; `notes` keeps those of records known by notes alone."""
    with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if notes or row.get("study_id") not in FROM_NOTES]


def arm_labels() -> dict[tuple[str, str], str]:
    return {(row["study_id"], row["arm_id"]): row["label"] for row in table("arms")}


def cells(row: dict[str, str], columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(row[column].strip() for column in columns)


def test_every_outcome_row_has_the_numbers_of_its_source() -> None:
    same = ("study_id", "timepoint_months", "n", "sd", "se", "ci_low", "ci_high", "median", "q1", "q3",
            "events", "person_years", "source_url", "quote", "confidence")  # fmt: skip
    wanted: Counter[tuple[str, ...]] = Counter()
    for row in evidence("controlled/outcomes.csv", "uncontrolled/outcomes.csv"):
        arm = "MSC-NTF" if row["study_id"] == "cohen2023" and row["arm"] == "MSC" else row["arm"]
        times = 2 if (row["study_id"], row["outcome"]) in SPLIT else 1
        value = row["mean"].strip()
        if row["statistic"] == "percent 19":
            value = "19"
        wanted[*cells(row, same), value, arm, row["outcome"], row["statistic"]] += times
    labels, found = arm_labels(), Counter()
    for row in table("outcomes"):
        value = row["percent"] if row["statistic"] == "percent" else row["mean"]
        label = labels[row["study_id"], row["arm_id"]]
        found[*cells(row, same), value, label, row["outcome_text"], row["statistic_text"]] += 1
    assert found == wanted


def test_printed_percentages_and_p_values_stand_in_the_quote() -> None:
    for row in table("outcomes"):
        if row["percent"]:
            assert row["percent"].removesuffix(".0") in row["quote"] or row["percent"] in ("19",), row[
                "value_id"
            ]
        if row["p_text"]:
            digits = row["p_text"].split()[-1]
            assert digits in row["quote"] or digits in row["note"], row["value_id"]


def test_every_adverse_event_row_has_the_numbers_of_its_source() -> None:
    same = (
        "study_id",
        "n_people",
        "n_events",
        "n_at_risk",
        "serious",
        "period",
        "source_url",
        "quote",
        "confidence",
    )
    wanted = Counter(
        (*cells(row, same), row["ae_term"], row["ae_category"])
        for row in evidence("controlled/adverse_events.csv", "uncontrolled/adverse_events.csv")
    )
    found = Counter((*cells(row, same), row["term"], row["category_text"]) for row in table("adverse_events"))
    assert found == wanted


def test_a_named_event_without_a_count_stays_without_one() -> None:
    rows = [
        row
        for row in table("adverse_events")
        if row["study_id"] == "bonab2012" and row["category"] == "fever"
    ]
    assert [row["n_people"] for row in rows] == [""]


def test_every_study_of_the_evidence_has_a_record_and_no_other_has() -> None:
    wanted = {row["study_id"] for row in evidence("controlled/studies.csv", "uncontrolled/studies.csv")}
    assert {row["study_id"] for row in table("studies")} == wanted


def test_studies_hold_the_words_and_numbers_of_their_source() -> None:
    found = {row["study_id"]: row for row in table("studies")}
    plain = ("title", "doi", "pmid", "n_rrms", "n_spms", "n_ppms", "dose", "n_doses")
    for row in evidence("controlled/studies.csv", "uncontrolled/studies.csv"):
        if row["study_id"] == "cohen2023" and "comparator" in row:
            continue
        record = found[row["study_id"]]
        for column in plain:
            if not (row["study_id"] == "cohen2023" and column == "dose"):
                assert record[column] == row[column].strip(), (row["study_id"], column)
        printed = row.get("n_enrolled", "") or row.get("n_randomised_total", "")
        if printed.isdigit() and record["n_enrolled"]:
            assert record["n_enrolled"] == printed
        for column in ("age_mean", "baseline_edss_mean"):
            if row.get(column):
                assert row[column].split()[0] == record[column], (row["study_id"], column)


def test_every_study_level_value_is_there_with_its_words() -> None:
    wanted = Counter(
        cells(row, ("study_id", "value", "quote", "source_url", "confidence"))
        for row in evidence("uncontrolled/study_values.csv")
    )
    found = Counter(
        cells(row, ("study_id", "value", "quote", "source_url", "confidence"))
        for row in table("study_values")
    )
    assert not wanted - found
    assert {key[0] for key in found - wanted} == {"cohen2023"}


def test_published_comparisons_have_the_numbers_of_their_source() -> None:
    same = ("study_id", "estimate", "ci_low", "ci_high", "source_url", "quote")
    wanted = Counter(
        (*cells(row, same), row["outcome"], row["comparison"], row["p"].split(";")[0])
        for row in evidence("controlled/effect_estimates.csv")
        if not row["study_id"].startswith("POOLED")
    )
    found = Counter(
        (*cells(row, same), row["outcome_text"], row["comparison"], row["p_text"].split(" (column")[0])
        for row in table("estimates")
        if row["value_id"] != "petrou2020-e41"
    )
    assert found == wanted


def test_statements_on_risk_of_bias_are_all_there() -> None:
    wanted = Counter(
        (row["study_id"], row["domain"], row["what_the_text_says"], row["quote"].strip())
        for row in evidence("controlled/rob.csv", "uncontrolled/rob.csv")
    )
    found = Counter(
        (row["study_id"], row["domain_text"], row["statement"], row["quote"]) for row in table("risk_of_bias")
    )
    assert found == wanted


def test_individual_values_are_those_of_their_source() -> None:
    wanted = Counter(
        cells(row, ("study_id", "patient", "baseline_edss", "edss_change", "quote"))
        for row in evidence("uncontrolled/individual_edss.csv")
    )
    found = Counter(
        cells(row, ("study_id", "patient", "baseline_edss", "edss_change", "quote"))
        for row in table("individual_edss")
    )
    assert found == wanted


def test_earlier_reviews_results_are_those_of_their_source() -> None:
    same = ("ci_low", "ci_high", "q", "tau2", "n_in_outcome")
    wanted = Counter(
        (row["review_id"].lower(), row["outcome"], row["pooled"], row["i2_pct"], row["p"], *cells(row, same))
        for row in evidence("reviews/reviews.csv")
    )
    found = Counter(
        (row["review_id"], row["outcome_text"], row["estimate"] or row["estimate_text"], row["i2_percent"],
         row["p_text"], *cells(row, same))
        for row in table("review_results")
    )  # fmt: skip
    assert not found - wanted
    # Reviews without a pooled result have a row among the reviews alone.
    assert {key[0] for key in wanted - found} <= {row["review_id"] for row in table("reviews")}
    assert all(not any(key[2:]) for key in wanted - found)


def test_registered_trials_are_those_of_their_source() -> None:
    wanted = {
        row["id"]: (row["title"], row["status"], row["n"], row["sponsor"], row["data_quote"])
        for row in evidence("registered_trials.csv")
    }
    found = {
        row["trial_id"]: (row["title"], row["status_text"], row["n"], row["sponsor"], row["quote"])
        for row in table("trials", notes=True)
    }
    assert found == {key: tuple(text.strip() for text in value) for key, value in wanted.items()}


def test_the_glossary_is_that_of_its_source() -> None:
    wanted = [
        (row["en"], row["zh"], row["checked_in_chinese_source"] == "yes") for row in evidence("glossary.csv")
    ]
    found = [(row["en"], row["zh"], row["checked"] == "true") for row in table("glossary")]
    assert found == wanted


def test_records_known_by_notes_alone_hold_only_what_the_notes_print() -> None:
    notes = " ".join(
        path.read_text(encoding="utf-8") for path in (SHARED / "README.md", *SHARED.glob("*/notes.md"))
    )
    notes = " ".join(notes.split())
    rows = [row for row in table("adverse_events", notes=True) if row["study_id"] in FROM_NOTES]
    assert rows
    for row in rows:
        assert row["confidence"] == "secondary"
        counted = row["n_people"] or row["percent"]
        if int(row["n_people"] or 0) > 1:
            assert f"n={counted}" in notes
        if row["percent"]:
            assert f"{counted} %" in notes
