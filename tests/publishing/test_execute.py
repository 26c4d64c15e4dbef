"""Cells run as Quarto runs them: their folder, their environment, their options; a failure has a line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from publishing.errors import BookError
from publishing.execute import Interpreter, assemble
from publishing.project import load_project
from publishing.source import read_chapter
from tests.publishing.conftest import TestBook

SECOND = "chapters/second.qmd"
HEAD = "# {{< meta chapter-titles.second >}} {#sec-second}\n\n```{python}\nimport os\n```\n\n"


def run(book: TestBook, text: str, lang: str = "en") -> str:
    """What becomes of a chapter with this text after its title and first cell."""
    book.write(SECOND, HEAD + text + "\n")
    project = load_project(book.folder, lang)
    source = read_chapter(project, project.chapters[2])
    return assemble(source, Interpreter(project).run(source))


def cell(code: str, *options: str) -> str:
    return "\n".join(("```{python}", *(f"#| {option}" for option in options), code, "```"))


def fails(book: TestBook, text: str) -> BookError:
    with pytest.raises(BookError) as caught:
        run(book, text)
    assert caught.value.file == SECOND
    return caught.value


def test_cells_run_in_the_chapters_folder_with_quartos_environment(book: TestBook) -> None:
    before = Path.cwd(), dict(os.environ), list(sys.path)
    code = (
        'print(os.path.basename(os.getcwd()), os.environ["QUARTO_PROFILE"], os.environ["QUARTO_PROJECT_DIR"])'
    )
    text = run(book, cell(code, "output: asis"), "zh")
    assert f"chapters zh {book.folder.resolve()}" in text
    assert (Path.cwd(), dict(os.environ), list(sys.path)) == before


def test_names_last_for_a_chapter_and_no_longer(book: TestBook) -> None:
    assert "\n7\n" in run(book, cell("x = 7") + "\n\n" + cell("print(x)", "output: asis"))
    assert "NameError" in str(fails(book, cell("x")))


def test_dataclasses_work_in_cells(book: TestBook) -> None:
    code = "from __future__ import annotations\nfrom dataclasses import dataclass\n"
    code += "@dataclass\nclass A:\n    b: int"
    assert "A(b=1)" in run(book, cell(code) + "\n\n" + cell("A(1)"))


def test_markdown_is_preferred_and_text_is_a_code_block(book: TestBook) -> None:
    code = "class A:\n    def _repr_mimebundle_(self, **_):\n"
    code += "        return {'text/markdown': '*m*', 'text/html': '<i>h</i>'}\nA()"
    assert "\n*m*\n" in run(book, cell(code))
    assert "```\n'a``b'\n```" in run(book, cell("'a``b'"))
    assert "````\n'```'\n````" in run(book, cell("'``' + '`'"))


def test_display_keeps_its_place_among_prints(book: TestBook) -> None:
    code = "from IPython.display import Markdown, display\n"
    code += "print('one')\ndisplay(Markdown('**two**'))\nprint('three')"
    text = run(book, cell(code))
    assert text.index("one") < text.index("**two**") < text.index("three")


def test_options_decide_what_is_shown(book: TestBook) -> None:
    assert "shown" not in run(book, cell("'shown'", "include: false"))
    assert "shown" not in run(book, cell("print('shown')", "output: false"))
    assert "```python\n1 + 1\n```\n\n```\n2\n```" in run(book, cell("1 + 1", "echo: true"))
    assert "\n*x*\n" in run(book, cell("print('*x*')", "output: asis"))
    assert "```\n*x*\n```" in run(book, cell("print('*x*')"))
    assert "shown" not in run(book, cell("'shown';"))
    warn = "import sys\n_ = sys.stderr.write('beware')"
    assert "beware" not in run(book, cell(warn))
    assert "beware" in run(book, cell(warn, "warning: true"))
    assert "ValueError: no" in run(book, cell("raise ValueError('no')", "error: true"))


def test_a_captioned_image_serves_both_formats(book: TestBook) -> None:
    code = "from IPython.display import SVG\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')"
    options = ("label: fig-x", "fig-cap: A caption.", 'fig-alt: "a \\"b\\" <c>"')
    text = run(book, cell(code, *options))
    assert "::: {#fig-x}" in text
    assert '<img src="../cells/second-2-1.svg" alt="a &quot;b&quot; &lt;c>">' in text
    assert '#image("/_build/en/cells/second-2-1.svg", alt: "a \\"b\\" <c>")' in text
    assert (book.folder / "_build/en/cells/second-2-1.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "needs `fig-alt`" in fails(book, cell(code)).en


def test_inline_text_is_escaped_and_markdown_is_not(book: TestBook) -> None:
    text = run(book, "A `{python} '<b>*x*</b>'` and `{python} 2 * 21`.")
    assert "A \\<b\\>\\*x\\*\\<\\/b\\> and 42." in text
    code = cell("class M(str):\n    def _repr_markdown_(self):\n        return str(self)")
    assert "so *m*." in run(book, code + "\n\nso `{python} M('*m*')`.")


def test_a_failing_cell_is_named_with_its_line(book: TestBook) -> None:
    error = fails(book, cell("x = 1\ny = 2\nraise ValueError('bad value')", "echo: true"))
    assert error.where == 11
    assert "ValueError: bad value" in error.en
    assert "ValueError: bad value" in error.zh


def test_a_failure_in_a_function_is_where_it_was_called(book: TestBook) -> None:
    error = fails(book, cell("def f():\n    return 1 / 0") + "\n\n" + cell("x = 1\nf()"))
    assert error.where == 14
    assert "f()" in error.en


def test_broken_python_is_named_with_its_line(book: TestBook) -> None:
    error = fails(book, cell("x = 1\nif x\n    y = 2"))
    assert error.where == 9
    assert "SyntaxError" in error.en


def test_a_failing_expression_is_named_with_its_line(book: TestBook) -> None:
    error = fails(book, "First line.\n\nA `{python} no_such_name` here.")
    assert error.where == 9
    assert "NameError" in error.en
    assert "gives nothing" in fails(book, "A `{python} None`.").en


def test_a_result_without_a_readable_form_is_refused(book: TestBook) -> None:
    assert "no readable form" in fails(book, cell("object()")).en
    html = "class A:\n    def _repr_html_(self):\n        return '<table></table>'\nA()"
    assert "only HTML" in fails(book, cell(html)).en
