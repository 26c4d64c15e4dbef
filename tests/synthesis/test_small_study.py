"""When small-study effects are tested, and what is said when they are not."""

from __future__ import annotations

import pytest

from analysis.synthesis import synthesise
from tests.synthesis import simulated as sim

QUESTION = sim.question(
    kind="two_arm", measure="OR", outcome="event", better="lower", control={"role": "control"}, timepoint=6
)


def review(k: int) -> sim.SimulatedEvidence:
    names = [f"study{number:02d}" for number in range(k)]
    outcomes = [
        sim.value(name, "event", "count", arm_id=arm, events=events, n=20.0 + 5 * i, timepoint_months=6.0)
        for i, name in enumerate(names)
        for arm, events in (("msc", 3.0 + i % 4), ("sham", 8.0 + i % 3))
    ]
    arms = [
        sim.arm(name, arm, role)
        for name in names
        for arm, role in (("msc", "intervention"), ("sham", "control"))
    ]
    studies = [sim.study(name, stream="controlled") for name in names]
    return sim.evidence([QUESTION], studies, outcomes, arms)


@pytest.mark.parametrize(("k", "done", "reason"), [(9, False, "too_few"), (10, True, None)])
def test_ten_studies_are_the_least(k: int, done: bool, reason: str | None) -> None:
    found = synthesise(review(k)).questions[0].small_study
    assert (found.done, found.reason, found.k) == (done, reason, k)
    assert set(found.tests) == ({"egger", "peters", "harbord"} if done else set())


def test_shares_are_not_tested() -> None:
    names = [f"study{number:02d}" for number in range(12)]
    outcomes = [
        sim.value(name, "improved", "count", events=float(i % 5), n=10.0, timepoint_months=12.0)
        for i, name in enumerate(names)
    ]
    evidence = sim.evidence([sim.question()], [sim.study(name) for name in names], outcomes)
    assert synthesise(evidence).questions[0].small_study.reason == "not_for_shares"
