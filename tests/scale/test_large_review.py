"""A review of many simulated studies: its pages stay light, and every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.showing.lengths import FIRST_ROWS, MOST_ROWS, MOST_SECTIONS
from publishing import site
from tests.scale.conftest import benchmark

STUDIES = 120
QUESTIONS = ("sim-neda", "sim-sdmt-improved")
LANGUAGES = ("en", "zh")
MOST_BYTES, MOST_ELEMENTS = 400_000, 8_000
"""Of a page: what the heaviest pages of the review that is here weigh."""

TITLES = "chapter-titles: {index: Simulated, studies: Studies, simulated: Outcomes}\n"
PAGES = {
    "index.qmd": "# {{< meta chapter-titles.index >}} {#sec-index .unnumbered}\n\nSimulated.\n",
    "chapters/studies.qmd": """\
# {{< meta chapter-titles.studies >}} {#sec-studies}

```{python}
from analysis import show
show.studies(inclusion="included")
```
""",
    "chapters/simulated.qmd": """\
# {{< meta chapter-titles.simulated >}} {#sec-simulated}

```{python}
from analysis import show
show.forest("sim-neda")
```

```{python}
show.figure("cumulative", "sim-sdmt-improved")
```

```{python}
show.table("values")
```
""",
}


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    """The site of a review of many simulated studies, in both languages, with three chapters."""
    simulated = benchmark("simulated")
    project = benchmark("build").copy_project(tmp_path_factory.mktemp("large"))
    simulated.simulate(project, STUDIES)
    review = (project / "data" / "review.yml").read_text(encoding="utf-8")
    for outcome in simulated.OUTCOMES:
        name = f"sim-{outcome.replace('_', '-')}"
        if name not in QUESTIONS:
            review = re.sub(rf"\n  - id: {name}\n.*?(?=\n  - id: |\n\S)", "", review, flags=re.DOTALL)
    (project / "data" / "review.yml").write_text(review, encoding="utf-8")
    for path in (project / "chapters").glob("*.qmd"):
        path.unlink()
    config = (project / "_quarto.yml").read_text(encoding="utf-8")
    chapters = "".join(f"    - {name}\n" for name in PAGES)
    config = re.sub(r"(?<=  chapters:\n)(    - .*\n)+", chapters, config)
    config = re.sub(r"(?m)^search-last:.*\n", "", config)
    (project / "_quarto.yml").write_text(config, encoding="utf-8")
    for lang in LANGUAGES:
        path = project / f"_quarto-{lang}.yml"
        text = re.sub(r"(?ms)^chapter-titles:\n.*?(?=^\S|\Z)", TITLES, path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
    for name, text in PAGES.items():
        (project / name).write_text(text, encoding="utf-8")
    # The build follows every link of the site, and stops at one that leads nowhere.
    return site.build(project, engine="embedded", with_pdf=False, say=lambda line: None)


def page(large: Path, lang: str, name: str) -> str:
    return (large / lang / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_page_is_heavy(large: Path, lang: str) -> None:
    pages = [path.read_text(encoding="utf-8") for path in (large / lang).rglob("*.html")]
    assert len(pages) > STUDIES
    assert max(len(text.encode()) for text in pages) < MOST_BYTES
    assert max(text.count("</") for text in pages) < MOST_ELEMENTS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_study_is_listed_at_its_old_address_and_has_a_page(large: Path, lang: str) -> None:
    assert STUDIES > MOST_SECTIONS
    listed = page(large, lang, "chapters/studies.html")
    names = re.findall(r'<tr id="study-([\w-]+)"', listed)
    assert len(names) == len(set(names)) == STUDIES
    assert "table-tools" in listed
    assert "<h3" not in listed
    for name in names:
        assert f'href="../studies/{name}/index.html#study-{name}"' in listed
        own = page(large, lang, f"studies/{name}/index.html")
        assert f'id="study-{name}"' in own
        assert f'<tr id="{name}-o901">' in own
        assert f'href="../../chapters/studies.html#study-{name}"' in own


@pytest.mark.parametrize("lang", LANGUAGES)
def test_long_figures_and_tables_say_where_their_rows_are(large: Path, lang: str) -> None:
    text = page(large, lang, "chapters/simulated.html")
    drawing = text[text.index('id="fig-sim-neda"') : text.index('id="tbl-values"')]
    assert drawing.count("<li>") == 0
    assert f"{STUDIES + 2}" in drawing
    table = text[text.index('id="tbl-values"') :]
    rows = (large / lang / "tables" / "values.csv").read_text(encoding="utf-8").count("\n") - 1
    assert rows > MOST_ROWS
    assert f"{rows:,}" in table
    assert table.count("<td data-label") > 0
    assert table.count('<th scope="row"') == FIRST_ROWS
    linked = re.findall(r'href="(\.\./studies/[\w-]+/index\.html#[\w-]+-o\d+)"', table)
    assert len(linked) == FIRST_ROWS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_search_holds_the_studies_pages(large: Path, lang: str) -> None:
    entries = list((large / lang / "pagefind" / "fragment").glob("*"))
    assert len(entries) > STUDIES
