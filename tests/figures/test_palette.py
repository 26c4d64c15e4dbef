"""The pages' style sheet gives figures the colours that they are drawn in."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.figures.palette import DARK, PALETTE, css_variables

SHEET = Path(__file__).resolve().parents[2] / "assets" / "css" / "palette.css"


@pytest.mark.parametrize(("palette", "times"), [(PALETTE, 1), (DARK, 2)], ids=["light", "dark"])
def test_the_style_sheet_knows_every_colour(palette: dict[str, str], times: int) -> None:
    sheet = [line.strip() for line in SHEET.read_text(encoding="utf-8").splitlines()]
    for line in css_variables(palette).splitlines():
        assert sheet.count(line.strip()) >= times, line
