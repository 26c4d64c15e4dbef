"""Lay out the project's fonts as static files.

The fonts come from the package ``justmytype-intl-cjk`` as one variable file; matplotlib and Typst
need one file a weight, so the two weights we use are cut from it once.

Run as ``python assets/fonts.py FOLDER``.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

FAMILY = "Noto Sans SC"
WEIGHTS = {"Regular": 400, "Bold": 700}


def package_font() -> Path:
    """Path of the variable font inside the installed package."""
    spec = importlib.util.find_spec("justmytype_intl_cjk")
    if spec is None or spec.origin is None:
        raise SystemExit("The font package is missing: run make setup. / 缺少字体包：请运行 make setup。")
    return Path(spec.origin).parent / "fonts" / "ofl" / "notosanssc" / "NotoSansSC[wght].ttf"


def lay_out(folder: Path) -> list[Path]:
    """Write the static weights to `folder`, unless they stand there already.

    Parameters
    ----------
    folder : Path
        Where the files go; made when it does not exist.

    Returns
    -------
    list of Path
        The font files, in the order of `WEIGHTS`.
    """
    wanted = {name: folder / f"NotoSansSC-{name}.ttf" for name in WEIGHTS}
    missing = {name: path for name, path in wanted.items() if not path.exists()}
    if missing:
        from fontTools.ttLib import TTFont
        from fontTools.varLib import instancer

        folder.mkdir(parents=True, exist_ok=True)
        for name, path in missing.items():
            font = TTFont(package_font(), recalcTimestamp=False)
            static = instancer.instantiateVariableFont(font, {"wght": WEIGHTS[name]}, updateFontNames=True)
            partial = path.with_suffix(".part")
            static.save(partial)
            partial.replace(path)
    return list(wanted.values())


if __name__ == "__main__":
    for font_file in lay_out(Path(sys.argv[1] if len(sys.argv) > 1 else ".cache/fonts")):
        print(font_file)
