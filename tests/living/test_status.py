"""The state of the review in both languages."""

from __future__ import annotations

import pytest

from analysis.living.status import next_search, status
from analysis.wording.catalogue import CatalogueError

REVIEW = {
    "version": "2000.0.0",
    "status": "living",
    "title": {"en": "A simulated review", "zh": "模拟评价"},
    "search": {"last": "2000-12", "interval_months": 3},
    "licence": {"text": "CC BY 4.0"},
}


@pytest.mark.parametrize(
    ("last", "months", "due"),
    [("2024-01", 1, "2024-02"), ("2024-12", 1, "2025-01"), ("2024-11", 14, "2026-01")],
)
def test_the_next_search_crosses_years(last: str, months: int, due: str) -> None:
    assert next_search(last, months) == due


def test_the_state_is_told_in_both_languages() -> None:
    english, chinese = status(REVIEW, "en"), status(REVIEW, "zh")
    assert english.keys() == chinese.keys()
    assert english["next_search"] == "due March 2001"
    assert chinese["next_search"] == "应于 2001 年 3 月进行"
    assert "模拟评价" in chinese["citation"]
    assert english["version"] == chinese["version"] == "2000.0.0"


def test_an_unknown_state_is_an_error() -> None:
    with pytest.raises(CatalogueError, match="asleep"):
        status({**REVIEW, "status": "asleep"}, "en")
