"""The project: `_quarto.yml` and one language's `_quarto-<lang>.yml`, merged as Quarto merges them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from publishing.errors import BookError

CONFIG = "_quarto.yml"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

REFUSED_TOP = {
    "crossref", "engine", "filters", "include-after-body", "include-before-body",
    "include-in-header", "knitr", "params", "reference-location", "shortcodes", "website",
}  # fmt: skip
SUPPORTED_HTML = {
    "theme", "css", "html-math-method", "toc", "toc-depth", "toc-title", "number-sections",
    "number-depth", "anchor-sections", "smooth-scroll", "link-external-newwindow",
    "citations-hover", "footnotes-hover", "code-copy", "lightbox", "page-layout", "grid",
    "mainfont", "monofont", "fontsize", "respect-user-color-scheme", "linestretch",
}  # fmt: skip

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
    repo_url: str = ""
    bibliography: tuple[Path, ...] = ()
    csl: Path | None = None
    toc_depth: int = 3
    number_depth: int = 6
    execute: Mapping[str, bool] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def meta(self, field_name: str, over: Mapping[str, Any] | None = None) -> str | None:
        """The text of a field such as ``chapter-titles.safety``, as ``{{< meta >}}`` gives it; None for none.

        `over` holds a chapter's own front matter.
        """
        found: Any = {**self.metadata, **(over or {})}
        for key in field_name.split("."):
            found = found.get(key) if isinstance(found, Mapping) else None
        return None if found is None or isinstance(found, Mapping | list) else str(found)

    @property
    def default_lang(self) -> str:
        """The profile used when none is named."""
        return self.languages[0]

    @property
    def build_dir(self) -> Path:
        """Where the chapters' cells leave figures, tables and results to be downloaded."""
        return self.project_dir / "_build" / self.lang


