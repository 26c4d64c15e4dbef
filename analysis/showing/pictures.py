"""Every figure besides the forest plot, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from analysis import figures
from analysis.figures import Figure
from analysis.living import report
from analysis.living.answers import Answer, told_by
from analysis.showing.session import Session


def slope(now: Session, *, narrow: bool = False) -> Figure:
    """Every result before and after the newest step.

    Raises
    ------
    Refused
        Before there is a version to compare with.
    """
    changes = now.archive.latest
    names = ("", "") if changes is None else report.names(changes, now.lang)
    return figures.slope(changes.questions if changes else (), names, now.lang, narrow=narrow)


def history(now: Session, question: str) -> Figure:
    """A question's answer in every version, and now where that is not released."""
    return figures.history(told(now, question), now.results.question(question), now.lang)


def told(now: Session, question: str) -> list[tuple[str, Answer | None]]:
    """What each version says on a question, and what is said now where that is not released."""
    archive = now.archive
    found = told_by(archive.states, question)
    if (pending := archive.pending) is None:
        return found[:-1]
    return [*found[:-1], (report.names(pending, now.lang)[1], found[-1][1])]


OF_A_QUESTION: Final[Mapping[str, Callable[[Session, str], Figure]]] = MappingProxyType(
    {
        "choices": lambda now, question: figures.choices(now.results.question(question), now.lang),
        "leave-one-out": lambda now, question: figures.leave_one_out(
            now.results.question(question), now.lang, study_link=now.study_link
        ),
        "cumulative": lambda now, question: figures.cumulative(
            now.results.question(question),
            now.results.question(question).cumulative,
            now.lang,
            study_link=now.study_link,
        ),
        "history": history,
        "funnel": lambda now, question: figures.funnel(now.results.question(question), now.lang),
    }
)
"""Figures of one question."""

OF_THE_REVIEW: Final[Mapping[str, Callable[[Session], Figure]]] = MappingProxyType(
    {
        "flow": lambda now: figures.flow(now.evidence, now.results, now.lang),
        "risk-of-bias": lambda now: figures.risk_of_bias(now.evidence, now.lang, study_link=now.study_link),
        "safety": lambda now: figures.safety(now.evidence, now.results, now.lang, study_link=now.study_link),
        "timeline": lambda now: figures.timeline(now.evidence, now.lang, study_link=now.study_link),
        "evidence-map": lambda now: figures.evidence_map(now.evidence, now.lang),
        "trials": lambda now: figures.trials(now.evidence, now.lang),
        "earlier-reviews": lambda now: figures.earlier(now.results, now.evidence, now.lang),
        "earlier-shares": lambda now: figures.earlier(
            now.results, now.evidence, now.lang, axis="single_arm", family="share"
        ),
        "slope": slope,
        "earlier-changes": lambda now: figures.earlier(
            now.results, now.evidence, now.lang, axis="single_arm", family="difference"
        ),
    }
)
"""Figures of the whole review."""

NARROW: Final[Mapping[str, Callable[[Session], Figure]]] = MappingProxyType(
    {"slope": lambda now: slope(now, narrow=True)}
)
"""Those of them that are drawn once more for a phone."""


def draw(now: Session, name: str, question: str) -> Figure:
    """The figure of that name.

    Raises
    ------
    KeyError
        With what there is, when there is none, or when `question` is missing or does not belong.
    Refused
        When it cannot be drawn, with the reason.
    """
    known = OF_A_QUESTION if question else OF_THE_REVIEW
    if name not in known:
        near = get_close_matches(name, known, n=2) or list(known)
        kind = f"of the question {question!r}" if question else "of the whole review"
        raise KeyError(f"there is no figure {name!r} {kind}; there is {', '.join(near)}")
    return OF_A_QUESTION[name](now, question) if question else OF_THE_REVIEW[name](now)
