"""The project's fonts, and whether they can draw what a figure says.

Typst itself refuses a character of the text that no font has; of the text inside an SVG it says neither
where it stands nor that another family was taken, so that is checked here.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from publishing.errors import BookError
from publishing.keys import step_key
from store import Store, digest_of

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

FAMILY = "Noto Sans SC"

_FAMILY = re.compile(r"font-family:\s*([^;]+)|font:[^;]*?\d(?:px|pt|em|rem|%)(?:/\S+)?\s+([^;]+)")


def find_fonts(project_dir: Path) -> Path:
    """The nearest ``.cache/fonts`` in the project folder or above it.

    Raises
    ------
    BookError
        When there is none.
    """
    for folder in (project_dir.resolve(), *project_dir.resolve().parents):
        fonts = folder / ".cache" / "fonts"
        if any(fonts.glob("*.ttf")):
            return fonts
    raise BookError(
        "The fonts are missing: run make setup.", "缺少字体：请运行 make setup。", file=".cache/fonts"
    )


def characters(fonts: Path, store: Store) -> frozenset[str]:
    """Every character that all font files of the folder can draw."""
    key = step_key("drawn characters", digest_of(fonts.iterdir(), fonts))
    return frozenset(store.memo_text(key, lambda: _read_characters(fonts)))


@lru_cache(maxsize=4)
def _read_characters(fonts: Path) -> str:
    from fontTools.ttLib import TTFont

    covered = [set(TTFont(path, lazy=True).getBestCmap()) for path in fonts.glob("*.ttf")]
    return "".join(map(chr, sorted(set.intersection(*covered))))


def advances(fonts: Path, lang: str) -> str:
    """How wide characters are, as JSON: per weight, em by character, without those that are 1 em wide.

    Parameters
    ----------
    fonts : Path
        The folder of the font files.
    lang : str
        The language of the text: quotes and points are set proportionally in other than Chinese text.
    """
    from fontTools.ttLib import TTFont

    found = {}
    for weight in ("Regular", "Bold"):
        font = TTFont(fonts / f"{FAMILY.replace(' ', '')}-{weight}.ttf", lazy=True)
        narrow = {} if lang == "zh" else _proportional(font)
        metrics, em = font["hmtx"].metrics, font["head"].unitsPerEm
        widths = {
            chr(point): metrics[narrow.get(glyph, glyph)][0] for point, glyph in font.getBestCmap().items()
        }
        found[weight.lower()] = {char: round(width / em, 3) for char, width in widths.items() if width != em}
    return json.dumps(found, ensure_ascii=False)


def _proportional(font: TTFont) -> dict[str, str]:
    """The glyphs that the feature "pwid" takes instead of others."""
    table = font["GSUB"].table
    features = [record.Feature for record in table.FeatureList.FeatureRecord if record.FeatureTag == "pwid"]
    lookups = {index for feature in features for index in feature.LookupListIndex}
    parts = [part for index in lookups for part in table.LookupList.Lookup[index].SubTable]
    return {
        glyph: other
        for part in parts
        for glyph, other in getattr(getattr(part, "ExtSubTable", part), "mapping", {}).items()
    }


def check_svg(svg: Path, fonts: Path, *, chapter: str, name: str, store: Store | None = None) -> None:
    """Refuse a figure with a character that the fonts cannot draw, or set in another family.

    Parameters
    ----------
    svg : Path
        The figure's file.
    fonts : Path
        The folder of the font files.
    chapter, name : str
        Where the figure is shown and what it is called, for the message.
    store : Store, optional
        Knows the figures that were looked through before.

    Raises
    ------
    BookError
        With the character and the text that holds it, or the family.
    """
    if not svg.is_file():
        raise BookError(
            f"The figure {name} is not there; its cell did not write it.",
            f"缺少图形文件 {name}；相应的代码单元没有生成它。",
            file=chapter,
        )
    store = store or Store(None)
    key = step_key("glyphs", svg.read_bytes(), digest_of(fonts.iterdir(), fonts))
    store.memo_json(key, lambda: _look_through(svg, characters(fonts, store), chapter, name))


def _look_through(svg: Path, drawn: frozenset[str], chapter: str, name: str) -> None:
    for element in ET.parse(svg).iter():
        found = _FAMILY.search(element.get("style", ""))
        family = element.get("font-family") or (found and (found[1] or found[2])) or ""
        if family and FAMILY not in [part.strip(" '\"") for part in family.split(",")][:1]:
            raise BookError(
                f"The figure {name} asks for the font {family}; only {FAMILY} is known.",
                f"图形 {name} 使用了字体 {family}；只能使用 {FAMILY}。",
                file=chapter,
            )
        if not element.tag.endswith(("}text", "}tspan", "}textPath")):
            continue
        for text in (element.text or "", element.tail or ""):
            missing = {char for char in text if not char.isspace()} - drawn
            if missing:
                listed = ", ".join(f"{char} (U+{ord(char):04X})" for char in sorted(missing))
                raise BookError(
                    f"The figure {name} has no glyph for {listed}, in “{text.strip()}”.",
                    f"图形 {name} 中“{text.strip()}”里的 {listed} 没有对应字形。",
                    file=chapter,
                )
