"""The state of the review in words: version, status, how far the evidence reaches, the next search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.wording import catalogue, numbers


def next_search(last: str, interval_months: int) -> str:
    """The month a search is due.

    Parameters
    ----------
    last : str
        Month of the last search, ``YYYY-MM``.
    interval_months : int
        What the protocol plans between searches.

    Returns
    -------
    str
        ``YYYY-MM``.
    """
    year, month = (int(part) for part in last.split("-")[:2])
    months = year * 12 + month - 1 + interval_months
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def status(review: Mapping[str, Any], lang: str) -> dict[str, str]:
    """What stands on top of every page and on the title page of the PDF, in `lang`.

    Parameters
    ----------
    review : mapping
        ``Results.review``: version, status, title, search, licence.

    Returns
    -------
    dict
        ``version``, ``status``, ``evidence_to``, ``next_search``, ``licence``, ``citation``.
    """
    search = review["search"]
    last = str(search["last"])
    due = next_search(last, int(search["interval_months"]))
    return {
        "version": str(review["version"]),
        "status": catalogue.text(f"living.status.{review['status']}", lang),
        "evidence_to": numbers.date(last, lang),
        "next_search": catalogue.text("living.due", lang, date=numbers.date(due, lang)),
        "licence": str(review["licence"]["text"]),
        "citation": catalogue.text(
            "living.citation", lang, title=review["title"][lang], version=review["version"]
        ),
    }
