"""What a change does to the built site: a new number everywhere, or nothing at all and a clear error."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.site.conftest import LANGUAGES, Project


def change_cell(project: Project, table: str, key: str, column: str, new: str) -> tuple[int, str]:
    """Change one cell of a table; gives its row as Excel counts it and what stood there."""
    path = project.folder / "data" / table
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    name = next(iter(rows[0]))
    index = next(i for i, row in enumerate(rows) if row[name] == key)
    old = rows[index][column]
    rows[index][column] = new
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return index + 2, old


def fingerprint(site: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(site.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(site)).encode() + path.read_bytes())
    return digest.hexdigest()


def share(project: Project) -> str:
    """The pooled share of improved people, in percent, as pages print it."""
    record = json.loads((project.site / "en" / "results.json").read_text(encoding="utf-8"))
    question = next(q for q in record["questions"] if q["id"] == "edss-improved")
    return f"{100 * question['pooled']['estimate']:.1f}"


def pdf_text(project: Project, lang: str) -> str:
    reader = PdfReader(project.site / lang / f"msc-ms-living-review-{lang}.pdf")
    return "".join(page.extract_text() for page in reader.pages)


@pytest.mark.slow
def test_one_changed_count_changes_every_place_that_shows_the_result(project: Project) -> None:
    before = share(project)
    figures = [project.site / lang / "figures" / "fig-edss-improved.svg" for lang in LANGUAGES]
    drawn = [path.read_text(encoding="utf-8") for path in figures]
    change_cell(project, "outcomes.csv", "bonab2007-o01", "events", "3")
    change_cell(project, "outcomes.csv", "bonab2007-o02", "events", "2")
    done = project.build()
    assert done.returncode == 0, done.stdout + done.stderr
    after = share(project)
    assert after != before
    assert not any(after in figure for figure in drawn)
    for lang in LANGUAGES:
        page = project.page(lang, "chapters/efficacy.html")
        figure = (project.site / lang / "figures" / "fig-edss-improved.svg").read_text(encoding="utf-8")
        overview = project.page(lang, "index.html")
        for place in (page, figure, overview, pdf_text(project, lang)):
            assert after in place


BROKEN = [
    ("outcomes.csv", "bonab2012-o03", "n", "", "count without n"),
    ("outcomes.csv", "bonab2012-o03", "n", "about 20", "text in a number column"),
    ("outcomes.csv", "bonab2012-o03", "study_id", "nobody1999", "unknown study"),
    ("outcomes.csv", "bonab2012-o03", "events", "23", "events above n"),
    ("trials.csv", "NCT00395200", "start", "2008-13-45", "broken date"),
]


@pytest.mark.parametrize(
    ("table", "key", "column", "value", "what"), BROKEN, ids=[case[-1] for case in BROKEN]
)
def test_bad_data_stops_the_build_and_the_last_site_stays(
    project: Project, table: str, key: str, column: str, value: str, what: str
) -> None:
    standing = fingerprint(project.site)
    row, _ = change_cell(project, table, key, column, value)
    done = project.build()
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in said
    for part in (table, str(row), column, value):
        assert part in said, said
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said)
    assert fingerprint(project.site) == standing


def test_unsupported_quarto_syntax_stops_with_file_and_line(project: Project) -> None:
    standing = fingerprint(project.site)
    chapter = project.folder / "chapters" / "background.qmd"
    text = chapter.read_text(encoding="utf-8").rstrip("\n") + "\n\n{{< video talk.mp4 >}}\n"
    chapter.write_text(text, encoding="utf-8")
    done = project.build()
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert f"chapters/background.qmd:{text.count(chr(10))}" in said, said
    assert fingerprint(project.site) == standing


def test_asking_for_quarto_where_there_is_none_says_how_to_get_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess
    import sys

    environment = {"PATH": str(project.folder), "HOME": str(project.folder), "PIP_NO_INDEX": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "publishing", "build", "--engine", "quarto"],
        cwd=project.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "quarto.org" in said
    assert "Traceback" not in said
