"""The synthesis on a small simulated review, with expectations worked out by hand."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from scipy.stats import beta, norm

from analysis.synthesis import ProtocolError, Results, synthesise
from analysis.synthesis.results import Synthesis
from tests.synthesis import simulated as sim


def shares(**counts: tuple[float, float | None]) -> list[dict]:
    return [
        sim.value(name, "improved", "count", events=events, n=n, timepoint_months=12.0)
        for name, (events, n) in counts.items()
    ]


def one(review: sim.SimulatedEvidence):
    results = synthesise(review)
    assert len(results.questions) == 1
    return results.questions[0]


def test_a_single_study_is_shown_and_not_pooled() -> None:
    answer = one(sim.evidence([sim.question()], [sim.study("alpha")], shares(alpha=(3, 10))))
    assert (answer.k, answer.pooled) == (1, None)
    row = answer.rows[0]
    assert (row.status, row.estimate) == ("single", 0.3)
    assert row.ci_low == pytest.approx(beta.ppf(0.025, 3, 8))
    assert row.ci_high == pytest.approx(beta.ppf(0.975, 4, 7))
    assert answer.headline is row


def test_the_record_holds_the_share_of_every_adverse_event_that_tells_one() -> None:
    events = [
        sim.adverse_event("alpha", n_people=3.0),
        sim.adverse_event("beta", n_people=None),
        sim.adverse_event("gamma", n_at_risk=None),
        sim.adverse_event("delta", n_people=10.0, category="headache"),
    ]
    review = sim.evidence([sim.question()], [sim.study("alpha")], adverse_events=events)
    alpha, delta = Results.from_json(synthesise(review).to_json()).adverse_events
    assert (alpha.value_id, alpha.n_people, alpha.n_at_risk, alpha.share) == ("alpha-a01", 3, 10, 0.3)
    assert alpha.ci_low == pytest.approx(beta.ppf(0.025, 3, 8))
    assert alpha.ci_high == pytest.approx(beta.ppf(0.975, 4, 7))
    assert (delta.value_id, delta.share, delta.ci_high) == ("delta-a01", 1, 1)


def test_nothing_at_all_has_no_headline() -> None:
    answer = one(sim.evidence([sim.question()], [sim.study("alpha")]))
    assert (answer.k, answer.rows, answer.headline) == (0, (), None)


def test_no_event_anywhere_counts_people_exactly() -> None:
    review = sim.evidence(
        [sim.question()], [sim.study("alpha"), sim.study("beta")], shares(alpha=(0, 10), beta=(0, 20))
    )
    pooled = one(review).pooled
    assert pooled is not None
    assert (pooled.model, pooled.estimate, pooled.ci_low) == ("exact_total", 0.0, 0.0)
    assert pooled.ci_high == pytest.approx(1 - 0.025 ** (1 / 30))
    json.loads(synthesise(review).to_json())


def test_studies_with_none_and_with_all_events_are_shown_and_not_pooled() -> None:
    review = sim.evidence(
        [sim.question()], [sim.study("alpha"), sim.study("beta")], shares(alpha=(0, 10), beta=(20, 20))
    )
    answer = one(review)
    assert answer.pooled is None
    assert [(row.status, row.reason) for row in answer.rows] == [("not_pooled", "no_finite_maximum")] * 2
    assert [row.estimate for row in answer.rows] == [0.0, 1.0]


def test_weights_of_pooled_rows_sum_to_a_hundred() -> None:
    studies = [sim.study(name) for name in ("alpha", "beta", "gamma")]
    answer = one(sim.evidence([sim.question()], studies, shares(alpha=(3, 10), beta=(1, 20), gamma=(7, 9))))
    assert answer.pooled is not None
    assert answer.pooled.k == 3
    assert sum(row.weight for row in answer.rows) == pytest.approx(100.0)
    assert len(answer.leave_one_out) == 3
    assert answer.small_study.reason == "too_few"


def test_a_cohort_counts_once_and_the_overlap_says_with_whom() -> None:
    studies = [
        sim.study("alpha", cohort="one", inclusion="overlapping"),
        sim.study("beta", cohort="one"),
        sim.study("gamma"),
    ]
    answer = one(sim.evidence([sim.question()], studies, shares(alpha=(5, 9), beta=(1, 5), gamma=(2, 8))))
    overlapping = answer.rows[0]
    assert (overlapping.status, overlapping.reason, overlapping.reason_detail) == (
        "not_pooled",
        "overlap",
        "Beta",
    )
    assert answer.k == 2
    assert answer.participants == 13


def test_a_linked_report_stands_in_when_the_main_one_has_no_number() -> None:
    studies = [sim.study("alpha", cohort="one"), sim.study("beta", cohort="one", inclusion="overlapping")]
    answer = one(sim.evidence([sim.question()], studies, shares(beta=(1, 5))))
    assert answer.rows[0].status == "single"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"confidence": "secondary"}, "secondary_unchecked"),
        ({"n": None}, "missing_n"),
        ({"events": None}, "no_numbers"),
    ],
)
def test_a_row_that_cannot_be_pooled_stays_with_its_reason(change: dict, reason: str) -> None:
    outcomes = [{**shares(alpha=(3, 10))[0], **change}]
    answer = one(sim.evidence([sim.question()], [sim.study("alpha")], outcomes))
    assert [(row.status, row.reason) for row in answer.rows] == [("not_pooled", reason)]


def test_an_excluded_study_stays_with_its_reason() -> None:
    answer = one(
        sim.evidence([sim.question()], [sim.study("alpha", inclusion="excluded")], shares(alpha=(3, 10)))
    )
    assert answer.rows[0].reason == "excluded_study"


def test_the_last_time_point_is_used() -> None:
    outcomes = [
        sim.value("alpha", "improved", "count", events=5.0, n=8.0, timepoint_months=4.0),
        sim.value("alpha", "improved", "count", events=6.0, n=8.0, timepoint_months=12.0),
    ]
    assert one(sim.evidence([sim.question()], [sim.study("alpha")], outcomes)).rows[0].data["events"] == 6.0


def test_subgroups_are_pooled_apart_and_compared() -> None:
    studies = [
        sim.study(name, route=route) for name, route in zip("abcd", ["IT", "IT", "IV", "IV"], strict=True)
    ]
    answer = one(
        sim.evidence(
            [sim.question(subgroup_by="route")], studies, shares(a=(8, 10), b=(7, 10), c=(2, 10), d=(1, 10))
        )
    )
    assert [(group.code, group.k) for group in answer.subgroups] == [("IT", 2), ("IV", 2)]
    assert answer.subgroup_test is not None
    assert answer.subgroup_test.df == 1
    assert answer.subgroup_test.p_value < 0.05


TWO_ARM = sim.question(
    kind="two_arm",
    measure="MD",
    outcome="score",
    statistic="mean_change",
    timepoint=6,
    better="lower",
    treatment={"role": "intervention", "route": "IT"},
    control={"role": "control"},
    split_control=True,
)


def three_arms(n: float | None) -> sim.SimulatedEvidence:
    numbers = {"it": (-0.2, 0.3), "iv": (-0.1, 0.4), "sham": (0.3, 0.4)}
    return sim.evidence(
        [TWO_ARM],
        [sim.study("alpha", stream="controlled", route=None)],
        [
            sim.value(
                "alpha", "score", "mean_change", arm_id=name, mean=mean, sd=sd, n=n, timepoint_months=6.0
            )
            for name, (mean, sd) in numbers.items()
        ],
        [
            sim.arm("alpha", "it", route="IT"),
            sim.arm("alpha", "iv", route="IV"),
            sim.arm("alpha", "sham", role="control"),
        ],
        assumptions=[
            {
                "id": "n",
                "code": "assumed_n",
                "study": "alpha",
                "statistic": "mean_change",
                "field": "n",
                "value": 30,
                "alternatives": [16],
                "reason": sim.TEXT,
            }
        ],
    )


def test_a_shared_control_is_split_and_an_assumed_n_is_marked() -> None:
    answer = one(three_arms(None))
    row = answer.rows[0]
    assert row.data["n1"] == 30
    assert row.data["n2"] == 15
    assert {mark.code: mark.value for mark in row.marks} == {"assumed_n": 30.0, "split_control": 2.0}
    half = norm.ppf(0.975) * math.sqrt(0.3**2 / 30 + 0.4**2 / 15)
    assert row.estimate == pytest.approx(-0.5)
    assert (row.ci_low, row.ci_high) == (pytest.approx(-0.5 - half), pytest.approx(-0.5 + half))
    by_code = {alternative.code: alternative for alternative in answer.alternatives}
    assert set(by_code) == {"assumed_n", "control_not_split"}
    wide = norm.ppf(0.975) * math.sqrt(0.3**2 / 16 + 0.4**2 / 8)
    assert by_code["assumed_n"].ci_high == pytest.approx(-0.5 + wide)
    assert by_code["control_not_split"].k == 1


def test_a_printed_n_is_not_replaced_by_the_assumption() -> None:
    row = one(three_arms(20.0)).rows[0]
    assert row.data["n1"] == 20
    assert [mark.code for mark in row.marks] == ["split_control"]


def test_before_after_uses_the_assumed_correlation() -> None:
    review = sim.evidence(
        [sim.question(kind="before_after", measure="MC", outcome="score", statistic="mean", better="lower")],
        [sim.study("alpha")],
        [
            sim.value("alpha", "score", "mean", mean=6.0, sd=1.0, n=25.0, timepoint_months=0.0),
            sim.value("alpha", "score", "mean", mean=5.5, sd=1.0, n=25.0, timepoint_months=12.0),
        ],
        assumptions=[
            {
                "id": "r",
                "code": "assumed_correlation",
                "outcome": "score",
                "statistic": "mean",
                "field": "r",
                "value": 0.5,
                "alternatives": [0.9],
                "reason": sim.TEXT,
            }
        ],
    )
    answer = one(review)
    row = answer.rows[0]
    assert row.vi == pytest.approx((1 + 1 - 2 * 0.5) / 25)
    assert row.estimate == pytest.approx(-0.5)
    (other,) = answer.alternatives
    assert other.ci_high == pytest.approx(-0.5 + norm.ppf(0.975) * math.sqrt(0.2 / 25))


def test_risk_ratio_tries_the_effective_group_size() -> None:
    question = sim.question(
        kind="two_arm", measure="RR", outcome="free", control={"role": "control"}, effective_n=[16]
    )
    outcomes = [
        sim.value("alpha", "free", "count", arm_id="msc", events=30.0, n=32.0, timepoint_months=6.0),
        sim.value("alpha", "free", "count", arm_id="sham", events=17.0, n=32.0, timepoint_months=6.0),
    ]
    arms = [sim.arm("alpha"), sim.arm("alpha", "sham", role="control")]
    answer = one(sim.evidence([question], [sim.study("alpha", stream="controlled")], outcomes, arms))
    assert answer.rows[0].estimate == pytest.approx(30 / 17)
    (other,) = answer.alternatives
    assert other.estimate == pytest.approx(30 / 17)
    assert other.ci_low < answer.rows[0].ci_low


def test_only_the_asked_wording_counts_as_serious() -> None:
    question = sim.question(
        id="sae",
        table="adverse_events",
        outcome="serious",
        definition=["serious"],
        inclusions=[{"code": "with_all_wordings", "definition": ["serious", "major"]}],
    )
    studies = [sim.study("alpha"), sim.study("beta"), sim.study("gamma")]
    events = [
        sim.adverse_event("alpha", n_people=1.0),
        sim.adverse_event("beta"),
        sim.adverse_event("gamma", definition="major"),
    ]
    answer = one(sim.evidence([question], studies, adverse_events=events))
    assert answer.k == 2
    assert answer.rows[2].reason == "other_definition"
    assert [a.k for a in answer.alternatives if a.code == "with_all_wordings"] == [3]


def test_a_full_day_in_the_protocol_is_text_in_the_record() -> None:
    review = three_arms(None)
    review.protocol["search"] = {"last": datetime.date(2024, 1, 15), "interval_months": 1}
    assert json.loads(synthesise(review).to_json())["review"]["search"]["last"] == "2024-01-15"


def test_the_record_survives_the_file() -> None:
    results = synthesise(three_arms(None))
    assert Results.from_json(results.to_json()).to_json() == results.to_json()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"kind": "network"}, "kind"),
        ({"measure": "SMD"}, "measure"),
        ({"better": "more"}, "better"),
        ({"title": "one language"}, "title"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_protocol_that_cannot_be_carried_out_names_the_place(change: dict, place: str) -> None:
    review = sim.evidence([sim.question(**change)], [sim.study("alpha")])
    with pytest.raises(ProtocolError, match=rf"questions\[1\] \(improved\)\.{place}"):
        synthesise(review)


@pytest.mark.parametrize("level", [0.9, 95, "95%"])
def test_no_other_level_is_taken_than_the_one_that_the_pages_speak_of(level: object) -> None:
    review = sim.evidence([sim.question()], [sim.study("alpha")])
    review.protocol["synthesis"]["level"] = level
    with pytest.raises(ProtocolError, match=rf"synthesis\.level: found {level!r}, expected 0\.95"):
        synthesise(review)


def test_an_answer_is_kept_by_the_values_that_it_may_use_and_no_others() -> None:
    questions = [sim.question(id=code, outcome=code) for code in ("improved", "relapse_free")]

    def keys(events: float) -> list[str]:
        """What each answer is said to depend on, when one value of the first outcome is this."""
        found: dict[str, str] = {}

        def keeping(kind: Any, made_from: str, make: Callable[[], Any]) -> Any:
            part = make()
            if isinstance(part, Synthesis):
                found[part.id] = made_from
            return part

        values = [
            sim.value("alpha", "improved", "count", events=events, n=10, timepoint_months=12.0),
            sim.value("alpha", "relapse_free", "count", events=4, n=10, timepoint_months=12.0),
        ]
        synthesise(sim.evidence(questions, [sim.study("alpha")], values), keeping)
        return [found[question["id"]] for question in questions]

    first, second = keys(3)
    assert keys(3) == [first, second]
    other, same = keys(4)
    assert other != first
    assert same == second
