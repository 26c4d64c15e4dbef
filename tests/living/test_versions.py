"""Version numbers, the rule behind them, and what is stored of each version."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path

import pytest
import yaml

from analysis.evidence import load
from analysis.living.cli import notes_main
from analysis.living.errors import LivingError
from analysis.living.releasing import release, seed_version
from analysis.living.versions import Version, read_versions
from analysis.synthesis import synthesise
from tests.living.conftest import ROOT, Project

DAY = datetime.date(2026, 2, 3)


@pytest.mark.parametrize(
    ("before", "year", "level", "after"),
    [
        ("2024.0.0", 2024, "minor", "2024.1.0"),
        ("2024.1.0", 2024, "patch", "2024.1.1"),
        ("2024.1.9", 2024, "patch", "2024.1.10"),
        ("2024.1.2", 2024, "minor", "2024.2.0"),
        ("2024.3.1", 2026, "patch", "2026.0.0"),
    ],
)
def test_the_number_follows_the_rule(before: str, year: int, level: str, after: str) -> None:
    assert str(Version.parse(before).following(year, level)) == after


def test_versions_sort_by_number_and_not_by_text() -> None:
    assert Version.parse("2024.10.0") > Version.parse("2024.9.9")


@pytest.mark.parametrize(
    "text", ["2024.1", "v2024.1.0", "2024.1.0 ", "24.1.0", "２０２４.1.0", "../2024.1.0"]
)
def test_what_is_no_version_is_refused_in_both_languages(text: str) -> None:
    with pytest.raises(LivingError, match="版本号"):
        Version.parse(text)


def test_a_search_does_not_go_back_in_time() -> None:
    with pytest.raises(LivingError, match="before version"):
        Version.parse("2025.0.0").following(2024, "minor")


def test_the_seed_holds_printed_results_and_nothing_else(project: Project) -> None:
    stored = seed_version(project.data)
    assert (stored.meta.version, stored.meta.date, stored.data) == ("2024.0.0", "2024", None)
    results = stored.results
    assert results.questions == ()
    assert dict(results.counts) == {}
    printed = {row["result_id"]: row for row in project.read("review_results")}
    assert results.published
    for result in results.published:
        row = printed[result.result_id]
        assert result.is_seed
        assert result.quote == row["quote"]
        assert result.estimate == (float(row["estimate"]) if row["estimate"] else None)
    with pytest.raises(LivingError, match="already"):
        seed_version(project.data)


def test_the_stored_seed_is_the_one_the_evidence_gives(project: Project) -> None:
    made, kept = seed_version(project.data).folder, ROOT / "data" / "versions" / "2024.0.0"
    printed = [json.loads((folder / "results.json").read_text())["published"] for folder in (made, kept)]
    assert printed[0] == printed[1]
    assert (made / "meta.json").read_bytes() == (kept / "meta.json").read_bytes()


def test_a_version_holds_results_digests_and_data_and_is_named_everywhere(project: Project) -> None:
    seed_version(project.data)
    stored, changes = release(project.data, DAY)
    assert changes is not None
    assert changes.seed
    assert (stored.meta.version, stored.meta.previous, stored.meta.trigger) == (
        "2024.1.0",
        "2024.0.0",
        "first",
    )
    assert yaml.safe_load((project.data / "review.yml").read_text())["version"] == "2024.1.0"
    citation = yaml.safe_load((project.folder / "CITATION.cff").read_text())
    assert (citation["version"], citation["date-released"]) == ("2024.1.0", DAY)
    assert stored.data is not None
    for name, digest in stored.meta.digests.items():
        assert hashlib.sha256((stored.data / name).read_bytes()).hexdigest() == digest
        assert (stored.data / name).read_bytes() == (project.data / name).read_bytes()
    again = synthesise(load(project.data)).to_json()
    assert (stored.folder / "results.json").read_text(encoding="utf-8") == again
    assert [version.meta.version for version in read_versions(project.data)] == ["2024.0.0", "2024.1.0"]


def test_nothing_new_is_not_released_without_a_reason(project: Project) -> None:
    release(project.data, DAY)
    with pytest.raises(LivingError, match="没有变化"):
        release(project.data, DAY)
    stored, _ = release(project.data, DAY, {"en": "The text was edited.", "zh": "修订文字。"})
    assert (stored.meta.version, stored.meta.level) == ("2024.1.1", "patch")
    assert stored.meta.reason["zh"] == "修订文字。"


def test_a_release_lies_after_the_last_one(project: Project) -> None:
    release(project.data, DAY)
    with pytest.raises(LivingError, match="2026-02-03"):
        release(project.data, DAY - datetime.timedelta(days=1), {"en": "x", "zh": "x"})


def test_a_failed_release_leaves_everything_as_it_was(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state() -> dict[str, bytes]:
        return {
            str(path.relative_to(project.folder)): path.read_bytes()
            for path in sorted(project.folder.rglob("*"))
            if path.is_file()
        }

    seed_version(project.data)
    before = state()

    def refuse(*_: object) -> None:
        raise OSError("the disk is full (simulated)")

    monkeypatch.setattr("analysis.living.releasing.os.rename", refuse)
    with pytest.raises(OSError, match="simulated"):
        release(project.data, DAY)
    assert state() == before


def test_data_with_errors_are_not_released(project: Project) -> None:
    rows = project.read("studies")
    project.write("studies", [*rows, rows[0]])
    with pytest.raises(LivingError, match="数据"):
        release(project.data, DAY)
    assert not (project.data / "versions").exists()


def test_a_damaged_version_says_which(project: Project) -> None:
    stored, _ = release(project.data, DAY)
    (stored.folder / "results.json").write_text("{}", encoding="utf-8")
    with pytest.raises(LivingError, match=r"versions/2024\.1\.0/results\.json"):
        _ = read_versions(project.data)[0].results
    (stored.folder / "meta.json").write_text("{}", encoding="utf-8")
    with pytest.raises(LivingError, match="meta"):
        read_versions(project.data)


def test_a_folder_of_another_name_is_refused(project: Project, tmp_path: Path) -> None:
    stored, _ = release(project.data, DAY)
    stored.folder.rename(stored.folder.with_name("2024.9.0"))
    with pytest.raises(LivingError, match=r"2024\.1\.0"):
        read_versions(project.data)


def test_no_stored_version_was_edited_after_its_release() -> None:
    versions = read_versions(ROOT / "data")
    assert versions
    assert [version.meta.version for version in versions if version.altered()] == []


def test_an_edited_version_is_noticed_and_not_published(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    stored, _ = release(project.data, DAY)
    assert stored.altered() == ()
    assert stored.data is not None
    with (stored.data / "studies.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    (stored.data / "arms.csv").unlink()
    assert set(stored.altered()) == {"arms.csv", "studies.csv"}
    assert notes_main([stored.meta.version, "--data", str(project.data)]) == 1
    assert "发布后被改动" in capsys.readouterr().err
