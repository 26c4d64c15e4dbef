"""Two axes on a sheet, for figures that are a plain plot."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.figures import fonts
from analysis.figures.axis import Axis
from analysis.figures.canvas import Canvas

BODY = 9.0
SMALL = 7.8
LINE = SMALL + 2.7


@dataclass(frozen=True)
class Panel:
    """A plot area on a canvas; `x` runs to the right, `y` upwards unless `downwards`."""

    canvas: Canvas
    left: float
    top: float
    right: float
    bottom: float
    x: Axis
    y: Axis
    downwards: bool = False

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a pair of values stands on the canvas."""
        across, along = self.x.position(x), self.y.position(y)
        height = self.bottom - self.top
        down = self.top + along * height if self.downwards else self.bottom - along * height
        return self.left + across * (self.right - self.left), down

    def axes(self, x_title: str, y_title: str) -> float:
        """Draw both axes, the title of `y` level above its axis; returns the lower edge."""
        canvas = self.canvas
        canvas.line(self.left, self.bottom, self.right, self.bottom, level=3)
        canvas.line(self.left, self.top, self.left, self.bottom, level=3)
        for tick, label in zip(self.x.ticks, self.x.labels(), strict=True):
            at, _ = self.at(tick, self.y.low)
            canvas.line(at, self.bottom, at, self.bottom + 3.5, level=3)
            canvas.text(at, self.bottom + 12.0, label, size=SMALL, anchor="center")
        for tick, label in zip(self.y.ticks, self.y.labels(), strict=True):
            _, at = self.at(self.x.low, tick)
            canvas.line(self.left - 3.5, at, self.left, at, level=3)
            canvas.text(self.left - 6.0, at + 2.8, label, size=SMALL, anchor="right")
        canvas.text(self.left, self.top - 8.0, y_title, size=SMALL, weight="bold", anchor="left")
        middle = (self.left + self.right) / 2
        canvas.text(middle, self.bottom + 25.0, x_title, size=SMALL, weight="bold", anchor="center")
        return self.bottom + 28.0


def paragraphs(canvas: Canvas, left: float, top: float, room: float, texts: list[str]) -> float:
    """Write notes beneath a figure, wrapped to `room`; returns the lower edge."""
    y = top
    for words in texts:
        for part in fonts.wrap(words, room, SMALL):
            y += LINE
            canvas.text(left, y, part, size=SMALL, colour="muted")
    return y
