"""A sheet measured in points, drawn by plotnine.

Forest plots, flow diagrams and tables of lights are text and shapes at exact places rather than data in
a panel. They are laid out here in points (1/72 inch), x to the right and y downwards, and handed to
plotnine as one panel without margins.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import pi, sqrt
from typing import TYPE_CHECKING, Any

from analysis.figures import fonts
from analysis.figures.palette import PALETTE

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_DOT_EDGE = 0.7


DOTS = "dots"
"""Id of the circles in matplotlib's SVG."""


def points(length: float) -> float:
    """plotnine's size for a stroke or a diameter of `length` points, 1/√π of it."""
    return length / sqrt(pi)


@dataclass
class Canvas:
    """What is to be drawn, collected piece by piece; colours are roles of the palette.

    A higher `level` is painted over a lower one; within a level lines lie over shapes. Text is on top.
    """

    width: float
    height: float = 0.0
    _texts: list[dict[str, object]] = field(default_factory=list)
    _lines: list[dict[str, object]] = field(default_factory=list)
    _shapes: list[dict[str, object]] = field(default_factory=list)
    _dots: list[dict[str, object]] = field(default_factory=list)
    _shape_count: int = 0

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        anchor: str = "left",
        weight: str = "normal",
        colour: str = "ink",
        link: str | None = None,
    ) -> None:
        """Put one line of text with its baseline at `y`; `anchor` is ``left``, ``center`` or ``right``."""
        if text:
            self._texts.append(
                {
                    "x": x,
                    "y": y,
                    "label": fonts.straight(text),
                    "size": size,
                    "ha": anchor,
                    "weight": weight,
                    "colour": PALETTE[colour],
                    "link": link,
                }
            )

    def line(
        self,
        x: float,
        y: float,
        xend: float,
        yend: float,
        *,
        colour: str = "ink",
        stroke: float = 0.8,
        dash: str = "solid",
        level: int = 1,
    ) -> None:
        """Draw a straight line `stroke` points wide."""
        self._lines.append(
            {
                "x": x,
                "y": y,
                "xend": xend,
                "yend": yend,
                "colour": PALETTE[colour],
                "size": points(stroke),
                "dash": dash,
                "level": level,
            }
        )

    def shape(
        self,
        corners: Sequence[tuple[float, float]],
        *,
        fill: str,
        edge: str | None = None,
        stroke: float = 0.8,
        level: int = 1,
    ) -> None:
        """Draw a closed polygon."""
        self._shape_count += 1
        for x, y in corners:
            self._shapes.append(
                {
                    "x": x,
                    "y": y,
                    "group": self._shape_count,
                    "fill": PALETTE[fill],
                    "colour": PALETTE[edge or fill],
                    "size": points(stroke) if edge else 0.0,
                    "level": level,
                }
            )

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        *,
        fill: str,
        edge: str | None = None,
        stroke: float = 0.8,
        level: int = 1,
    ) -> None:
        """Draw a rectangle."""
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        self.shape(corners, fill=fill, edge=edge, stroke=stroke, level=level)

    def dot(self, x: float, y: float, diameter: float, *, fill: str, edge: str = "ink") -> None:
        """Draw a circle, over all shapes and lines."""
        self._dots.append(
            {
                "x": x,
                "y": y,
                "size": points(diameter - _DOT_EDGE),
                "fill": PALETTE[fill],
                "colour": PALETTE[edge],
            }
        )

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text with its weight."""
        for text in self._texts:
            yield str(text["label"]), str(text["weight"])

    def content(self) -> str:
        """Everything the drawing depends on: two sheets with the same content are drawn alike."""
        pieces = (self._texts, self._lines, self._shapes, self._dots)
        return json.dumps((self.width, self.height, *pieces), ensure_ascii=False)

    def draw(self) -> Drawing:
        """Draw the sheet with plotnine; texts carry their links."""
        from matplotlib.collections import PathCollection

        drawing: Drawing = self._plot().draw()
        panel = drawing.axes[0]
        for artist, text in zip(panel.texts, self._texts, strict=True):
            assert artist.get_text() == text["label"], "plotnine draws a single group in the order given"
            artist.set_clip_on(False)
            if text["link"]:
                artist.set_url(str(text["link"]))
        for shape in (*panel.collections, *panel.lines, *panel.patches):
            shape.set_clip_on(False)
            if isinstance(shape, PathCollection):
                shape.set_gid(DOTS)
        return drawing

    def _plot(self) -> Any:
        # Imported only where something is drawn: a page whose pictures are kept needs none of it.
        import pandas as pd
        from plotnine import (
            aes,
            element_blank,
            geom_point,
            geom_polygon,
            geom_segment,
            geom_text,
            ggplot,
            scale_color_identity,
            scale_fill_identity,
            scale_linetype_identity,
            scale_size_identity,
            scale_x_continuous,
            scale_y_reverse,
            theme,
            theme_void,
        )

        fonts.register()
        # Each plus sign copies the plot, this does not.
        plot = ggplot()
        plot += [
            # Without ticks, which would be made and not be shown.
            scale_x_continuous(limits=(0, self.width), expand=(0, 0), breaks=[]),
            scale_y_reverse(limits=(self.height, 0), expand=(0, 0), breaks=[]),
            scale_color_identity(),
            scale_fill_identity(),
            scale_size_identity(),
            scale_linetype_identity(),
            theme_void(),
            theme(
                figure_size=(self.width / 72, self.height / 72),
                plot_margin=0,
                axis_text=element_blank(),
                axis_title=element_blank(),
                axis_ticks=element_blank(),
            ),
        ]
        for level in sorted({int(str(item["level"])) for item in (*self._shapes, *self._lines)}):
            shapes = pd.DataFrame([item for item in self._shapes if item["level"] == level])
            lines = pd.DataFrame([item for item in self._lines if item["level"] == level])
            if len(shapes):
                plot += geom_polygon(
                    aes("x", "y", group="group", fill="fill", color="colour", size="size"), shapes
                )
            if len(lines):
                plot += geom_segment(
                    aes("x", "y", xend="xend", yend="yend", color="colour", size="size", linetype="dash"),
                    lines,
                )
        if self._dots:
            plot += geom_point(
                aes("x", "y", fill="fill", color="colour", size="size", group=1),
                pd.DataFrame(self._dots),
                shape="o",
                stroke=points(_DOT_EDGE),
            )
        if self._texts:
            plot += geom_text(
                aes(
                    "x",
                    "y",
                    label="label",
                    ha="ha",
                    size="size",
                    color="colour",
                    fontweight="weight",
                    group=1,
                ),
                pd.DataFrame(self._texts),
                va="baseline",
                family=fonts.FAMILY,
            )
        return plot
