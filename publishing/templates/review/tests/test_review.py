"""The evidence passes its checks, and every question of the protocol can be answered."""

from __future__ import annotations

from pathlib import Path

from analysis.evidence import errors, load
from analysis.synthesis import synthesise

DATA = Path(__file__).parents[1] / "data"


def test_the_evidence_has_no_errors_and_every_question_an_answer() -> None:
    evidence = load(DATA)
    assert errors(evidence.warnings) == ()
    asked = [question["id"] for question in evidence.protocol["questions"]]
    assert [answer.id for answer in synthesise(evidence).questions] == asked
