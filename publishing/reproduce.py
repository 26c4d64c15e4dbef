"""`reproduce.zip`: what computes the results and builds the site again, and how; always the same bytes.

It holds sources and the results record, and nothing that a build makes of them: pages name it, it does not
depend on pages.
"""

from __future__ import annotations

import json
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

from publishing.archive import Entry, write_zip
from publishing.errors import BookError
from publishing.files import names_below
from store import Store, digest

NAME = "reproduce.zip"
_PACKING = threading.Lock()
FOLDERS = ("data", "analysis", "publishing", "store", "assets", "chapters", "tests/reference")
FILES = (
    "index.qmd",
    "_quarto.yml",
    "_quarto-en.yml",
    "_quarto-zh.yml",
    "Makefile",
    "living.mk",
    "pyproject.toml",
    "requirements.lock",
    "LICENSE",
    "CITATION.cff",
)
# What a source ends in: whatever else lies in a folder (a spreadsheet, an editor's copy) is nobody's source.
ENDINGS = (
    ".py",
    ".yml",
    ".j2",
    ".csv",
    ".json",
    ".bib",
    ".qmd",
    ".css",
    ".scss",
    ".js",
    ".csl",
    ".lua",
    ".typ",
    ".md",
)
HOW_TO = """\
# How to compute everything again / 如何重新计算

You need Python {python}; Quarto is not needed. / 需要 Python {python}，无需 Quarto。

The results / 结果:

    python3 -m venv .venv
    .venv/bin/python -m pip install --require-hashes -r requirements.lock
    .venv/bin/python -m analysis results again.json
    cmp again.json results.json

The last command prints nothing when every byte is the same. `results.json` names the versions of the
packages it was computed with, and the SHA-256 digest of every file under `data/`.
最后一条命令没有输出，即表示逐字节相同。
`results.json` 中列有计算所用软件包的版本以及 `data/` 下各文件的 SHA-256 摘要。

The website and the PDFs, with `make` / 网站和 PDF（需要 `make`）:

    make site ENGINE=embedded

They are in `_site/`. / 生成于 `_site/`。
"""


def offer(project: Path, results: Path, folder: Path, present: Path | None = None) -> None:
    """Put the file into a language's folder, where the project holds its own code and has its results."""
    if (project / "pyproject.toml").is_file() and results.is_file():
        write_reproduce(project, results, folder / NAME, present / NAME if present else None)


def write_reproduce(project: Path, results: Path, target: Path, present: Path | None = None) -> Path:
    """Write the zip file.

    Parameters
    ----------
    project : Path
        The folder of ``data/`` and ``analysis/``.
    results : Path
        The results record that the data give, such as ``_build/results.json``.
    target : Path
        The zip file.
    present : Path, optional
        As for `publishing.archive.write_zip`.

    Raises
    ------
    BookError
        When the results are not there, or were made from other data than the project has.
    """
    if not results.is_file():
        raise BookError(
            "there are no results yet: run python -m analysis results",
            "尚无结果：请先运行 python -m analysis results",
            file=str(results),
        )
    _compare(project / "data", results)
    entries = ((f"reproduce/{name}", content) for name, content in _contents(project, results))
    # Both languages offer it: the second finds what the first has packed.
    with _PACKING:
        return write_zip(target, entries, Store.of(project), present)


def _contents(project: Path, results: Path) -> Iterator[Entry]:
    yield "README.md", HOW_TO.format(python=_python(project)).encode("utf-8")
    yield "results.json", results
    for name in FILES:
        if (project / name).is_file():
            yield name, project / name
    for folder in FOLDERS:
        root = project / folder
        for name in names_below(root):
            hidden = any(part.startswith((".", "__pycache__")) for part in name.split("/"))
            if name.endswith(ENDINGS) and not hidden:
                yield f"{folder}/{name}", root / name


def _python(project: Path) -> str:
    package = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(package["requires-python"]).lstrip(">=~") + "+"


def _compare(data: Path, results: Path) -> None:
    """The results name the digests of what they were made from."""
    inputs = json.loads(results.read_text(encoding="utf-8"))["inputs"]
    for name, expected in inputs.items():
        path = data / name
        found = digest(path) if path.is_file() else ""
        if found != expected:
            raise BookError(
                f"the results were made from another {name}: run python -m analysis results",
                f"结果并非由当前的 {name} 得出：请重新运行 python -m analysis results",
                file=str(results),
            )
