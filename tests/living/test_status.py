"""The state of the review in both languages, relative to a given day."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from analysis.living.cli import status_main
from analysis.living.errors import LivingError
from analysis.living.releasing import release
from analysis.living.schedule import State, last_new_study, next_search, state
from analysis.living.status import retirement_text, status, told
from analysis.living.versions import read_versions
from analysis.wording import catalogue
from analysis.wording.catalogue import CatalogueError
from tests.living.conftest import Project

REVIEW: dict[str, Any] = {
    "version": "2000.0.0",
    "status": "living",
    "title": {"en": "A simulated review", "zh": "模拟评价"},
    "search": {"last": "2000-12", "interval_months": 3},
    "licence": {"text": "CC BY 4.0"},
}
SEARCHES = [
    {"source": "Simulated base", "source_type": "database", "searched_on": "2000-09-30", "systematic": True},
    {"source": "Simulated base", "source_type": "database", "searched_on": "2000-12-15", "systematic": True},
    {"source": "Simulated list", "source_type": "registry", "searched_on": None, "systematic": None},
]


def on(day: str, **protocol: Any) -> State:
    return state({**REVIEW, **protocol}, SEARCHES, (), datetime.date.fromisoformat(day))


@pytest.mark.parametrize(
    ("last", "months", "due"),
    [("2024-01", 1, "2024-02"), ("2024-12", 1, "2025-01"), ("2024-11-30", 14, "2026-01")],
)
def test_the_next_search_crosses_years(last: str, months: int, due: str) -> None:
    assert next_search(last, months) == due


def test_the_state_is_told_in_both_languages() -> None:
    english, chinese = status(REVIEW, "en"), status(REVIEW, "zh")
    assert english.keys() == chinese.keys()
    assert english["next_search"] == "due March 2001"
    assert chinese["next_search"] == "应于 2001 年 3 月进行"
    assert english["version"] == chinese["version"] == "2000.0.0"
    assert english["banner"] == chinese["banner"] == ""


def test_an_unknown_state_is_an_error() -> None:
    with pytest.raises(CatalogueError, match="asleep"):
        status({**REVIEW, "status": "asleep"}, "en")
    with pytest.raises(LivingError, match="retired"):
        on("2001-01-01", status="asleep")


@pytest.mark.parametrize(
    ("day", "due", "overdue"),
    [
        ("2001-02-28", False, False),
        ("2001-03-01", True, False),
        ("2001-03-31", True, False),
        ("2001-04-01", True, True),
    ],
)
def test_a_search_is_due_in_its_month_and_late_after_it(day: str, due: bool, overdue: bool) -> None:
    now = on(day)
    assert (now.next, now.due, now.overdue) == ("2001-03", due, overdue)
    shown = status(REVIEW, "en", datetime.date.fromisoformat(day))
    assert (shown["banner_kind"] == "overdue") == overdue
    assert ("overdue since March 2001" in shown["next_search"]) == overdue
    assert bool(shown["banner"]) == overdue


def test_days_count_from_the_end_of_a_month_known_alone() -> None:
    assert on("2001-01-10").days_since == 10
    assert on("2001-01-10", search={"last": "2000-12-20", "interval_months": 3}).days_since == 21


def test_each_source_has_its_last_search_and_its_schedule() -> None:
    base, listed = on("2001-05-01").sources
    assert (base.last, base.interval_months, base.next, base.overdue) == ("2000-12-15", 3, "2001-03", True)
    assert (listed.last, listed.interval_months, listed.next, listed.overdue) == (None, None, None, False)
    own = on("2001-05-01", living={"sources": {"Simulated base": 6}}).sources[0]
    assert (own.next, own.overdue) == ("2001-06", False)


def test_a_retired_review_says_so_and_expects_nothing() -> None:
    now = on("2009-01-01", status="retired")
    assert (now.next, now.due, now.overdue) == (None, False, False)
    assert all(source.next is None for source in now.sources)
    for lang in ("en", "zh"):
        shown = status({**REVIEW, "status": "retired"}, lang, datetime.date(2009, 1, 1))
        assert shown["banner_kind"] == "retired"
        assert "2000" in shown["banner"]
        assert shown["next_search"] == catalogue.text("living.none_planned", lang)


def test_an_update_under_way_has_its_banner() -> None:
    assert status({**REVIEW, "status": "updating"}, "zh")["banner_kind"] == "updating"


@pytest.mark.parametrize("plan", [None, "none"])
def test_no_plan_for_retirement_is_stated(plan: str | None) -> None:
    retirement = on("2001-01-01", living={"retirement": plan}).retirement
    assert not retirement.planned
    assert "no plan" in retirement_text(retirement, "en")


def test_a_day_of_retirement_is_met_on_that_day() -> None:
    plan = {"retirement": {"date": datetime.date(2002, 5, 1)}}
    assert not on("2002-04-30", living=plan).retirement.met
    met = on("2002-05-01", living=plan).retirement
    assert met.met
    assert "1 May 2002" in retirement_text(met, "en")
    assert "条件已经满足" in retirement_text(met, "zh")


def test_a_plan_that_cannot_be_understood_is_refused() -> None:
    with pytest.raises(LivingError, match=r"living\.retirement"):
        on("2002-01-01", living={"retirement": "soon"})


def test_quiet_months_count_from_the_last_version_with_a_new_study(project: Project) -> None:
    taken = project.take_out("harris2024")
    release(project.data, datetime.date(2024, 3, 1))
    for table, rows in taken.items():
        project.write(table, [*project.read(table), *rows])
    release(project.data, datetime.date(2024, 6, 1))
    project.change("studies", "harris2024", {"note": "a note (simulated)"})
    release(project.data, datetime.date(2025, 1, 1))
    versions = read_versions(project.data)
    assert last_new_study(versions) == datetime.date(2024, 6, 1)
    plan = {**REVIEW, "living": {"retirement": {"months_without_study": 12}}}
    met = [state(plan, (), versions, datetime.date(2025, month, 1)).retirement.met for month in (5, 6)]
    assert met == [False, True]


def test_everything_is_told_and_repeated_testing_is_warned_of() -> None:
    for lang in ("en", "zh"):
        assert len(told(on("2001-05-01"), lang)) == 6
        assert catalogue.text("living.repeated_testing", lang)


def test_the_reminder_is_there_only_when_a_search_is_due(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project.folder / "due.md"
    arguments = ["--data", str(project.data), "--reminder", str(file), "--date"]
    assert status_main([*arguments, "2024-01-31"]) == 0
    assert not file.exists()
    assert "目前无需检索" in capsys.readouterr().out
    assert status_main([*arguments, "2024-02-01"]) == 0
    assert "February 2024" in file.read_text(encoding="utf-8")
    assert "2024 年 2 月" in file.read_text(encoding="utf-8")
    assert status_main([*arguments, "2024-01-31"]) == 0
    assert not file.exists()
