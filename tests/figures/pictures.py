"""Comparing a drawn figure with the picture of it that people have looked at.

``UPDATE_PICTURES=1 python -m pytest tests/figures`` draws the pictures anew; look at each before
committing it.
"""

from __future__ import annotations

import io
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
    drawn = Image.open(io.BytesIO(figure.png(DPI))).convert("L")
    path = FOLDER / f"{name}-{figure.lang}.png"
    if os.environ.get("UPDATE_PICTURES"):
        FOLDER.mkdir(exist_ok=True)
        drawn.quantize(16).save(path, optimize=True)
        return
    expected = Image.open(path).convert("L")
    assert drawn.size == expected.size, f"{path.name} is {expected.size}, the figure {drawn.size}"
    difference = np.asarray(drawn.quantize(16).convert("L"), float) - np.asarray(expected, float)
    distance = float(np.sqrt(np.mean(difference**2)))
    assert distance < TOLERANCE, f"{path.name} differs from the figure by {distance:.1f}"
