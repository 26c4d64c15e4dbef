"""The forest plot: what it looks like, and that its numbers are the ones it was given."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from analysis.figures import Figure, forest
from analysis.figures.fonts import MissingGlyph
from analysis.figures.forest_cells import weight_texts
from analysis.synthesis.results import Synthesis
from tests.figures import pictures, samples

CASES: dict[str, Callable[[], Synthesis]] = {
    "forest-1": samples.one,
    "forest-3": lambda: samples.simulated(3),
    "forest-13": lambda: samples.simulated(13),
    "forest-60": lambda: samples.simulated(60),
    "forest-subgroups": samples.subgroups,
    "forest-zero-cells": samples.shares,
    "forest-enormous": samples.enormous,
    "forest-decades": samples.decades,
    "forest-long-labels": samples.long_labels,
    "forest-nothing": samples.nothing,
    "forest-bcg": lambda: samples.bcg(as_ratio=True),
}
ONLY_ENGLISH = {"forest-60", "forest-bcg", "forest-13", "forest-decades"}
PICTURES = [
    (name, lang) for name in CASES for lang in ("en", "zh") if lang == "en" or name not in ONLY_ENGLISH
]


def texts(figure: Figure) -> list[str]:
    """Every piece of text in the figure."""
    root = ElementTree.fromstring(figure.svg.encode())
    return [(node.text or "").replace("\u00a0", " ") for node in root.iter() if node.tag.endswith("}text")]


@pytest.mark.parametrize(("name", "lang"), PICTURES)
def test_looks_as_reviewed(name: str, lang: str) -> None:
    pictures.check(forest(CASES[name](), lang), name)


def test_one_changed_digit_is_noticed() -> None:
    synthesis = samples.simulated(60)
    first = synthesis.rows[0]
    assert first.estimate is not None
    changed = dataclasses.replace(first, estimate=first.estimate + 0.05)
    figure = forest(dataclasses.replace(synthesis, rows=(changed, *synthesis.rows[1:])), "en")
    assert pictures.distance(figure, "forest-60") > pictures.TOLERANCE


@pytest.mark.parametrize("as_ratio", [True, False])
def test_bcg_shows_every_number_of_metafors_plot(as_ratio: bool) -> None:
    synthesis = samples.bcg(as_ratio=as_ratio)
    found = texts(forest(synthesis, "en"))
    written = " ".join(found)
    for row in synthesis.rows:
        assert row.label in found
        for value, form in ((row.estimate, "{}"), (row.ci_low, "[{},"), (row.ci_high, "{}]")):
            assert form.format(f"{value:.2f}".replace("-", "−").replace("−0.00", "0.00")) in found
        assert f"{row.data['events1']:.0f}" in found
    # forest(rma(measure="RR", method="REML", data=dat.bcg)) prints, log scale and atransf=exp:
    expected = ("0.49", "[0.34,", "0.70]") if as_ratio else ("−0.71", "[−1.07,", "−0.36]")
    assert set(expected) <= set(found)
    for part in ("Q = 152.23", "df = 12", "p < 0.001", "I² = 92%", "τ² = 0.313"):
        assert part in written


def test_weights_add_up_to_exactly_one_hundred() -> None:
    for k in (3, 7, 13, 60):
        synthesis = samples.simulated(k)
        shown = [
            record["weight_percent"] for record in forest(synthesis, "en").data if record["row"] == "study"
        ]
        weights = weight_texts(dict(enumerate(float(weight) for weight in shown if weight is not None)))
        assert round(sum(float(weight) for weight in weights.values()), 6) == 100.0
        assert all(abs(float(weights[i]) - row.weight) < 0.1 for i, row in enumerate(synthesis.rows))


def test_squares_follow_the_weights() -> None:
    figure = forest(samples.simulated(3), "en")
    squares = [
        [float(number) for number in re.findall(r"-?[\d.]+", node.get("d", ""))]
        for node in ElementTree.fromstring(figure.svg.encode()).iter()
        if node.tag.endswith("}path") and "fill: #5f8fbd" in node.get("style", "")
    ]
    areas = [(path[2] - path[0]) ** 2 for path in squares]
    weights = [row.weight for row in samples.simulated(3).rows]
    assert [area / max(areas) for area in areas] == pytest.approx(
        [weight / max(weights) for weight in weights], abs=0.01
    )


def test_every_row_stays_with_its_reason() -> None:
    written = " ".join(texts(forest(samples.nothing(), "en")))
    for part in ("Simulated 1981", "Simulated 1982", "Simulated 1983", "Reported in words only"):
        assert part in written
    assert "No study gives numbers" in written


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_trial_is_not_pooled(lang: str) -> None:
    figure = forest(samples.one(), lang)
    assert {"en": "One trial, not pooled.", "zh": "仅一项试验，未合并。"}[lang] in texts(figure)
    assert not any(record["row"] == "pooled" for record in figure.data)


def test_assumptions_are_marked_and_explained() -> None:
    found = texts(forest(samples.one(), "en"))
    assert "Simulated 1981 †‡" in found
    assert any(line.startswith("† ") and "30 is assumed" in line for line in found)
    assert any(line.startswith("‡ ") for line in found)


def test_clipped_interval_keeps_its_true_limits() -> None:
    found = texts(forest(samples.enormous(), "en"))
    assert {"[−39.10,", "39.30]"} <= set(found)
    assert any(line.startswith("Arrow:") for line in found)
    assert not any(line.startswith("Arrow:") for line in texts(forest(samples.simulated(13), "en")))


def test_links_lead_to_the_studies() -> None:
    figure = forest(samples.one(), "en", study_link=lambda study: f"studies.html#study-{study}")
    root = ElementTree.fromstring(figure.inline)
    linked = {
        node.get("href"): (node[0].text or "").replace("\u00a0", " ")
        for node in root.iter()
        if node.tag.endswith("}a")
    }
    assert linked == {
        "studies.html#study-simulated1": "Simulated 1981 †‡",
        "studies.html#study-simulated2": "Simulated 1982",
        "studies.html#study-simulated3": "Simulated 1983",
    }


def test_missing_glyph_names_character_and_label() -> None:
    synthesis = samples.simulated(2)
    rows = (dataclasses.replace(synthesis.rows[0], label="Study 🧬 1"), *synthesis.rows[1:])
    with pytest.raises(MissingGlyph, match=r"U\+1F9EC.*Study"):
        forest(dataclasses.replace(synthesis, rows=rows), "en")


def test_dollars_are_not_mathematics() -> None:
    synthesis = samples.simulated(2)
    rows = (dataclasses.replace(synthesis.rows[0], label="A $x_1$ B <i>&"), *synthesis.rows[1:])
    figure = forest(dataclasses.replace(synthesis, rows=rows), "en")
    assert "A $x_1$ B <i>&" in texts(figure)
    assert "<i>" not in figure.inline


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_read_aloud_row_by_row(lang: str) -> None:
    figure = forest(samples.simulated(3), lang)
    assert len(figure.description) >= 4
    first = figure.description[0]
    if lang == "en":
        assert first == (
            "Simulated 1981, mean difference 0.04 (95% CI −0.72 to 0.79), "
            "the interval includes no difference, weight 27.0%."
        )
    else:
        assert "均数差" in first
        assert "27.0%" in first
    assert "EDSS" in figure.alt


def test_subgroups_have_their_own_heterogeneity_and_a_test_between_them() -> None:
    written = " ".join(texts(forest(samples.subgroups(), "en")))
    assert written.count("Heterogeneity:") == 3
    assert "Test of difference between subgroups: Q = 1.83, df = 2, p = 0.401." in written
    assert "Intracerebroventricular (k = 1, n = 40)" in written
    assert "One study, not pooled." in written


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_narrow_variant_looks_as_reviewed(lang: str) -> None:
    figure = forest(samples.subgroups(), lang, narrow=True)
    assert figure.width <= 390
    assert figure.id == "fig-simulated-narrow"
    pictures.check(figure, "forest-narrow")


def test_lights_look_as_reviewed() -> None:
    pictures.check(forest(samples.simulated(3), "en", lights=samples.lights()), "forest-lights")


def test_lights_follow_the_studies_when_they_are_sorted() -> None:
    synthesis = samples.simulated(3)
    turned = dataclasses.replace(synthesis, rows=synthesis.rows[::-1])

    def signs(drawn: Synthesis) -> dict[str, list[str]]:
        """The symbols on each study's line, by where they stand."""
        root = ElementTree.fromstring(forest(drawn, "en", lights=samples.lights()).svg.encode())
        nodes = [node for node in root.iter() if node.tag.endswith("}text")]
        place = {node.text: float(node.get("y", "")) for node in nodes if "Simulated" in (node.text or "")}
        return {
            str(label): [
                str(node.text)
                for node in sorted(nodes, key=lambda node: float(node.get("x", "")))
                if node.text in ("+", "–", "×", "?") and abs(float(node.get("y", "")) - height) < 4
            ]
            for label, height in place.items()
        }

    assert signs(synthesis) == signs(turned)
    assert signs(synthesis)["Simulated 1981"] == ["+", "–", "×"]
    assert signs(synthesis)["Simulated 1983"] == []
