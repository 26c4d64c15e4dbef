"""Figures of a review, drawn by plotnine in either language."""

from analysis.figures.choices import choices
from analysis.figures.forest import forest
from analysis.figures.leave_one_out import cumulative, leave_one_out
from analysis.figures.refused import Refused
from analysis.figures.saving import Figure

__all__ = ["Figure", "Refused", "choices", "cumulative", "forest", "leave_one_out"]
