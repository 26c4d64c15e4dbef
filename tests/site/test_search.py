"""Search on the built site, with what clinicians type, in both languages and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import DESKTOP, PHONE, needs_chromium, outside_requests

pytestmark = [pytest.mark.browser, needs_chromium]

STATE = "dialog.search .search-state"
SAID = f"() => /“/.test(document.querySelector('{STATE}').textContent)"
PLACES = """() => [...document.querySelectorAll("dialog.search > .search-results a")]
    .map(a => decodeURIComponent(a.href.split("/").slice(-2).join("/")))"""


@pytest.fixture(scope="module")
def reader(chromium: Any, address: str) -> Iterator[Any]:
    """A page that fails the test at any script error or outside request."""
    context = chromium.new_context(viewport=DESKTOP)
    page = context.new_page()
    problems = outside_requests(page, address)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


def ask(page: Any, query: str) -> list[str]:
    """Type a query into the open dialog; the places found, best first."""
    page.fill("dialog.search input", "")
    page.wait_for_function(f"() => !({SAID})()")
    page.fill("dialog.search input", query)
    page.wait_for_function(SAID)
    return page.evaluate(PLACES)


# Language, query, and the place that must be among the first ten links.
ASKED = [
    ("en", "Petrou 2020", "chapters/studies.html#study-petrou2020"),
    ("en", "petrou", "chapters/studies.html#study-petrou2020"),
    ("en", "intrathecal arachnoiditis", "chapters/studies.html#study-cohen2023"),
    ("en", "IT arachnoiditis", "chapters/studies.html#study-cohen2023"),
    ("en", "arachnoiditis", "chapters/safety.html#sec-procedure"),
    ("en", "relapse rate", "chapters/efficacy.html#sec-relapses"),
    ("en", "serious adverse events", "chapters/safety.html#sec-sae"),
    ("en", "side effects", "chapters/safety.html#sec-sae"),
    ("en", "AE", "chapters/safety.html#sec-sae"),
    ("en", "不良反應", "chapters/safety.html#sec-sae"),
    ("en", "headache fever", "chapters/safety.html#sec-named"),
    ("en", "NCT00395200", "chapters/studies.html#study-connick2012"),
    ("en", "ms edss", "chapters/background.html#sec-ms"),
    ("zh", "鞘内 蛛网膜炎", "chapters/safety.html#sec-procedure"),
    ("zh", "鞘內 蛛網膜炎", "chapters/safety.html#sec-procedure"),
    ("zh", "IT", "chapters/efficacy.html#sec-edss-it"),
    ("zh", "intrathecal", "chapters/efficacy.html#sec-edss-it"),
    ("zh", "不良反應", "chapters/safety.html#sec-sae"),
    ("zh", "不良反应", "chapters/safety.html#sec-sae"),
    ("zh", "副作用", "chapters/safety.html#sec-sae"),
    ("zh", "多发性硬化症", "chapters/plain-language.html#sec-plain-about"),
    ("zh", "MS", "chapters/plain-language.html#sec-plain-about"),
    ("zh", "ＥＤＳＳ", "chapters/background.html#sec-ms"),
    ("zh", "年复发率", "chapters/efficacy.html#sec-relapses"),
    ("zh", "頭痛 發熱", "chapters/safety.html#sec-named"),
    ("zh", "增強病灶", "chapters/efficacy.html#sec-mri"),
    ("zh", "Petrou 2020", "chapters/studies.html#study-petrou2020"),
    ("zh", "严重不良事件", "chapters/safety.html#sec-sae"),
]


@pytest.mark.parametrize(("lang", "query", "place"), ASKED, ids=[f"{case[0]}-{case[1]}" for case in ASKED])
def test_what_clinicians_type_is_found(reader: Any, address: str, lang: str, query: str, place: str) -> None:
    if f"/{lang}/" not in reader.url:
        reader.goto(f"{address}/{lang}/chapters/safety.html")
    if not reader.query_selector("dialog.search[open]"):
        reader.keyboard.press("/")
    assert place in ask(reader, query)[:10]


def test_words_of_different_sections_of_a_page_are_found_together(reader: Any, address: str) -> None:
    reader.goto(f"{address}/en/index.html")
    reader.keyboard.press("/")
    places = ask(reader, "doctor costs")
    assert len({place.partition("#")[0] for place in places}) == 1
    assert len(places) > 2


@pytest.mark.parametrize(("lang", "query"), [("en", "fampridine"), ("en", "xylophone edss"), ("zh", "香蕉")])
def test_what_is_not_there_is_not_found(chromium: Any, address: str, lang: str, query: str) -> None:
    page = chromium.new_page()
    page.goto(f"{address}/{lang}/index.html")
    page.keyboard.press("/")
    assert ask(page, query) == []
    assert query in page.inner_text(STATE)
    page.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    ("lang", "query", "section"),
    [("en", "Petrou 2020", "study-petrou2020"), ("zh", "鞘内 蛛网膜炎", "sec-procedure")],
)
def test_the_keyboard_alone_searches(
    chromium: Any, address: str, size: dict[str, int], lang: str, query: str, section: str
) -> None:
    context = chromium.new_context(viewport=size)
    page = context.new_page()
    page.goto(f"{address}/{lang}/chapters/methods.html")
    page.keyboard.press("/")
    page.keyboard.type(query)
    page.wait_for_function(
        f"query => document.querySelector('{STATE}').textContent.includes(query)", arg=f"“{query}”"
    )
    page.wait_for_selector("dialog.search .search-first")
    width = page.evaluate("document.querySelector('dialog.search').getBoundingClientRect().right")
    assert width <= size["width"]
    focused = "document.activeElement.closest('.search-results') ? document.activeElement.href : ''"
    page.keyboard.press("ArrowDown")
    first = page.evaluate(focused)
    page.keyboard.press("ArrowDown")
    assert first
    assert page.evaluate(focused) not in ("", first)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.tagName") == "INPUT"
    page.keyboard.press("Escape")
    assert not page.query_selector("dialog.search[open]")
    page.keyboard.press("/")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{lang}/chapters/*.html#{section}")
    context.close()


def test_enter_waits_for_what_was_typed_last(chromium: Any, address: str) -> None:
    context = chromium.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.goto(f"{address}/en/chapters/methods.html")
    page.keyboard.press("/")
    page.keyboard.type("arachnoiditis")
    page.wait_for_selector("dialog.search .search-first")
    page.fill("dialog.search input", "Petrou 2020")
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/chapters/studies.html#study-petrou2020")
    context.close()


def test_focus_stays_in_the_dialog_and_results_name_their_language(chromium: Any, address: str) -> None:
    page = chromium.new_page()
    page.goto(f"{address}/en/index.html")
    page.keyboard.press("/")
    ask(page, "鞘内 蛛网膜炎")
    page.wait_for_selector(
        ".search-elsewhere details[open] ol[lang=zh-Hans] a[href*='/zh/chapters/safety.html#']"
    )
    assert "中文" in page.inner_text(STATE)
    assert set(page.eval_on_selector_all(".search-language", "found => found.map(e => e.textContent)")) == {
        "English",
        "中文",
    }
    for _ in range(40):
        page.keyboard.press("Tab")
        inside = "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        assert page.evaluate(inside)
    page.close()
