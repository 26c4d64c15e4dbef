"""What a pull request is told: findings and changes, in both languages, whatever its data hold."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import pytest

from analysis.living import pull_request as module
from analysis.living.cli import notes_main, summary_main
from analysis.living.pull_request import pull_request
from analysis.living.releasing import release, seed_version
from tests.living.conftest import Project


@pytest.fixture
def base(project: Project, tmp_path: Path) -> Path:
    return Path(shutil.copytree(project.data, tmp_path / "base"))


def test_findings_and_changes_stand_in_both_languages(project: Project, base: Path) -> None:
    project.change("outcomes", "petrou2021-o06", {"events": "1"})
    assert (
        summary_main([str(base), str(project.folder / "s" / "summary.md"), "--data", str(project.data)]) == 0
    )
    text = (project.folder / "s" / "summary.md").read_text(encoding="utf-8")
    for part in ("Findings of the checks", "数据检查结果", "### Results", "### 结果", "`petrou2021-o06`"):
        assert part in text
    assert "Errors: 0." in text


def test_data_with_errors_are_told_and_cannot_close_the_block(project: Project, base: Path) -> None:
    evil = "```\n<img src=x>"
    project.change("outcomes", "petrou2021-o06", {"events": evil})
    text = pull_request(base, project.data)
    assert "What changes cannot be told" in text
    assert "无法比较变化" in text
    blocks = [line for line in text.splitlines() if line.startswith("````")]
    assert len(blocks) % 2 == 0
    assert blocks
    inside = False
    for line in text.splitlines():
        if line.startswith("````"):
            inside = not inside
        assert inside or "<img" not in line


def test_a_long_report_is_cut_at_the_end_of_a_line(
    project: Project, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST", 300)
    text = pull_request(base, project.data)
    assert len(text) < 500
    assert text.endswith("其余内容已截去，见检查日志。\n")


def test_the_notes_are_those_of_the_last_version(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    seed_version(project.data)
    release(project.data, datetime.date(2026, 1, 2))
    assert notes_main(["2024.1.0", "--data", str(project.data)]) == 0
    assert "2024.0.0 → 2024.1.0" in capsys.readouterr().out
    assert notes_main(["2024.0.0", "--data", str(project.data)]) == 1
    assert "2024.1.0" in capsys.readouterr().err
