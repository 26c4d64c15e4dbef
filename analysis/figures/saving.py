"""A finished figure and the files it is saved as: SVG with real text, PNG, and its numbers."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree

import numpy as np

from analysis.figures import fonts
from analysis.figures.canvas import DOTS, Canvas
from analysis.figures.palette import PALETTE, as_variable
from analysis.wording import escape

FONT_STACK: Final = "'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

HTML_LANGUAGE: Final = {"en": "en", "zh": "zh-Hans"}
PNG_DPI: Final = 300
MOST_PIXELS: Final = 20_000_000
"""Of a PNG: a larger picture has fewer dots an inch, as programs for slides and text open it badly."""
FORMATS: Final = ("svg", "png", "csv", "json")

Value = str | float | int | bool | None

_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}\b")
_DRAWING: Final = threading.Lock()


@dataclass(frozen=True, eq=False)
class Figure:
    """A drawn figure with everything a page says about it.

    Attributes
    ----------
    id : str
        Stable name, the stem of its files.
    lang : str
        Language of all its texts, ``en`` or ``zh``.
    title : str
        Short title.
    alt : str
        One paragraph that stands for the picture.
    description : tuple of str
        The picture read aloud, a sentence for each row.
    data : tuple of mapping
        The numbers drawn, one mapping a row, unrounded, with the same keys throughout.
    canvas : Canvas
        What the picture is drawn from; drawn only when a file of it is asked for.
    width : float
        Natural width in CSS pixels; below about two thirds of it the text becomes too small to read.
    """

    id: str
    lang: str
    title: str
    alt: str
    description: tuple[str, ...]
    data: tuple[Mapping[str, Value], ...]
    canvas: Canvas = field(repr=False)

    def __post_init__(self) -> None:
        for text, weight in self.canvas.texts():
            fonts.check(text, weight)

    @cached_property
    def drawing(self) -> Drawing:
        """The picture itself."""
        from matplotlib.text import Text

        drawing = self.canvas.draw()
        for artist in drawing.findobj(Text):
            artist.set_parse_math(False)
        drawing.patch.set_facecolor(PALETTE["paper"])
        drawing.patch.set_gid("paper")
        # Laid out once: with an engine, each file would be drawn twice, the first time for the layout.
        if engine := drawing.get_layout_engine():
            engine.execute(drawing)
            drawing.set_layout_engine("none")
        return drawing

    @property
    def width(self) -> float:
        return self.canvas.width / 72 * 96

    @property
    def height(self) -> float:
        """Natural height in CSS pixels."""
        return self.canvas.height / 72 * 96

    @cached_property
    def svg(self) -> str:
        """A file of its own, in plain colours on white."""
        root = self._tree()
        root.set("width", f"{self.width:g}")
        root.set("height", f"{self.height:g}")
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + _serialise(root)

    @cached_property
    def inline(self) -> str:
        """For the inside of a page: no size, no background, colours as CSS variables."""
        root = self._tree()
        for group in root.findall(f"{{{_SVG}}}g"):
            if group.get("id") == f"{self.id}-paper":
                root.remove(group)
        for element in root.iter():
            style = element.get("style")
            if style:
                element.set("style", _COLOUR.sub(lambda found: as_variable(found.group()), style))
        return _serialise(root)

    def png(self, dpi: int = PNG_DPI) -> bytes:
        """The picture in pixels, `dpi` an inch or as many as make a picture of `MOST_PIXELS`."""
        area = self.canvas.width * self.canvas.height / 72**2
        dpi = min(dpi, math.isqrt(int(MOST_PIXELS / area)))
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from PIL import Image

        with _DRAWING, io.BytesIO() as stream:
            canvas, natural = FigureCanvasAgg(self.drawing), self.drawing.dpi
            self.drawing.set_dpi(dpi)
            try:
                canvas.draw()
                # The paper is opaque: without its transparency a picture is smaller and sooner packed.
                pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
            finally:
                self.drawing.set_dpi(natural)
            pixels.save(stream, format="png", dpi=(dpi, dpi))
            return stream.getvalue()

    @cached_property
    def csv(self) -> str:
        """The numbers drawn, for a spreadsheet, in which no text can act as a formula.

        It starts with a byte-order mark for Excel's sake.
        """
        stream = io.StringIO()
        columns = list(self.data[0]) if self.data else []
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        for row in self.data:
            writer.writerow(
                {
                    key: escape.spreadsheet(value) if isinstance(value, str) else value
                    for key, value in row.items()
                }
            )
        return "\ufeff" + stream.getvalue()

    @cached_property
    def json(self) -> str:
        """The numbers drawn and the texts about them."""
        record: dict[str, Any] = {
            "id": self.id,
            "lang": self.lang,
            "title": self.title,
            "alt": self.alt,
            "description": list(self.description),
            "data": [dict(row) for row in self.data],
        }
        return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def save(self, folder: Path) -> dict[str, Path]:
        """Write ``<id>.svg``, ``.png``, ``.csv`` and ``.json`` into `folder`.

        Returns
        -------
        dict
            Suffix without dot to path.
        """
        folder.mkdir(parents=True, exist_ok=True)
        paths = {suffix: folder / f"{self.id}.{suffix}" for suffix in FORMATS}
        for suffix, path in paths.items():
            path.write_bytes(self.file(suffix))
        return paths

    def file(self, form: str) -> bytes:
        """The content of one of the files, or ``inline``."""
        return self.png() if form == "png" else str(getattr(self, form)).encode()

    def _tree(self) -> ElementTree.Element:
        """The drawing as an SVG tree with stable ids, a title and a description."""
        root = ElementTree.fromstring(self._matplotlib_svg)
        for attribute in ("width", "height", "version"):
            root.attrib.pop(attribute, None)
        root.set("font-family", FONT_STACK)
        # What is inside an image is hidden from those who do not see it, and links must not be.
        root.set("role", "img" if root.find(f".//{{{_SVG}}}a") is None else "document")
        root.set("lang", HTML_LANGUAGE[self.lang])
        root.set("aria-labelledby", f"{self.id}-title")
        root.set("aria-describedby", f"{self.id}-desc")
        _round_dots(root)
        _tidy(root, self.id)
        for position, (tag, text) in enumerate((("title", self.title), ("desc", self.alt))):
            element = ElementTree.Element(f"{{{_SVG}}}{tag}", {"id": f"{self.id}-{tag}"})
            element.text = text
            root.insert(position, element)
        return root

    @cached_property
    def _matplotlib_svg(self) -> str:
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        settings: Any = {"svg.fonttype": "none", "svg.hashsalt": self.id}
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        with _DRAWING, matplotlib.rc_context(settings), io.StringIO() as stream:
            FigureCanvasSVG(self.drawing)
            self.drawing.savefig(stream, format="svg", metadata=nothing)
            return stream.getvalue()


def _round_dots(root: ElementTree.Element) -> None:
    """Write circles as circles: matplotlib spells out eight curves for each."""
    for group in root.iter(f"{{{_SVG}}}g"):
        if group.get("id") == DOTS:
            _place_markers(group)
            for path in group:
                values = [float(number) for number in _NUMBER.findall(path.attrib.pop("d"))]
                (left, right), (top, bottom) = (
                    (min(side), max(side)) for side in (values[::2], values[1::2])
                )
                path.tag = f"{{{_SVG}}}circle"
                path.set("cx", f"{(left + right) / 2:.6f}")
                path.set("cy", f"{(top + bottom) / 2:.6f}")
                path.set("r", f"{(right - left) / 2:.6f}")
            styles = {path.get("style", "") for path in group}
            if len(styles) == 1:
                group.set("style", styles.pop())
                for path in group:
                    del path.attrib["style"]


def _place_markers(group: ElementTree.Element) -> None:
    """Write each path where it stands: matplotlib defines one for dots that are alike and refers to it."""
    if group.find(f".//{{{_SVG}}}use") is None:
        return
    shapes = {f"#{path.get('id')}": path for path in group.iter(f"{{{_SVG}}}path")}
    placed = []
    for use in group.iter(f"{{{_SVG}}}use"):
        values = _NUMBER.findall(shapes[use.get(f"{{{_XLINK}}}href", "")].get("d", ""))
        at = float(use.get("x", "0")), float(use.get("y", "0"))
        d = " ".join(f"{float(value) + at[place % 2]:.6f}" for place, value in enumerate(values))
        placed.append(ElementTree.Element(f"{{{_SVG}}}path", {"d": d, "style": use.get("style", "")}))
    group[:] = placed


def _tidy(root: ElementTree.Element, prefix: str) -> None:
    """Drop matplotlib's style sheet, font names and counters; make the ids left unique to the figure."""
    referred = set(re.findall(r"#([\w.-]+)", " ".join(_references(root)))) | {"paper"}
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{_SVG}}}style":
                parent.remove(child)
    for element in root.iter():
        name = element.attrib.pop("id", None)
        if name in referred:
            element.set("id", f"{prefix}-{name}")
        target = element.attrib.pop(f"{{{_XLINK}}}href", None)
        element.attrib.pop("target", None)
        if target is not None:
            element.set("href", f"#{prefix}-{target[1:]}" if target[1:] in referred else target)
        if clip := element.get("clip-path"):
            element.set("clip-path", clip.replace("#", f"#{prefix}-"))
        if element.get("transform", "").startswith("rotate(-0 "):
            del element.attrib["transform"]
        if style := element.get("style"):
            kept = [part for part in style.split("; ") if not part.startswith("font-family")]
            element.set("style", "; ".join(kept))
        for attribute in ("d", "x", "y", "cx", "cy", "r", "transform"):
            if value := element.get(attribute):
                element.set(attribute, _NUMBER.sub(_rounded, " ".join(value.split())))
    root.set("stroke-linejoin", "round")
    _unwrap(root)
    _join_lines(root)


