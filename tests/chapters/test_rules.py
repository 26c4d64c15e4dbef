"""The rules themselves: each finds what it is there to find, and leaves sound text alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.chapters import rules
from tests.chapters.reading import Block, Pair, block, parse, prose, shown_id

LINE_RULES: dict[str, Callable[[Block], list[str]]] = {
    "numerals": rules.typed_numerals,
    "half-width": rules.half_width,
    "spacing": rules.spacing,
    "stuck": rules.stuck_references,
    "slanted": rules.slanted_han,
    "touching": rules.touching_code,
    "language en": lambda found: rules.wrong_language(found, "en"),
    "language zh": lambda found: rules.wrong_language(found, "zh"),
}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("numerals", "The difference was 0.5 points."),
        ("numerals", "In 24 people."),
        ("numerals", "Only five small studies were found."),
        ("numerals", "纳入 24 项研究。"),
        ("numerals", "共有三项研究。"),
        ("numerals", "> The difference was 0.5, says a quote that nobody printed."),
        ("half-width", "鞘内给药,静脉给药"),
        ("half-width", "结果(见下)"),
        ("half-width", "结果如下:无差异"),
        ("half-width", '他说"没有"'),
        ("spacing", "鞘内注射MSC 后"),
        ("spacing", "没有 差异"),
        ("spacing", "没有差异 。"),
        ("spacing", "没有差异。 另外"),
        ("spacing", "没有差异[@petrou2020]。"),
        ("spacing", "见  @sec-edss"),
        ("stuck", "见@fig-edss-it"),
        ("stuck", "列于@sec-methods。"),
        ("slanted", "无*严重*不良事件"),
        ("touching", '`{python} say("a")``{python} say("b")`'),
        ("language en", "The outcome 残疾 was measured."),
        ("language zh", "结果显示 there was no difference between groups。"),
        ("language zh", "## Not translated at all {#sec-x}"),
    ],
)
def test_a_fault_is_found(rule: str, text: str) -> None:
    assert LINE_RULES[rule](block(1, text)) != []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("numerals", "New T2 lesions and the 9-hole peg test [@petrou2020; @uccelli2021]."),
        ("numerals", '`{python} say.n("edss-it.mid")` points, with $k-1$ degrees of freedom, see @fig-x-2.'),
        ("numerals", "One trial cannot settle it; both languages say so in two ways."),
        ("numerals", "给出精确二项分布区间，由第二人核对。"),
        ("half-width", "鞘内给药（IT），静脉给药：见 @fig-x。"),
        ("half-width", '共 `{python} say.count("a")` 项。'),
        ("spacing", "鞘内给予间充质干细胞（MSC）后，EDSS 评分 [@petrou2020] 下降，见 @fig-x。"),
        ("spacing", '**残疾程度。**`{python} say("a")`见 @fig-x。'),
        ("spacing", "称其为“趋势”[@fernandez2018]。"),
        ("stuck", "见 @fig-edss-it，列于（@sec-methods）。"),
        ("slanted", "**无效**与**未知**，*Brain* 杂志"),
        ("touching", '`{python} say("a")` `{python} say("b")`'),
        ("language en", "Text with a name, Hartung [@petrou2020]."),
        ("language zh", "采用 Hartung-Knapp-Sidik-Jonkman 法和 REML（metafor）。"),
    ],
)
def test_sound_text_passes(rule: str, text: str) -> None:
    assert LINE_RULES[rule](block(1, text)) == []


@pytest.mark.parametrize(
    ("en", "zh", "found"),
    [
        ("Text [@a1].", "文字 [@a1]。", 0),
        ("Text [@a1].", "文字 [@b1]。", 1),
        ("See @fig-x.", "见 @fig-y。", 1),
        ('`{python} say("a")`', '`{python} say("b")`', 1),
        ("## Head {#sec-a}", "## 标题 {#sec-a}", 0),
        ("## Head {#sec-a}", "## 标题 {#sec-b}", 1),
        ("## Head {#sec-a}", "### 标题 {#sec-a}", 1),
        ("- Item", "段落", 1),
    ],
)
def test_pairs_are_compared(en: str, zh: str, found: int) -> None:
    assert len(rules.unequal(Pair((block(1, en),), (block(2, zh),)))) == found


@pytest.mark.parametrize(
    ("en", "zh", "found"),
    [
        ("A random-effects model.", "随机效应模型。", 0),
        ("A random-effects model.", "随机效果模型。", 1),
        ("A Meta-analysis.", "一篇 Meta 分析。", 0),
        ("Secondary progressive MS.", "继发进展型。", 0),
        ("Secondary progressive MS.", "次发进行型。", 1),
    ],
)
def test_terms_are_looked_up(en: str, zh: str, found: int) -> None:
    pair = Pair((block(1, en),), (block(2, zh),))
    assert len(rules.terms(pair, rules.glossary())) == found


CHAPTER = """# {{< meta chapter-titles.x >}} {#sec-x}

::: {.content-visible when-profile="en"}
See @fig-edss.
:::
::: {.content-visible when-profile="zh"}
正文。
:::

```{python}
show.forest("edss")
```

::: {.content-visible when-profile="zh"}
无英文。
:::
"""


def test_a_chapter_is_taken_apart() -> None:
    chapter = parse(CHAPTER)
    assert [b.text for b in chapter.blocks("zh")] == ["正文。"]
    assert (chapter.shown, chapter.anchors, len(chapter.cells)) == ({"fig-edss"}, {"sec-x"}, 1)
    assert chapter.unpaired == ("line 14: zh",)
    assert rules.unmentioned(chapter) == ["zh: fig-edss"]


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ('show.forest("edss-it")', "fig-edss-it"),
        ('show.figure("flow")', "fig-flow"),
        ('show.figure("leave-one-out", "sae")', "fig-sae-leave-one-out"),
        ('show.figure("earlier-shares")', "fig-earlier-shares"),
        ('show.table("results")', "tbl-results"),
        ('show.table("values", outcome="gel_people")', "tbl-values-gel-people"),
        ("show.studies()", ""),
    ],
)
def test_what_a_cell_shows(cell: str, name: str) -> None:
    assert shown_id(cell) == name


def test_a_soft_break_is_found() -> None:
    assert rules.broken_paragraphs([block(1, "第一行"), block(2, "第二行")]) != []
    assert (
        rules.broken_paragraphs([block(1, "第一段"), block(3, "第二段"), block(5, "- 项"), block(6, "- 项")])
        == []
    )


def test_prose_is_what_a_reader_reads() -> None:
    text = '- **Bold** `{python} say("x")` in [a link](y.qmd#z), $k-1$ {#sec-q}'
    assert prose(text, "7") == "Bold 7 in [a link], x"
