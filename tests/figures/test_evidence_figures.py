"""Figures drawn from the evidence tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from analysis import figures
from analysis.figures import Figure, Refused
from analysis.synthesis.results import Mark, Row
from tests.figures import pictures
from tests.figures.simulated_evidence import SimulatedEvidence, results
from tests.figures.test_forest import texts

EVIDENCE: Any = SimulatedEvidence()
RESULTS = results()
DRAWN: dict[str, Callable[[str], Figure]] = {
    "timeline": lambda lang: figures.timeline(EVIDENCE, lang),
    "evidence-map": lambda lang: figures.evidence_map(EVIDENCE, lang),
    "trials": lambda lang: figures.trials(EVIDENCE, lang),
    "safety": lambda lang: figures.safety(EVIDENCE, RESULTS, lang),
    "risk-of-bias": lambda lang: figures.risk_of_bias(EVIDENCE, lang),
    "flow": lambda lang: figures.flow(EVIDENCE, RESULTS, lang),
    "earlier": lambda lang: figures.earlier(RESULTS, EVIDENCE, lang),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", DRAWN)
def test_looks_as_reviewed(name: str, lang: str) -> None:
    pictures.check(DRAWN[name](lang), name)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", DRAWN)
def test_says_what_it_shows(name: str, lang: str) -> None:
    figure = DRAWN[name](lang)
    assert figure.alt.startswith(figure.title)
    assert len(figure.description) >= 2
    assert figure.data
    assert len({tuple(row) for row in figure.data}) == 1
    chinese = any("\u4e00" <= character <= "\u9fff" for character in figure.alt)
    assert chinese == (lang == "zh")


def test_event_of_unknown_number_is_not_zero() -> None:
    figure = figures.safety(EVIDENCE, RESULTS, "en")
    found = texts(figure)
    assert "?" in found
    assert "Occurred, number of people not reported" in found
    assert "4 events; number of people not reported" in found
    unknown = [row for row in figure.data if row["category"] == "headache" and row["study_id"] == "s1"]
    assert [row["share"] for row in unknown] == [None]


def test_safety_leaves_out_control_arms_and_excluded_studies() -> None:
    drawn = {row["value_id"] for row in figures.safety(EVIDENCE, RESULTS, "en").data}
    assert drawn == {"a1", "a2", "a4", "a5", "a6"}


def test_safety_marks_secondary_sources() -> None:
    found = texts(figures.safety(EVIDENCE, RESULTS, "en"))
    assert "Simulated 2014 †" in found
    assert any(line.startswith("† Taken from a secondary source") for line in found)


def test_judgement_of_a_domain_is_the_worst_one() -> None:
    cells = {(row["study_id"], row["domain"]): row for row in figures.risk_of_bias(EVIDENCE, "en").data}
    assert cells["s1", "d1"]["judgement"] == "high"
    assert cells["s2", "d1"]["judgement"] == "not_assessed"
    assert cells["s2", "d1"]["statements"] == 2
    assert ("s4", "d2") not in cells


def test_trial_counted_once_and_of_the_kind_asked_for() -> None:
    assert [row["trial_id"] for row in figures.trials(EVIDENCE, "en").data] == ["T1", "T2", "T3", "T4"]
    assert [row["trial_id"] for row in figures.trials(EVIDENCE, "en", kinds=("related",)).data] == ["T6"]


def test_flow_says_what_is_not_reported_and_counts_the_totals() -> None:
    figure = figures.flow(EVIDENCE, RESULTS, "en")
    numbers = {(row["box"], row["reason"]): row["n"] for row in figure.data}
    assert numbers["screened", None] is None
    assert numbers["total_studies", None] == 3
    assert numbers["total_reports", None] == 5
    found = texts(figure)
    assert "n not reported" in found
    assert "n = 1,200" in found
    assert any("case report" in line for line in found)


def test_evidence_map_counts_included_studies_only() -> None:
    figure = figures.evidence_map(EVIDENCE, "en")
    assert sum(int(row["studies"] or 0) for row in figure.data) == 3
    assert sum(float(row["people"] or 0) for row in figure.data) == 25 + 144 + 9


def test_earlier_results_without_an_interval_stay() -> None:
    found = texts(figures.earlier(RESULTS, EVIDENCE, "en"))
    assert "−0.20, no interval printed" in found
    assert "Simulated review 2020 †" in found


@pytest.mark.parametrize(
    ("axis", "family", "kind", "measure", "estimate"),
    [
        ("controlled_difference", "difference", "two_arm", "MD", -0.4),
        ("single_arm", "share", "proportion", "PR", 40.0),
        ("single_arm", "difference", "before_after", "MC", -0.4),
    ],
)
def test_our_results_stand_beside_earlier_ones_of_the_same_outcome_and_design(
    axis: str, family: str, kind: str, measure: str, estimate: float
) -> None:
    printed = "percentage" if family == "share" else "MD"
    published = tuple(replace(found, axis=axis, measure=printed) for found in RESULTS.published)
    head = Row("a", "A", "", 6.0, None, "single", estimate=-0.4, ci_low=-0.9, ci_high=0.1)
    if family == "share":
        head = replace(head, estimate=0.4, ci_low=0.1, ci_high=0.9)
    own = replace(RESULTS.questions[0], kind=kind, measure=measure, rows=(head,), pooled=None, k=1)
    own = replace(own, subgroups=(), outcome_code="edss", participants=None)
    others = [replace(own, outcome_code="arr")]
    others += [
        replace(own, kind=other) for other in ("two_arm", "proportion", "before_after") if other != kind
    ]
    found = replace(RESULTS, questions=(*others, own), published=published)
    figure = figures.earlier(found, EVIDENCE, "en", axis=axis, family=family)
    ours = [row for row in figure.data if row["review_id"] == "this_review"]
    assert [row["estimate"] for row in ours] == [pytest.approx(estimate)]
    assert figure.data[0] == ours[0], "ours stands first"
    assert "This review" in texts(figure)
    marked = replace(own, rows=(replace(head, marks=(Mark("assumed_n", 30.0),)),))
    figure = figures.earlier(replace(found, questions=(marked,)), EVIDENCE, "en", axis=axis, family=family)
    assert "This review ‡" in texts(figure)


def test_earlier_results_of_another_kind_are_refused_not_mixed() -> None:
    with pytest.raises(Refused, match="No earlier review"):
        figures.earlier(RESULTS, EVIDENCE, "en", axis="single_arm", family="share")
