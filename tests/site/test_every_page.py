"""Every page in a real browser: accessible, within its width, no request to elsewhere, no failing script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

from tests.browser import DESKTOP, PHONE, needs_chromium, outside_requests
from tests.site.conftest import LANGUAGES

pytestmark = [pytest.mark.browser, needs_chromium]

AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js"))
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
RUN = """async (only) => (await axe.run(document, {runOnly: only, resultTypes: ["violations"]})).violations
    .map(found => `${found.id}: ${found.nodes[0].target} (${found.nodes.length})`)"""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_keeps_wcag_and_its_own_width_and_asks_nobody_else(
    chromium: Any, address: str, pages: list[str], size: dict[str, int], lang: str
) -> None:
    context = chromium.new_context(viewport=size, color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    problems = outside_requests(page, address)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("response", lambda answer: problems.append(answer.url) if answer.status >= 400 else None)
    for name in pages:
        page.goto(f"{address}/{lang}/{name}", wait_until="load")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            problems.append(f"{name} is {width} px wide")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        problems += [f"{name}, {found}" for found in page.evaluate(RUN, {"type": "tag", "values": RULES})]
        # Only colours differ between the schemes.
        page.emulate_media(color_scheme="dark")
        contrast = page.evaluate(RUN, {"type": "rule", "values": ["color-contrast"]})
        problems += [f"{name}, dark, {found}" for found in contrast]
        page.emulate_media(color_scheme="light")
    assert context.cookies() == []
    context.close()
    assert problems == []


@pytest.mark.parametrize("name", ["index.html", "404.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_above_the_languages_keep_wcag(chromium: Any, address: str, name: str, scheme: str) -> None:
    context = chromium.new_context(viewport=PHONE, color_scheme=scheme, locale="de-DE")
    page = context.new_page()
    page.goto(f"{address}/{name}")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN, {"type": "tag", "values": RULES}) == []
    context.close()


# What can be reached by keyboard and is not one of several that arrow keys move between.
REACHABLE = """() => {
    const wanted = "a[href], button, summary, input, select, textarea, [tabindex='0']";
    const all = [...document.querySelectorAll(wanted)];
    all.forEach((element, place) => { element.dataset.place = place; });
    const inClosed = element => {
        const part = element.closest("details:not([open])");
        return part && element !== part.querySelector("summary");
    };
    return all.filter(element => element.tabIndex >= 0 && !element.disabled && !inClosed(element)
        && element.getClientRects().length && getComputedStyle(element).visibility === "visible")
        .map(element => element.dataset.place);
}"""
FOCUSED = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const style = getComputedStyle(element);
    return [element.dataset.place, element.outerHTML.slice(0, 120),
        style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1];
}"""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", ["index.html", "chapters/efficacy.html", "chapters/authors.html"])
def test_the_keyboard_reaches_everything_and_focus_shows(
    chromium: Any, address: str, size: dict[str, int], lang: str, name: str
) -> None:
    context = chromium.new_context(viewport=size)
    page = context.new_page()
    page.goto(f"{address}/{lang}/{name}", wait_until="load")
    wanted = set(page.evaluate(REACHABLE))
    assert len(wanted) > 10
    reached, unseen = set(), []
    for _ in range(len(wanted) + 20):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found is None:
            break
        reached.add(found[0])
        if not found[2]:
            unseen.append(found[1])
    context.close()
    assert wanted - reached == set()
    assert unseen == []
