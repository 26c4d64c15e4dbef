"""What chapters may use. Everything else is refused with file and line, never rendered wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from publishing.errors import BookError

CALLOUTS = ("note", "tip", "warning", "important", "caution")
CONDITIONS = ("content-visible", "content-hidden")
DIV_CLASSES = {
    *CONDITIONS,
    *(f"callout-{kind}" for kind in CALLOUTS),
    "panel-tabset",
    "landscape",
    "data-appendix",
}
HEADER_CLASSES = {"unnumbered", "unlisted", "data-appendix"}
OWN_CLASS_PREFIX = "review-"
DIV_ATTRIBUTES = {"when-profile", "when-format", "title", "lang", "role"}
INLINE_ATTRIBUTES = {"width", "height", "fig-alt", "lang", "when-profile", "when-format"}
FORMATS = {"html", "pdf", "typst"}
CELL_OPTIONS = {"label", "echo", "include", "output", "warning", "error", "fig-cap", "fig-alt", "tbl-cap"}
OTHER_KINDS = "eq|lst|thm|lem|cor|prp|cnj|def|exm|exr|sol|rem|alg|nte|tip|wrn|imp|cau|vid|apx"
FRONT_MATTER_REFUSED = {
    "title", "format", "filters", "shortcodes", "params", "listing", "knitr", "crossref",
    "bibliography", "csl", "css", "theme", "toc", "toc-depth", "number-sections", "number-depth",
    "page-layout", "grid", "include-in-header", "include-before-body", "include-after-body",
    "reference-location", "aliases", "draft", "execute", "code-fold", "lang", "citeproc",
    "suppress-bibliography", "lightbox",
}  # fmt: skip

FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*(.*?)\s*$")
DIV_OPEN = re.compile(r"^\s*:{3,}\s*(\{.*\}|[^\s{}:]+)\s*:*\s*$")
DIV_CLOSE = re.compile(r"^\s*:{3,}\s*$")
HEADER = re.compile(r"^(#{1,6})\s+(.*?)\s*(\{[^{}]*\})?\s*$")
FOOTNOTE = re.compile(r"^\s*\[\^([^\]\s]+)\]:")
INLINE_ATTR = re.compile(r"(?<=[\])`])\{([^{}]*)\}")
INLINE_CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
INLINE_MATH = re.compile(r"\$\$?[^$]+\$\$?")
ATTR_TOKEN = re.compile(
    r"""\s*(?:\#([^\s#.={}]+)|\.([^\s#.={}]+)|([\w:.-]+)=("[^"]*"|'[^']*'|[^\s}"']+)|(-))"""
)
CJK = "\u3000-\u303f\u3400-\u9fff\uff00-\uffef"
ENDS_CJK, STARTS_CJK = re.compile(f"[{CJK}]\\s*$"), re.compile(f"^\\s*[{CJK}]")


@dataclass(frozen=True)
class Line:
    """One line of text and where it was written (an included line stands in the included file)."""

    text: str
    file: str
    number: int

    def error(self, en: str, zh: str) -> BookError:
        """An error at this line."""
        return BookError(en, zh, file=self.file, where=self.number)


@dataclass(frozen=True)
class Attributes:
    """What stands between braces: ``{#id .class key="value"}``."""

    id: str = ""
    classes: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


def next_fence(fence: str, text: str) -> str:
    """The code fence that is open after this line (``""`` for none), given the one open before it."""
    match = FENCE.match(text)
    if not match:
        return fence
    marks, info = match.groups()
    if fence:
        closes = marks[0] == fence[0] and len(marks) >= len(fence) and not info
        return "" if closes else fence
    return "" if marks[0] == "`" and "`" in info else marks


