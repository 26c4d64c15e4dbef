"""Figures of a review, drawn by plotnine in either language."""

from analysis.figures.forest import forest
from analysis.figures.saving import Figure

__all__ = ["Figure", "forest"]
