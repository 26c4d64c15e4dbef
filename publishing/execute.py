"""Runs a chapter's cells in one warm IPython and puts their results into the text.

The result is Markdown that both outputs are made from: a result's ``text/markdown`` may hold raw HTML and
raw Typst side by side, and pandoc keeps the one it needs.
"""

from __future__ import annotations

import base64
import gc
import io
import os
import re
import string
import sys
import tempfile
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from publishing.errors import BookError
from publishing.project import Book
from publishing.source import Cell, Prose, Source
from publishing.syntax import Line

INLINE = re.compile(r"(?<!`)`\{python\}[ \t]([^`]+)`")
IMAGES = {"image/svg+xml": "svg", "image/png": "png"}
MODULE = "chapter_cells"
BUILD_VARIABLE = "REVIEW_BUILD"
"""Tells cells where to leave files for the site: chapters run at once, each into a folder of its own."""

Results = list[list[str]]


@dataclass
class Outputs:
    """What a cell gave, in order: ``("stdout" | "stderr", text)`` or ``("display", bundle)``."""

    items: list[tuple[str, Any]] = field(default_factory=list)

    def add(self, kind: str, content: Any) -> None:
        """Add one output; text that follows text of the same stream is joined to it."""
        if self.items and kind != "display" and self.items[-1][0] == kind:
            content = self.items.pop()[1] + content
        self.items.append((kind, content))


class _Stream(io.TextIOBase):
    def __init__(self, outputs: Outputs, kind: str) -> None:
        self._outputs, self._kind = outputs, kind

    def write(self, text: str) -> int:
        self._outputs.add(self._kind, text)
        return len(text)


class _Publisher:
    """Takes what `IPython.display.display` shows."""

    is_publishing = False

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs

    def publish(self, data: Mapping[str, Any], *_: Any, **__: Any) -> None:
        self._outputs.add("display", data)

    def clear_output(self, wait: bool = False) -> None:
        """Nothing can be taken back from a page."""


class Interpreter:
    """One IPython for all chapters of a language: modules stay loaded, names do not.

    Parameters
    ----------
    book : Book
        The project in one language; its profile is ``QUARTO_PROFILE`` for the cells.
    build : Path, optional
        Where cells leave files for the site, ``_build`` by default; they find it in ``REVIEW_BUILD``.
    """

    def __init__(self, book: Book, build: Path | None = None) -> None:
        self._book = book
        self._build = build or book.build_dir.parent
        self._shell: Any = _shell()

    def run(self, source: Source) -> Results:
        """What every cell and inline expression of a chapter gives, a list for each segment.

        Raises
        ------
        BookError
            With file and line, when a cell or an expression raises an exception.
        """
        cells = 0
        results: Results = []
        with self._surroundings(source):
            for segment in source.segments:
                if isinstance(segment, Prose):
                    results.append(self._run_inline(segment))
                else:
                    results.append([self._run_cell(segment, source, cells)])
                    cells += 1
        return results

    @contextmanager
    def _surroundings(self, source: Source) -> Iterator[None]:
        """Quarto's: the chapter's folder, its environment, and a namespace of its own."""
        folder = source.chapter.source.parent
        environment = {
            "QUARTO_PROFILE": self._book.lang,
            "QUARTO_PROJECT_DIR": str(self._book.project_dir),
            "QUARTO_PROJECT_ROOT": str(self._book.project_dir),
            "QUARTO_DOCUMENT_FILE": source.chapter.source.name,
            BUILD_VARIABLE: str(self._build),
        }
        before = {name: os.environ.get(name) for name in environment}
        cwd, path = Path.cwd(), list(sys.path)
        self._shell.reset(new_session=False)
        # A reset collects garbage; what survives one is none and need not be looked through again.
        gc.freeze()
        try:
            os.environ.update(environment)
            os.chdir(folder)
            sys.path.insert(0, str(folder))
            yield
        finally:
            os.chdir(cwd)
            sys.path[:] = path
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value

    def _run_cell(self, cell: Cell, source: Source, index: int) -> str:
        outputs = Outputs()
        self._shell.display_pub = _Publisher(outputs)
        self._shell.display_trap.hook = self._display_hook(outputs, cell)
        with redirect_stdout(_Stream(outputs, "stdout")), redirect_stderr(_Stream(outputs, "stderr")):
            result = self._shell.run_cell(cell.code, store_history=False)
        options = {**self._book.execute, **cell.options}
        if error := result.error_before_exec or result.error_in_exec:
            if isinstance(error, KeyboardInterrupt):
                raise error
            if not options.get("error"):
                raise _cell_error(error, cell) from error
            outputs.add("error", f"{type(error).__name__}: {error}")
        if options.get("include") is False:
            return ""
        shown = [_code(cell.code, "python")] if options.get("echo") else []
        if options.get("output") is not False:
            name = f"{source.chapter.source.stem}-{index + 1}"
            shown.append(_labelled("\n\n".join(self._render(outputs, options, cell, name)), options))
        return "\n\n".join(part for part in shown if part)

    def _display_hook(self, outputs: Outputs, cell: Cell) -> Callable[[Any], None]:
        def hook(value: Any) -> None:
            if value is not None and not cell.code.rstrip().endswith(";"):
                bundle, _ = self._shell.display_formatter.format(value)
                outputs.add("display", bundle)

        return hook

    def _render(self, outputs: Outputs, options: Mapping[str, Any], cell: Cell, name: str) -> Iterator[str]:
        number = 0
        for kind, content in outputs.items:
            if kind == "display":
                number += 1
                yield self._render_bundle(content, options, cell.start, f"{name}-{number}")
            elif kind == "stdout" and options.get("output") == "asis":
                yield content
            elif (kind != "stderr" or options.get("warning")) and content.strip():
                yield _code(content.rstrip("\n"), "")

    def _render_bundle(
        self, bundle: Mapping[str, Any], options: Mapping[str, Any], line: Line, name: str
    ) -> str:
        if "text/markdown" in bundle:
            return str(bundle["text/markdown"])
        for mime, ending in IMAGES.items():
            if mime in bundle:
                return self._save_image(
                    bundle[mime], f"{name}.{ending}", str(options.get("fig-alt", "")), line
                )
        if "text/html" in bundle:
            raise line.error(
                "a result that is only HTML has no place in the PDF and makes Quarto load scripts from "
                "another host: give it `text/markdown`",
                "只有 HTML 形式的结果无法进入 PDF，且会使 Quarto 从外部主机加载脚本：请提供 `text/markdown`",
            )
        text = str(bundle.get("text/plain", ""))
        if re.match(r"<.* at 0x[0-9a-f]+>|<Figure ", text):
            raise line.error(
                f"the result has no readable form ({text}): end the line with “;” or show something else",
                f"单元的结果没有可读形式（{text}）：请在行末加“;”或输出其他内容",
            )
        return _code(text, "")

    def _save_image(self, content: str | bytes, name: str, alt: str, line: Line) -> str:
        if not alt:
            raise line.error("an image needs `fig-alt`", "图像需要 `fig-alt`")
        target = self._build / self._book.lang / "cells" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".svg"):
            target.write_text(str(content), encoding="utf-8")
        else:
            target.write_bytes(content if isinstance(content, bytes) else base64.b64decode(content))
        depth = len(Path(line.file).parts) - 1
        html_alt = alt.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
        typst_alt = alt.replace("\\", "\\\\").replace('"', '\\"')
        html = f'<img src="{"../" * depth}cells/{name}" alt="{html_alt}">'
        typst = f'#image("/_build/{self._book.lang}/cells/{name}", alt: "{typst_alt}")'
        return f"```{{=html}}\n{html}\n```\n\n```{{=typst}}\n{typst}\n```"

    def _run_inline(self, prose: Prose) -> list[str]:
        text = prose.text

        def value(match: re.Match[str]) -> str:
            line = prose.lines[text.count("\n", 0, match.start())]
            try:
                with redirect_stdout(io.StringIO()):
                    result = self._shell.ev(match[1].strip())
            except Exception as error:
                raise _failure(line, error, match[1].strip()) from error
            if result is None:
                raise line.error(f"`{match[1]}` gives nothing", f"`{match[1]}` 没有结果")
            return _inline_markdown(result)

        return [value(match) for match in INLINE.finditer(text)]


