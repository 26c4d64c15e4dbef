"""The real site in a real browser: every page, both languages, desktop and phone, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import DESKTOP, PHONE, browser, needs_chromium, outside_requests, served
from tests.site.conftest import LANGUAGES, Project

pytestmark = [pytest.mark.browser, needs_chromium]

FIGURES = """() => [...document.querySelectorAll("main .quarto-float")]
    .filter(block => block.querySelector(".figure-drawing"))
    .map(block => ({
        id: block.id,
        spoken: [...block.querySelectorAll(".figure-drawing svg")].map(svg => [
            svg.getAttribute("role"),
            (svg.querySelector("title") || {}).textContent || "",
            (svg.querySelector("desc") || {}).textContent || "",
        ]),
        downloads: [...block.querySelectorAll(".downloads a[download]")].map(a => a.href),
        cited: block.querySelectorAll(".downloads a[href$='#sec-cite']").length,
        words: block.querySelectorAll(".figure-words li").length,
        shown: [...block.querySelectorAll(".figure-drawing")].filter(d => d.offsetParent).length,
        wide: [...block.querySelectorAll(".figure-drawing")]
            .some(d => d.getBoundingClientRect().right > innerWidth + 1),
    }))"""


def pages(built: Project) -> list[str]:
    root = built.site / "en"
    found = [root / "index.html", *sorted((root / "chapters").glob("*.html"))]
    return [str(path.relative_to(root)) for path in found]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def address(built: Project) -> Iterator[str]:
    with served(built.site, under="a-project") as url:
        yield url


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_request_leaves_no_page_overflows_no_script_fails(
    chromium: Any, address: str, built: Project, size: dict[str, int], scheme: str
) -> None:
    context = chromium.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    problems = outside_requests(page, address)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("response", lambda answer: problems.append(answer.url) if answer.status >= 400 else None)
    for lang in LANGUAGES:
        for name in pages(built):
            page.goto(f"{address}/{lang}/{name}", wait_until="load")
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], (lang, name)
    context.close()
    assert problems == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_figure_is_spoken_offered_and_fits_a_phone(
    chromium: Any, address: str, built: Project, lang: str
) -> None:
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    seen = 0
    for name in pages(built):
        page.goto(f"{address}/{lang}/{name}", wait_until="load")
        for figure in page.evaluate(FIGURES):
            seen += 1
            place = (lang, name, figure["id"])
            assert figure["shown"] == 1, place
            assert not figure["wide"], place
            assert figure["words"] > 0, place
            assert figure["cited"] == 1, place
            for role, title, description in figure["spoken"]:
                assert role == "img", place
                assert title, place
                han = any("\u4e00" <= letter <= "\u9fff" for letter in title + description)
                assert han == (lang == "zh"), place
            suffixes = {link.rsplit(".", 1)[-1] for link in figure["downloads"]}
            assert suffixes >= {"svg", "png", "csv", "json"}, place
            for link in figure["downloads"]:
                assert (built.site / link.removeprefix(f"{address}/")).is_file(), link
    context.close()
    assert seen > 5


def test_a_reader_finds_the_source_of_a_number_and_changes_language_in_place(
    chromium: Any, address: str
) -> None:
    context = chromium.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.goto(f"{address}/en/chapters/efficacy.html")
    page.click("#fig-edss-improved svg a >> nth=0")
    page.wait_for_url("**/chapters/studies.html#study-*")
    section = page.url.split("#")[1]
    assert page.locator(f"#{section} a[href^=http]").count() > 0
    page.click("a[data-review-language=zh]")
    page.wait_for_url(f"{address}/zh/chapters/studies.html#{section}")
    context.close()
