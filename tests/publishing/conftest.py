"""The test book: copies to change, and one that is built once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from publishing import site

BOOK = Path(__file__).parent / "book"
FONTS = Path(__file__).parents[2] / ".cache" / "fonts"


@dataclass(frozen=True)
class TestBook:
    """A copy of the test book in a folder of its own."""

    __test__ = False

    folder: Path

    @property
    def site(self) -> Path:
        return self.folder / "_site"

    def page(self, lang: str, address: str) -> str:
        return (self.site / lang / address).read_text(encoding="utf-8")

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Change one place in a file; the place must be there exactly once."""
        text = self.read(name)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def append(self, name: str, text: str) -> int:
        """Add lines at the end of a file; the number of the first one."""
        before = self.read(name).rstrip("\n").split("\n")
        self.write(name, "\n".join([*before, "", text, ""]))
        return len(before) + 2


def copy_book(folder: Path) -> TestBook:
    shutil.copytree(BOOK, folder, ignore=shutil.ignore_patterns("_build", "_site", ".cache", "__pycache__"))
    (folder / ".cache").mkdir()
    (folder / ".cache" / "fonts").symlink_to(FONTS)
    return TestBook(folder)


@pytest.fixture
def book(tmp_path: Path) -> TestBook:
    """A copy that a test may change."""
    return copy_book(tmp_path / "book")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> TestBook:
    """The book as it is, built by the embedded renderer, with a status written by nobody's cells."""
    made = copy_book(tmp_path_factory.mktemp("built") / "book")
    made.replace(
        "index.qmd",
        "from book_shapes import figure, sentence",
        "from book_shapes import figure, sentence, write_status\nwrite_status()",
    )
    site.build(made.folder, engine="embedded", say=lambda line: None)
    return made