def load_project(project_dir: Path, lang: str | None = None) -> Book:
    """Read the project in one language.

    Parameters
    ----------
    project_dir : Path
        The folder of ``_quarto.yml``.
    lang : str, optional
        A profile of ``profile.group``; the default profile when left out.

    Raises
    ------
    BookError
        With the file and the field that is missing, wrong or not supported.
    """
    project_dir = project_dir.resolve()
    base = _read_yaml(project_dir, CONFIG)
    languages = _languages(base)
    lang = lang or languages[0]
    if lang not in languages:
        raise BookError(
            f"there is no profile “{lang}” (known: {', '.join(languages)})",
            f"没有名为“{lang}”的配置（可用：{', '.join(languages)}）",
            file=CONFIG,
            where="profile.group",
        )
    profile_file = f"_quarto-{lang}.yml"
    config = merge(base, _read_yaml(project_dir, profile_file))
    _refuse_unsupported(config)
    book = config.get("book") or {}
    html = (config.get("format") or {}).get("html") or {}

    def required(value: Any, field_name: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise BookError("a text is needed here", "此处需要文字", file=profile_file, where=field_name)
        return value

    html_lang = required(config.get("lang"), "lang")
    return Book(
        project_dir=project_dir,
        lang=lang,
        html_lang=html_lang,
        languages=languages,
        title=required(book.get("title"), "book.title"),
        chapters=_chapters(project_dir, book.get("chapters")),
        output_dir=required((config.get("project") or {}).get("output-dir"), "project.output-dir"),
        output_file=required(book.get("output-file"), "book.output-file"),
        subtitle=str(book.get("subtitle") or ""),
        description=str(book.get("description") or ""),
        authors=tuple(_name(a) for a in _as_list(book.get("author"))),
        site_url=str(book.get("site-url") or "").rstrip("/"),
        repo_url=str(book.get("repo-url") or ""),
        bibliography=tuple(
            _existing(project_dir, name, "bibliography") for name in _as_list(config.get("bibliography"))
        ),
        csl=_existing(project_dir, config["csl"], "csl") if config.get("csl") else None,
        toc_depth=int(html.get("toc-depth", 3)),
        number_depth=int(html.get("number-depth", 6)),
        execute=dict(config.get("execute") or {}),
        labels={**LABELS.get(html_lang[:2], LABELS["en"]), **(config.get("language") or {})},
        metadata=config,
    )


def merge(base: Any, over: Any) -> Any:
    """Merge a profile over the project as Quarto does: maps by key, lists joined, the rest replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{key: merge(base.get(key), value) for key, value in over.items()}}
    if isinstance(base, list) and isinstance(over, list):
        return base + [item for item in over if item not in base]
    return over


def read_yaml(text: str) -> Any:
    """What YAML says, read by libyaml where PyYAML has it: that is ten times as fast.

    Raises
    ------
    yaml.YAMLError
        PyYAML's own, which shows the place.
    """
    with suppress(yaml.YAMLError):
        return yaml.load(text, Loader=_LOADER)
    return yaml.safe_load(text)


def _read_yaml(project_dir: Path, name: str) -> dict[str, Any]:
    path = project_dir / name
    if not path.is_file():
        raise BookError("the file is missing", "缺少此文件", file=name)
    try:
        content = read_yaml(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise BookError(
            f"this is not valid YAML: {getattr(error, 'problem', error)}",
            f"YAML 语法有误：{getattr(error, 'problem', error)}",
            file=name,
            where=mark.line + 1 if mark else None,
        ) from error
    if not isinstance(content, dict):
        raise BookError("a YAML map is needed", "此文件应为 YAML 键值表", file=name)
    return content


def _languages(config: Mapping[str, Any]) -> tuple[str, ...]:
    profile = config.get("profile") or {}
    group = profile.get("group")
    if not isinstance(group, list) or not group or not all(isinstance(lang, str) for lang in group):
        raise BookError(
            "a list of languages is needed, such as [en, zh]",
            "此处应为语言列表，例如 [en, zh]",
            file=CONFIG,
            where="profile.group",
        )
    default = profile.get("default", group[0])
    if default not in group:
        raise BookError(
            "the default is not in profile.group",
            "默认值不在 profile.group 中",
            file=CONFIG,
            where="profile.default",
        )
    return (default, *(lang for lang in group if lang != default))


def _refuse_unsupported(config: Mapping[str, Any]) -> None:
    def refuse(field_name: str, en: str = "", zh: str = "") -> None:
        raise BookError(
            en or "the embedded renderer does not support this setting",
            zh or "内置渲染器不支持此设置",
            file=CONFIG,
            where=field_name,
        )

    if (config.get("project") or {}).get("type") != "book":
        refuse("project.type", "this must be “book”", "此处应为“book”")
    for key in sorted(REFUSED_TOP & set(config)):
        refuse(key)
    if (config.get("execute") or {}).get("freeze"):
        refuse(
            "execute.freeze",
            "freezing keeps the first language's results for both; it must be false",
            "freeze 会使两种语言共用第一种语言的结果，应为 false",
        )
    for key in ("appendices", "cover-image"):
        if (config.get("book") or {}).get(key):
            refuse(f"book.{key}")
    html = (config.get("format") or {}).get("html")
    if not isinstance(html, dict):
        refuse("format.html", "settings for HTML are needed", "缺少 HTML 的设置")
    else:
        for key in sorted(set(html) - SUPPORTED_HTML):
            refuse(f"format.html.{key}")
        if html.get("html-math-method") != "mathml":
            refuse(
                "format.html.html-math-method",
                "this must be “mathml”: the others load a script from another host",
                "此处应为“mathml”：其他方式会从外部主机加载脚本",
            )


def _chapters(project_dir: Path, listed: Any) -> tuple[Chapter, ...]:
    if not isinstance(listed, list) or not listed:
        raise BookError(
            "a list of chapters is needed", "此处应为章节列表", file=CONFIG, where="book.chapters"
        )
    chapters = []
    for position, path in enumerate(listed):
        where = f"book.chapters[{position}]"
        if not isinstance(path, str):
            raise BookError(
                "parts are not supported by the embedded renderer; name a .qmd file",
                "内置渲染器不支持分部（part），请写 .qmd 文件名",
                file=CONFIG,
                where=where,
            )
        source = _existing(project_dir, path, where)
        chapters.append(Chapter(path, source, str(PurePosixPath(path).with_suffix(".html"))))
    if chapters[0].path != "index.qmd":
        raise BookError(
            "the first chapter must be index.qmd",
            "第一章应为 index.qmd",
            file=CONFIG,
            where="book.chapters[0]",
        )
    return tuple(chapters)


def _existing(project_dir: Path, name: Any, field_name: str) -> Path:
    path = project_dir / str(name)
    if not path.is_file():
        raise BookError(f"there is no file {name}", f"文件 {name} 不存在", file=CONFIG, where=field_name)
    return path


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _name(author: Any) -> str:
    name = author.get("name", "") if isinstance(author, dict) else author
    return str(name)
