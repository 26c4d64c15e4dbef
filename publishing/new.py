"""A new review: an empty one in both languages, with the code that builds it."""

from __future__ import annotations

import csv
import datetime
import json
import re
import shutil
from pathlib import Path

from publishing.errors import BookError

GENERATOR = Path(__file__).resolve().parents[1]
TEMPLATE = Path(__file__).parent / "templates" / "review"
CODE = (
    "analysis",
    "publishing",
    "store",
    "assets",
    ".github",
    ".gitignore",
    "LICENSE",
    "Makefile",
    "living.mk",
    "pyproject.toml",
    "requirements.lock",
    "requirements-test.lock",
)
"""What every review shares. A fix made in one review is copied into another by copying these."""

_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info")


def create(folder: Path, today: datetime.date) -> Path:
    """Write a new review.

    Parameters
    ----------
    folder : Path
        Where; must not exist, or be empty.
    today : date
        Its year and month become those of the first version.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    BookError
        When there is something in the folder already; nothing is written then.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BookError("the folder is not empty", "该文件夹不为空", file=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    for name in CODE:
        source = GENERATOR / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=_LEFT_OUT)
        elif source.is_file():
            shutil.copyfile(source, folder / name)
    shutil.copytree(TEMPLATE, folder, dirs_exist_ok=True, ignore=_LEFT_OUT)
    filled = {"@YEAR@": f"{today:%Y}", "@MONTH@": f"{today:%m}"}
    for path in (folder / "data" / "review.yml", folder / "CITATION.cff"):
        text = path.read_text(encoding="utf-8")
        for mark, value in filled.items():
            text = text.replace(mark, value)
        path.write_text(text, encoding="utf-8")
    _write_tables(folder / "data")
    _rename_package(folder / "pyproject.toml", f"{today:%Y}.0.0")
    return folder


def _write_tables(data: Path) -> None:
    """An empty table for each one that the data package names."""
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        with (data / resource["path"]).open("w", encoding="utf-8", newline="") as file:
            header = [field["name"] for field in resource["schema"]["fields"]]
            csv.writer(file, lineterminator="\n").writerow(header)


def _rename_package(path: Path, version: str) -> None:
    """The package's own version and description; what it needs stays the same."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r'^version = ".*"$', f'version = "{version}"', text, count=1, flags=re.MULTILINE)
    about = 'description = "A living systematic review and the code that builds it"'
    text = re.sub(r'^description = ".*"$', about, text, count=1, flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")
