"""Comparing a drawn figure with the picture of it that people have looked at.

``UPDATE_PICTURES=1 python -m pytest tests/figures`` draws the pictures anew; look at each before
committing it.
"""

from __future__ import annotations

import io
import math
import os
from pathlib import Path

import numpy as np
from PIL import Image

from analysis.figures import Figure

FOLDER = Path(__file__).parent / "pictures"
DPI = 64
TOLERANCE = 0.6
"""Root mean square of the difference, of 255; one changed digit among sixty studies exceeds it."""


def check(figure: Figure, name: str) -> None:
    """Fail when `figure` does not look like ``pictures/<name>-<lang>.png``."""
    if os.environ.get("UPDATE_PICTURES"):
        FOLDER.mkdir(exist_ok=True)
        _drawn(figure).save(_path(figure, name), optimize=True)
    found = distance(figure, name)
    assert found < TOLERANCE, f"{_path(figure, name).name} differs from the figure by {found:.1f}"


def distance(figure: Figure, name: str) -> float:
    """How far `figure` is from its picture; infinite when it has another size."""
    expected = Image.open(_path(figure, name)).convert("L")
    drawn = _drawn(figure).convert("L")
    if drawn.size != expected.size:
        return math.inf
    difference = np.asarray(drawn, float) - np.asarray(expected, float)
    return float(np.sqrt(np.mean(difference**2)))


def _drawn(figure: Figure) -> Image.Image:
    """The figure in sixteen greys, which keeps the files small."""
    return Image.open(io.BytesIO(figure.png(DPI))).convert("L").quantize(16)


def _path(figure: Figure, name: str) -> Path:
    return FOLDER / f"{name}-{figure.lang}.png"
