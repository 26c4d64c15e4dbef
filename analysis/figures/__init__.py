"""Figures of a review, drawn by plotnine in either language."""

from analysis.figures.baujat import baujat
from analysis.figures.choices import choices
from analysis.figures.earlier import earlier
from analysis.figures.evidence_map import evidence_map
from analysis.figures.flow import flow
from analysis.figures.forest import forest
from analysis.figures.funnel import funnel
from analysis.figures.gosh import gosh
from analysis.figures.history import effect_of, history
from analysis.figures.leave_one_out import cumulative, leave_one_out
from analysis.figures.refused import Refused
from analysis.figures.risk_of_bias import risk_of_bias
from analysis.figures.safety import safety
from analysis.figures.saving import Figure
from analysis.figures.slope import slope, slopes
from analysis.figures.timeline import timeline
from analysis.figures.trials import trials

__all__ = [
    "Figure",
    "Refused",
    "baujat",
    "choices",
    "cumulative",
    "earlier",
    "effect_of",
    "evidence_map",
    "flow",
    "forest",
    "funnel",
    "gosh",
    "history",
    "leave_one_out",
    "risk_of_bias",
    "safety",
    "slope",
    "slopes",
    "timeline",
    "trials",
]
