"""A review's life on its built pages: released, a study added, released, corrected, retired."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from analysis.evidence.cli import import_main
from analysis.living.feed import ATOM
from analysis.living.releasing import release
from analysis.living.report import headline, markdown
from analysis.living.snapshots import open_snapshot
from analysis.living.versions import read_versions
from tests.living.conftest import Project as Tables
from tests.living.conftest import workbook
from tests.site.conftest import LANGUAGES, Project, copy_project

DAYS = [datetime.date(2026, 2, day) for day in (1, 2, 3, 4)]
STUDY = "harris2024"
URL = "https://example.org/review"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The story, told up to the built pages of the retired review."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REVIEW_SITE_URL", URL)
        project = copy_project(tmp_path_factory.mktemp("story"))
        tables = Tables(project.folder)
        for path in (tables.data / "versions").iterdir():
            if path.name != "2024.0.0":
                shutil.rmtree(path)
        # As on its first day, whatever has been released since this test was written.
        path = tables.data / "review.yml"
        review = path.read_text(encoding="utf-8")
        for key, value in (("version:", "2024.1.0"), ("status:", "living"), ("  last:", "2024-01")):
            review = re.sub(rf"^{key} +\S+", f"{key} {value}", review, count=1, flags=re.MULTILINE)
        path.write_text(review, encoding="utf-8")

        # The review as it was before the study was added: its rows are the real ones, taken out and kept.
        rows = tables.take_out(STUDY)
        first, _ = release(tables.data, DAYS[0])
        assert first.meta.version == "2024.1.0"

        book = workbook(rows, project.folder / "harris.xlsx")
        assert import_main([str(book), "--write", "--data", str(tables.data)]) == 0
        second, changes = release(tables.data, DAYS[1])
        assert (second.meta.version, second.meta.trigger) == ("2024.2.0", "new_study")
        assert changes is not None
        for lang in LANGUAGES:
            assert "Harris 2024" in headline(changes, lang)
            assert headline(changes, lang) in markdown(changes, lang)
        added = {(row.table, row.key.split(" / ")[0]) for row in changes.rows}
        assert ("studies", STUDY) in added
        assert len(changes.rows) == sum(map(len, rows.values()))

        tables.change("outcomes", "petrou2021-o06", {"events": "1"})
        third, _ = release(tables.data, DAYS[2])
        assert (third.meta.version, third.meta.trigger) == ("2024.3.0", "correction")

        tables.replace("data/review.yml", "\nstatus: living ", "\nstatus: retired ")
        fourth, _ = release(tables.data, DAYS[3])
        assert (fourth.meta.version, fourth.meta.level, fourth.meta.status) == (
            "2024.3.1",
            "patch",
            "retired",
        )
        done = project.build("--no-pdf")
        assert done.returncode == 0, done.stdout + done.stderr
    return project


def versions(project: Project) -> list[str]:
    return [stored.meta.version for stored in read_versions(project.folder / "data")]


@pytest.mark.slow
def test_every_page_says_that_the_review_has_left_living_mode(told: Project) -> None:
    for lang, said in (("en", "has left living mode"), ("zh", "已退出动态更新")):
        pages = [path for path in (told.site / lang).rglob("*.html") if "pagefind" not in path.parts]
        assert len(pages) > 30
        for path in pages:
            text = path.read_text(encoding="utf-8")
            assert 'class="review-banner review-banner-retired"' in text, path
            assert said in text, path
            assert "review-banner-overdue" not in text, path


@pytest.mark.slow
def test_the_feeds_have_the_versions_and_lead_to_their_pages(told: Project) -> None:
    for lang in LANGUAGES:
        root = ElementTree.fromstring((told.site / lang / "feed.xml").read_text(encoding="utf-8"))
        entries = root.findall(f"{{{ATOM}}}entry")
        titles = [entry.findtext(f"{{{ATOM}}}title") or "" for entry in entries]
        assert [title.split("2024.")[1][:3] for title in titles] == ["3.1", "3.0", "2.0", "1.0"]
        for entry, version in zip(entries, reversed(versions(told)), strict=False):
            link = entry.find(f"{{{ATOM}}}link")
            assert link is not None
            assert link.get("href") == f"{URL}/{lang}/v/{version}/index.html"
            assert (told.site / lang / "v" / version / "index.html").is_file()
        assert "Harris 2024" in (told.site / lang / "feed.xml").read_text(encoding="utf-8")
        assert 'type="application/atom+xml"' in told.page(lang, "index.html")


@pytest.mark.slow
def test_old_versions_stay_readable_as_they_were(told: Project) -> None:
    assert versions(told) == ["2024.0.0", "2024.1.0", "2024.2.0", "2024.3.0", "2024.3.1"]
    for lang, older, current in (("en", "an older version", "current version"), ("zh", "旧版本", "当前版本")):
        for version in versions(told):
            page = told.page(lang, f"v/{version}/index.html")
            assert (current if version == "2024.3.1" else older) in page
            assert 'href="../../index.html"' in page
            stored = told.folder / "data" / "versions" / version / "results.json"
            assert (told.site / lang / "v" / version / "results.json").read_bytes() == stored.read_bytes()
            chooser = (told.site / "v" / version / "index.html").read_text(encoding="utf-8")
            assert f'href="../../{lang}/v/{version}/index.html"' in chooser
        before, after = (worsened(told, version) for version in ("2024.2.0", "2024.3.0"))
        assert before != after
        # What it said then, above what it changed and what has changed since.
        said = told.page(lang, "v/2024.2.0/index.html").partition('<h2 id="changed">')[0]
        assert before in said
        assert after not in said
    sitemap = (told.site / "sitemap.xml").read_text(encoding="utf-8")
    assert f"{URL}/zh/v/2024.1.0/index.html" in sitemap


def worsened(project: Project, version: str) -> str:
    """The pooled share of people who got worse, as a version's page prints it."""
    snapshot = open_snapshot(version, project.folder / "data")
    pooled = snapshot.results.question("edss-worsened").pooled
    assert pooled is not None
    return f"{100 * pooled.estimate:.1f}%"