def parse_attributes(text: str, line: Line) -> Attributes:
    """Read ``{#id .class key="value"}``, or a bare class name as after ``:::``."""
    if not text.startswith("{"):
        return Attributes(classes=(text,))
    inner, position = text[1:-1].rstrip(), 0
    identifier, classes, values = "", [], {}
    while position < len(inner):
        match = ATTR_TOKEN.match(inner, position)
        if not match:
            raise line.error(f"{text} cannot be read as attributes", f"无法识别属性 {text}")
        position = match.end()
        if match[1]:
            identifier = match[1]
        elif match[2]:
            classes.append(match[2])
        elif match[3]:
            values[match[3]] = match[4].strip("\"'")
        else:
            classes.append("unnumbered")
    return Attributes(identifier, tuple(classes), values)


def _unsupported(line: Line, what: str) -> BookError:
    return line.error(f"{what} is not supported by the embedded renderer", f"内置渲染器不支持 {what}")


def check_front_matter(content: Mapping[str, Any], lines: Sequence[Line]) -> None:
    """Refuse front matter that changes how one page is made."""
    for key, value in content.items():
        refused = key in FRONT_MATTER_REFUSED
        refused |= (key == "engine" and value != "jupyter") or (key == "jupyter" and value != "python3")
        if refused:
            line = next((line for line in lines if line.text.startswith(f"{key}:")), lines[0])
            hint = (
                ("; write the title as `# … {#sec-…}`", "；标题请写作 `# … {#sec-…}`")
                if key == "title"
                else ("", "")
            )
            raise line.error(
                f"`{key}` in the front matter is not supported by the embedded renderer{hint[0]}",
                f"内置渲染器不支持文件头中的 `{key}`{hint[1]}",
            )


def check_shortcode(content: str, line: Line) -> str:
    """The field's name of a ``meta`` shortcode; every other shortcode is refused."""
    name, _, argument = content.partition(" ")
    if name == "include":
        raise line.error("`include` must stand alone on its line", "`include` 须单独成行")
    if name != "meta" or not re.fullmatch(r"[\w.-]+", argument.strip()):
        raise _unsupported(line, f"{{{{< {content} >}}}}")
    return argument.strip()


def check_cell(info: str, line: Line) -> bool:
    """Whether a fence with this text after it opens a cell; cells of other engines are refused."""
    if not info.startswith("{") or info.startswith(("{=", "{.", "{#")):
        return False
    if line.text.startswith(" "):
        raise line.error("a cell must start at the beginning of its line", "代码单元须从行首开始")
    if info != "{python}":
        raise _unsupported(line, f"```{info}")
    return True


def check_cell_options(options: Mapping[str, Any], lines: Sequence[Line]) -> None:
    """Refuse unknown options and values, at their own line."""

    def at(key: str) -> Line:
        return next((line for line in lines if line.text[2:].lstrip().startswith(f"{key}:")), lines[0])

    for key, value in options.items():
        if key not in CELL_OPTIONS:
            raise _unsupported(at(str(key)), f"#| {key}")
        allowed = {"output": (True, False, "asis")}.get(key, (True, False))
        if key in ("echo", "include", "warning", "error", "output") and value not in allowed:
            raise _unsupported(at(key), f"#| {key}: {value}")
    label = str(options.get("label", ""))
    for kind in ("fig", "tbl"):
        if label.startswith(f"{kind}-") and not options.get(f"{kind}-cap"):
            raise at("label").error(
                f"a cell labelled {label} needs `{kind}-cap`", f"标签为 {label} 的单元需要 `{kind}-cap`"
            )
        if options.get(f"{kind}-cap") and not label.startswith(f"{kind}-"):
            raise at(f"{kind}-cap").error(
                f"`{kind}-cap` needs a `label` that begins with {kind}-",
                f"`{kind}-cap` 需要以 {kind}- 开头的 `label`",
            )


