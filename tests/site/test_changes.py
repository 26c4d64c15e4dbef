"""What a change does to the built site: a new number everywhere, or nothing at all and a clear error."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from pypdf import PdfReader

from analysis.evidence.cli import import_main
from tests.evidence.new_trials import new_trials, workbook
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


HOSTILE = (
    '=HYPERLINK(1) <script>alert(1)</script> #import "x" {{7*7}} {{< video x >}} $(id) [a](javascript:1)'
)


@dataclass(frozen=True)
class Changed:
    """A project before and after its evidence was changed and the site built again."""

    project: Project
    share_before: str
    figures_before: list[str]


def figure_of(project: Project, lang: str) -> str:
    path = project.site / lang / "figures" / "fig-edss-improved.svg"
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def changed(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Changed:
    folder = tmp_path_factory.mktemp("changed") / "project"
    shutil.copytree(built.folder, folder, symlinks=True)
    project = Project(folder)
    before = Changed(project, share(project), [figure_of(project, lang) for lang in LANGUAGES])
    change_cell(project, "outcomes.csv", "bonab2007-o01", "events", "3")
    change_cell(project, "outcomes.csv", "bonab2007-o02", "events", "2")
    template = workbook(folder / "new.xlsx", new_trials(), folder / "data")
    assert import_main([str(template), "--write", "--data", str(folder / "data")]) == 0
    change_cell(project, "adverse_events.csv", "shokati2025-a01", "term", HOSTILE)
    change_cell(project, "outcomes.csv", "bonab2007-o01", "quote", HOSTILE)
    done = project.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return before


@pytest.mark.slow
def test_one_changed_count_changes_every_place_that_shows_the_result(changed: Changed) -> None:
    project = changed.project
    after = share(project)
    assert after != changed.share_before
    assert not any(after in figure for figure in changed.figures_before)
    for lang in LANGUAGES:
        page = project.page(lang, "chapters/efficacy.html")
        overview = project.page(lang, "index.html")
        for place in (page, figure_of(project, lang), overview, pdf_text(project, lang)):
            assert after in place


@pytest.mark.slow
def test_three_new_trials_reach_their_pages_and_their_pooled_result(changed: Changed) -> None:
    project = changed.project
    record = json.loads((project.site / "en" / "results.json").read_text(encoding="utf-8"))
    rows = next(q for q in record["questions"] if q["id"] == "edss-improved")["rows"]
    pooled = {row["study_id"] for row in rows if row["status"] == "pooled"}
    for trial in ("simulated2027", "simulated2028", "simulated2029"):
        assert trial in pooled
        for lang in LANGUAGES:
            assert f'id="study-{trial}"' in project.page(lang, "chapters/studies.html")
            assert f"#study-{trial}" in project.page(lang, "chapters/evidence-map.html")


@pytest.mark.slow
def test_hostile_cells_come_out_as_text(changed: Changed) -> None:
    project = changed.project
    for lang in LANGUAGES:
        for address in ("chapters/safety.html", "chapters/studies.html"):
            page = project.page(lang, address)
            assert "<script>alert" not in page
            assert HOSTILE in html.unescape(page)
            assert 'href="javascript:' not in page
        printed = "".join(pdf_text(project, lang).split())
        assert "".join(HOSTILE.split()) in printed
        for table in (project.site / lang / "tables").glob("*.csv"):
            for row in csv.reader(io.StringIO(table.read_text(encoding="utf-8-sig"))):
                assert not [cell for cell in row if cell.startswith("=")], table.name


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
