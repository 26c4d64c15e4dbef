"""What the workflows run: every make target, in a repository of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from analysis.living.versions import read_versions
from tests.living.test_workflows import WORKFLOWS, jobs
from tests.site.conftest import copy_project

RUN_BY_EVERY_TEST_RUN = {"test"}
RUN_ELSEWHERE = {"site": "tests/site builds it with the command of that target"}
HERE = {"check", "summary", "search-due", "version", "release-files"}
MAKE = ("make", "-o", ".venv/.site-ready")
"""The environment of the tests is there already: make is told not to set one up."""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a copy of the project as its only commit."""
    folder = copy_project(tmp_path / "repository").folder
    (folder / ".venv").symlink_to(sys.prefix)
    shutil.rmtree(folder / ".cache")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder)
    return folder


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(folder: Path) -> None:
    git(folder, "add", "--all", "data", "CITATION.cff", "Makefile", "living.mk")
    who = ("-c", "user.name=Simulated", "-c", "user.email=simulated@example.org")
    git(folder, *who, "commit", "--quiet", "-m", "A state (simulated)")


def make(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QUARTO_", "PYTHONPATH", "GITHUB_"))}
    return subprocess.run(
        [*MAKE, *arguments],
        cwd=folder,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_every_target_of_the_workflows_is_run_by_the_tests() -> None:
    named = {
        step["run"].split()[1]
        for path in WORKFLOWS
        for job in jobs(path).values()
        for step in job["steps"]
        if str(step.get("run", "")).startswith("make ")
    }
    assert named == RUN_BY_EVERY_TEST_RUN | set(RUN_ELSEWHERE) | HERE


def test_a_proposed_change_is_checked_and_told(repository: Path, tmp_path: Path) -> None:
    assert make(repository, "check").returncode == 0
    path = repository / "data" / "studies.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("Petrou 2020", "Petrou 2020 (simulated)"), "utf-8"
    )
    commit(repository)
    page = tmp_path / "summary.md"
    done = make(repository, "summary", "BASE=HEAD^1", GITHUB_STEP_SUMMARY=str(page))
    assert done.returncode == 0, done.stderr
    text = page.read_text(encoding="utf-8")
    assert "Petrou 2020 (simulated)" in text
    assert re.search("[\u4e00-\u9fff]", text)
    assert (repository / "_build" / "summary" / "summary.md").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("setting", "wrong"), [("triggers", "moonlight"), ("retirement", "{someday: 1}")])
def test_a_plan_that_stops_the_build_is_found_by_the_check(
    repository: Path, setting: str, wrong: str
) -> None:
    path = repository / "data" / "review.yml"
    protocol = yaml.safe_load(path.read_text(encoding="utf-8"))
    protocol["living"][setting] = yaml.safe_load(wrong)
    path.write_text(yaml.safe_dump(protocol, allow_unicode=True, sort_keys=False), "utf-8")
    done = make(repository, "check")
    assert done.returncode != 0
    assert f"review.yml, living.{setting}: found" in done.stderr
    assert f"review.yml，living.{setting}：发现" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_search_that_is_due_is_told(repository: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    done = make(repository, "search-due", GITHUB_OUTPUT=str(output))
    assert done.returncode == 0, done.stderr
    assert output.read_text(encoding="utf-8") == "due=true\n"
    assert (repository / "_build" / "search" / "due.md").is_file()


def test_a_version_is_a_patch_that_a_clean_copy_takes(repository: Path, tmp_path: Path) -> None:
    path = repository / "data" / "studies.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("Petrou 2020", "Petrou 2020 (simulated)"), "utf-8"
    )
    commit(repository)
    hostile = 'because; touch stolen $(touch stolen) `touch stolen` " --data /'
    done = make(repository, "version", REASON_EN=hostile, REASON_ZH="理由（模拟）")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(repository.rglob("stolen"))
    made = repository / "_build" / "version"
    name = (made / "name.txt").read_text(encoding="utf-8").strip()
    clean = tmp_path / "clean"
    git(tmp_path, "clone", "--quiet", str(repository), str(clean))
    git(clean, "apply", "--index", "--include=data/*", "--include=CITATION.cff", str(made / "version.patch"))
    stored = read_versions(clean / "data")[-1]
    assert stored.meta.version == name
    assert stored.meta.reason == {"en": hostile, "zh": "理由（模拟）"}
    assert stored.altered() == ()
    assert f"version: {name}" in (clean / "CITATION.cff").read_text(encoding="utf-8")

    site = repository / "_site"
    for lang in ("en", "zh"):
        (site / lang).mkdir(parents=True)
        (site / lang / f"review-{lang}.pdf").touch()
    for file in ("results.json", "data-package.zip", "reproduce.zip"):
        (site / "en" / file).touch()
    assert make(repository, "release-files", GITHUB_REF_NAME="1999.0.0").returncode != 0
    done = make(repository, "release-files", GITHUB_REF_NAME=name)
    assert done.returncode == 0, done.stdout + done.stderr
    release = repository / "_build" / "release"
    assert {path.name for path in (release / "files").iterdir()} == {
        "review-en.pdf",
        "review-zh.pdf",
        "results.json",
        "data-package.zip",
        "reproduce.zip",
        "CITATION.cff",
    }
    assert "理由（模拟）" in (release / "notes.md").read_text(encoding="utf-8")
