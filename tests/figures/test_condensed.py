"""Figures of more rows than can be named; every study is simulated, none is evidence."""

from __future__ import annotations

import json

import pytest

from analysis.figures import cumulative, forest
from analysis.figures.forest_condensed import MOST_NAMED
from analysis.figures.forest_marks import TALLEST
from analysis.figures.saving import Figure
from analysis.synthesis.results import LeftOut
from analysis.wording import LANGUAGES
from tests.figures.samples import simulated, subgroups


def words(figure: Figure) -> list[str]:
    return [text for text, _ in figure.canvas.texts()]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("narrow", [False, True])
def test_studies_are_named_up_to_the_threshold_and_counted_beyond(lang: str, narrow: bool) -> None:
    named, counted = (forest(simulated(k), lang, narrow=narrow) for k in (MOST_NAMED, MOST_NAMED + 1))
    label = simulated(MOST_NAMED).rows[0].label
    assert label in " ".join(words(named))
    said = " ".join(words(counted))
    assert label not in said
    assert str(MOST_NAMED + 1) in said
    assert counted.height < named.height / 2


def test_no_number_is_lost() -> None:
    figure = forest(simulated(300), "en")
    rows = [row for row in figure.data if row["row"] == "study"]
    assert [row["label"] for row in rows] == [row.label for row in simulated(300).rows]
    assert len(json.loads(figure.json)["data"]) == len(figure.data)
    assert len(figure.csv.splitlines()) == len(figure.data) + 1


def test_the_picture_stays_small_and_fits_on_paper() -> None:
    figure = forest(simulated(1000), "en", study_link=lambda study: f"studies.html#{study}")
    assert figure.inline.count("<") < 200
    assert figure.canvas.height < TALLEST + 250
    # Each interval and each estimate is a line of its own: two points after "M".
    assert figure.inline.count("M ") > 2000


def test_intervals_stand_in_the_order_of_their_estimates_or_of_their_addition() -> None:
    synthesis = simulated(80)
    fits = tuple(
        LeftOut(f"s{i}", f"Study {i}", 0.1 * (i % 7), 0.1 * (i % 7) - 0.2, 0.1 * (i % 7) + 0.2, 0.1, 10.0)
        for i in range(80)
    )
    figures = forest(synthesis, "en"), cumulative(synthesis, fits, "en")
    starts = [[line["x"] for line in figure.canvas._lines if line["level"] == 3] for figure in figures]
    assert starts[0] == sorted(starts[0])
    assert starts[1] != sorted(starts[1])
    assert len(starts[0]) == len(starts[1]) == 80


def test_subgroups_keep_their_heads_and_what_is_said_once_is_said_once() -> None:
    base = subgroups()
    many = [row for row in base.rows for _ in range(30)]
    figure = forest(base.__class__(**{**vars(base), "rows": tuple(many)}), "en")
    said = " ".join(words(figure))
    for group in base.subgroups:
        assert group.label["en"][1:] in said
    assert said.replace("\n", " ").count("Names and") == 1