@pytest.mark.slow
def test_any_two_versions_can_be_compared_down_to_the_cell(told: Project) -> None:
    found = versions(told)
    for lang, question in (("en", "EDSS worsened"), ("zh", "EDSS 恶化")):
        for place, old in enumerate(found):
            for new in (*found[place + 1 :], "now"):
                assert (told.site / lang / "v" / old / new / "index.html").is_file()
        page = told.page(lang, "v/2024.1.0/2024.3.0/index.html")
        assert "Harris 2024" in page
        assert "petrou2021-o06" in page
        assert question in page
        assert worsened(told, "2024.1.0") in page
        assert worsened(told, "2024.3.0") in page
        step = told.page(lang, "v/2024.2.0/2024.3.0/index.html")
        assert 'id="fig-slope-edss-worsened-title"' in step
        assert "fig-slope-edss-worsened-title" not in page
        assert "harris2024" not in step
    record = json.loads((told.site / "en/v/2024.2.0/2024.3.0/changes.json").read_text(encoding="utf-8"))
    (cell,) = record["cells"]
    assert (cell["key"], cell["column"], cell["after"]) == ("petrou2021-o06", "events", "1")
    before = next(
        row for row in read_rows(told, "2024.2.0", "outcomes") if row["value_id"] == "petrou2021-o06"
    )
    assert cell["before"] == before["events"]


def read_rows(project: Project, version: str, table: str) -> list[dict[str, str]]:
    path = Path(project.folder, "data", "versions", version, "data", f"{table}.csv")
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


@pytest.mark.slow
def test_the_page_of_changes_the_citation_and_the_slope_are_right(told: Project) -> None:
    citation = yaml.safe_load((told.folder / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["version"], citation["date-released"]) == ("2024.3.1", DAYS[3])
    for lang in LANGUAGES:
        page = told.page(lang, "chapters/changes.html")
        for version in versions(told):
            assert f'href="../v/{version}/index.html"' in page
        assert "Harris 2024" in page
        slope = json.loads((told.site / lang / "figures" / "fig-slope.json").read_text(encoding="utf-8"))
        present = json.loads((told.site / lang / "results.json").read_text(encoding="utf-8"))
        expected = {
            question["id"]: (question["pooled"] or {}).get("estimate")
            for question in present["questions"]
            if question["pooled"]
        }
        drawn = {row["question"]: row["after_estimate"] for row in slope["data"]}
        assert {name: drawn[name] for name in expected} == expected
        assert present["review"]["version"] == "2024.3.1"
        assert "2024.3.1" in told.page(lang, "index.html")
