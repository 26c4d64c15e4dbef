"""Syntax that the embedded renderer would render wrong stops the build with file and line."""

from __future__ import annotations

import re

import pytest

from publishing.errors import BookError
from publishing.project import load_project
from publishing.source import Cell, read_chapter
from tests.publishing.conftest import TestBook

SECOND = "chapters/second.qmd"


def refused(book: TestBook, chapter: int = 2) -> BookError:
    project = load_project(book.folder, "en")
    with pytest.raises(BookError) as caught:
        read_chapter(project, project.chapters[chapter])
    assert re.search("[\u4e00-\u9fff]", caught.value.zh)
    return caught.value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{< video movie.mp4 >}}", "{{< video movie.mp4 >}}"),
        ("Text {{< pagebreak >}}", "pagebreak"),
        ("Text {{< include x.qmd >}}", "must stand alone"),
        ("{{{< meta x >}}}", "{{{<"),
        ("{{< meta no.such.field >}}", "no.such.field"),
        ("{{< meta chapter-titles >}}", "chapter-titles"),
        ("```{r}\n1\n```", "```{r}"),
        ("```{ojs}\n1\n```", "```{ojs}"),
        ("```{mermaid}\na-->b\n```", "```{mermaid}"),
        ("```{python, echo=FALSE}\n1\n```", "```{python, echo=FALSE}"),
        ("- item\n\n  ```{python}\n  1\n  ```", "beginning of its line"),
        ('```{.python filename="x.py"}\n1\n```', "filename"),
        ("```{=latex}\nx\n```", "{=latex}"),
        ("`{r} 1 + 1`", "`{r}"),
        ("`{{python}} x`", "`{{"),
        ("::: {.column-margin}\nx\n:::", ".column-margin"),
        ("::: column-page\nx\n:::", ".column-page"),
        ("::: {layout-ncol=2}\nx\n:::", "layout-ncol="),
        ("::: {#fig-a layout-ncol=2}\nx\n:::", "layout-ncol="),
        ("::: {.callout-note collapse=true}\nx\n:::", "collapse="),
        ("::: {.callout-danger}\nx\n:::", ".callout-danger"),
        ('::: {.panel-tabset group="a"}\nx\n:::', "group="),
        ('::: {.content-visible unless-format="html"}\nx\n:::', "unless-format="),
        ('::: {.content-visible when-format="docx"}\nx\n:::', 'when-format="docx"'),
        ("::: {.content-visible}\nx\n:::", "conditional content"),
        ('::: {when-profile="en"}\nx\n:::', "conditional content"),
        ("::: {#thm-x}\nx\n:::", "{#thm-x}"),
        ("::: {.incremental\nx\n:::", "cannot be read"),
        ("::: {.callout-note}\nx", "never closed"),
        ("text\n\n:::", "closes nothing"),
        ("[x]{.aside}", "{.aside}"),
        ("![](a.png){.lightbox}", "{.lightbox}"),
        ("![](a.png){fig-align=left}", "{fig-align=…}"),
        ("$$ x $$ {#eq-x}", "$$ … $$ {#eq-…}"),
        ("See @eq-x.", "@eq-x"),
        ("See @lst-x.", "@lst-x"),
        ("See @tbl-second [@alpha2020].", "is lost"),
        ("## Section {.column-page}", "{.column-page}"),
        ('## Section {data-x="y"}', "{data-x=…}"),
        ("# Second title {#sec-other}", "one title"),
        ('::: {.content-visible when-profile="en"}\n# Title {#sec-x}\n:::', "must not stand inside a div"),
        ("第一行\n第二行", "line break"),
        ("[^a]: one\n\n[^a]: two", "footnote [^a]"),
        ("```{python}\n#| fig-width: 3\n1\n```", "#| fig-width"),
        ("```{python}\n#| output: hide\n1\n```", "#| output: hide"),
        ("```{python}\n#| echo: fenced\n1\n```", "#| echo: fenced"),
        ("```{python}\n#| label: fig-x\n1\n```", "needs `fig-cap`"),
        ("```{python}\n#| fig-cap: x\n1\n```", "begins with fig-"),
        ("```{python}\n#| [\n1\n```", "not valid YAML"),
        ("```{python}\n1", "not closed"),
    ],
)
def test_unsupported_syntax_is_refused(book: TestBook, text: str, says: str) -> None:
    first = book.append(SECOND, text)
    error = refused(book)
    assert error.file == SECOND
    assert isinstance(error.where, int)
    assert first <= error.where <= first + text.count("\n")
    assert says in error.en


def test_the_line_is_that_of_the_included_file(book: TestBook) -> None:
    line = book.append("parts/_shared.qmd", "{{< kbd x >}}")
    error = refused(book, chapter=1)
    assert (error.file, error.where) == ("parts/_shared.qmd", line)


@pytest.mark.parametrize(
    ("header", "says"),
    [("title: x", "`title`"), ("format: html", "`format`"), ("engine: knitr", "`engine`"), ("a: [", "YAML")],
)
def test_front_matter_that_changes_a_page_is_refused(book: TestBook, header: str, says: str) -> None:
    book.write(SECOND, f"---\ndescription: fine\n{header}\n---\n" + book.read(SECOND))
    error = refused(book)
    assert error.file == SECOND
    assert error.where in (3, 4)
    assert says in error.en


def test_front_matter_of_ones_own_can_be_shown(book: TestBook) -> None:
    text = book.read(SECOND).replace("## Section 小节", "{{< meta mine.text >}}\n\n## Section 小节")
    book.write(SECOND, "---\nmine:\n  text: of this chapter\n---\n" + text)
    project = load_project(book.folder, "en")
    source = read_chapter(project, project.chapters[2])
    lines = [
        line.text for segment in source.segments if not isinstance(segment, Cell) for line in segment.lines
    ]
    assert "of this chapter" in lines


def test_includes_in_a_circle_are_refused(book: TestBook) -> None:
    book.append("parts/_shared.qmd", "{{< include _shared.qmd >}}")
    assert "circle" in refused(book, chapter=1).en


def test_a_missing_include_is_named(book: TestBook) -> None:
    line = book.append(SECOND, "{{< include none.qmd >}}")
    error = refused(book)
    assert (error.file, error.where) == (SECOND, line)
    assert "chapters/none.qmd" in error.en


def test_inline_code_needs_a_cell(book: TestBook) -> None:
    line = book.append("chapters/references.qmd", "`{python} 1 + 1`")
    error = refused(book, chapter=3)
    assert error.where == line
    assert "at least one cell" in error.en


def test_a_title_needs_an_id(book: TestBook) -> None:
    book.replace(SECOND, " {#sec-second}", "")
    error = refused(book)
    assert error.where == 1
    assert "needs an id" in error.en


@pytest.mark.parametrize(
    "text",
    [
        "A `{{code}}`-free paragraph with $\\frac{a}{b}$ and `x`{.review-code}.",
        "::: {.review-key}\nOur own class.\n:::",
        "Mail a@eq-x.org, and a price of 5 @ 3.",
        "```python\n::: {.column-margin}\n```",
        '```{=html}\n<div class="column-margin">{{x}}</div>\n```',
        "| 表 | 格 |\n|---|---|\n| 一 | 二 |",
        "- 第一\n- 第二",
        "[^a]: one",
        "中文段落。\n\n另一段。",
    ],
)
def test_supported_text_passes(book: TestBook, text: str) -> None:
    book.append(SECOND, text)
    project = load_project(book.folder, "en")
    assert read_chapter(project, project.chapters[2]).segments
