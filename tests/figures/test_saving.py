"""The files a figure is saved as."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from analysis.figures import forest
from analysis.figures.palette import DARK, PALETTE
from analysis.figures.saving import MOST_PIXELS
from tests.figures import samples


def test_same_input_same_bytes() -> None:
    first, second = (forest(samples.subgroups(), "zh") for _ in range(2))
    assert first.svg == second.svg
    assert first.inline == second.inline
    assert first.png(60) == second.png(60)
    assert not re.search(r"20\d\d-\d\d-\d\d|[Mm]atplotlib", first.svg)


def test_two_languages_carry_the_same_numbers() -> None:
    english, chinese = (
        [[value for value in row.values() if not isinstance(value, str)] for row in figure.data]
        for figure in (forest(samples.shares(), lang) for lang in ("en", "zh"))
    )
    assert english == chinese


def test_inline_scales_and_follows_the_page() -> None:
    figure = forest(samples.one(), "zh")
    root = ElementTree.fromstring(figure.inline)
    assert root.get("width") is None
    assert root.get("height") is None
    assert root.get("viewBox")
    assert root.get("role") == "img"
    assert root.get("lang") == "zh-Hans"
    assert "sans-serif" in root.get("font-family", "")
    colours = re.findall(r"(?:fill|stroke): ([^;\"]+)", figure.inline)
    assert all(colour == "none" or re.fullmatch(r"var\(--fig-\w+, #\w{6}\)", colour) for colour in colours)


def test_saved_file_has_plain_colours_for_typst() -> None:
    assert "var(" not in forest(samples.one(), "en").svg


def test_ids_are_unique_to_the_figure() -> None:
    figure = forest(samples.one(), "en")
    ids = re.findall(r'\bid="([^"]+)"', figure.inline)
    assert len(ids) == len(set(ids))
    assert all(name.startswith("fig-simulated-") for name in ids)
    for target in re.findall(r'(?:href="|url\()#([^")]+)', figure.inline):
        assert target in ids


def test_text_is_text_anchored_at_its_column() -> None:
    root = ElementTree.fromstring(forest(samples.one(), "en").svg.encode())
    nodes = {node.text: node for node in root.iter() if node.tag.endswith("}text")}
    assert "text-anchor: end" in nodes["−0.50"].get("style", "")
    assert "transform" not in nodes["−0.50"].attrib


def test_four_files(tmp_path: Path) -> None:
    figure = forest(samples.simulated(3), "en")
    paths = figure.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "fig-simulated.csv",
        "fig-simulated.json",
        "fig-simulated.png",
        "fig-simulated.svg",
    ]
    rows = list(csv.DictReader(io.StringIO(paths["csv"].read_text(encoding="utf-8-sig"))))
    assert [row["row"] for row in rows] == ["study"] * 3 + ["pooled", "prediction"]
    assert float(rows[0]["estimate"]) == samples.simulated(3).rows[0].estimate
    record = json.loads(paths["json"].read_text(encoding="utf-8"))
    assert record["alt"] == figure.alt
    width, height = struct.unpack(">II", paths["png"].read_bytes()[16:24])
    assert abs(width - figure.width / 96 * 300) <= 1
    assert abs(height - figure.height / 96 * 300) <= 1


def test_every_colour_has_one_role_and_a_dark_twin() -> None:
    assert len(set(PALETTE.values())) == len(PALETTE)
    assert DARK.keys() == PALETTE.keys()


def test_no_text_of_the_numbers_acts_as_a_formula() -> None:
    figure = replace(
        forest(samples.simulated(3), "en"), data=({"study": "=1+1", "value": -0.5, "note": "@x"},)
    )
    (row,) = csv.DictReader(io.StringIO(figure.csv.removeprefix("\ufeff")))
    assert row == {"study": "'=1+1", "value": "-0.5", "note": "'@x"}


def test_a_very_tall_picture_has_fewer_dots_an_inch() -> None:
    figure = forest(samples.one(), "en")
    tall = replace(figure, canvas=replace(figure.canvas, height=9000.0))
    width, height = struct.unpack(">II", tall.png()[16:24])
    assert 0.95 * MOST_PIXELS < width * height <= MOST_PIXELS
    assert struct.unpack(">I", figure.png()[16:20])[0] == pytest.approx(figure.canvas.width / 72 * 300, abs=1)
