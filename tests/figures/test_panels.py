"""Leave-one-out, cumulative, every-choice and funnel plots."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from analysis import figures
from analysis.figures import Figure, Refused
from tests.figures import pictures, samples
from tests.figures.test_forest import texts

DRAWN: dict[str, Callable[[str], Figure]] = {
    "leave-one-out": lambda lang: figures.leave_one_out(samples.with_choices(), lang),
    "cumulative": lambda lang: figures.cumulative(
        samples.with_choices(), samples.with_choices().leave_one_out, lang
    ),
    "choices": lambda lang: figures.choices(samples.with_choices(), lang),
    "funnel": lambda lang: figures.funnel(samples.bcg(as_ratio=True), lang),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", DRAWN)
def test_looks_as_reviewed(name: str, lang: str) -> None:
    pictures.check(DRAWN[name](lang), name)


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "at least 10 studies, and there are 9"), ("zh", "至少需要 10 项研究，目前仅有 9 项")],
)
def test_funnel_is_refused_below_ten_studies(lang: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        figures.funnel(samples.simulated(9), lang)
    assert figures.funnel(samples.simulated(10), lang)


def test_funnel_is_refused_for_shares() -> None:
    many = dataclasses.replace(samples.simulated(12), null_value=None)
    with pytest.raises(Refused, match="value of no effect"):
        figures.funnel(many, "en")


def test_choice_that_cannot_be_computed_stays_with_its_reason() -> None:
    figure = figures.choices(samples.with_choices(), "en")
    found = texts(figure)
    assert "Cannot be computed" in found
    assert "The effect cannot be estimated from these numbers" in found
    assert figure.data[-1]["estimate"] is None


def test_leave_one_out_needs_three_studies() -> None:
    with pytest.raises(Refused, match="at least three"):
        figures.leave_one_out(samples.simulated(2), "en")


def test_leave_one_out_ends_with_all_studies() -> None:
    synthesis = samples.with_choices()
    found = texts(figures.leave_one_out(synthesis, "en"))
    assert "All 5 studies" in found
    assert [row["study_id"] for row in figures.leave_one_out(synthesis, "en").data] == [
        row.study_id for row in synthesis.rows
    ]
