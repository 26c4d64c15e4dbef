"""The evidence year by year: every study as a dot sized by its people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from analysis.figures import fonts
from analysis.figures.canvas import Canvas
from analysis.figures.forest import StudyLink
from analysis.figures.panel import BODY, SMALL, paragraphs
from analysis.figures.saving import Figure, Value
from analysis.wording import numbers
from analysis.wording.catalogue import text

if TYPE_CHECKING:
    from analysis.evidence import Evidence

Record = Mapping[str, Any]

SHOWN: Final = ("included", "awaiting")
_WIDTH: Final = 560.0
_LEFT: Final = 46.0
_LARGEST: Final = 20.0
_SMALLEST: Final = 4.0
_STEP: Final = 22.0
_ENTRIES: Final = (
    ("square", "ink", "controlled"),
    ("paper", "ink", "single_arm"),
    ("paper", "unknown", "awaiting"),
)


def timeline(evidence: Evidence, lang: str, *, study_link: StudyLink | None = None) -> Figure:
    """Draw the included and awaiting studies in rows by year of publication.

    Parameters
    ----------
    evidence : Evidence
        Its table ``studies``.
    study_link : callable, optional
        Study id to the address of the study's section.
    """
    studies = [row for row in evidence.rows("studies") if row["inclusion"] in SHOWN]
    studies.sort(key=lambda row: (row["year"] or math.inf, str(row["label"])))
    largest = max((people(row) or 0.0 for row in studies), default=0.0)
    canvas = Canvas(_WIDTH)
    y = 10.0
    for year in dict.fromkeys(row["year"] for row in studies):
        own = [row for row in studies if row["year"] == year]
        y = _row(canvas, _year(year, lang), own, largest, y, study_link)
    canvas.line(_LEFT - 8.0, 8.0, _LEFT - 8.0, y, colour="rule")
    y = _legend(canvas, y + 4.0, lang)
    canvas.height = math.ceil(y + 6.0)
    included = [row for row in studies if row["inclusion"] == "included"]
    known = [people(row) for row in included]
    title = text("figure.timeline.title", lang)
    alt = text(
        "figure.timeline.alt",
        lang,
        title=title,
        studies=numbers.counted("study", len(included), lang),
        people=numbers.counted("person", round(sum(n for n in known if n)), lang),
        unknown=numbers.counted("study", sum(n is None for n in known), lang),
    )
    return Figure(
        id="fig-timeline",
        lang=lang,
        title=title,
        alt=alt,
        description=tuple(_spoken(row, evidence, lang) for row in studies),
        data=tuple(_record(row) for row in studies),
        canvas=canvas,
    )


def people(study: Record) -> float | None:
    """People in a study: enrolled, else treated, else analysed."""
    found = next((study[key] for key in ("n_enrolled", "n_treated", "n_analysed") if study.get(key)), None)
    return None if found is None else float(found)


def diameter(n: float | None, largest: float) -> float:
    """Diameter of a dot whose area stands for `n` people."""
    if not n or not largest:
        return _SMALLEST
    return max(_LARGEST * math.sqrt(n / largest), _SMALLEST)


def _row(
    canvas: Canvas,
    year: str,
    studies: Sequence[Record],
    largest: float,
    top: float,
    study_link: StudyLink | None,
) -> float:
    """One year's studies from left to right, on as many lines as they need."""
    y = top + _STEP / 2
    canvas.text(_LEFT - 14.0, y + 3.0, year, size=BODY, weight="bold", anchor="right")
    x = _LEFT
    for study in studies:
        n = people(study)
        size = diameter(n, largest)
        label = f"{study['label']} ({'?' if n is None else numbers.plain(n)})"
        needed = size + 3.0 + fonts.width(label, SMALL)
        if x > _LEFT and x + needed > _WIDTH - 6.0:
            x, y = _LEFT, y + _STEP
        waiting = study["inclusion"] == "awaiting"
        fill = "paper" if study["stream"] == "single_arm" else "square"
        canvas.dot(x + size / 2, y, size, fill=fill, edge="unknown" if waiting else "ink")
        canvas.text(
            x + size + 3.0,
            y + 2.8,
            label,
            size=SMALL,
            colour="muted" if waiting else "link" if study_link else "ink",
            link=study_link(study["study_id"]) if study_link else None,
        )
        x += needed + 14.0
    return y + _STEP / 2


def _legend(canvas: Canvas, y: float, lang: str) -> float:
    x = _LEFT
    for fill, edge, name in _ENTRIES:
        words = text(f"figure.timeline.{name}", lang)
        canvas.dot(x + 4.0, y + 7.0, 8.0, fill=fill, edge=edge)
        canvas.text(x + 12.0, y + 10.0, words, size=SMALL, colour="muted")
        x += 26.0 + fonts.width(words, SMALL)
    return paragraphs(canvas, _LEFT, y + 12.0, _WIDTH - _LEFT - 6.0, [text("figure.timeline.note", lang)])


def _year(year: float | None, lang: str) -> str:
    return text("figure.timeline.no_year", lang) if year is None else str(int(year))


def _spoken(study: Record, evidence: Evidence, lang: str) -> str:
    n = people(study)
    return text(
        "figure.timeline.row",
        lang,
        label=study["label"],
        people=text("figure.timeline.unknown", lang)
        if n is None
        else numbers.counted("person", round(n), lang),
        stream=text(f"figure.timeline.{study['stream']}", lang),
        status=evidence.label("studies", "inclusion", study["inclusion"], lang),
    )


def _record(study: Record) -> dict[str, Value]:
    return {
        "study_id": study["study_id"],
        "label": study["label"],
        "year": None if study["year"] is None else int(study["year"]),
        "stream": study["stream"],
        "inclusion": study["inclusion"],
        "people": people(study),
    }
