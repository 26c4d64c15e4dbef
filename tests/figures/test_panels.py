"""Leave-one-out, cumulative, every-choice and funnel plots."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from analysis import figures
from analysis.figures import Figure, Refused
from analysis.living.answers import Answer, QuestionChange, answer_of, diff_answers
from analysis.living.snapshots import Snapshot
from analysis.synthesis.results import SCHEMA_VERSION, Results, Synthesis
from tests.figures import pictures, samples
from tests.figures.test_forest import texts


def versions() -> list[Results]:
    """Four simulated versions: without the question, one study, three studies, five studies."""
    answers = ((), (samples.one(),), (samples.simulated(3),), (samples.simulated(5),))
    return [
        Results(SCHEMA_VERSION, {"version": f"2024.{number}.0"}, {}, {}, {}, questions)
        for number, questions in enumerate(answers)
    ]


def told(found: list[Results]) -> tuple[list[tuple[str, Answer | None]], Synthesis]:
    """What each version says on the question, and the question as the last one asks it."""
    answers = [next(iter(version.questions), None) for version in found]
    names = [str(version.review["version"]) for version in found]
    latest = answers[-1]
    assert latest is not None
    return list(zip(names, map(answer_of, answers), strict=True)), latest


def between(first: int, last: int) -> tuple[QuestionChange, ...]:
    """What two of the simulated versions say."""
    found = versions()
    states = [Snapshot(f"2024.{n}.0", None, {}, None, {}, found[n]) for n in (first, last)]
    return diff_answers(*states)


SLOPES = (*between(1, 3), *between(0, 2), *between(3, 3))
NAMES = ("2024.1.0", "2024.3.0")


DRAWN: dict[str, Callable[[str], Figure]] = {
    "leave-one-out": lambda lang: figures.leave_one_out(samples.with_choices(), lang),
    "cumulative": lambda lang: figures.cumulative(
        samples.with_choices(), samples.with_choices().leave_one_out, lang
    ),
    "choices": lambda lang: figures.choices(samples.with_choices(), lang),
    "baujat": lambda lang: figures.baujat(samples.bcg(as_ratio=True), lang),
    "gosh": lambda lang: figures.gosh(samples.bcg(as_ratio=True), lang),
    "history": lambda lang: figures.history(*told(versions()), lang),
    "slope": lambda lang: figures.slope(SLOPES, NAMES, lang),
    "slope-narrow": lambda lang: figures.slope(SLOPES, NAMES, lang, narrow=True),
    "slope-alone": lambda lang: figures.slopes(SLOPES, lang)[0],
    "slope-one-side": lambda lang: figures.slopes(SLOPES, lang)[1],
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


def test_baujat_names_the_two_trials_at_the_upper_right() -> None:
    # As in metafor's baujat(rma(yi, vi, data=dat.bcg)): trials 4 and 8 stand apart.
    found = texts(figures.baujat(samples.bcg(as_ratio=True), "en"))
    assert {"Hart & Sutherland, 1977", "TPT Madras, 1980"} <= set(found)


def test_plots_of_influence_refuse_a_mixed_model() -> None:
    for draw in (figures.baujat, figures.gosh):
        with pytest.raises(Refused, match="inverse variance"):
            draw(samples.shares(), "en")


def test_gosh_covers_every_subset() -> None:
    figure = figures.gosh(samples.simulated(5), "en")
    assert figure.inline.count("<circle") == len(figure.data)
    assert len(figure.data) == 2**5 - 1 - 5


def test_history_keeps_versions_without_an_answer() -> None:
    figure = figures.history(*told(versions()), "en")
    assert [row["k"] for row in figure.data] == [None, 1, 3, 5]
    assert "No estimate" in texts(figure)
    with pytest.raises(Refused, match="two versions"):
        figures.history([("2024.0.0", None)], told(versions())[1], "en")


def test_history_draws_versions_that_say_the_same_as_one_line() -> None:
    found, latest = told(versions())
    again = [*found[:2], ("2024.1.1", found[1][1]), ("2024.1.2", found[1][1]), *found[2:], ("2024.3.1", None)]
    figure = figures.history(again, latest, "zh")
    assert [row["version"] for row in figure.data] == [name for name, _ in again]
    labels = texts(figure)
    assert "2024.1.0 至 2024.1.2" in labels
    assert not {"2024.1.0", "2024.1.1", "2024.1.2"} & set(labels)
    assert len(figure.description) == len(again) - 2
    assert figure.description[1].startswith("2024.1.0 至 2024.1.2：")
    assert figure.description[-1].startswith("2024.3.1：")


def test_a_slope_tells_both_sides_and_what_did_not_move() -> None:
    figure = figures.slope(SLOPES, NAMES, "en")
    moved, new, same = figure.data
    assert (moved["before_k"], moved["after_k"]) == (1, 5)
    assert moved["before_estimate"] != moved["after_estimate"]
    assert (new["before_estimate"], new["after_k"]) == (None, 3)
    assert same["before_estimate"] == same["after_estimate"]
    assert "no result" in texts(figure)
    assert "2 of 3 results differ" in figure.alt
    with pytest.raises(Refused):
        figures.slope((), NAMES, "zh")


def test_each_slope_alone_is_the_same_picture_whatever_the_versions_are_called() -> None:
    moved, new, same = figures.slopes(SLOPES, "en")
    assert [row for figure in (moved, new, same) for row in figure.data] == [
        row | {"before_version": "before", "after_version": "after"}
        for row in figures.slope(SLOPES, NAMES, "en").data
    ]
    assert not any(name in text for figure in (moved, new, same) for text in texts(figure) for name in NAMES)
    assert "no result" in texts(new)
    assert figures.slopes((), "zh") == ()


def test_a_lone_dot_is_a_circle_where_it_stands() -> None:
    alone, pair = figures.slopes(SLOPES, "en")[1], figures.slopes(SLOPES, "en")[0]
    (dot,) = circles(alone)
    assert circles(pair)[1]["cx"] == dot["cx"]
    assert {dot["r"]} == {circle["r"] for circle in circles(pair)}
    top, bottom = sorted(float(y) for line in uprights(alone) for y in line)
    assert top < float(dot["cy"]) < bottom
    assert "<use" not in alone.svg


def circles(figure: Figure) -> list[dict[str, str]]:
    return [
        element.attrib for element in ElementTree.fromstring(figure.svg).iter() if "circle" in element.tag
    ]


def uprights(figure: Figure) -> list[tuple[str, str]]:
    """The two ends of every upright line."""
    paths = [element.get("d", "") for element in ElementTree.fromstring(figure.svg).iter()]
    found = [re.findall(r"-?[\d.]+", part) for d in paths for part in d.split("M")[1:]]
    return [(part[1], part[3]) for part in found if len(part) == 4 and part[0] == part[2]]
