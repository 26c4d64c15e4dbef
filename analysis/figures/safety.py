"""Adverse events, category by category, study by study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from analysis.figures.axis import share_axis
from analysis.figures.forest import StudyLink
from analysis.figures.forest_cells import BLANK, effect_cells, effect_columns
from analysis.figures.forest_condensed import condensed
from analysis.figures.forest_drawing import draw
from analysis.figures.forest_sheet import Cell, Column, Line, Sheet
from analysis.figures.forest_words import capital
from analysis.figures.refused import Refused
from analysis.figures.saving import Figure, Value
from analysis.wording import numbers
from analysis.wording.catalogue import text

if TYPE_CHECKING:
    from analysis.evidence import Evidence
    from analysis.synthesis import Results

Record = Mapping[str, Any]
Share = tuple[float, float, float]
"""With its exact interval."""

FIGURE_ID: Final = "fig-safety"
SECONDARY: Final = "†"


def safety(
    evidence: Evidence,
    results: Results,
    lang: str,
    *,
    categories: Sequence[str] | None = None,
    study_link: StudyLink | None = None,
) -> Figure:
    """Draw the share of people with each kind of adverse event after treatment, without pooling.

    An event that is named without a number ("occurred, number unknown") has a line of its own and is
    never drawn as zero. Only intervention arms of included studies are drawn.

    Parameters
    ----------
    evidence : Evidence
        Its tables ``adverse_events``, ``arms`` and ``studies``.
    results : Results
        Made of it: the share of each row, with its interval.
    categories : sequence of str, optional
        Which categories, in this order; all of them, the most reported first, where not given.

    Raises
    ------
    Refused
        When no adverse event was extracted.
    """
    events = _treated(evidence, results)
    names = categories or _by_frequency(events)
    lines: list[Line] = []
    used: list[Record] = []
    for name in names:
        own = sorted((row for row in events if row["category"] == name), key=_order)
        if own:
            lines += [Line("gap")] if lines else []
            lines.append(Line("heading", capital(evidence.label("adverse_events", "category", name, lang))))
            lines += [_line(row, evidence, lang, study_link) for row in own]
            used += own
    if not used:
        raise Refused(FIGURE_ID, text("figure.safety.refused", lang))
    intervals = [line.effect for line in lines if line.effect is not None]
    title = text("figure.safety.title", lang)
    marked = any(row["confidence"] != "primary" for row in used)
    sheet = Sheet(
        label_head=text("figure.head.study", lang),
        left=(
            Column("term", text("figure.head.event", lang), room=135.0),
            Column("route", text("figure.head.route", lang)),
            Column("events", text("figure.head.events_n", lang)),
        ),
        right=effect_columns("PR", lang, weights=False),
        lines=lines,
        axis=share_axis(intervals) if intervals else None,
        axis_title=text("figure.safety.axis", lang),
        foot=[text("figure.safety.note", lang), *([f"{SECONDARY} {_second_hand(lang)}"] if marked else [])],
    )
    unknown = sum(row["share"] is None for row in used)
    return Figure(
        id=FIGURE_ID,
        lang=lang,
        title=title,
        alt=text(
            "figure.safety.alt",
            lang,
            title=title,
            count=len(used),
            categories=len({row["category"] for row in used}),
            unknown=unknown,
        ),
        description=tuple(_spoken(row, evidence, lang) for row in used),
        data=tuple(_record(row) for row in used),
        canvas=draw(condensed(sheet, lang, noun="value")),
    )


def _second_hand(lang: str) -> str:
    return text("mark.secondary_source", lang)


def _treated(evidence: Evidence, results: Results) -> list[Record]:
    """Adverse events of intervention arms in included studies, each once, with label, route and share."""
    studies = {row["study_id"]: row for row in evidence.rows("studies")}
    arms = {(row["study_id"], row["arm_id"]): row for row in evidence.rows("arms")}
    shares: dict[str, Share] = {
        event.value_id: (event.share, event.ci_low, event.ci_high) for event in results.adverse_events
    }
    found: list[Record] = []
    for row in evidence.rows("adverse_events"):
        study, arm = studies[row["study_id"]], arms.get((row["study_id"], row["arm_id"]), {})
        if study["inclusion"] != "included" or arm.get("role", "intervention") != "intervention":
            continue
        if row["category"] == "any" and row["n_people"] is None and row["n_events"] is None:
            continue  # a remark on tolerability names no event
        route = arm.get("route") or study["route"] or "not_reported"
        told = {"label": study["label"], "year": study["year"], "route": route}
        found.append({**row, **told, "share": shares.get(row["value_id"])})
    categories = {row["value_id"]: row["category"] for row in found}
    return [row for row in found if categories.get(row["same_people_as"]) != row["category"]]


def _by_frequency(events: Sequence[Record]) -> list[str]:
    counts: dict[str, int] = {}
    for row in events:
        counts[row["category"]] = counts.get(row["category"], 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))


def _order(row: Record) -> tuple[bool, str, str]:
    return row["n_people"] is None, str(row["route"]), str(row["label"])


def _line(row: Record, evidence: Evidence, lang: str, study_link: StudyLink | None) -> Line:
    share: Share | None = row["share"]
    at_risk = BLANK if row["n_at_risk"] is None else numbers.plain(row["n_at_risk"])
    people = "?" if row["n_people"] is None else numbers.plain(row["n_people"])
    cells = {
        "term": Cell(after=_wording(row, evidence, lang)),
        "route": Cell(after=capital(evidence.label("arms", "route", row["route"], lang))),
        "events": Cell(people, f"/{at_risk}"),
    }
    link = study_link(row["study_id"]) if study_link else None
    label = row["label"] if row["confidence"] == "primary" else f"{row['label']}\u00a0{SECONDARY}"
    if share is None:
        return Line("grey", label, None, 0.5, cells, _unknown(row, lang), link, indent=True)
    return Line("study", label, share, 0.5, cells | effect_cells(*share, "PR"), "", link, indent=True)


def _wording(row: Record, evidence: Evidence, lang: str) -> str:
    """Which statement a row of serious events makes; the other categories say it by their name."""
    if row["definition"] is None:
        return ""
    return capital(evidence.label("adverse_events", "definition", row["definition"], lang))


def _unknown(row: Record, lang: str) -> str:
    key = "occurred" if row["n_people"] is None and row["n_events"] is None else "no_denominator"
    if row["n_people"] is None and row["n_events"] is not None:
        return text("figure.safety.events_only", lang, count=int(row["n_events"]))
    return text(f"figure.safety.{key}", lang)


def _spoken(row: Record, evidence: Evidence, lang: str) -> str:
    category = evidence.label("adverse_events", "category", row["category"], lang)
    share: Share | None = row["share"]
    if share is None:
        words = _unknown(row, lang)
    else:
        people, at_risk = numbers.plain(row["n_people"]), numbers.plain(row["n_at_risk"])
        counts = text("number.of", lang, part=people, whole=at_risk)
        words = text("figure.forest.comma", lang).join((counts, numbers.estimate(*share, "PR", lang)))
    return text("figure.safety.row", lang, category=capital(category), label=row["label"], words=words)


def _record(row: Record) -> dict[str, Value]:
    keys = (
        "value_id",
        "study_id",
        "label",
        "arm_id",
        "category",
        "term",
        "definition",
        "route",
        "confidence",
    )
    share = row["share"] or (None, None, None)
    counts = {key: row[key] for key in ("n_people", "n_events", "n_at_risk")}
    effect = dict(zip(("share", "ci_low", "ci_high"), share, strict=True))
    return {key: row[key] for key in keys} | counts | effect