def _join_lines(root: ElementTree.Element) -> None:
    """Draw neighbouring lines of one style with one path, which looks the same and weighs a third."""
    for parent in root.iter():
        last: ElementTree.Element | None = None
        for child in list(parent):
            is_line = child.tag == f"{{{_SVG}}}path" and "fill: none" in child.get("style", "")
            same = last is not None and {**child.attrib, "d": ""} == {**last.attrib, "d": ""}
            if is_line and same and last is not None:
                last.set("d", f"{last.get('d')} {child.get('d')}")
                parent.remove(child)
            else:
                last = child if is_line else None


def _references(root: ElementTree.Element) -> Sequence[str]:
    """Every attribute that may point at an id: clip paths and the targets of ``use``."""
    clips = [element.get("clip-path", "") for element in root.iter()]
    uses = [element.get(f"{{{_XLINK}}}href", "") for element in root.iter(f"{{{_SVG}}}use")]
    return clips + uses


def _rounded(found: re.Match[str]) -> str:
    text = f"{float(found.group()):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _unwrap(parent: ElementTree.Element) -> None:
    """Replace groups that hold nothing but structure by what they hold, and drop empty ones."""
    for child in list(parent):
        _unwrap(child)
        if child.tag in (f"{{{_SVG}}}g", f"{{{_SVG}}}defs") and (len(child) == 0 or not child.attrib):
            if child.tag == f"{{{_SVG}}}defs" and len(child):
                continue
            position = list(parent).index(child)
            parent.remove(child)
            for offset, grandchild in enumerate(child):
                parent.insert(position + offset, grandchild)


def _serialise(root: ElementTree.Element) -> str:
    ElementTree.register_namespace("", _SVG)
    ElementTree.indent(root, space="")
    return ElementTree.tostring(root, encoding="unicode") + "\n"
