"""A changed cell of any table changes the site as building it all anew would."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.reviews.bcg_site import build, copy_bcg

CHANGES = {
    "arms.csv": ("aronson1948,bcg,BCG vaccine,", "aronson1948,bcg,BCG vaccine twice,"),
    "certainty.csv": ("not_assessed,,,,", "not_assessed,Nobody has yet.,尚无人评定。,,"),
    "outcomes.csv": (",123,,,,,,,,,4,", ",123,,,,,,,,,5,"),
    "reporting.csv": ("prisma-1,sec-summary,,,", "prisma-1,sec-summary,,Said again.,再说一次。"),
    "studies.csv": ("aronson1948,Aronson 1948,", "aronson1948,Aronson & others 1948,"),
    "review.yml": ("interval: hksj", "interval: wald"),
}
"""One cell of every table that has rows, and one setting of the protocol."""


@pytest.mark.slow
def test_a_changed_cell_of_any_table_gives_what_a_build_from_nothing_gives(tmp_path: Path) -> None:
    project = copy_bcg(tmp_path / "bcg")
    before = built(project)
    for name, (old, new) in CHANGES.items():
        path = project / "data" / name
        text = path.read_text(encoding="utf-8")
        assert old in text, name
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        after = built(project)
        assert after["en/results.json"] != before["en/results.json"], name
        anew = built(project, "--no-cache")
        assert {page for page, digest in anew.items() if digest != after.get(page)} == set(), name
        assert anew.keys() == after.keys(), name
        before = after


def built(project: Path, *options: str) -> dict[str, str]:
    """The digest of every file of the site, built as told."""
    site = build(project, "--no-pdf", *options)
    files = sorted(path for path in site.rglob("*") if path.is_file())
    return {
        path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