def code_of(source: Source) -> list[Any]:
    """Everything of a chapter that is run: what its results depend on, its prose does not."""
    return [
        INLINE.findall(segment.text)
        if isinstance(segment, Prose)
        else [segment.code, dict(segment.options), segment.start.file]
        for segment in source.segments
    ]


def assemble(source: Source, results: Results) -> str:
    """A chapter's Markdown with every cell and inline expression replaced by its result."""
    parts = []
    for segment, found in zip(source.segments, results, strict=True):
        if isinstance(segment, Prose):
            values = iter(found)
            parts.append(INLINE.sub(lambda match, values=values: next(values), segment.text))  # type: ignore[misc]
        else:
            parts.append(_spaced(found[0]))
    return "\n".join(parts) + "\n"


def _shell() -> Any:
    """The process's IPython, made on first use, without history and without a say in ``__main__``."""
    # Most builds run no cell.
    from IPython.core.interactiveshell import InteractiveShell

    if not InteractiveShell.initialized():
        folder = tempfile.mkdtemp(prefix="ipython-")
        shell: Any = InteractiveShell.instance(ipython_dir=folder, user_module=types.ModuleType(MODULE))
        shell.history_manager.enabled = False
        shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None
    return InteractiveShell.instance()


def _cell_error(error: BaseException, cell: Cell) -> BookError:
    number = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace and number is None:
        if trace.tb_frame.f_globals.get("__name__") == MODULE:
            number = trace.tb_lineno
        trace = trace.tb_next
    line = Line(cell.code, cell.start.file, cell.start.number + (number or 1) - 1)
    code = cell.code.splitlines()
    return _failure(line, error, code[(number or 1) - 1].strip() if code else "")


def _failure(line: Line, error: BaseException, code: str) -> BookError:
    what = f"{type(error).__name__}: {error}"
    return line.error(f"`{code}` failed: {what}", f"`{code}` 运行出错：{what}")


def _labelled(content: str, options: Mapping[str, Any]) -> str:
    label = str(options.get("label", ""))
    kind = label.partition("-")[0]
    caption = options.get(f"{kind}-cap") if kind in ("fig", "tbl") else None
    return f"::: {{#{label}}}\n{content}\n\n{caption}\n:::" if caption and content else content


def _code(text: str, language: str) -> str:
    """A code block, fenced so that nothing in the text can end it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _spaced(markdown: str) -> str:
    return f"\n{markdown}\n" if markdown else ""


def _inline_markdown(value: Any) -> str:
    if hasattr(value, "_repr_markdown_"):
        return str(value._repr_markdown_())
    text = str(value)
    return "".join("\\" + char if char in string.punctuation else char for char in text)
