"""A built site, once for all tests that look at one, and copies of the project to change."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

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
    """The project as it is, built."""
    project = copy_project(tmp_path_factory.mktemp("built"))
    done = project.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return project


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    """A built copy that a test may change and build again."""
    folder = tmp_path / "project"
    shutil.copytree(built.folder, folder, symlinks=True)
    return Project(folder)
