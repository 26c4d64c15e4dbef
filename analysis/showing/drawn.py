"""Pictures drawn once for all that goes into them, whoever asks and whatever else has changed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from analysis.figures import Figure, fonts
from store import Store, digest_of, key_of, packages

_SVGS: Final = {"svg", "inline"}
_FIGURES: Final = Path(__file__).resolve().parents[1] / "figures"
_PENS: Final = ("canvas.py", "fonts.py", "palette.py", "saving.py")
"""What turns a laid out sheet into a picture; everything else speaks through the sheet."""


def of(figure: Figure, form: str, store: Store) -> bytes:
    """One of the figure's files, or ``inline``, drawn only when the same was not drawn before."""
    if form in ("csv", "json"):
        return figure.file(form)
    drawn_from = (figure.canvas.content(), figure.id, figure.lang, figure.title, figure.alt, pens())

    def key(form: str) -> str:
        return key_of("picture", form, *drawn_from)

    if (found := store.get(key(form))) is None:
        found = figure.file(form)
        store.put(key(form), found)
        if form in _SVGS:
            # Both are cuts of one drawing, and whoever asked for one may ask for the other later.
            (other,) = _SVGS - {form}
            store.put(key(other), figure.file(other))
    return found


def inline(figure: Figure, store: Store) -> str:
    """The figure as it stands inside a page."""
    return of(figure, "inline", store).decode().strip()


@lru_cache(maxsize=1)
def pens() -> str:
    """What every picture depends on besides its sheet: the code that draws, fonts and packages."""
    files = [_FIGURES / name for name in _PENS]
    files += [fonts.font_file(weight) for weight in fonts.WEIGHTS]
    return digest_of(files, _FIGURES) + packages()
