"""How far an item is answered follows the evidence; what people write can lower it and never raise it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis import tables
from analysis.evidence import Evidence, EvidenceError, load
from analysis.reporting.answers import Answer, answers, tally
from analysis.reporting.checklists import CHECKLISTS, by_id
from analysis.reporting.rules import RULES, Found, Review
from analysis.showing.places import sections
from analysis.synthesis import synthesise
from analysis.synthesis.results import Results, SmallStudy, SubgroupTest
from analysis.tables.render import html, json_text, typst
from analysis.tables.sources import Place, Sources
from analysis.wording import LANGUAGES, catalogue

ROOT = Path(__file__).parents[2]
REVIEWS = {"msc": ROOT, "bcg": ROOT / "tests" / "reviews" / "bcg"}


@pytest.fixture(scope="module")
def loaded() -> Mapping[str, tuple[Evidence, Results]]:
    found = {name: load(project / "data") for name, project in REVIEWS.items()}
    return {name: (evidence, synthesise(evidence)) for name, evidence in found.items()}


@pytest.fixture
def review(loaded: Mapping[str, tuple[Evidence, Results]]) -> Review:
    return Review(*loaded["msc"])


def with_rows(review: Review, table: str, rows: list[dict[str, Any]]) -> Review:
    """The review with other rows in one table."""
    return replace(review, evidence=replace(review.evidence, tables={**review.evidence.tables, table: rows}))


def with_protocol(review: Review, **entries: Any) -> Review:
    protocol = {**review.evidence.protocol, **entries}
    return replace(review, evidence=replace(review.evidence, protocol=protocol))


def with_questions(review: Review, **changes: Any) -> Review:
    questions = tuple(replace(question, **changes) for question in review.results.questions)
    return replace(review, results=replace(review.results, questions=questions))


def judged(review: Review, studies: int) -> Review:
    rows = [
        {"study_id": study, "judgement": "low", "domain": "d1_randomisation"}
        for study in sorted(review.included)[:studies]
    ]
    return with_rows(review, "risk_of_bias", rows)


def searched(review: Review, *dates: str | None) -> Review:
    rows = [
        {"done_for": "this_review", "searched_on": date, "strategy": date, "systematic": True}
        for date in dates
    ]
    return with_rows(review, "searches", rows)


def boxes(review: Review, *statuses: str) -> Review:
    return with_rows(review, "flow", [{"box": str(i), "status": s} for i, s in enumerate(statuses)])


def rated(review: Review, certainty: str, of: int) -> Review:
    questions = tuple(
        replace(question, certainty=certainty if place < of else "not_assessed")
        for place, question in enumerate(review.results.questions)
    )
    return replace(review, results=replace(review.results, questions=questions))


DONE = SmallStudy(done=True, reason=None, k=12, minimum_k=10)
TEST = SubgroupTest(by="route", q=1.0, df=1, p_value=0.3)
TEXT = {"en": "None.", "zh": "无。"}

CASES = {
    "title": (lambda r: r, "title_systematic", "reported"),
    "title-of-something-else": (
        lambda r: with_protocol(r, title={"en": "A map", "zh": "一幅地图"}),
        "title_systematic",
        "not_reported",
    ),
    "title-in-one-language": (
        lambda r: with_protocol(r, title={"en": "A living review", "zh": "一篇评价"}),
        "title_living",
        "partial",
    ),
    "no-search-of-its-own": (lambda r: r, "own_search", "partial"),
    "no-search": (lambda r: with_rows(r, "searches", []), "own_search", "not_reported"),
    "searched": (lambda r: searched(r, "2026-01-01"), "own_search", "reported"),
    "searched-once-without-date": (lambda r: searched(r, "2026-01-01", None), "own_search", "partial"),
    "seed-s-strategy": (lambda r: r, "strategies", "not_reported"),
    "strategies": (lambda r: searched(r, "2026-01-01"), "strategies", "reported"),
    "some-strategies": (lambda r: searched(r, "2026-01-01", None), "strategies", "partial"),
    "nothing-systematic": (lambda r: with_rows(r, "searches", []), "strategies", "not_reported"),
    "schedule": (lambda r: searched(r, None), "search_schedule", "reported"),
    "schedule-without-sources": (lambda r: r, "search_schedule", "partial"),
    "unchecked": (lambda r: r, "second_check", "partial"),
    "flow": (lambda r: boxes(r, "reported", "computed"), "flow_numbers", "reported"),
    "flow-in-part": (lambda r: boxes(r, "reported", "not_reported"), "flow_numbers", "partial"),
    "flow-empty": (lambda r: boxes(r, "not_reported"), "flow_numbers", "not_reported"),
    "no-flow": (lambda r: with_rows(r, "flow", []), "flow_numbers", "not_reported"),
    "exclusions": (lambda r: r, "exclusions", "reported"),
    "included": (lambda r: r, "included_studies", "reported"),
    "nothing-included": (lambda r: with_rows(r, "studies", []), "included_studies", "not_reported"),
    "unjudged": (lambda r: r, "bias_judged", "not_reported"),
    "one-judged": (lambda r: judged(r, 1), "bias_judged", "partial"),
    "all-judged": (lambda r: judged(r, 999), "bias_judged", "reported"),
    "nothing-to-judge": (lambda r: with_rows(r, "studies", []), "bias_judged", "not_reported"),
    "contributing-unjudged": (lambda r: r, "contributing_bias", "partial"),
    "contributing-judged": (lambda r: judged(r, 999), "contributing_bias", "reported"),
    "results": (lambda r: r, "study_results", "reported"),
    "no-results": (lambda r: with_questions(r, rows=()), "study_results", "not_reported"),
    "pooled": (lambda r: r, "pooled_results", "reported"),
    "nothing-pooled": (lambda r: with_questions(r, pooled=None), "pooled_results", "not_applicable"),
    "subgroups-shown": (lambda r: r, "heterogeneity_explored", "partial"),
    "subgroups-compared": (
        lambda r: with_questions(r, subgroup_by="route", subgroup_test=TEST),
        "heterogeneity_explored",
        "reported",
    ),
    "no-subgroups": (
        lambda r: with_questions(r, subgroup_by=None),
        "heterogeneity_explored",
        "not_applicable",
    ),
    "varied": (lambda r: r, "sensitivity_results", "reported"),
    "nothing-varied": (lambda r: with_questions(r, alternatives=()), "sensitivity_results", "not_applicable"),
    "too-few-for-a-funnel": (lambda r: r, "missing_results", "not_reported"),
    "funnel": (lambda r: with_questions(r, small_study=DONE), "missing_results", "reported"),
    "no-funnel-without-pooling": (
        lambda r: with_questions(r, pooled=None),
        "missing_results",
        "not_applicable",
    ),
    "unrated": (lambda r: r, "certainty_rated", "not_reported"),
    "one-rated": (lambda r: rated(r, "low", 1), "certainty_rated", "partial"),
    "all-rated": (lambda r: rated(r, "low", 999), "certainty_rated", "reported"),
    "living": (lambda r: r, "retiring", "not_applicable"),
    "retired": (lambda r: with_protocol(r, status="retired"), "retiring", "reported"),
    "continues": (lambda r: r, "continues", "reported"),
    "continues-nothing": (lambda r: with_protocol(r, continues=None), "continues", "not_applicable"),
    "first-version": (lambda r: r, "since_preceding", "not_applicable"),
    "later-version": (lambda r: replace(r, earlier=("2024.1.0",)), "since_preceding", "reported"),
    "undeclared": (lambda r: r, "funding", "not_reported"),
    "declared": (lambda r: with_protocol(r, declarations={"funding": TEXT}), "funding", "reported"),
    "unregistered": (lambda r: r, "registration", "not_reported"),
    "registered": (
        lambda r: with_protocol(r, declarations={"registration": TEXT}),
        "registration",
        "reported",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_evidence_decides(review: Review, case: str) -> None:
    change, rule, status = CASES[case]
    found = RULES[rule](change(review))
    assert found.status == status
    if found.status != "reported":
        for lang in LANGUAGES:
            assert catalogue.text(f"reporting.note.{found.note}", lang, **found.params)


def answer(review: Review, item: str, **row: str | None) -> Answer:
    """The answer to one item when `row` is all that ``reporting.csv`` holds."""
    cells = {"item": item, "sections": None, "status": None, "note": None, "note_zh": None, **row}
    given = answers(with_rows(review, "reporting", [cells]), "prisma-2020")
    return next(found for found in given if found.item.id == item)


def test_an_item_without_a_section_is_not_reported(review: Review) -> None:
    found = answer(review, "prisma-1")
    assert (found.status, found.found) == ("not_reported", Found("not_reported", "no_section"))


@pytest.mark.parametrize(
    ("item", "stated", "status"),
    [
        ("prisma-3", None, "reported"),
        ("prisma-3", "partial", "partial"),
        ("prisma-3", "not_applicable", "not_applicable"),
        ("prisma-17", "partial", "partial"),
        ("prisma-18", None, "not_reported"),
        ("prisma-18", "partial", "not_reported"),
        ("prisma-2", None, "not_reported"),
    ],
)
def test_what_is_typed_can_lower_and_not_raise(
    review: Review, item: str, stated: str | None, status: str
) -> None:
    assert answer(review, item, sections="sec-methods", status=stated).status == status


def test_the_abstract_follows_its_own_checklist(review: Review) -> None:
    given = {found.item.id: found for found in answers(review, "prisma-2020")}["prisma-2"].found
    counted = tally(answers(review, "prisma-2020-abstracts"))
    assert given is not None
    assert given.params == {"done": counted["reported"], "total": 12 - counted["not_applicable"]}


def places(project: Path, lang: str) -> dict[str, Place]:
    found = sections(project, lang)
    return {anchor: Place(chapter, title, f"{name}#{anchor}") for anchor, chapter, title, name in found}


def sources(review: Review, name: str, lang: str) -> Sources:
    project = REVIEWS[name]
    return Sources(
        review.evidence,
        review.results,
        lang,
        lambda study: f"#study-{study}",
        data_dir=project / "data",
        places=lambda: places(project, lang),
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("checklist", CHECKLISTS)
@pytest.mark.parametrize("name", REVIEWS)
def test_every_item_says_where_or_why_not(
    loaded: Mapping[str, tuple[Evidence, Results]], name: str, checklist: str, lang: str
) -> None:
    table = tables.make(checklist, sources(Review(*loaded[name]), name, lang))
    lines = [line for line in table.lines if not line.heading]
    assert len(lines) == sum(item.id in {line.id for line in lines} for item in by_id().values())
    for line in lines:
        _, _, status, where, why, _ = line.cells
        assert where.parts or status.value in ("not_reported", "not_applicable")
        assert why.text or status.value == "reported", line.id
        assert all(part.href for part in where.parts)


def test_sections_are_links_on_the_page_and_in_the_pdf(
    loaded: Mapping[str, tuple[Evidence, Results]],
) -> None:
    table = tables.make("prisma-2020", sources(Review(*loaded["msc"]), "msc", "zh"))
    assert '<a href="chapters/flow.qmd#sec-searches">研究流程：检索记录</a>' in html(table)
    assert 'to-page("sec-searches", "研究流程：检索记录")' in typst(table)
    assert '"where": "sec-search; sec-searches"' in json_text(table)


def test_a_section_that_vanished_is_an_error_with_its_place(
    loaded: Mapping[str, tuple[Evidence, Results]],
) -> None:
    review = Review(*loaded["bcg"])
    row = {"item": "prisma-3", "sections": "sec-gone", "status": None, "note": None, "note_zh": None}
    spoiled = with_rows(review, "reporting", [row])
    with pytest.raises(EvidenceError) as raised:
        tables.make("prisma-2020", sources(spoiled, "bcg", "en"))
    (found,) = raised.value.findings
    assert (found.file, found.row, found.column, found.value) == ("reporting.csv", 2, "sections", "sec-gone")
    assert set(found.message) == set(found.expected) == set(LANGUAGES)


@pytest.mark.parametrize("name", REVIEWS)
def test_both_languages_have_the_same_sections(name: str) -> None:
    found = {lang: places(REVIEWS[name], lang) for lang in LANGUAGES}
    assert list(found["en"]) == list(found["zh"]) != []
    assert all(place.title and place.chapter for lang in LANGUAGES for place in found[lang].values())
