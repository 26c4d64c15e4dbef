"""The project: `_quarto.yml` and one language's `_quarto-<lang>.yml`, merged as Quarto merges them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from publishing.errors import BookError

CONFIG = "_quarto.yml"

# Words that the built pages use; a profile's `language:` block overrides them, as in Quarto.
LABELS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "crossref-fig-title": "Figure",
        "crossref-tbl-title": "Table",
        "crossref-fig-prefix": "Figure",
        "crossref-tbl-prefix": "Table",
        "crossref-sec-prefix": "Section",
        "crossref-ch-prefix": "Chapter",
        "callout-note-title": "Note",
        "callout-tip-title": "Tip",
        "callout-warning-title": "Warning",
        "callout-important-title": "Important",
        "callout-caution-title": "Caution",
        "section-title-footnotes": "Footnotes",
        "section-title-references": "References",
        "toc-title-website": "On this page",
    },
    "zh": {
        "crossref-fig-title": "图",
        "crossref-tbl-title": "表",
        "crossref-fig-prefix": "图",
        "crossref-tbl-prefix": "表",
        "crossref-sec-prefix": "小节",
        "crossref-ch-prefix": "章节",
        "callout-note-title": "注记",
        "callout-tip-title": "提示",
        "callout-warning-title": "警告",
        "callout-important-title": "重要",
        "callout-caution-title": "注意",
        "section-title-footnotes": "脚注",
        "section-title-references": "参考文献",
        "toc-title-website": "该页面内容",
    },
}


@dataclass(frozen=True)
class Chapter:
    """One file of the book, in reading order.

    Attributes
    ----------
    path : str
        Relative to the project, such as ``chapters/efficacy.qmd``.
    source : Path
        The file itself.
    page : str
        The page made of it, relative to the language's folder: ``chapters/efficacy.html``.
    """

    path: str
    source: Path
    page: str

    @property
    def is_index(self) -> bool:
        """The first page, which never has a number."""
        return self.path == "index.qmd"

    @property
    def root(self) -> str:
        """The way from the page to the language's folder: ``""`` or ``"../"``."""
        return "../" * (len(PurePosixPath(self.page).parts) - 1)


@dataclass(frozen=True)
class Book:
    """The project as one language sees it.

    Attributes
    ----------
    project_dir : Path
        The folder of ``_quarto.yml``.
    lang : str
        The profile's name, ``en`` or ``zh``; ``html_lang`` is the page's language, such as ``zh-Hans``.
    languages : tuple of str
        All profiles, the default one first.
    output_dir : str
        Where the pages go, relative to the project: ``_site/en``.
    output_file : str
        The name of the PDF without its ending.
    bibliography : tuple of Path
        The BibTeX files; ``csl`` is the citation style or None for pandoc's own.
    labels : mapping
        Words of the built pages by Quarto's names (``crossref-fig-title`` …), in this language.
    metadata : mapping
        The whole merged configuration, which ``{{< meta >}}`` reads.
    """

    project_dir: Path
    lang: str
    html_lang: str
    languages: tuple[str, ...]
    title: str
    chapters: tuple[Chapter, ...]
    output_dir: str
    output_file: str
    subtitle: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    site_url: str = ""
    bibliography: tuple[Path, ...] = ()
    csl: Path | None = None
    toc_depth: int = 3
    number_depth: int = 6
    execute: Mapping[str, bool] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def default_lang(self) -> str:
        """The profile used when none is named."""
        return self.languages[0]

    @property
    def build_dir(self) -> Path:
        """Where the chapters' cells leave figures, tables and results to be downloaded."""
        return self.project_dir / "_build" / self.lang
