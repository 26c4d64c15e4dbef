"""Shares with and without treatment, from simulated rows."""

from __future__ import annotations

import pytest

from analysis.synthesis import synthesise
from analysis.synthesis.absolute import absolute_effect
from analysis.synthesis.results import Results, Row
from tests.synthesis import simulated as sim


def row(events: float | None, n: float | None, effect: tuple[float, float, float] = (1.5, 1.0, 2.0)) -> Row:
    data = {"events2": events, "n2": n}
    estimate, low, high = effect
    return Row(
        "a", "A", "", 6.0, None, "pooled", data=data, estimate=estimate, ci_low=low, ci_high=high, yi=0.0
    )


def test_a_risk_ratio_multiplies_the_share_without_treatment() -> None:
    found = absolute_effect("RR", [row(5, 20), row(15, 20)], row(0, 1, (0.5, 0.25, 1.5)))
    assert found is not None
    assert found.control == 0.5
    assert (found.treated, found.treated_low, found.treated_high) == (0.25, 0.125, 0.75)
    assert found.difference == (-0.25, -0.375, 0.25)


def test_an_odds_ratio_multiplies_the_odds() -> None:
    # Cochrane Handbook 15.4.4.3: OR 0.75 at an assumed risk of 0.20 gives 0.158.
    found = absolute_effect("OR", [row(20, 100)], row(0, 1, (0.75, 0.75, 1.0)))
    assert found is not None
    assert found.treated == pytest.approx(0.15789, abs=1e-5)
    assert found.treated_high == pytest.approx(0.20)


def test_a_share_stays_a_share() -> None:
    found = absolute_effect("RR", [row(8, 16)], row(0, 1, (1.8, 1.1, 2.9)))
    assert found is not None
    assert (found.treated, found.treated_high) == (0.9, 1.0)
    below = absolute_effect("RD", [row(1, 10)], row(0, 1, (-0.05, -0.2, 0.1)))
    assert below is not None
    assert below.treated_low == 0.0


@pytest.mark.parametrize(
    ("measure", "rows"),
    [
        ("MD", [row(5, 20)]),
        ("RR", []),
        ("RR", [row(None, None)]),
        ("RR", [row(5, 20), row(None, 20)]),
        ("RR", [row(0, 20)]),
        ("OR", [row(20, 20)]),
        ("RR", [row(0, 0)]),
    ],
)
def test_without_a_share_among_controls_nothing_is_made_up(measure: str, rows: list[Row]) -> None:
    assert absolute_effect(measure, rows, row(0, 1)) is None
    assert absolute_effect("RR", [row(5, 20)], None) is None


def test_the_record_holds_it() -> None:
    question = sim.question(kind="two_arm", measure="RR", outcome="free", control={"role": "control"})
    outcomes = [
        sim.value("alpha", "free", "count", arm_id="msc", events=30.0, n=40.0, timepoint_months=6.0),
        sim.value("alpha", "free", "count", arm_id="sham", events=10.0, n=40.0, timepoint_months=6.0),
    ]
    arms = [sim.arm("alpha"), sim.arm("alpha", "sham", role="control")]
    results = synthesise(sim.evidence([question], [sim.study("alpha", stream="controlled")], outcomes, arms))
    absolute = Results.from_json(results.to_json()).questions[0].absolute
    assert absolute is not None
    assert (absolute.control, absolute.treated) == (0.25, pytest.approx(0.75))


def test_certainty_is_what_somebody_judged() -> None:
    review = sim.evidence([sim.question()], [sim.study("alpha")])
    assert synthesise(review).questions[0].certainty == "not_assessed"
    review.tables["certainty"] = [{"question_id": "improved", "certainty": "low"}]
    assert synthesise(review).questions[0].certainty == "low"
