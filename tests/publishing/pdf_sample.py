"""A small book with simulated content, as `load_book` would hand it over, for the tests of the PDF."""

from __future__ import annotations

import json
from pathlib import Path

import pypandoc

from publishing.markdown import BookText, ChapterText, Label
from publishing.project import LABELS, Book, Chapter

REPOSITORY = Path(__file__).parents[2]

TITLES = {"en": "Sample cells in sample disease: a living review", "zh": "样例细胞治疗样例疾病：动态综述"}

STATUS = {
    "en": {
        "version": "2026.1.0",
        "status": "Living review: searched every month",
        "evidence_to": "1 November 2026",
        "next_search": "1 December 2026",
        "licence": "CC BY 4.0",
        "citation": "Example A, Example B. Sample cells in sample disease. Version 2026.1.0.",
        "date": "2026-11-01",
    },
    "zh": {
        "version": "2026.1.0",
        "status": "动态综述：每月检索",
        "evidence_to": "2026年11月1日",
        "next_search": "2026年12月1日",
        "licence": "CC BY 4.0",
        "citation": "样例甲，样例乙. 样例细胞治疗样例疾病. 版本 2026.1.0.",
        "date": "2026-11-01",
    },
}

TEXT = {
    "en": """
Opening words before any number, by “quoted” people such as Kučera [@sample2020].
See @sec-edss, @fig-forest, @tbl-plain and @sec-second; [the studies](chapters/second.qmd#study-one) too,
and [a download](data.csv).

## Disability {#sec-edss number="1.1"}

A sentence with a footnote[^1], *stress*(2020), a formula $\\tau^2 = 0$ and Parkinson’s “words”.

[^1]: The text of the footnote.

$$\\hat\\theta = \\frac{\\sum w_i y_i}{\\sum w_i}$$

::: {.callout-warning title="Take care"}
A warning of one sentence.
:::

::: {.panel-tabset}
### First panel {.unnumbered}
Text of the first panel.

### Second panel {.unnumbered}
Text of the second panel.
:::

::: {.content-visible when-format="html"}
Only on the page.
:::

::: {#fig-forest number="1.1"}
```{=html}
<svg></svg>
```
```{=typst}
#image("/_build/LANG/figures/forest.svg", alt: "Two studies and their mean", width: 100%)
```

Caption of the figure.
:::
""",
    "zh": """
第一段文字，不编号，引用“样例”研究与Kučera的结果[@sample2020]。
参见 @sec-edss、@fig-forest、@tbl-plain 和 @sec-second；另见[各项研究](chapters/second.qmd#study-one)。

## 残疾程度 {#sec-edss number="1.1"}

带脚注的句子[^1]，**重点**，公式$\\tau^2 = 0$，帕金森病（Parkinson’s disease）。
第二行紧接着第一行。

[^1]: 脚注的文字。

$$\\hat\\theta = \\frac{\\sum w_i y_i}{\\sum w_i}$$

::: {.callout-warning title="请注意"}
一句警告。
:::

::: {.panel-tabset}
### 第一栏 {.unnumbered}
第一栏的文字。

### 第二栏 {.unnumbered}
第二栏的文字。
:::

::: {.content-visible when-format="html"}
仅见于网页。
:::

::: {#fig-forest number="1.1"}
```{=typst}
#image("/_build/LANG/figures/forest.svg", alt: "两项研究及其均值", width: 100%)
```

图的说明。
:::
""",
}

SECOND = {
    "en": ("Second chapter", "Study one", "Name", "Long table of the sample", "Route"),
    "zh": ("第二章", "研究一", "名称", "样例长表", "途径"),
}

SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="500" height="120">
<rect x="150" y="20" width="200" height="8" fill="#1f4e79"/>
<text x="5" y="30" style="font-size: 14px; font-family: 'Noto Sans SC'">Study one 研究一 −0.50</text>
<text x="5" y="60" style="font: 700 14px 'Noto Sans SC'">Mean 均值</text>
</svg>
"""

BIBLIOGRAPHY = """@article{sample2020, author = {Sample, Ann and Kučera, Jan}, title = {A simulated trial},
journal = {Journal of Samples}, year = {2020}, volume = {1}, pages = {1--9}, doi = {10.1000/sample}}
"""


def second_chapter(lang: str, rows: int) -> str:
    """A chapter with a plain table, a long one of `rows` rows on landscape pages, and the references."""
    _, study, name, caption, route = SECOND[lang]
    cells = "\n".join(
        f'"{study} {row}", "{row}", [#anchor("v{row}")#("−{row / 7:.2f} (−1.0 to 0.5)")], [{route}],'
        for row in range(rows)
    )
    return f"""
## {study} {{#study-one number="2.1"}}

::: {{#tbl-plain number="2.1"}}
| {name} | n |
|:-------|--:|
| - 1 minus | 12 |
| = 2 | 3.5 |

{caption} 1
:::

::: {{#tbl-long .landscape number="2.2"}}
```{{=typst}}
#review-table(columns: (2fr, 1fr, 1fr, 1fr), align: (left, decimal, decimal, left),
  first: true, header: (("", span(3, "MSC")), ("{name}", "n", "MD", "{route}")),
  group("{study}"),
{cells}
  total("{name}", "9", "−0.5", ""))
#note[† #anchor("value-1")]
```

{caption} 2
:::

::: {{#refs}}
:::
"""


def sample_book(folder: Path, lang: str, *, extra: str = "", rows: int = 90) -> BookText:
    """Lay out a project in `folder` and return its text; `extra` is added to the first chapter."""
    figures = folder / "_build" / lang / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    (figures / "forest.svg").write_text(SVG, encoding="utf-8")
    (folder / "_build" / lang / "status.json").write_text(json.dumps(STATUS[lang]), encoding="utf-8")
    (folder / "references.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    paths = ("index.qmd", "chapters/second.qmd")
    chapters = tuple(Chapter(path, folder / path, path.replace(".qmd", ".html")) for path in paths)
    book = Book(
        project_dir=folder,
        lang=lang,
        html_lang={"en": "en", "zh": "zh-Hans"}[lang],
        languages=("en", "zh"),
        title=TITLES[lang],
        chapters=chapters,
        output_dir=f"_site/{lang}",
        output_file=f"sample-{lang}",
        authors=("Ann Example", "Ben Example"),
        site_url="https://example.org/review",
        bibliography=(folder / "references.bib",),
        labels=LABELS[lang],
    )
    title = SECOND[lang][0]
    texts = (
        _chapter(chapters[0], "", TITLES[lang], "sec-index", TEXT[lang].replace("LANG", lang) + extra),
        _chapter(chapters[1], "2", title, "sec-second", second_chapter(lang, rows)),
    )
    labels = (
        Label("sec-edss", "sec", "1.1", paths[0], "index.html", "Disability"),
        Label("fig-forest", "fig", "1.1", paths[0], "index.html", "Caption"),
        Label("tbl-plain", "tbl", "2.1", paths[1], "chapters/second.html", "Plain"),
        Label("sec-second", "sec", "2", paths[1], "chapters/second.html", title, is_chapter=True),
    )
    return BookText(book, texts, {label.id: label for label in labels})


def _chapter(chapter: Chapter, number: str, title: str, id: str, markdown: str) -> ChapterText:
    ast = pypandoc.convert_text(markdown, "json", format="markdown")
    title_ast = json.loads(pypandoc.convert_text(title, "json", format="markdown"))["blocks"][0]["c"]
    return ChapterText(
        path=chapter.path,
        source=chapter.source,
        page=chapter.page,
        number=number,
        title=title,
        title_ast=json.dumps(title_ast),
        id=id,
        markdown=markdown,
        ast=ast,
    )
