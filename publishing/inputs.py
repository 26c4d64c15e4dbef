"""What a build depends on, as the keys that its steps are kept by."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from publishing.errors import BookError
from publishing.glyphs import find_fonts
from publishing.project import Book
from store import digest_of, key_of, packages

ROOT = Path(__file__).resolve().parents[1]
MADE = ("_site", "_build", "_freeze", "__pycache__", "node_modules", "build")
FOLLOWED = ("assets", "tests", "benchmarks")
"""Folders whose files count for a chapter only when its cells open them, as other chapters do."""
ENVIRONMENT = ("REVIEW_", "SOURCE_DATE_EPOCH", "TZ")
NOT_INPUTS = ("REVIEW_CACHE", "REVIEW_BUILD")


@dataclass(frozen=True)
class Inputs:
    """Keys of everything that may matter.

    Attributes
    ----------
    cells : str
        Of what the cells of any chapter may read or run, besides what `FOLLOWED` says and chapters.
    site : str
        Of all that the site is made from.
    """

    cells: str
    site: str


def read_inputs(book: Book) -> Inputs:
    """Look at every file of the project and of the code.

    Parameters
    ----------
    book : Book
        The project in any language.
    """
    files = dict(_tree(book.project_dir))
    if not ROOT.is_relative_to(book.project_dir):
        files |= {
            f"code/{name}": path
            for folder in ROOT.iterdir()
            if (folder / "__init__.py").is_file() and folder.name not in FOLLOWED
            for name, path in _tree(folder)
        }
        files |= {f"code/tests/{name}": path for name, path in _tree(ROOT / "tests" / "reference")}
    certain = [path for name, path in files.items() if not _is_followed(name)]
    font_key = _fonts_key(book.project_dir)
    around = (packages(), _environment(), date.today().isoformat(), font_key, "\n".join(sorted(files)))
    return Inputs(
        cells=key_of("inputs", digest_of(certain, book.project_dir), *around),
        site=key_of("inputs", digest_of(files.values(), book.project_dir), *around),
    )


def _fonts_key(project_dir: Path) -> str:
    """Of the font files; pages can be made without."""
    try:
        fonts = find_fonts(project_dir)
    except BookError:
        return ""
    return digest_of(fonts.iterdir(), fonts)


@lru_cache(maxsize=16384)
def is_followed(file: str, project: Path) -> bool:
    """Whether a file counts for a chapter only when its cells open it; `Inputs.cells` holds the rest."""
    path = Path(file)
    for root in (project, ROOT):
        if path.is_relative_to(root):
            parts = path.relative_to(root).parts
            made = any(part in MADE or part.startswith(".") for part in parts)
            return not made and _is_followed("/".join(parts))
    return False


def _is_followed(name: str) -> bool:
    parts = name.removeprefix("code/").split("/")
    by_publishing = "publishing" in parts[:1] and not name.endswith(".py")
    return name.endswith((".qmd", ".md")) or parts[0] in FOLLOWED or by_publishing


def _tree(root: Path) -> Iterator[tuple[str, Path]]:
    """The files below a folder that somebody wrote, by their names seen from it."""
    start = len(os.path.join(root, ""))
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if name not in MADE and not name.startswith(".") and "egg-info" not in name
        )
        for name in names:
            path = os.path.join(folder, name)
            if not name.startswith(".") and os.path.isfile(path):
                yield path[start:].replace(os.sep, "/"), Path(path)


def _environment() -> str:
    kept: Mapping[str, str] = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(ENVIRONMENT) and name not in NOT_INPUTS
    }
    return repr(sorted(kept.items()))
