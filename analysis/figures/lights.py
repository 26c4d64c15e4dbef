"""Lights for judgements of risk of bias: a colour and a symbol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from analysis.figures.canvas import Canvas

NOT_ASSESSED: Final = "not_assessed"
LIGHTS: Final[Mapping[str, tuple[str, str]]] = {
    "low": ("low", "+"),
    "some_concerns": ("some", "–"),
    "moderate": ("some", "–"),
    "high": ("high", "×"),
    "serious": ("high", "×"),
    "critical": ("high", "××"),
    "no_information": ("unknown", "?"),
    NOT_ASSESSED: ("paper", ""),
}
"""Judgement to colour and symbol; the symbol alone tells them apart in a greyscale print."""


@dataclass(frozen=True)
class Lights:
    """Judgements to stand beside studies, whatever their order.

    Attributes
    ----------
    domains : tuple of str
        Names of the domains.
    judgements : mapping
        Study id to one judgement for each domain.
    meanings : mapping
        Judgement to what it is called.
    """

    domains: tuple[str, ...]
    judgements: Mapping[str, tuple[str, ...]]
    meanings: Mapping[str, str]

    def of(self, study_id: str) -> tuple[str, ...]:
        """A study's lights; not assessed where nothing was said of it."""
        return self.judgements.get(study_id, (NOT_ASSESSED,) * len(self.domains))


def draw_light(
    canvas: Canvas, x: float, y: float, judgement: str, count: int = 0, *, diameter: float = 12.5
) -> None:
    """Draw one light; an empty one can hold the `count` of statements waiting for a judgement."""
    fill, sign = LIGHTS[judgement]
    waiting = judgement == NOT_ASSESSED
    size = 0.62 * diameter
    canvas.dot(x, y, diameter, fill=fill, edge="unknown" if waiting else "ink")
    words = str(count) if waiting and count else sign
    canvas.text(x, y + 0.36 * size, words, size=size, anchor="center", colour="muted" if waiting else "ink")
