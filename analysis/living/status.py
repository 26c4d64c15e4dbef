"""The state of the review in words: version, status, how far the evidence reaches, the next search."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from analysis.living.schedule import Retirement, State, is_overdue, next_search
from analysis.wording import catalogue, numbers


def status(
    review: Mapping[str, Any], lang: str, today: datetime.date | None = None, *, later: bool = False
) -> dict[str, str]:
    """What stands on top of every page and on the title page of the PDF, in `lang`.

    Parameters
    ----------
    review : mapping
        ``Results.review``: version, status, title, search, licence.
    today : date, optional
        The day of the build; without it, nothing is called overdue.
    later : bool
        Whether there are changes after the version that `review` names; the version then says so.

    Returns
    -------
    dict
        ``version``, ``status``, ``evidence_to``, ``next_search``, ``licence``, and ``banner`` (a sentence
        that every page shows, or nothing) with its kind ``banner_kind`` (``retired``, ``updating``,
        ``overdue`` or nothing).
    """
    search = review["search"]
    last, code = str(search["last"]), str(review["status"])
    due = next_search(last, int(search["interval_months"]))
    late = code != "retired" and today is not None and is_overdue(due, today)
    kind = code if code in ("retired", "updating") else "overdue" if late else ""
    coming = "overdue" if late else "due"
    dates = {"retired": last, "overdue": due}
    return {
        "version": catalogue.text("living.unreleased", lang, version=review["version"])
        if later
        else str(review["version"]),
        "status": catalogue.text(f"living.status.{code}", lang),
        "evidence_to": numbers.date(last, lang),
        "next_search": catalogue.text("living.none_planned", lang)
        if code == "retired"
        else catalogue.text(f"living.{coming}", lang, date=numbers.date(due, lang)),
        "licence": str(review["licence"]["text"]),
        "banner": catalogue.filled(
            f"living.banner.{kind}", lang, date=numbers.date(dates.get(kind, last), lang)
        )
        if kind
        else "",
        "banner_kind": kind,
    }


def retirement_text(retirement: Retirement, lang: str) -> str:
    """The plan for leaving living mode, or the statement that there is none."""
    if retirement.on is not None:
        text = catalogue.text("living.retirement.until", lang, date=numbers.date(retirement.on, lang))
    elif retirement.quiet_months is not None:
        text = catalogue.text("living.retirement.quiet", lang, count=retirement.quiet_months)
    else:
        return catalogue.text("living.retirement.none", lang)
    met = [catalogue.text("living.retirement.met", lang)] if retirement.met else []
    return numbers.sentences([text, *met], lang)


def source_lines(state: State, lang: str) -> list[str]:
    """Each source with its last search, its interval and its next search."""
    return [
        catalogue.text(
            "living.source.line",
            lang,
            source=source.source,
            last=numbers.date(source.last, lang)
            if source.last
            else catalogue.text("living.source.undated", lang),
            schedule=catalogue.text("living.source.months", lang, count=source.interval_months)
            if source.interval_months
            else catalogue.text("living.source.no_schedule", lang),
            coming=numbers.date(source.next, lang) if source.next else "–",
        )
        for source in state.sources
    ]


def trigger_text(state: State, lang: str) -> str:
    """What makes a new version, as a list in a sentence."""
    if not state.triggers:
        return catalogue.text("living.no_triggers", lang)
    named = (catalogue.text(f"living.trigger.{code}", lang) for code in state.triggers)
    return numbers.clauses((text[:1].lower() + text[1:] for text in named), lang)


def told(state: State, lang: str) -> list[str]:
    """The whole state as sentences."""
    lines = [catalogue.text(f"living.status.{state.status}", lang)]
    lines.append(catalogue.text("living.days_since", lang, count=state.days_since))
    if state.next:
        word = "overdue" if state.overdue else "due"
        lines.append(catalogue.text(f"living.search_{word}", lang, date=numbers.date(state.next, lang)))
    return [*lines, *source_lines(state, lang), retirement_text(state.retirement, lang)]


def reminder(state: State, lang: str) -> str:
    """The text of an issue that asks for the search that is due."""
    assert state.next is not None
    lead = catalogue.text(
        "living.reminder.lead",
        lang,
        last=numbers.date(state.last, lang),
        due=numbers.date(state.next, lang),
    )
    return "\n".join([lead, "", *(f"- {line}" for line in source_lines(state, lang))])
