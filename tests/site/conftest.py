"""A built site, once for all tests that look at one, and copies of the project to change."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser import browser, served

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own."""

    folder: Path

    def build(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Build both languages with the embedded engine, and PDFs where no option says otherwise."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("QUARTO_", "PYTHONPATH"))}
        return subprocess.run(
            [sys.executable, "-m", "publishing", "build", "--engine", "embedded", *options],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
        )

    @property
    def site(self) -> Path:
        return self.folder / "_site"

    def page(self, lang: str, address: str) -> str:
        """The text of a built page."""
        return (self.site / lang / address).read_text(encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Change one place in a file; the place must be there exactly once."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")


def copy_project(folder: Path) -> Project:
    """Copy what git tracks (and what it does not ignore), with the fonts linked.

    Of the tests only the reference figures come along: the Validation page compares with them.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        source = ROOT / name
        left_out = name.startswith(("tests/", "benchmarks/")) and not name.startswith("tests/reference/")
        if source.is_file() and not left_out:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    (folder / ".cache").mkdir(exist_ok=True)
    (folder / ".cache" / "fonts").symlink_to(ROOT / ".cache" / "fonts")
    return Project(folder)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project as it is, built; once for all of xdist's workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "built"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            folder.mkdir()
            done = copy_project(folder).build()
            assert done.returncode == 0, done.stdout + done.stderr
    project = Project(folder)
    assert (project.site / "index.html").is_file(), "the build failed for another worker"
    return project


@pytest.fixture(scope="session")
def pages(built: Project) -> list[str]:
    """The pages of a language's folder, in reading order's first and then by name."""
    root = built.site / LANGUAGES[0]
    found = [root / "index.html", *sorted((root / "chapters").glob("*.html"))]
    return [str(path.relative_to(root)) for path in found]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser for a file of tests; two that live at once would be in each other's way."""
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def address(built: Project) -> Iterator[str]:
    """The built site, served under a sub-path as GitHub serves a project's pages."""
    with served(built.site, under="a-project") as url:
        yield url


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    """A built copy that a test may change and build again."""
    folder = tmp_path / "project"
    shutil.copytree(built.folder, folder, symlinks=True)
    return Project(folder)
