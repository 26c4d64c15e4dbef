"""The colours of every figure, by role.

A role is one colour in print and one CSS variable on a page, so that a page can recolour a figure for
the dark without a second drawing. The hues are told apart by people who see colours differently, and by
their lightness in a greyscale print.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PALETTE: Final[Mapping[str, str]] = {
    "ink": "#1d2329",
    "muted": "#5b646d",
    "rule": "#c3c9cf",
    "band": "#edf0f3",
    "paper": "#ffffff",
    "link": "#1d4f7c",
    "square": "#5f8fbd",
    "pooled": "#a8481a",
    "prediction": "#e0a27c",
    "contour90": "#f6f7f8",
    "contour95": "#e4e8ec",
    "contour99": "#cfd6dc",
    "low": "#7cc0b5",
    "some": "#f2d06b",
    "high": "#e88d98",
    "unknown": "#aab1b8",
}
"""Role to colour on white paper; each colour stands for one role only."""

DARK: Final[Mapping[str, str]] = {
    "ink": "#e8ebee",
    "muted": "#a9b2bb",
    "rule": "#4a535c",
    "band": "#262d34",
    "paper": "#15191d",
    "link": "#8fc1ee",
    "square": "#3f78ad",
    "pooled": "#ee9a68",
    "prediction": "#8d5433",
    "contour90": "#1b2025",
    "contour95": "#242b32",
    "contour99": "#303942",
    "low": "#2f7d73",
    "some": "#8a6a14",
    "high": "#a33b4c",
    "unknown": "#616b75",
}
"""What a page in dark mode sets the roles' variables to."""


def css_variables(colours: Mapping[str, str]) -> str:
    """Declarations of the roles' CSS variables, for a style sheet."""
    return "\n".join(f"--fig-{role}: {colour};" for role, colour in colours.items())


def as_variable(colour: str) -> str:
    """``var(--fig-ink, #1d2329)`` for a colour of the palette; any other colour as it is."""
    role = _ROLES.get(colour.lower())
    return f"var(--fig-{role}, {colour})" if role else colour


_ROLES: Final = {colour: role for role, colour in PALETTE.items()}
