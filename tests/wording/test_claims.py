"""What a passage may rely on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.synthesis.results import Results
from analysis.wording.claims import Broken, broken, fact
from tests.wording.simulated import ASSUMED_N, answered, question, row

COUNTS = {"studies.included": 24.0, "studies.included.controlled": 7.0, "studies.included.single_arm": 17.0}
INCLUSION = {"harris2024": "included", "smart2026": "awaiting"}


@pytest.fixture
def results() -> Results:
    one = answered(-0.5, -0.7, -0.3, 1, mid=0.5)
    listed = row("B 2002", "not_pooled", reason="missing_n")
    rows = (*(replace(found, marks=(ASSUMED_N,)) for found in one.rows), listed)
    questions = (
        replace(one, id="edss-it", rows=rows),
        replace(answered(0.9, 0.7, 1.1, 3, certainty="low"), id="edss-iv"),
        replace(question(), id="nothing"),
    )
    return Results("1.0", {"search": {"last": "2024-01"}}, {}, {}, COUNTS, questions)


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("edss-it.k = 1", []),
        ("edss-it.k=1,edss-iv.k >= 2", []),
        ("edss-it.k = 2", ["1"]),
        ("edss-it.k > 1, edss-iv.k < 3", ["1", "3"]),
        ("edss-it.direction = better, edss-iv.direction = worse, nothing.direction = none", []),
        ("edss-it.verdict = better, edss-iv.verdict = worse, nothing.verdict = nothing", []),
        ("edss-it.assumed = yes, edss-iv.assumed = no", []),
        ("edss-it.simulated2001 = single, edss-it.b2002 = not_pooled, edss-it.c2003 = absent", []),
        ("edss-iv.simulated2001 = single", ["pooled"]),
        ("edss-iv.certainty = low, edss-it.certainty != low", []),
        ("questions.rated = 1, questions.total = 3, controlled.most = 3", []),
        ("study.harris2024 = included, study.smart2026 = awaiting, study.other = absent", []),
        ("studies.included.single_arm > studies.included.controlled", []),
        ("studies.included.controlled > studies.included.single_arm", ["7"]),
        ("search.last = 2024-01", []),
        ("trials.recruiting = 0, values.from.full_text = 0", []),
    ],
)
def test_conditions(results: Results, claim: str, found: list[str]) -> None:
    assert [one.found for one in broken(claim, results, INCLUSION)] == found


def test_what_is_broken_says_what_is_there_instead(results: Results) -> None:
    assert broken("edss-it.k = 1, edss-iv.k = 1", results, INCLUSION) == (
        Broken("edss-iv.k = 1", "edss-iv.k", "3"),
    )


@pytest.mark.parametrize("claim", ["edss-it.k", "edss-it.k == 1", "", "edss-it.k = 1, ", "a = b = c"])
def test_what_is_no_condition_is_an_error(results: Results, claim: str) -> None:
    with pytest.raises(ValueError, match="no condition"):
        broken(claim, results, INCLUSION)


def test_an_unknown_fact_names_the_nearest(results: Results) -> None:
    with pytest.raises(KeyError, match=r"studies\.included"):
        fact("studies.inclded", results, INCLUSION)
    with pytest.raises(KeyError, match="no fact"):
        fact("edss-xx.k", results, INCLUSION)


def test_a_number_is_compared_with_a_number(results: Results) -> None:
    with pytest.raises(ValueError, match="no number"):
        broken("edss-it.k = edss-it.direction", results, INCLUSION)
