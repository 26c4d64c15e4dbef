"""Every figure of the real site on a phone: spoken, offered as files, cited, within the page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import PHONE, needs_chromium
from tests.site.conftest import LANGUAGES, Project

pytestmark = [pytest.mark.browser, needs_chromium]

FIGURES = """() => [...document.querySelectorAll("main .quarto-float")]
    .filter(block => block.querySelector(".figure-drawing"))
    .map(block => ({
        id: block.id,
        spoken: [...block.querySelectorAll(".figure-drawing svg")].map(svg => [
            svg.getAttribute("role") === (svg.querySelector("a") ? "document" : "img"),
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


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_figure_is_spoken_offered_and_fits_a_phone(
    chromium: Any, address: str, built: Project, pages: list[str], lang: str
) -> None:
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    seen = 0
    for name in pages:
        page.goto(f"{address}/{lang}/{name}", wait_until="load")
        for figure in page.evaluate(FIGURES):
            seen += 1
            place = (lang, name, figure["id"])
            assert figure["shown"] == 1, place
            assert not figure["wide"], place
            assert figure["words"] > 0, place
            assert figure["cited"] == 1, place
            for has_its_role, title, description in figure["spoken"]:
                assert has_its_role, place
                assert title, place
                han = any("\u4e00" <= letter <= "\u9fff" for letter in title + description)
                assert han == (lang == "zh"), place
            suffixes = {link.rsplit(".", 1)[-1] for link in figure["downloads"]}
            assert suffixes >= {"svg", "png", "csv", "json"}, place
            for link in figure["downloads"]:
                assert (built.site / link.removeprefix(f"{address}/")).is_file(), link
    context.close()
    assert seen > 5
