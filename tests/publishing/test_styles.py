"""The style sheet's parts become one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from publishing.errors import BookError
from publishing.html import ASSETS
from publishing.styles import bundle, write_styles


def test_parts_stand_in_the_place_of_their_imports(tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "a.css").write_text('@import "b.css";\na {}\n', encoding="utf-8")
    (tmp_path / "css" / "b.css").write_text("b {}\n", encoding="utf-8")
    (tmp_path / "review.css").write_text('@import "css/a.css";\nc {}\n', encoding="utf-8")
    assert bundle(tmp_path / "review.css") == "b {}\na {}\nc {}\n"
    (tmp_path / "css" / "b.css").unlink()
    with pytest.raises(BookError, match=r"b\.css"):
        bundle(tmp_path / "review.css")


def test_every_part_of_the_reviews_style_is_served(tmp_path: Path) -> None:
    write_styles(ASSETS, tmp_path)
    served = (tmp_path / "assets" / "review.css").read_text(encoding="utf-8")
    assert "@import" not in served
    assert "url(" not in served
    for path in (ASSETS / "css").glob("*.css"):
        assert path.read_text(encoding="utf-8") in served, path.name
