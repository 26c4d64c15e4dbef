"""Risk of bias, study by study and domain by domain, judged or not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from analysis.figures import fonts
from analysis.figures.canvas import Canvas
from analysis.figures.forest import StudyLink
from analysis.figures.forest_words import capital
from analysis.figures.lights import NOT_ASSESSED, Lights, draw_light
from analysis.figures.panel import BODY, SMALL, paragraphs
from analysis.figures.refused import Refused
from analysis.figures.saving import Figure, Value
from analysis.figures.vocabulary import vocabulary
from analysis.wording import numbers
from analysis.wording.catalogue import text

if TYPE_CHECKING:
    from analysis.evidence import Evidence

Record = Mapping[str, Any]

_GRADES: Final = ("low", "no_information", "some_concerns", "moderate", "high", "serious", "critical")
_WORST: Final = (NOT_ASSESSED, *_GRADES)

_CELL: Final = 60.0
_ROW: Final = 17.0
_MARGIN: Final = 6.0


def risk_of_bias(evidence: Evidence, lang: str, *, study_link: StudyLink | None = None) -> Figure:
    """Draw a light for each study and domain, tool by tool.

    A domain that nobody has judged is an empty ring holding the number of statements extracted for it;
    one without any statement is left empty.

    Raises
    ------
    Refused
        When there is no statement on risk of bias.
    """
    labels = {row["study_id"]: row["label"] for row in evidence.rows("studies")}
    cells = judgements(evidence.rows("risk_of_bias"))
    title = text("figure.risk_of_bias.title", lang)
    if not cells:
        raise Refused("fig-risk-of-bias", text("figure.risk_of_bias.refused", lang))
    tools = list(dict.fromkeys(tool for tool, _, _ in cells))
    left = _MARGIN + max(fonts.width(labels[study], BODY) for _, study, _ in cells) + 10.0
    widest = max(len(_domains(cells, tool, evidence)) for tool in tools)
    canvas = Canvas(math.ceil(max(left + _CELL * widest + _MARGIN, 420.0)))
    y = _MARGIN
    for tool in tools:
        y = _tool(canvas, cells, tool, labels, (left, y), evidence, lang, study_link) + 12.0
    y = _legend(canvas, [judgement for judgement, _ in cells.values()], y, evidence, lang)
    canvas.height = math.ceil(y + _MARGIN)
    studies = len({study for _, study, _ in cells})
    judged = sum(judgement != NOT_ASSESSED for judgement, _ in cells.values())
    counted = numbers.counted("study", studies, lang)
    counts: dict[str, str | int] = {"judged": judged, "cells": len(cells)}
    return Figure(
        id="fig-risk-of-bias",
        lang=lang,
        title=title,
        alt=text("figure.risk_of_bias.alt", lang, title=title, studies=counted, **counts),
        description=tuple(
            text(
                "figure.risk_of_bias.row",
                lang,
                label=labels[study],
                domain=evidence.label("risk_of_bias", "domain", domain, lang),
                judgement=evidence.label("risk_of_bias", "judgement", judgement, lang),
            )
            for (_, study, domain), (judgement, _) in cells.items()
        ),
        data=tuple(_record(key, cell) for key, cell in cells.items()),
        canvas=canvas,
    )


def lights_of(evidence: Evidence, tool: str, lang: str) -> Lights:
    """The lights of one tool, to stand beside the studies of a forest plot."""
    cells = judgements(evidence.rows("risk_of_bias"))
    domains = _domains(cells, tool, evidence)
    own = {
        (study, domain): judgement for (name, study, domain), (judgement, _) in cells.items() if name == tool
    }
    used = {*own.values(), NOT_ASSESSED}
    return Lights(
        domains=tuple(evidence.label("risk_of_bias", "domain", code, lang) for code in domains),
        judgements={
            study: tuple(own.get((study, code), NOT_ASSESSED) for code in domains) for study, _ in own
        },
        meanings={
            code: evidence.label("risk_of_bias", "judgement", code, lang) for code in _WORST if code in used
        },
    )


def judgements(rows: Sequence[Record]) -> dict[tuple[str, str, str], tuple[str, int]]:
    """Tool, study and domain to the worst judgement and the number of statements."""
    found: dict[tuple[str, str, str], tuple[str, int]] = {}
    for row in rows:
        key = (row["tool"], row["study_id"], row["domain"])
        worst, count = found.get(key, (NOT_ASSESSED, 0))
        own = row["judgement"] or NOT_ASSESSED
        found[key] = (max(worst, own, key=_WORST.index), count + 1)
    return found


def _domains(cells: Mapping[tuple[str, str, str], object], tool: str, evidence: Evidence) -> list[str]:
    found = {domain for own, _, domain in cells if own == tool}
    return [code for code in vocabulary(evidence, "risk_of_bias", "domain") if code in found]


def _tool(
    canvas: Canvas,
    cells: Mapping[tuple[str, str, str], tuple[str, int]],
    tool: str,
    labels: Mapping[str, str],
    corner: tuple[float, float],
    evidence: Evidence,
    lang: str,
    study_link: StudyLink | None,
) -> float:
    left, y = corner
    domains = _domains(cells, tool, evidence)
    name = capital(evidence.label("risk_of_bias", "tool", tool, lang))
    canvas.text(_MARGIN, y + 9.0, name, size=BODY, weight="bold")
    heads = [
        fonts.wrap(capital(evidence.label("risk_of_bias", "domain", code, lang)), _CELL - 6.0, SMALL - 0.6)
        for code in domains
    ]
    depth = max(len(parts) for parts in heads) * (SMALL + 1.6)
    base = y + 16.0 + depth
    for i, parts in enumerate(heads):
        for j, part in enumerate(reversed(parts)):
            x = left + _CELL * (i + 0.5)
            canvas.text(x, base - j * (SMALL + 1.6), part, size=SMALL - 0.6, anchor="center")
    y = base + 6.0
    canvas.line(_MARGIN, y, left + _CELL * len(domains), y, stroke=0.8)
    for study in dict.fromkeys(study for own, study, _ in cells if own == tool):
        link = study_link(study) if study_link else None
        canvas.text(_MARGIN, y + 11.8, labels[study], size=BODY, colour="link" if link else "ink", link=link)
        for i, domain in enumerate(domains):
            cell = cells.get((tool, study, domain))
            if cell is not None:
                draw_light(canvas, left + _CELL * (i + 0.5), y + 8.8, *cell)
        y += _ROW
    return y


def _legend(canvas: Canvas, used: Sequence[str], y: float, evidence: Evidence, lang: str) -> float:
    x = _MARGIN
    for judgement in (code for code in _WORST if code in used):
        words = evidence.label("risk_of_bias", "judgement", judgement, lang)
        draw_light(canvas, x + 6.0, y, judgement)
        canvas.text(x + 16.0, y + 2.8, words, size=SMALL, colour="muted")
        x += 34.0 + fonts.width(words, SMALL)
    return paragraphs(
        canvas, _MARGIN, y + 5.0, canvas.width - 2 * _MARGIN, [text("figure.risk_of_bias.note", lang)]
    )


def _record(key: tuple[str, str, str], cell: tuple[str, int]) -> dict[str, Value]:
    return {"tool": key[0], "study_id": key[1], "domain": key[2], "judgement": cell[0], "statements": cell[1]}
