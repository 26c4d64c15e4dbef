"""A reader's walk: a figure, the source of a number, the other language, search, the files, and back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import DESKTOP, PHONE, needs_chromium, outside_requests
from tests.site.conftest import LANGUAGES, Project

pytestmark = [pytest.mark.browser, needs_chromium]
LOCALES = {"en": "en-GB", "zh": "zh-CN"}


def open_chapter(page: Any, name: str) -> None:
    """Through the sidebar, which stands behind a button on a phone."""
    # The menu opens when the page's script has run, which a click that led here does not wait for.
    page.wait_for_load_state()
    if page.is_visible(".header-menu"):
        page.click(".header-menu")
    page.click(f"#quarto-sidebar a[href$='{name}']")
    page.wait_for_url(f"**/{name}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_from_landing_to_the_files_and_back(
    chromium: Any, address: str, built: Project, lang: str, size: dict[str, int], scheme: str
) -> None:
    other = "zh" if lang == "en" else "en"
    context = chromium.new_context(viewport=size, color_scheme=scheme, locale=LOCALES[lang])
    page = context.new_page()
    problems = outside_requests(page, address)
    page.on("pageerror", lambda error: problems.append(str(error)))

    # Land, in the browser's language, and read.
    page.goto(f"{address}/")
    page.wait_for_url(f"{address}/{lang}/index.html")
    assert page.is_visible(".review-status dl")
    assert page.is_visible("main h1")
    open_chapter(page, "chapters/efficacy.html")

    # Follow a figure's study to the words that its numbers were taken from.
    page.locator("#fig-edss-improved svg a").locator("visible=true").first.click()
    page.wait_for_url("**/chapters/studies.html#study-*")
    section = page.url.split("#")[1]
    quote = page.locator(f"#{section} td[data-label='{'Quote' if lang == 'en' else '原文摘录'}']").first
    quote.scroll_into_view_if_needed()
    assert len(quote.inner_text()) > 10
    assert page.locator(f"#{section} a[href^=http]").count() > 0
    page.goto(page.url)

    # The other language, in the same place.
    page.click(f"a[data-review-language={other}]")
    page.wait_for_url(f"{address}/{other}/chapters/studies.html#{section}")
    assert abs(page.evaluate(f"document.getElementById('{section}').getBoundingClientRect().top")) < 200
    if other == "en":
        page.click("a[data-review-language=zh]")
        page.wait_for_url(f"{address}/zh/chapters/studies.html#{section}")

    # Two terms in Chinese that do not stand side by side.
    page.click(".search-button")
    page.keyboard.type("鞘内 蛛网膜炎")
    hit = page.locator("dialog.search .search-results a").first
    hit.wait_for()
    before = page.url
    hit.click()
    page.wait_for_function("before => location.href !== before", arg=before)
    # The address changes before the page is all there.
    page.wait_for_load_state()
    text = page.inner_text("main")
    assert "鞘内" in text
    assert "蛛网膜炎" in text

    # The files, and back.
    open_chapter(page, "chapters/data.html")
    with page.expect_download() as waiting:
        page.click("#downloads-list a[href$='.pdf']")
    assert waiting.value.path().read_bytes().startswith(b"%PDF")
    open_chapter(page, "chapters/efficacy.html")
    with page.expect_download() as waiting:
        page.click("#fig-edss-improved .downloads a[href$='.csv']")
    name = waiting.value.suggested_filename
    assert waiting.value.path().read_bytes() == (built.site / "zh" / "figures" / name).read_bytes()
    page.go_back()
    page.wait_for_url("**/zh/chapters/data.html")

    assert context.cookies() == []
    context.close()
    assert problems == []


def test_the_choice_of_language_outlives_a_link_into_the_other(chromium: Any, address: str) -> None:
    context = chromium.new_context(viewport=DESKTOP, locale="de-DE")
    page = context.new_page()
    page.goto(f"{address}/en/index.html")
    page.click("a[data-review-language=zh]")
    page.wait_for_url(f"{address}/zh/index.html")
    page.goto(f"{address}/en/chapters/safety.html")
    page.evaluate("sessionStorage.clear()")
    page.goto(f"{address}/index.html")
    page.wait_for_url(f"{address}/zh/index.html")
    assert context.cookies() == []
    context.close()


def test_citations_are_copied_with_the_day_of_reading(chromium: Any, address: str) -> None:
    context = chromium.new_context(viewport=DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    for lang in LANGUAGES:
        page.goto(f"{address}/{lang}/chapters/authors.html#sec-cite")
        buttons = page.locator(".review-citation .copy-button")
        assert buttons.count() == 3
        buttons.nth(2).click()
        page.wait_for_selector(".page-toast")
        assert page.evaluate("navigator.clipboard.readText()").startswith("@misc{msc-ms-")
    context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_reads_without_scripts_and_from_files(chromium: Any, built: Project, lang: str) -> None:
    for scripts in (False, True):
        context = chromium.new_context(java_script_enabled=scripts, viewport=PHONE)
        page = context.new_page()
        failed: list[str] = []
        page.on("requestfailed", lambda request, seen=failed: seen.append(request.url))
        page.goto((built.site / lang / "chapters" / "efficacy.html").as_uri())
        assert page.locator("#fig-edss-improved svg").locator("visible=true").count() == 1
        page.locator("#fig-edss-improved svg a").locator("visible=true").first.click()
        page.wait_for_url("**/studies.html#study-*")
        page.click("a.quarto-navigation-tool")
        page.wait_for_url("**/chapters/studies.html*")
        assert page.is_visible("main table")
        context.close()
        assert failed == []