def check_prose(segments: Sequence[Sequence[Line] | None]) -> None:
    """Refuse unsupported Markdown anywhere in a chapter, with the line it stands on.

    Parameters
    ----------
    segments : sequence
        The chapter's prose in reading order; None stands for a cell.
    """
    walk = _Walk()
    has_cell = None in segments
    for lines in segments:
        fence = ""
        walk.previous = None
        for line in lines or ():
            before, fence = fence, next_fence(fence, line.text)
            if "`{python} " in line.text and not has_cell:
                raise line.error(
                    "a page with inline code needs at least one cell, or Quarto prints the code",
                    "含行内代码的页面至少需要一个代码单元，否则 Quarto 会原样输出代码",
                )
            if not before and fence:
                _check_block_info(line)
            if before or fence:
                walk.previous = None
            else:
                walk.check(line)
    walk.finish()


def _check_block_info(line: Line) -> None:
    info = line.text.strip().lstrip("`~").strip()
    if not info.startswith("{") or info in ("{=html}", "{=typst}"):
        return
    attributes = parse_attributes(info, line) if not info.startswith("{=") else None
    if attributes is None or attributes.id or attributes.values or len(attributes.classes) > 1:
        raise _unsupported(line, info)


class _Walk:
    """The state of a walk over a chapter's prose: open divs and the title."""

    def __init__(self) -> None:
        self.open: list[tuple[Line, Attributes]] = []
        self.previous: Line | None = None
        self.title: Line | None = None
        self.notes: dict[str, Line] = {}

    def check(self, line: Line) -> None:
        """Check one line that is not inside a code block."""
        if "{{{<" in line.text or "{{{{<" in line.text:
            raise _unsupported(line, "{{{< … >}}}")
        if match := DIV_OPEN.match(line.text):
            attributes = parse_attributes(match[1], line)
            self._check_div(line, attributes)
            self.open.append((line, attributes))
        elif DIV_CLOSE.match(line.text):
            if not self.open:
                raise line.error("this ::: closes nothing", "此处的 ::: 没有对应的开头")
            self.open.pop()
        elif line.text.lstrip().startswith(":::"):
            raise line.error("this ::: line cannot be read", "无法识别这一行 :::")
        else:
            self._check_text(line)
        self._check_soft_break(line)

    def finish(self) -> None:
        """What can only be said at the end of the chapter."""
        if self.open:
            raise self.open[-1][0].error("this ::: is never closed", "此处的 ::: 没有结束")

    def _check_div(self, line: Line, attributes: Attributes) -> None:
        kind = attributes.id.partition("-")[0]
        for name in attributes.classes:
            if name not in DIV_CLASSES and not name.startswith(OWN_CLASS_PREFIX):
                raise _unsupported(line, f"::: .{name}")
        for name in attributes.values:
            if name not in DIV_ATTRIBUTES and not name.startswith("aria-"):
                raise _unsupported(line, f"{name}=")
        if not attributes.classes and not attributes.id and not attributes.values:
            raise line.error("an empty ::: {} does nothing", "空的 ::: {} 没有作用")
        self._check_condition(line, attributes)
        if kind in ("fig", "tbl") and any(a.id.startswith(("fig-", "tbl-")) for _, a in self.open):
            raise _unsupported(line, f"a figure inside a figure ({attributes.id})")
        _check_id(line, attributes.id)

    def _check_condition(self, line: Line, attributes: Attributes) -> None:
        conditional = bool(set(CONDITIONS) & set(attributes.classes))
        conditions = [name for name in ("when-profile", "when-format") if name in attributes.values]
        if conditional != bool(conditions):
            raise line.error(
                "conditional content is .content-visible or .content-hidden with when-profile or when-format",
                "条件内容应为 .content-visible 或 .content-hidden 加 when-profile 或 when-format",
            )
        if (value := attributes.values.get("when-format")) and value not in FORMATS:
            raise _unsupported(line, f'when-format="{value}"')

    def _check_text(self, line: Line) -> None:
        if note := FOOTNOTE.match(line.text):
            if first := self.notes.get(note[1]):
                raise line.error(
                    f"footnote [^{note[1]}] is already on line {first.number}: name it [^{note[1]}-zh] or so",
                    f"脚注 [^{note[1]}] 已在第 {first.number} 行定义：请改名，例如 [^{note[1]}-zh]",
                )
            self.notes[note[1]] = line
        # Code and formulae may hold any braces.
        bare = INLINE_MATH.sub("", INLINE_CODE.sub("``", line.text))
        if (match := re.search(r"`\{([a-z]+)\}\s", line.text)) and match[1] != "python":
            raise _unsupported(line, f"`{{{match[1]}}} …`")
        if re.search(r"`\{\{\w+\}\}\s", line.text):
            raise _unsupported(line, "`{{…}} …`")
        if header := HEADER.match(line.text):
            self._check_header(line, len(header[1]), header[3])
        elif match := re.search(r"\$\$\s*\{#", line.text):
            raise _unsupported(line, "$$ … $$ {#eq-…}")
        for match in INLINE_ATTR.finditer(bare):
            attributes = parse_attributes(match[0], line) if not match[1].startswith("=") else Attributes()
            for name in attributes.values:
                if name not in INLINE_ATTRIBUTES:
                    raise _unsupported(line, f"{{{name}=…}}")
            for name in attributes.classes:
                if name not in CONDITIONS and not name.startswith(OWN_CLASS_PREFIX):
                    raise _unsupported(line, f"{{.{name}}}")
            self._check_condition(line, attributes)
            _check_id(line, attributes.id)
        if match := re.search(rf"(?<![\w@\\])-?@({OTHER_KINDS})-[\w-]+", bare):
            raise _unsupported(line, match[0])
        if match := re.search(r"@(?:sec|fig|tbl)-[\w-]+\s*\[-?@", bare):
            raise line.error(
                "a citation in brackets right after a cross reference is lost: put a word between them",
                "紧跟在交叉引用之后的方括号引文会丢失：请在两者之间加字或标点",
            )

    def _check_header(self, line: Line, level: int, attributes_text: str | None) -> None:
        attributes = parse_attributes(attributes_text, line) if attributes_text else Attributes()
        in_tabset = any("panel-tabset" in a.classes for _, a in self.open)
        for name in attributes.classes:
            if name not in HEADER_CLASSES and not name.startswith(OWN_CLASS_PREFIX):
                raise _unsupported(line, f"{{.{name}}}")
        if attributes.values:
            raise _unsupported(line, f"{{{next(iter(attributes.values))}=…}}")
        _check_id(line, attributes.id)
        if level == 1 and not in_tabset:
            if self.open:
                raise line.error(
                    "a title must not stand inside a div: the wrong language would reach the sidebar",
                    "章标题不能放在 ::: 之内：侧栏会显示错误的语言",
                )
            if self.title:
                raise line.error(
                    f"a chapter has one title; the first is on line {self.title.number}",
                    f"每章只有一个标题；第一个在第 {self.title.number} 行",
                )
            if not attributes.id.startswith("sec-"):
                raise line.error(
                    "a chapter's title needs an id: `# … {#sec-…}`", "章标题需要标识：`# … {#sec-…}`"
                )
            self.title = line

    def _check_soft_break(self, line: Line) -> None:
        """Quarto prints a space for a line break between two Chinese characters."""
        if self.previous and ENDS_CJK.search(self.previous.text) and STARTS_CJK.search(line.text):
            raise line.error(
                "a line break between Chinese characters becomes a space: write one paragraph on one line",
                "两个汉字之间换行会变成空格：每段请写在一行内",
            )
        is_text = not re.match(r"^\s*($|[|#>:]|`{3}|<)", line.text)
        self.previous = line if is_text else None


def _check_id(line: Line, identifier: str) -> None:
    if re.match(rf"({OTHER_KINDS})-", identifier):
        raise _unsupported(line, f"{{#{identifier}}}")
