"""The built book in a real browser: reading, switching, searching, without a request that leaves the site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import DESKTOP, PHONE, browser, needs_chromium, outside_requests, served
from tests.publishing.conftest import TestBook

pytestmark = [pytest.mark.browser, needs_chromium]
PAGES = ("index.html", "chapters/first.html", "chapters/second.html", "chapters/references.html")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def address(built: TestBook) -> Iterator[str]:
    with served(built.site, under="a-project") as url:
        yield url


@pytest.fixture
def page(chromium: Any, address: str) -> Iterator[Any]:
    """A desktop page that fails the test at any script error or outside request."""
    context = chromium.new_context(viewport=DESKTOP, locale="de-DE")
    made = context.new_page()
    problems = outside_requests(made, address)
    made.on("pageerror", lambda error: problems.append(str(error)))
    made.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    yield made
    context.close()
    assert problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_request_leaves_and_nothing_overflows(
    chromium: Any, address: str, size: dict[str, int], scheme: str
) -> None:
    context = chromium.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    outside = outside_requests(page, address)
    failed: list[str] = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    for lang in ("en", "zh"):
        for name in PAGES:
            page.goto(f"{address}/{lang}/{name}")
            page.wait_for_load_state("networkidle")
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], (lang, name)
    context.close()
    assert outside == []
    assert failed == []


def test_the_language_switch_keeps_the_section(page: Any, address: str) -> None:
    page.goto(f"{address}/en/chapters/first.html#sec-notes")
    page.wait_for_timeout(100)
    page.click("a[data-review-language=zh]")
    page.wait_for_url(f"{address}/zh/chapters/first.html#sec-notes")
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(100)
    page.evaluate("history.replaceState(null, '', location.pathname)")
    page.click("a[data-review-language=en]")
    page.wait_for_url(f"{address}/en/chapters/first.html")


def test_the_chooser_forwards_once_and_by_the_last_choice(page: Any, address: str) -> None:
    page.goto(f"{address}/index.html")
    page.wait_for_timeout(200)
    assert page.url == f"{address}/index.html", "a German browser has to choose"
    page.click("section[lang=zh-Hans] h1 a")
    page.wait_for_url(f"{address}/zh/index.html")
    page.goto(f"{address}/index.html")
    page.wait_for_timeout(200)
    assert page.url == f"{address}/index.html", "forwarding happens once in a visit"
    page.evaluate("sessionStorage.clear()")
    page.goto(f"{address}/index.html")
    page.wait_for_url(f"{address}/zh/index.html")


def test_the_chooser_forwards_by_the_browsers_language(chromium: Any, address: str) -> None:
    for locale, lang in (("zh-CN", "zh"), ("en-GB", "en")):
        context = chromium.new_context(locale=locale)
        page = context.new_page()
        page.goto(f"{address}/index.html")
        page.wait_for_url(f"{address}/{lang}/index.html")
        context.close()


@pytest.mark.parametrize(
    ("lang", "query", "place"),
    [
        ("en", "titled note", "chapters/first.html#sec-notes"),
        ("en", "sim trial", "chapters/references.html"),
        ("zh", "论断 脚注", "chapters/first.html#sec-model"),
        ("zh", "不可信的文本", "index.html#sec-says"),
        ("zh", "ＡＬＰＨＡ", "chapters/references.html"),
    ],
)
def test_search_finds_words_that_stand_apart(
    page: Any, address: str, lang: str, query: str, place: str
) -> None:
    page.goto(f"{address}/{lang}/chapters/second.html")
    page.keyboard.press("/")
    page.keyboard.type(query)
    link = page.wait_for_selector(f'.search-results a[href="{address}/{lang}/{place}"]')
    assert page.evaluate("document.activeElement.getAttribute('role')") == "searchbox"
    link.click()
    page.wait_for_url(f"{address}/{lang}/{place}")


def test_search_says_when_nothing_is_found_and_closes(page: Any, address: str) -> None:
    page.goto(f"{address}/zh/index.html")
    page.click(".search-button")
    page.keyboard.type("zzzzzz")
    page.wait_for_function("document.querySelector('.search-state').textContent.includes('没有找到')")
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('dialog.search').open")


def test_theme_is_remembered_without_a_cookie(page: Any, address: str) -> None:
    page.goto(f"{address}/en/index.html")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click(".theme-button")
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before != after
    page.goto(f"{address}/zh/chapters/first.html")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after
    assert page.context.cookies() == []


def test_tabs_follow_the_keyboard_and_links_open_them(page: Any, address: str) -> None:
    page.goto(f"{address}/en/chapters/first.html")
    assert page.is_visible("#tabset-1-1")
    assert not page.is_visible("#tabset-1-2")
    page.focus("#tabset-1-1-tab")
    page.keyboard.press("ArrowRight")
    assert page.is_visible("#tabset-1-2")
    assert page.get_attribute("#tabset-1-2-tab", "aria-selected") == "true"
    page.goto(f"{address}/en/chapters/second.html")
    page.goto(f"{address}/en/chapters/first.html#tabset-1-2")
    assert page.is_visible("#tabset-1-2")


def test_the_contents_mark_where_one_is(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 500})
    page.goto(f"{address}/en/chapters/first.html")
    page.evaluate("document.getElementById('sec-notes').scrollIntoView()")
    page.wait_for_function("document.querySelector('#TOC [aria-current]')?.hash === '#sec-notes'")


def test_the_menu_opens_on_a_phone_and_escape_closes_it(chromium: Any, address: str) -> None:
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(f"{address}/zh/chapters/first.html")
    assert not page.is_visible("#quarto-sidebar a.active")
    page.click(".header-menu")
    page.wait_for_selector("#quarto-sidebar a.active", state="visible")
    page.keyboard.press("Escape")
    page.wait_for_selector("#quarto-sidebar a.active", state="hidden")
    assert page.get_attribute(".header-menu", "aria-expanded") == "false"
    context.close()


def test_it_reads_without_javascript(chromium: Any, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(f"{address}/index.html")
    page.click("section[lang=en] h1 a")
    page.wait_for_url(f"{address}/en/index.html")
    page.click(".page-navigation a[rel=next]")
    for selector in ("#tabset-1-1", "#tabset-1-2", "#quarto-sidebar a.active"):
        assert page.is_visible(selector), selector
    page.click("a.quarto-navigation-tool")
    page.wait_for_url(f"{address}/zh/chapters/first.html")
    context.close()


def test_it_reads_from_files(chromium: Any, built: TestBook) -> None:
    page = chromium.new_page()
    page.goto((built.site / "en" / "chapters" / "first.html").as_uri())
    assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth")
    page.keyboard.press("/")
    page.keyboard.type("note")
    page.wait_for_function("document.querySelector('.search-state').textContent.includes('over HTTP')")
    page.click(".search-field button")
    page.click("a[data-review-language=zh]")
    page.wait_for_url("**/zh/chapters/first.html*")
    page.close()
